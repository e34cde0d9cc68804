/** A GPU buffer with a name, or a half of one. Everything the kernels share is one of these. */
export interface Tensor {
  readonly label: string;
  readonly buffer: GPUBuffer;
  readonly bytes: number;
  /** Where it begins in the buffer, where it is one of two that share it. */
  readonly offset?: number;
  /** Both of these two, one after the other. */
  readonly whole?: Tensor;
}

/** Takes a tensor into the care of whoever will destroy it. */
export type Owner = (tensor: Tensor) => Tensor;
