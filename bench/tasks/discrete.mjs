// Counts, ratings, labels and categories; integers with few values are categories to `estimate`.
import { reflected } from "./interactions.mjs";
import { integral, labelInformation, responseInformation, tableInformation } from "./quadrature.mjs";
import { source } from "./random.mjs";
import { entropy, lnGamma, normalCdf, normalDensity, signInformation } from "./special.mjs";

const lnFactorials = Float64Array.from({ length: 1600 }, (_, k) => lnGamma(k + 1));
const upTo = (count, f) => Float64Array.from({ length: count }, (_, k) => f(k));
const poisson = (mean) => upTo(800, (k) => Math.exp(k * Math.log(mean) - mean - lnFactorials[k]));
const rate = (x) => Math.exp(1 + 0.8 * x);
const counted = {
  ...{ name: "count with a log-normal rate", columns: [1, 1] },
  truth: (scale = 1) => responseInformation((x) => poisson(rate(x)), normalDensity, -6, 6, Math.round(400 * scale)),
  row: (random) => {
    const x = random.normal();
    return [[x], [random.poisson(rate(x))]];
  },
};
/** Two counts with one gamma rate are a negative binomial sum, split evenly. */
const lnPair = (i, j) => Math.log(i + j + 1) + lnFactorials[i + j] - lnFactorials[i] - lnFactorials[j];
const counts = {
  ...{ name: "two counts of one gamma rate", columns: [1, 1] },
  truth: () =>
    tableInformation(
      Array.from({ length: 300 }, (_, i) => upTo(300, (j) => Math.exp(lnPair(i, j) + (i + j) * Math.log(3 / 7)))),
    ),
  row: (random) => {
    const mean = 3 * random.gamma(2);
    return [[random.poisson(mean)], [random.poisson(mean)]];
  },
};

/** How many thresholds a number passes. */
const rated = (thresholds) => (v) => thresholds.filter((t) => v > t).length;
const ratingChances = (thresholds, r) => (x) => {
  const below = [...thresholds.map((t) => normalCdf((t - r * x) / Math.sqrt(1 - r * r))), 1];
  return below.map((p, k) => p - (below[k - 1] ?? 0));
};
const linked = (random, r) => {
  const [x, e] = random.normals(2);
  return [x, r * x + Math.sqrt(1 - r * r) * e];
};
const five = [-1.2, -0.4, 0.5, 1.1];
const ratings = {
  ...{ name: "two ratings of 5 levels", columns: [1, 1] },
  truth: (scale = 1) => {
    const chances = ratingChances(five, 0.7);
    const cells = [-9, ...five].map((lo, k) => [lo, five[k] ?? 9]);
    const cell = (lo, hi, k) => integral((x) => normalDensity(x) * chances(x)[k], lo, hi, Math.round(800 * scale));
    return tableInformation(cells.map(([lo, hi]) => upTo(5, (k) => cell(lo, hi, k))));
  },
  row: (random) => linked(random, 0.7).map((v) => [rated(five)(v)]),
};
const seven = [-1.5, -0.9, -0.3, 0.3, 0.9, 1.5];
const rating = {
  ...{ name: "number and rating of 7 levels", columns: [1, 1] },
  truth: (scale = 1) => responseInformation(ratingChances(seven, 0.8), normalDensity, -9, 9, Math.round(800 * scale)),
  row: (random) => {
    const [x, y] = linked(random, 0.8);
    return [[x], [rated(seven)(y)]];
  },
};

const bell =
  (at, wide = 1) =>
  (x) =>
    normalDensity(x - at, wide);
/** A label of two values against a number at -apart or +apart. */
const twoClasses = (apart, scale = 1) =>
  labelInformation([0.5, 0.5], [bell(-apart), bell(apart)], -apart - 9, apart + 9, Math.round(2000 * scale));
