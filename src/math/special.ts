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

/** The standard normal quantile of 0 < p < 1, to about 1e-15: Wichura 1988, algorithm AS 241 (PPND16), doi:10.2307/2347330. */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(CENTRAL_NUMERATOR, r)) / polynomial(CENTRAL_DENOMINATOR, r);
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const x =
    r <= 5
      ? polynomial(MIDDLE_NUMERATOR, r - 1.6) / polynomial(MIDDLE_DENOMINATOR, r - 1.6)
      : polynomial(TAIL_NUMERATOR, r - 5) / polynomial(TAIL_DENOMINATOR, r - 5);
  return q < 0 ? -x : x;
}
const CENTRAL_NUMERATOR = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
  133.14166789178438, 3.3871328727963665,
];
const CENTRAL_DENOMINATOR = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
  42.31333070160091, 1.0,
];
const MIDDLE_NUMERATOR = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
];
const MIDDLE_DENOMINATOR = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1.0,
];
const TAIL_NUMERATOR = [
  2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
  1.7848265399172913, 5.463784911164114, 6.657904643501103,
];
const TAIL_DENOMINATOR = [
  2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
  0.1369298809227358, 0.599832206555888, 1.0,
];

function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}

/**
 * ln P(Z > z) of a standard normal, to about 1e-14: below 3 the series of Abramowitz and Stegun (1964) 26.2.11, above the
 * continued fraction 26.2.14 of Mills' ratio, so that no z is too large.
 */
export function logSurvival(z: number): number {
  const logDensity = -0.5 * (z * z + Math.log(2 * Math.PI));
  if (z > 3) {
    let fraction = z;
    for (let term = 60; term > 0; term--) fraction = z + term / fraction;
    return logDensity - Math.log(fraction);
  }
  // By symmetry, for the series cancels far below 0.
  if (z < -3) return Math.log1p(-Math.exp(logSurvival(-z)));
  let [sum, term] = [z, z];
  for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(sum); odd += 2) {
    term *= (z * z) / odd;
    sum += term;
  }
  return Math.log(0.5 - Math.exp(logDensity) * sum);
}

/** How much further out than z the quantile of Student's t lies (Cornish and Fisher 1938); 0 for infinite freedom. */
export const studentExcess = (z: number, freedom: number): number =>
  (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
