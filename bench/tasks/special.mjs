// The special functions that draws and true values need, in double precision.

const upper = [
  3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
  220.206867912376,
];
const lower = [
  8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
  793.826512519948, 440.413735824752,
];
const polynomial = (coefficients, x) => coefficients.reduce((sum, c) => sum * x + c, 0);

/** P(N < x), relative error about 1e-14 in the lower tail too (Hart, as in West 2005). */
export function normalCdf(x) {
  const size = Math.abs(x);
  if (size > 37) return x > 0 ? 1 : 0;
  const bell = Math.exp(-0.5 * size * size);
  let tail = (bell * polynomial(upper, size)) / polynomial(lower, size);
  if (size > 7.07106781186547) {
    const fraction = [4, 3, 2, 1].reduce((below, k) => size + k / below, size + 0.65);
    tail = bell / fraction / 2.506628274631;
  }
  return x > 0 ? 1 - tail : tail;
}

const root = Math.sqrt(2 * Math.PI);
/** Density of a normal with this standard deviation. */
export const normalDensity = (x, deviation = 1) => Math.exp(-0.5 * (x / deviation) ** 2) / (deviation * root);
/** Differential entropy of a normal. */
export const normalEntropy = (deviation = 1) => 0.5 * Math.log(2 * Math.PI * Math.E) + Math.log(deviation);

/** The x in [lo, hi] at which an increasing function reaches a value. */
export function bisected(increasing, value, lo, hi) {
  for (let k = 0; k < 55; k++) {
    const middle = (lo + hi) / 2;
    if (increasing(middle) < value) lo = middle;
    else hi = middle;
  }
  return (lo + hi) / 2;
}

/** log of the gamma function, x > 0 (Stirling after a shift). */
export function lnGamma(x) {
  if (x < 12) return lnGamma(x + 1) - Math.log(x);
  const square = 1 / (x * x);
  const series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

/** Derivative of lnGamma. */
export function digamma(x) {
  if (x < 12) return digamma(x + 1) - 1 / x;
  const square = 1 / (x * x);
  return Math.log(x) - 0.5 / x - square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square / 240)));
}

/** P(T < t) for a Student variable of 2, 3 or 4 degrees of freedom. */
export function studentCdf(t, freedom) {
  const q = 1 + (t * t) / freedom;
  if (freedom === 2) return 0.5 + t / Math.sqrt(8 * q);
  if (freedom === 3) return 0.5 + (t / Math.sqrt(3) / q + Math.atan(t / Math.sqrt(3))) / Math.PI;
  if (freedom === 4) return 0.5 + (3 / 8) * (t / Math.sqrt(q)) * (1 - (t * t) / (12 * q));
  throw new Error(`no distribution function for ${freedom} degrees of freedom`);
}

/** Entropy of chances that add up to 1. */
export const entropy = (chances) => -chances.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
/** What a fair sign tells through a channel that flips it with this chance. */
export const signInformation = (flip) => Math.LN2 - entropy([flip, 1 - flip]);
