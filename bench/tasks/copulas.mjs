// Copulas: one pair of columns, with dependence in a tail, in both, in none, or of two kinds at once.
import { studentTruth } from "./listed.mjs";
import { gridInformation } from "./quadrature.mjs";
import { bisected, normalCdf, normalDensity, studentCdf } from "./special.mjs";

// Each has the log density of (u, v), given 1 - u and 1 - v too because small tails need their digits.
const archimedean = {
  clayton: (t) => (_1, _2, _u, _v, lnU, lnV) =>
    Math.log1p(t) - (1 + t) * (lnU + lnV) - (2 + 1 / t) * Math.log(Math.exp(-t * lnU) + Math.exp(-t * lnV) - 1),
  gumbel: (t) => (_1, _2, _u, _v, lnU, lnV) => {
    const sum = ((-lnU) ** t + (-lnV) ** t) ** (1 / t);
    return -sum - lnU - lnV + (t - 1) * Math.log(lnU * lnV) + (1 - 2 * t) * Math.log(sum) + Math.log(sum + t - 1);
  },
  frank: (t) => (u, v) => {
    const all = -Math.expm1(-t);
    return Math.log(t * all) - t * (u + v) - 2 * Math.log(all - Math.expm1(-t * u) * Math.expm1(-t * v));
  },
  joe: (t) => (_1, _2, restU, restV) => {
    const [a, b] = [restU ** t, restV ** t];
    const both = a + b - a * b;
    return (1 / t - 2) * Math.log(both) + (t - 1) * Math.log(restU * restV) + Math.log(t - 1 + both);
  },
  fgm: (t) => (u, v) => Math.log1p(t * (1 - 2 * u) * (1 - 2 * v)),
  amh: (t) => (u, v, restU, restV) =>
    Math.log(1 + t * ((1 + u) * (1 + v) - 3) + t * t * restU * restV) - 3 * Math.log1p(-t * restU * restV),
};

const lnOf = (u, rest) => (u < 0.5 ? Math.log(u) : Math.log1p(-rest));
const logDensityAt = (density) => (u, v) => density(u, v, 1 - u, 1 - v, lnOf(u, 1 - u), lnOf(v, 1 - v));

/** By normal scores of u and v, on which the densities are smooth. */
const truthOf =
  (density) =>
  (scale = 1) => {
    const joint = (s, t) => {
      const [u, v, restU, restV] = [normalCdf(s), normalCdf(t), normalCdf(-s), normalCdf(-t)];
      const ratio = density(u, v, restU, restV, lnOf(u, restU), lnOf(v, restV));
      return Math.exp(ratio) * normalDensity(s) * normalDensity(t);
    };
    return gridInformation(joint, [-7, 7], [-7, 7], Math.round(320 * scale));
  };

const draws = {
  clayton: (t) => (random) => {
    const frailty = random.gamma(1 / t);
    return random.many(2, () => (1 + random.exponential() / frailty) ** (-1 / t));
  },
  gumbel: (t) => (random) => {
    const frailty = random.stable(1 / t);
    return random.many(2, () => Math.exp(-((random.exponential() / frailty) ** (1 / t))));
  },
  frank: (t) => (random) => {
    const [u, w] = [random.uniform(), random.uniform()];
    return [u, -Math.log1p((w * Math.expm1(-t)) / (w + (1 - w) * Math.exp(-t * u))) / t];
  },
  joe: (t) => (random) => {
    const [u, w] = [random.uniform(), random.uniform()];
    const a = (1 - u) ** t;
    const below = (v) => {
      const b = (1 - v) ** t;
      return (a + b - a * b) ** (1 / t - 1) * (1 - u) ** (t - 1) * (1 - b);
    };
    return [u, bisected(below, w, 0, 1)];
  },
  fgm: (t) => (random) => {
    const [u, w] = [random.uniform(), random.uniform()];
    const slope = 1 + t * (1 - 2 * u);
    return [u, (2 * w) / (slope + Math.sqrt(slope * slope - 4 * (slope - 1) * w))];
  },
  amh: (t) => (random) => {
    const [u, w] = [random.uniform(), random.uniform()];
    const below = (v) => (v * (1 - t * (1 - v))) / (1 - t * (1 - u) * (1 - v)) ** 2;
    return [u, bisected(below, w, 0, 1)];
  },
};

const columns = [1, 1];
function copula(kind, parameter) {
  const [density, draw] = [archimedean[kind](parameter), draws[kind](parameter)];
  const ratio = logDensityAt(density);
  return {
    ...{ name: `${kind} copula ${parameter}`, columns, truth: truthOf(density), logRatio: ([u], [v]) => ratio(u, v) },
    row: (random) => draw(random).map((u) => [u]),
  };
}

/** A copula after a map of each column; the density in u and v is what its truth needs. */
const worn = (task, name, [left, right]) => ({
  ...{ name, columns, truth: task.truth },
  row: (random) => {
    const [[u], [v]] = task.row(random);
    return [[left(u)], [right(v)]];
  },
});

/** Clayton in one half of the rows and Clayton turned by 90 degrees in the other: an X. */
function crossed(parameter) {
  const density = archimedean.clayton(parameter);
  const both = (u, v, restU, _restV, lnU, lnV) =>
    Math.log((Math.exp(density(u, v, 0, 0, lnU, lnV)) + Math.exp(density(restU, v, 0, 0, lnOf(restU, u), lnV))) / 2);
  const ratio = logDensityAt(both);
  return {
    ...{ name: "two clayton copulas, crossed", columns, truth: truthOf(both), logRatio: ([u], [v]) => ratio(u, v) },
    row: (random) => {
      const [u, v] = draws.clayton(parameter)(random);
      return [[random.uniform() < 0.5 ? u : 1 - u], [v]];
    },
  };
}

/** MI of a Student vector is that of its normals plus that of the shared scale. */
const student = (freedom, r) => ({
  ...{ name: `student copula ${freedom}, correlation ${r}`, columns },
  truth: studentTruth(1, 1, freedom) - 0.5 * Math.log(1 - r * r),
  row: (random) => {
    const scale = Math.sqrt(freedom / (2 * random.gamma(freedom / 2)));
    const [a, b] = random.normals(2);
    return [a, r * a + Math.sqrt(1 - r * r) * b].map((t) => [studentCdf(t * scale, freedom)]);
  },
});

const exponential = (u) => -Math.log1p(-u);
const heavy = (u) => u ** -0.8;
export const copulas = [
  copula("clayton", 2),
  copula("gumbel", 2),
  copula("frank", 8),
  copula("joe", 3),
  copula("fgm", 1),
  copula("amh", 0.95),
  worn(copula("clayton", 6), "clayton copula 6, exponential columns", [exponential, exponential]),
  worn(copula("gumbel", 4), "gumbel copula 4, heavy tail and uniform", [heavy, (v) => v]),
  crossed(5),
  student(2, 0),
  student(3, 0.5),
  student(4, -0.8),
];
