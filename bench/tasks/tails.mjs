// Heavy tails, skewed columns, and scales that move together.
import { logSize } from "./interactions.mjs";
import { columnwise, correlated, mapped, studentTruth } from "./listed.mjs";
import { additiveInformation, integral, middles, product, tableInformation } from "./quadrature.mjs";
import { digamma, lnGamma, normalDensity } from "./special.mjs";

/** Log density of `size` normals times one log-normal scale, at length r. */
const scaled = (size, spread) => (r) =>
  Math.log(
    integral(
      (a) => normalDensity(a) * Math.exp(-size * spread * a - 0.5 * (r * Math.exp(-spread * a)) ** 2),
      -8,
      8,
      160,
    ),
  ) -
  (size / 2) * Math.log(2 * Math.PI);
/** Entropy of a vector whose density depends on its length alone, over the logarithm of the length. */
function radialEntropy(size, logDensity, scale) {
  const sphere = Math.log(2) + (size / 2) * Math.log(Math.PI) - lnGamma(size / 2);
  const value = (t) => {
    const logP = logDensity(Math.exp(t));
    return logP > -700 ? -Math.exp(sphere + size * t + logP) * logP : 0;
  };
  return integral(value, -20, 10, Math.round(600 * scale));
}
const commonScale = (dims, spread) => ({
  ...{ name: `common scale, ${dims} + ${dims}`, columns: [dims, dims] },
  truth: (scale = 1) =>
    2 * radialEntropy(dims, scaled(dims, spread), scale) - radialEntropy(2 * dims, scaled(2 * dims, spread), scale),
  logRatio: (x, y) =>
    scaled(2 * dims, spread)(Math.hypot(...x, ...y)) -
    scaled(dims, spread)(Math.hypot(...x)) -
    scaled(dims, spread)(Math.hypot(...y)),
  row: (random) => {
    const size = Math.exp(spread * random.normal());
    const side = () => random.normals(dims).map((v) => v * size);
    return [side(), side()];
  },
});

/** Two volatilities that correlate; signs tell nothing, so it is the MI of log |x| and log |y|. */
const volatility = {
  ...{ name: "two volatilities, correlated 0.9", columns: [1, 1] },
  truth: (scale = 1) => {
    const [hidden, seen] = [Array.from(middles(-7, 7, 200 * scale)), Array.from(middles(-18, 9, 300 * scale))];
    const given = seen.map((s) => Float64Array.from(hidden, (a) => logSize(s - a)));
    const rest = Math.sqrt(1 - 0.9 ** 2);
    const pair = hidden.map((a) =>
      Float64Array.from(hidden, (b) => normalDensity(a) * normalDensity((b - 0.9 * a) / rest)),
    );
    const back = hidden.map((_, k) => Float64Array.from(given, (row) => row[k]));
    return tableInformation(product(product(given, pair), back));
  },
  row: (random) => correlated(random, 1, 0.9).map(([a]) => [Math.exp(a) * random.normal()]),
};
const spreading = {
  ...{ name: "noise that grows, y = e exp(x)", columns: [1, 1] },
  truth: (scale = 1) => additiveInformation(normalDensity, [-9, 9], logSize, [-18, 2.5], Math.round(1000 * scale)),
  row: (random) => {
    const x = random.normal();
    return [[x], [Math.exp(x) * random.normal()]];
  },
};

const euler = -digamma(1);
const waiting = {
  ...{ name: "exponential with exponential rate", columns: [1, 1], truth: 1 - euler },
  logRatio: ([x], [y]) => Math.log(x) - x * y + 2 * Math.log1p(y),
  row: (random) => {
    const x = random.exponential();
    return [[x], [random.exponential() / x]];
  },
};
const below = {
  ...{ name: "uniform below a uniform", columns: [1, 1], truth: euler },
  logRatio: ([x], [y]) => -Math.log(x) - Math.log(-Math.log(y)),
  row: (random) => {
    const x = random.uniform();
    return [[x], [x * random.uniform()]];
  },
};
const gammaEntropy = (k) => k + lnGamma(k) + (1 - k) * digamma(k);
const lnGammaDensity = (x, k) => (k - 1) * Math.log(x) - x - lnGamma(k);
const gammas = {
  ...{ name: "gamma inside a gamma", columns: [1, 1], truth: gammaEntropy(3.5) - gammaEntropy(1.5) },
  logRatio: ([x], [y]) => lnGammaDensity(y - x, 1.5) - lnGammaDensity(y, 3.5),
  row: (random) => {
    const x = random.gamma(2);
    return [[x], [x + random.gamma(1.5)]];
  },
};
const lnCauchy = (x, wide) => Math.log(wide / (Math.PI * (x * x + wide * wide)));
/** y = x + noise, both Cauchy, and so is their sum. */
export const cauchy = (name, noise) => ({
  ...{ name, columns: [1, 1], truth: Math.log((1 + noise) / noise) },
  logRatio: ([x], [y]) => lnCauchy(y - x, noise) - lnCauchy(y, 1 + noise),
  row: (random) => {
    const x = random.cauchy();
    return [[x], [x + noise * random.cauchy()]];
  },
});
const student = (dims, freedom, r) => ({
  ...{ name: `correlated student ${freedom}, ${dims} + ${dims}`, columns: [dims, dims] },
  truth: studentTruth(dims, dims, freedom) - (dims / 2) * Math.log(1 - r * r),
  row: (random) => {
    const scale = Math.sqrt(freedom / (2 * random.gamma(freedom / 2)));
    return correlated(random, dims, r).map((side) => side.map((v) => v * scale));
  },
});
const normals = (dims, r) => ({
  ...{ columns: [dims, dims], truth: (-dims / 2) * Math.log(1 - r * r), row: (random) => correlated(random, dims, r) },
});

export const tails = [
  commonScale(1, 1.2),
  commonScale(3, 0.7),
  volatility,
  spreading,
  waiting,
  below,
  gammas,
  cauchy("cauchy with cauchy noise", 0.5),
  student(3, 3, 0.6),
  student(1, 1, 0.7),
  {
    name: "log-normals, 3 + 3",
    ...mapped(
      normals(3, 0.7),
      columnwise((t) => Math.exp(1.5 * t)),
    ),
  },
  {
    name: "cubes of normals, 6 + 6",
    ...mapped(
      normals(6, 0.5),
      columnwise((t) => t ** 3),
    ),
  },
];
