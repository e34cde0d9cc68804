/** Adam, AdamW, gradient ascent with momentum, clipping and schedules by their definitions, in float64. */

export interface ScheduleSettings {
  kind: "constant" | "cosine" | "linear" | "exponential" | "staircase";
  /** Steps of the whole run for cosine and linear, of one period for exponential and staircase. */
  steps: number;
  warmup: number;
  factor: number;
}

export const norm = (gradient: ArrayLike<number>): number =>
  Math.sqrt(Array.from(gradient).reduce((s, d) => s + d * d, 0));

export const clipScale = (length: number, clipNorm: number): number =>
  clipNorm > 0 && length > clipNorm ? clipNorm / length : 1;

/** Part of the learning rate that step `step` = 0, 1, … has. */
export function rateAt(step: number, { kind, steps, warmup, factor }: ScheduleSettings): number {
  if (step < warmup) return (step + 1) / warmup;
  const ofRun = Math.min(1, (step - warmup) / (steps - warmup));
  const periods = (step - warmup) / steps;
  switch (kind) {
    case "constant":
      return 1;
    case "cosine":
      return 0.5 * (1 + Math.cos(Math.PI * ofRun));
    case "linear":
      return 1 - ofRun;
    case "exponential":
      return factor ** periods;
    case "staircase":
      return factor ** Math.floor(periods);
  }
}

export interface AdamSettings {
  rate: number;
  weightDecay: number;
  betas: readonly [number, number];
  epsilon: number;
}

/** One ascending step of Adam on one parameter; `t` = 1, 2, … */
export function adamStep(
  { p, m, v }: { p: number; m: number; v: number },
  d: number,
  t: number,
  { rate, weightDecay, betas: [beta1, beta2], epsilon }: AdamSettings,
) {
  const newM = beta1 * m + (1 - beta1) * d;
  const newV = beta2 * v + (1 - beta2) * d * d;
  const mHat = newM / (1 - beta1 ** t);
  const vHat = newV / (1 - beta2 ** t);
  return { p: p + (rate * mHat) / (Math.sqrt(vHat) + epsilon) - rate * weightDecay * p, m: newM, v: newV };
}

/** One ascending step with momentum on one parameter, as torch.optim.SGD defines it. */
export function momentumStep(
  { p, m }: { p: number; m: number },
  d: number,
  { rate, weightDecay, momentum, nesterov }: { rate: number; weightDecay: number; momentum: number; nesterov: boolean },
) {
  const velocity = momentum * m + d;
  const direction = nesterov ? d + momentum * velocity : velocity;
  return { p: p + rate * direction - rate * weightDecay * p, m: velocity };
}
