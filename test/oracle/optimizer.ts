/** Adam, AdamW, gradient ascent, clipping and cosine decay by their papers, in float64. */

export interface Settings {
  learningRate: number;
  weightDecay: number;
  clipNorm: number;
  decaySteps: number;
}

export const norm = (gradient: ArrayLike<number>): number =>
  Math.sqrt(Array.from(gradient).reduce((s, d) => s + d * d, 0));

export const clipScale = (length: number, clipNorm: number): number =>
  clipNorm > 0 && length > clipNorm ? clipNorm / length : 1;

/** Learning rate of step `step` = 0, 1, …; it reaches 0 at `decaySteps` and stays there. */
export const rateAt = (step: number, { learningRate, decaySteps }: Settings): number =>
  decaySteps === 0 ? learningRate : learningRate * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, step / decaySteps)));

export const BETA1 = 0.9;
export const BETA2 = 0.999;

/** One ascending step of Adam on one parameter; `t` = 1, 2, … */
export function adamStep(
  { p, m, v }: { p: number; m: number; v: number },
  d: number,
  t: number,
  rate: number,
  weightDecay: number,
) {
  const newM = BETA1 * m + (1 - BETA1) * d;
  const newV = BETA2 * v + (1 - BETA2) * d * d;
  const mHat = newM / (1 - BETA1 ** t);
  const vHat = newV / (1 - BETA2 ** t);
  return { p: p + (rate * mHat) / (Math.sqrt(vHat) + 1e-8) - rate * weightDecay * p, m: newM, v: newV };
}
