/** A GPU buffer with a name. Everything the kernels share is one of these. */
export interface Tensor {
  readonly label: string;
  readonly buffer: GPUBuffer;
  readonly bytes: number;
}

/** Takes a tensor into the care of whoever will destroy it. */
export type Owner = (tensor: Tensor) => Tensor;
