// Dependence that no column shows alone.
import { correlated, mapped } from "./listed.mjs";
import { additiveInformation, curveInformation, integral, middles, sumDensity } from "./quadrature.mjs";
import { normalDensity, normalEntropy, signInformation } from "./special.mjs";

const signs = (list) => list.reduce((sign, v) => sign * Math.sign(v), 1);
const flipped = (random, chance) => (random.uniform() < chance ? -1 : 1);

/** The sign of y is that of the product of the first columns of x, but for some rows. */
const parity = (name, wide, among, flip) => ({
  ...{ name, columns: [wide, 1], truth: signInformation(flip) },
  row: (random) => {
    const x = random.normals(wide);
    return [x, [signs(x.slice(0, among)) * flipped(random, flip) * Math.abs(random.normal())]];
  },
  logRatio: (x, [y]) => Math.log(2 * (signs([...x.slice(0, among), y]) > 0 ? 1 - flip : flip)),
});

/** The sign of the product of y's columns is that of x's. */
const shared = {
  ...{ name: "one sign shared by 2 + 3 columns", columns: [2, 3], truth: signInformation(0.02) },
  row: (random) => {
    const [x, y] = [random.normals(2), random.normals(3)];
    const sign = signs(x) * signs(y) * flipped(random, 0.02);
    return [x, [y[0] * sign, y[1], y[2]]];
  },
};

/** log |N| of a standard normal N: what is left of a product once signs, which tell nothing, are set aside. */
export const logSize = (s) => 2 * normalDensity(Math.exp(s)) * Math.exp(s);
const range = [-18, 2.5];
const product = {
  ...{ name: "y = x e, 3 + 1", columns: [3, 1] },
  truth: (scale = 1) => additiveInformation(logSize, range, logSize, range, Math.round(1200 * scale)),
  row: (random) => {
    const x = random.normals(3);
    return [x, [x[0] * random.normal()]];
  },
};
/** Given x1 and x2, y is normal; y is taken as sinh, for its density has a peak and far tails. */
function visibleTruth(scale = 1) {
  const places = middles(0, 7, Math.round(80 * scale));
  const weights = places.map((x) => (normalDensity(x) * 14) / places.length);
  const density = (y) => {
    let sum = 0;
    for (const [i, a] of places.entries())
      for (const [j, b] of places.entries()) sum += weights[i] * weights[j] * normalDensity(y, Math.hypot(a * b, 0.5));
    return sum;
  };
  const value = (t) => {
    const p = density(Math.sinh(t) / 2);
    return -2 * p * Math.log(p) * (Math.cosh(t) / 2);
  };
  return integral(value, 0, 6.5, Math.round(200 * scale)) - normalEntropy(0.5);
}
const visible = {
  ...{ name: "y = x1 x2 x3 with noise", columns: [3, 1], truth: visibleTruth },
  row: (random) => {
    const x = random.normals(3);
    return [x, [x[0] * x[1] * x[2] + 0.5 * random.normal()]];
  },
};

const onCircle = (random, angle) => {
  const size = 1 + random.exponential();
  return [size * Math.cos(angle), size * Math.sin(angle)];
};
const angles = {
  ...{ name: "two directions, lengths apart", columns: [2, 2], truth: Math.log(2 * Math.PI) - normalEntropy(0.3) },
  row: (random) => {
    const angle = 2 * Math.PI * random.uniform();
    return [onCircle(random, angle), onCircle(random, angle + 0.3 * random.normal())];
  },
};
/** y's angle is twice that of x, so opposite directions of x look the same. */
const doubled = {
  ...{ name: "a direction and its double", columns: [2, 2], truth: Math.log(2 * Math.PI) - normalEntropy(0.5) },
  row: (random) => {
    const angle = 2 * Math.PI * random.uniform();
    return [onCircle(random, angle), onCircle(random, 2 * angle + 0.5 * random.normal())];
  },
};
/** x3 says by how much (x1, x2) is turned; given x, y is normal, and without it too. */
const turned = {
  ...{ name: "two columns turned by a third", columns: [3, 2], truth: Math.log1p(1 / 0.09) },
  row: (random) => {
    const [a, b, u] = [random.normal(), random.normal(), random.uniform()];
    const [c, s] = [Math.cos(2 * Math.PI * u), Math.sin(2 * Math.PI * u)];
    return [
      [a, b, u],
      [c * a - s * b + 0.3 * random.normal(), s * a + c * b + 0.3 * random.normal()],
    ];
  },
};

const switched = {
  ...{ name: "a category switches the slope", columns: [2, 1], truth: -0.5 * Math.log(1 - 0.85 ** 2) },
  row: (random) => {
    const [category, [[x], [y]]] = [random.whole(2), correlated(random, 1, 0.85)];
    return [[category, x], [category ? y : -y]];
  },
};
/** Which of three columns y follows is said by a fourth of three values. */
const chosen = {
  ...{ name: "a category chooses the column", columns: [4, 1], truth: -0.5 * Math.log(1 - 0.9 ** 2) },
  row: (random) => {
    const [category, x] = [random.whole(3), random.normals(3)];
    return [[category, ...x], [0.9 * x[category] + Math.sqrt(0.19) * random.normal()]];
  },
};

const sum = (count) => ({
  ...{ name: `sum of ${count} columns`, columns: [count, 1], truth: 0.5 * Math.log(1 + 1 / 0.25) },
  row: (random) => {
    const x = random.normals(count);
    return [x, [x.reduce((s, v) => s + v, 0) / Math.sqrt(count) + 0.5 * random.normal()]];
  },
});
const latent = middles(0, 1, 2000).map(Math.sqrt);
const noise = (e) => normalDensity(e, 0.1);
const largest = {
  ...{ name: "largest of two", columns: [2, 1], truth: (scale) => curveInformation(Math.sqrt, 0.1, scale) },
  logRatio: (x, [y]) => Math.log(noise(y - Math.max(...x)) / sumDensity(latent, noise)(y)),
  row: (random) => {
    const x = [random.uniform(), random.uniform()];
    return [x, [Math.max(...x) + 0.1 * random.normal()]];
  },
};
/** A reflection that mixes all columns of a side. */
export const reflected = (side) => {
  const mean = (2 * side.reduce((s, v) => s + v, 0)) / side.length;
  return side.map((v) => v - mean);
};
const hidden = {
  name: "cubes of pairs behind reflections, 4 + 4",
  ...mapped({ columns: [4, 4], truth: -2 * Math.log(1 - 0.6 ** 2), row: (random) => correlated(random, 4, 0.6) }, (s) =>
    reflected(s.map((v) => v ** 3)),
  ),
};

export const interactions = [
  parity("xor of signs, 2 + 1", 2, 2, 0.1),
  parity("sign of the product of 3", 3, 3, 0.05),
  parity("xor of signs, 6 spare columns", 8, 2, 0.02),
  shared,
  product,
  visible,
  angles,
  doubled,
  turned,
  switched,
  chosen,
  sum(20),
  largest,
  hidden,
];
