/**
 * ψ(x) = d ln Γ(x) / dx for x > 0, to about 1e-15: the recurrence ψ(x) = ψ(x + 1) − 1/x up to x ≥ 10, then the
 * asymptotic series (Abramowitz and Stegun 1964, 6.3.18).
 */
export function digamma(x: number): number {
  let shift = 0;
  let at = x;
  for (; at < 10; at++) shift += 1 / at;
  const s = 1 / (at * at);
  const series =
    s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * (691 / 32760 - s / 12))))));
  return Math.log(at) - 0.5 / at - series - shift;
}

/** ψ(0) … ψ(most) as a table; ψ(0) is −∞. */
export function digammas(most: number): Float64Array {
  return Float64Array.from({ length: most + 1 }, (_, m) => (m === 0 ? Number.NEGATIVE_INFINITY : digamma(m)));
}

/** ln of the volume of the unit ball of `width` dimensions: π^(d/2) / Γ(1 + d/2). */
export function logBallVolume(width: number): number {
  let volume = width % 2 === 0 ? 0 : Math.LN2;
  for (let d = width; d > 1; d -= 2) volume += Math.log((2 * Math.PI) / d);
  return volume;
}
