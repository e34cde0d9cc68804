// The 40 tasks of "Beyond Normal" (Czyż et al., NeurIPS 2023) by their ids; formulas in bench/tasks/README.md.
import { bisected, digamma, lnGamma, normalCdf } from "./special.mjs";

const correlation = 0.75;
const bivariate = -0.5 * Math.log(1 - correlation ** 2);
/** Two pairs of columns at .8, whatever the number of columns. */
const twoPairs = -Math.log(1 - 0.8 ** 2);
/** All columns of both sides correlated .5. */
export const denseTruth = (m, n, r = 0.5) =>
  0.5 * Math.log(((1 + (m - 1) * r) * (1 + (n - 1) * r)) / ((1 - r) * (1 + (m + n - 1) * r)));

/** I(X; Y) of a Student vector cut in two, all of it through the shared scale. */
export function studentTruth(m, n, freedom) {
  const entropy = (k) => {
    const half = (freedom + k) / 2;
    const scale = lnGamma(freedom / 2) - lnGamma(half) + (k / 2) * Math.log(freedom * Math.PI);
    return scale + half * (digamma(half) - digamma(freedom / 2));
  };
  return entropy(m) + entropy(n) - entropy(m + n);
}

const squares = (list) => list.reduce((sum, v) => sum + v * v, 0);
const logDensity = (list, freedom) => {
  const half = (freedom + list.length) / 2;
  const scale = lnGamma(half) - lnGamma(freedom / 2) - (list.length / 2) * Math.log(freedom * Math.PI);
  return scale - half * Math.log1p(squares(list) / freedom);
};
export const studentRatio = (freedom) => (x, y) =>
  logDensity([...x, ...y], freedom) - logDensity(x, freedom) - logDensity(y, freedom);
/** Log ratio of one pair of correlated normals. */
export const normalRatio = (x, y, r) =>
  -0.5 * Math.log(1 - r * r) - (r * r * (x * x + y * y) - 2 * r * x * y) / (2 * (1 - r * r));

/** The first `pairs` columns of Y correlate with those of X; the rest is noise. */
export const correlated = (random, dims, r, pairs = dims) => {
  const x = random.normals(dims);
  const e = random.normals(dims);
  return [x, e.map((v, k) => (k < pairs ? r * x[k] + Math.sqrt(1 - r * r) * v : v))];
};
const pair = {
  ...{ columns: [1, 1], truth: bivariate, row: (random) => correlated(random, 1, correlation) },
  logRatio: ([x], [y]) => normalRatio(x, y, correlation),
};
const sparse = (dims) => ({
  ...{ columns: [dims, dims], truth: twoPairs, row: (random) => correlated(random, dims, 0.8, 2) },
  logRatio: (x, y) => normalRatio(x[0], y[0], 0.8) + normalRatio(x[1], y[1], 0.8),
});
const dense = (dims) => ({
  ...{ columns: [dims, dims], truth: denseTruth(dims, dims) },
  row: (random) => {
    const shared = random.normal();
    const side = () => random.normals(dims).map((v) => Math.SQRT1_2 * (shared + v));
    return [side(), side()];
  },
});
export const student = (dims, freedom) => ({
  ...{ columns: [dims, dims], truth: studentTruth(dims, dims, freedom), logRatio: studentRatio(freedom) },
  row: (random) => {
    const scale = Math.sqrt(freedom / (2 * random.gamma(freedom / 2)));
    const side = () => random.normals(dims).map((v) => v * scale);
    return [side(), side()];
  },
});

/** The same task after one map for each side, which leaves its MI as it is. */
export const mapped = ({ logRatio: _, ...task }, left, right = left) => ({
  ...task,
  row: (random) => {
    const [x, y] = task.row(random);
    return [left(x), right(y)];
  },
});
export const columnwise = (f) => (side) => side.map(f);

