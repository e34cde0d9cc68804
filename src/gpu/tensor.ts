/** A GPU buffer with a name. Everything the kernels share is one of these. */
export interface Tensor {
  readonly label: string;
  readonly buffer: GPUBuffer;
  readonly bytes: number;
}
