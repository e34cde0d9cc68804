/**
 * Every error a user can meet, as a class that says who has to act:
 * `InputError` (the call or the data is wrong: exit code 2), the others (the work failed: exit code 1).
 */
export class RemineError extends Error {
  override name = "RemineError";
  /** Exit code of the command line: 2 when the call or the input is wrong, 1 when the work failed. */
  readonly exitCode: number = 1;
}

/** The call or the input is wrong. The message names the cause and the fix. */
export class InputError extends RemineError {
  override name = "InputError";
  override readonly exitCode: number = 2;
}

/** A buffer, workgroup or dispatch would exceed what the adapter grants. Names the limit, the value and what would fit. */
export class LimitError extends InputError {
  override name = "LimitError";
}

/** No WebGPU adapter answers. The message holds the one line that mends it. */
export class AdapterError extends RemineError {
  override name = "AdapterError";
}

/** No adapter has the name that was asked for. The message lists those that are there. */
export class UnknownAdapterError extends AdapterError {
  override name = "UnknownAdapterError";
  override readonly exitCode: number = 2;
}

/** The GPU has no memory left for a buffer. Names its bytes and what makes it smaller; the GPU is to be opened again. */
export class OutOfMemoryError extends RemineError {
  override name = "OutOfMemoryError";
}

/** The GPU device was lost while a call was running. */
export class DeviceLostError extends RemineError {
  override name = "DeviceLostError";
}

/** A shader or a GPU command was rejected. A defect of this library, with the shader's file and line. */
export class ShaderError extends RemineError {
  override name = "ShaderError";
}

/** Training produced a value that is not finite. Names the step and the replica. */
export class NonFiniteError extends RemineError {
  override name = "NonFiniteError";
}

/** The caller's `signal` asked the call to stop. */
export class InterruptedError extends RemineError {
  override name = "InterruptedError";
  override readonly exitCode: number = 130;
}
