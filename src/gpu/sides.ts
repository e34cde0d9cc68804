/** Tensors of both sides of a network, side by side. */

import type { Gpu } from "./device.ts";
import type { Owner, Tensor } from "./tensor.ts";

/**
 * Tensors of `words` words each, one for each side of a network. Two lie side by side in one buffer, so that one dispatch can
 * take both; but not where a binding could not begin at the second, or could not hold both.
 */
export function sideBySide(gpu: Gpu, own: Owner, labels: readonly string[], words: number): Tensor[] {
  const bytes = 4 * words;
  const apart = bytes % gpu.device.limits.minStorageBufferOffsetAlignment !== 0 || 2 * bytes > gpu.largestBuffer;
  if (labels.length !== 2 || apart) return labels.map((label) => own(gpu.tensor(label, words)));
  const whole = own(gpu.tensor(labels.join(" and "), 2 * words));
  return labels.map((label, side) => ({ label, buffer: whole.buffer, bytes, offset: side * bytes, whole }));
}

/** The one tensor that these are: one alone, the same one for each side, or both that lie side by side. */
export function wholeOf(sides: readonly Tensor[]): Tensor | undefined {
  const [first, second = first] = sides;
  return first === second ? first : first!.whole === second!.whole ? first!.whole : undefined;
}