const threeChances = [0.5, 0.3, 0.2];
const three = [
  [-1, 0.5],
  [0, 1.5],
  [2, 0.7],
];
const threeClasses = {
  ...{ name: "3 classes, one column", columns: [1, 1] },
  truth: (scale = 1) =>
    labelInformation(
      threeChances,
      three.map((p) => bell(...p)),
      -14,
      14,
      Math.round(2000 * scale),
    ),
  row: (random) => {
    const label = random.pick(threeChances);
    const [at, wide] = three[label];
    return [[at + wide * random.normal()], [label]];
  },
};
/** Classes at the corners of a box in the first columns, all columns behind a reflection. */
const corners = (name, wide, distances) => ({
  ...{ name, columns: [wide, 1] },
  truth: (scale) => distances.reduce((sum, apart) => sum + twoClasses(apart, scale), 0),
  row: (random) => {
    const label = random.whole(2 ** distances.length);
    const at = distances.map((apart, k) => ((label >> k) % 2 ? apart : -apart));
    return [reflected(random.normals(wide).map((v, k) => v + (at[k] ?? 0))), [label]];
  },
});

/** A fixed table of chances, log-normal weights of the given spread. */
const table = (name, across, down, spread) => {
  const random = source(name, 0);
  const weights = random.many(across, () =>
    Float64Array.from(random.many(down, () => Math.exp(spread * random.normal()))),
  );
  const flat = weights.flatMap((row) => [...row]);
  const mass = flat.reduce((sum, w) => sum + w, 0);
  return {
    ...{ name, columns: [1, 1], truth: tableInformation(weights) },
    row: (draws) => {
      const cell = draws.pick(flat.map((w) => w / mass));
      return [[Math.floor(cell / down)], [cell % down]];
    },
  };
};
/** A category that is passed on, but for some rows, which get any. */
const noisyInformation = (levels, kept) => {
  const others = (1 - kept) / levels;
  return Math.log(levels) - entropy([kept + others, ...Array(levels - 1).fill(others)]);
};
const passed = (name, levels, kept) => ({
  ...{ name, columns: [1, 1], truth: noisyInformation(levels, kept) },
  row: (random) => {
    const x = random.whole(levels);
    return [[x], [random.uniform() < kept ? x : random.whole(levels)]];
  },
});
const modular = {
  ...{ name: "sum of two categories modulo 4", columns: [2, 1], truth: noisyInformation(4, 0.8) },
  row: (random) => {
    const x = [random.whole(4), random.whole(4)];
    return [x, [random.uniform() < 0.8 ? (x[0] + x[1]) % 4 : random.whole(4)]];
  },
};
const striped = {
  ...{ name: "label of 8 stripes", columns: [1, 1], truth: signInformation(0.1) },
  row: (random) => {
    const x = random.uniform();
    return [[x], [(Math.floor(8 * x) + (random.uniform() < 0.1 ? 1 : 0)) % 2]];
  },
};
/** Whether y is zero tells nothing about x, and the other half of the rows is a pair of normals. */
const zeros = {
  ...{ name: "half of y is zero", columns: [1, 1], truth: -0.25 * Math.log(1 - 0.9 ** 2) },
  row: (random) => {
    const [x, y] = linked(random, 0.9);
    return [[x], [random.uniform() < 0.5 ? 0 : y]];
  },
};

export const discrete = [
  counted,
  counts,
  ratings,
  rating,
  threeClasses,
  corners("binary label, 10 columns", 10, [1.3]),
  corners("4 classes, 5 columns", 5, [1.5, 0.8]),
  corners("8 classes, 3 columns", 3, [2, 1.5, 1]),
  table("table of 8 x 8", 8, 8, 1.2),
  table("table of 12 x 3", 12, 3, 0.8),
  passed("16 categories, y = x", 16, 1),
  passed("16 categories, 7 of 10 kept", 16, 0.7),
  modular,
  striped,
  zeros,
];
