/** Points of a curve or a drawing with normal noise: an even mixture of normals, whose densities and MI are known. */

/** (x, y) of one normal's middle. */
export type Centre = readonly [number, number];

/** `size` nodes of an even grid over ±reach. */
export const nodes = (size: number, reach: number): Float64Array =>
  Float64Array.from({ length: size }, (_, i) => reach * ((2 * i) / (size - 1) - 1));

/** p(x, y) with x along the rows, p(x) and p(y), at the nodes `at` of both axes. */
export function densities(centres: readonly Centre[], sigma: number, at: Float64Array) {
  const [K, n] = [centres.length, at.length];
  const scale = 1 / (sigma * Math.sqrt(2 * Math.PI));
  // The normal is a product of its two coordinates: 2 n K exponentials, and n² K multiplications.
  const along = (axis: 0 | 1) => {
    const out = new Float64Array(n * K);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < K; k++) out[i * K + k] = scale * Math.exp(-0.5 * ((at[i]! - centres[k]![axis]) / sigma) ** 2);
    }
    return out;
  };
  const [alongX, alongY] = [along(0), along(1)];
  const mean = (values: Float64Array) =>
    Float64Array.from({ length: n }, (_, i) => values.subarray(i * K, (i + 1) * K).reduce((a, b) => a + b, 0) / K);
  const joint = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let k = 0; k < K; k++) sum += alongX[i * K + k]! * alongY[j * K + k]!;
      joint[j * n + i] = sum / K;
    }
  }
  return { joint, x: mean(alongX), y: mean(alongY) };
}

/** Below it a density adds nothing to an integral, and its factors may have underflowed. */
export const TINY = 1e-290;

/** MI, nats, by a sum over the grid of `at`. Good to six digits where it is finer than sigma and reaches 5 sigma beyond. */
export function informationOf(centres: readonly Centre[], sigma: number, at: Float64Array): number {
  const area = (at[1]! - at[0]!) ** 2;
  const { joint, x, y } = densities(centres, sigma, at);
  let sum = 0;
  // In logs: where the joint density is no less than TINY, neither marginal is 0, but their product may be.
  const [logX, logY] = [x.map(Math.log), y.map(Math.log)];
  joint.forEach((p, n) => {
    if (p > TINY) sum += p * (Math.log(p) - logX[n % at.length]! - logY[Math.floor(n / at.length)]!);
  });
  return Math.max(0, sum * area);
}

/** Random numbers in (0, 1): counts up and mixes (SplitMix32). */
export function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let h = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (((h ^ (h >>> 16)) >>> 0) + 0.5) / 2 ** 32;
  };
}

/** Two independent standard normals (Box and Muller 1958). */
export function normalTwo(next: () => number): [number, number] {
  const radius = Math.sqrt(-2 * Math.log(next()));
  const angle = 2 * Math.PI * next();
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}