export const cdf = columnwise(normalCdf);
export const halfCube = columnwise((t) => t * Math.sqrt(Math.abs(t)));
const asinh = columnwise(Math.asinh);
const wiggly = [
  (x) => x + 0.4 * Math.sin(x) + 0.2 * Math.sin(1.7 * x + 1) + 0.03 * Math.sin(3.3 * x - 2.5),
  (y) => y - 0.4 * Math.sin(0.4 * y) + 0.17 * Math.sin(1.3 * y + 3.5) + 0.02 * Math.sin(4.3 * y - 2.5),
].map(columnwise);
const mixed = (weight, first, second) => (t) => weight * normalCdf(t - first) + (1 - weight) * normalCdf(t - second);
const quantile = (distribution) => columnwise((t) => bisected(distribution, normalCdf(t), -10, 10));
const bimodal = [mixed(0.3, 0, 5), mixed(0.5, -1, 3)].map(quantile);
const roll = ([t]) => {
  const angle = 1.5 * Math.PI * (1 + 2 * normalCdf(t));
  return [(angle * Math.cos(angle)) / 21, (angle * Math.sin(angle)) / 21];
};
/** Turns the plane of two columns by the mean square of all. */
const turn = (first) => (side) => {
  const angle = squares(side) / side.length;
  const [a, b, out] = [side[first], side[first + 1], [...side]];
  out[first] = a * Math.cos(angle) - b * Math.sin(angle);
  out[first + 1] = a * Math.sin(angle) + b * Math.cos(angle);
  return out;
};
const spiral = [turn(0), turn(1)];

export function additive(width) {
  const truth = width <= 0.5 ? width - Math.log(2 * width) : 1 / (4 * width);
  const density = (y) => (Math.min(1, y + width) - Math.max(0, y - width)) / (2 * width);
  return {
    ...{ columns: [1, 1], truth, logRatio: (_, [y]) => -Math.log(2 * width * density(y)) },
    row: (random) => {
      const x = random.uniform();
      return [[x], [x + width * (2 * random.uniform() - 1)]];
    },
  };
}

const three = [3, 5, 25];
const pairId = (d) => `multinormal-sparse-${d}-${d}-2-2.0`;
const studentId = ([d, freedom]) => `student-identity-${d}-${d}-${freedom}`;
const all = {
  "1v1-normal-0.75": pair,
  "normal_cdf-1v1-normal-0.75": mapped(pair, cdf),
  "1v1-additive-0.1": additive(0.1),
  "1v1-additive-0.75": additive(0.75),
  "1v1-bimodal-0.75": mapped(pair, ...bimodal),
  "wiggly-1v1-normal-0.75": mapped(pair, ...wiggly),
  "half_cube-1v1-normal-0.75": mapped(pair, halfCube),
  "student-identity-1-1-1": student(1, 1),
  "asinh-student-identity-1-1-1": mapped(student(1, 1), asinh),
  "swissroll_x-normal_cdf-1v1-normal-0.75": { ...mapped(pair, roll, cdf), columns: [2, 1] },
  ...Object.fromEntries([2, 3, 5, 25, 50].map((d) => [`multinormal-dense-${d}-${d}-0.5`, dense(d)])),
  ...Object.fromEntries([2, 3, 5, 25].map((d) => [pairId(d), sparse(d)])),
  ...Object.fromEntries(
    [
      [2, 1],
      [2, 2],
      [3, 2],
      [3, 3],
      [5, 2],
      [5, 3],
    ].map((s) => [studentId(s), student(...s)]),
  ),
  ...Object.fromEntries(three.map((d) => [`normal_cdf-${pairId(d)}`, mapped(sparse(d), cdf)])),
  ...Object.fromEntries(three.map((d) => [`half_cube-${pairId(d)}`, mapped(sparse(d), halfCube)])),
  ...Object.fromEntries(three.map((d) => [`spiral-${pairId(d)}`, mapped(sparse(d), ...spiral)])),
  ...Object.fromEntries(
    three.map((d) => [`spiral-normal_cdf-${pairId(d)}`, mapped(mapped(sparse(d), cdf), ...spiral)]),
  ),
  ...Object.fromEntries(
    [
      [2, 1],
      [3, 2],
      [5, 2],
    ].map((s) => [`asinh-${studentId(s)}`, mapped(student(...s), asinh)]),
  ),
};

/** The 20 of which the figures of six other methods were published task by task. */
const table = new Set([
  ...["1v1-normal-0.75", "1v1-additive-0.1", "1v1-bimodal-0.75", "half_cube-1v1-normal-0.75"],
  ...["student-identity-1-1-1", "asinh-student-identity-1-1-1", "swissroll_x-normal_cdf-1v1-normal-0.75"],
  ...[2, 5, 25].map((d) => `multinormal-dense-${d}-${d}-0.5`),
  ...[2, 5, 25].map(pairId),
  ...["student-identity-2-2-1", "student-identity-3-3-2", `normal_cdf-${pairId(3)}`, `half_cube-${pairId(5)}`],
  ...[`spiral-${pairId(3)}`, `spiral-normal_cdf-${pairId(5)}`, "asinh-student-identity-2-2-1"],
]);
export const listed = Object.entries(all).map(([name, task]) => ({ name, ...task, listed20: table.has(name) }));
