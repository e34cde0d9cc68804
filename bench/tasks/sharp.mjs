// Densities with sharp edges, all on or near the unit square; their MI is closed form.
import { additive } from "./listed.mjs";
import { signInformation } from "./special.mjs";

const columns = [1, 1];
const flat = (name, truth, row, logRatio) => ({ name, columns, truth, row, ...(logRatio && { logRatio }) });

/** Half of the cells of a square of n x n, as on a board for chess. */
const board = (n) =>
  flat(`checkerboard ${n} x ${n}`, Math.LN2, (random) => {
    const [i, half] = [random.whole(n), random.whole(n / 2)];
    const j = 2 * half + (i % 2);
    return [[(i + random.uniform()) / n], [(j + random.uniform()) / n]];
  });

/** y = k x + a uniform of width w, all modulo 1. */
const wrapped = (name, slope, width) =>
  flat(name, -Math.log(width), (random) => {
    const x = random.uniform();
    return [[x], [(slope * x + width * random.uniform()) % 1]];
  });

const triangle = flat(
  "triangle",
  1 - Math.LN2,
  (random) => {
    const [a, b] = [random.uniform(), random.uniform()];
    return [[Math.min(a, b)], [Math.max(a, b)]];
  },
  ([x], [y]) => -Math.log(2 * (1 - x) * y),
);
const diamond = flat(
  "diamond",
  1 - Math.LN2,
  (random) => {
    const [a, b] = [random.uniform(), random.uniform()];
    return [[a + b - 1], [a - b]];
  },
  ([x], [y]) => -Math.log(2 * (1 - Math.abs(x)) * (1 - Math.abs(y))),
);
const disc = flat(
  "disc",
  Math.log(Math.PI) - 1,
  (random) => {
    const [radius, angle] = [Math.sqrt(random.uniform()), 2 * Math.PI * random.uniform()];
    return [[radius * Math.cos(angle)], [radius * Math.sin(angle)]];
  },
  ([x], [y]) => Math.log(Math.PI / (4 * Math.sqrt((1 - x * x) * (1 - y * y)))),
);
/** A square without its middle. */
const frame = (() => {
  // The hole is the middle half of each side: an inner column keeps half of its height.
  const height = (x) => (Math.abs(x - 0.5) < 0.25 ? 2 / 3 : 4 / 3);
  const truth = Math.log(4 / 3) - 2 * ((1 / 3) * Math.log(2 / 3) + (2 / 3) * Math.log(4 / 3));
  const row = (random) => {
    for (;;) {
      const [x, y] = [random.uniform(), random.uniform()];
      if (Math.abs(x - 0.5) > 0.25 || Math.abs(y - 0.5) > 0.25) return [[x], [y]];
    }
  };
  return flat("square with a hole", truth, row, ([x], [y]) => Math.log(4 / 3 / (height(x) * height(y))));
})();

/** y has the sign of the stripe of x, but for some rows. */
const stripes = (count, flip) =>
  flat(`${count} stripes, flipped ${flip}`, signInformation(flip), (random) => {
    const x = random.uniform();
    const sign = (Math.floor(count * x) % 2 ? 1 : -1) * (random.uniform() < flip ? -1 : 1);
    return [[x], [sign * random.exponential()]];
  });

/** y is the height of a tent over x, with noise that wraps at 1. */
const tent = flat("tent with uniform noise", Math.log(10), (random) => {
  const x = random.uniform();
  return [[x], [(1 - Math.abs(2 * x - 1) + 0.1 * random.uniform()) % 1]];
});

export const sharp = [
  board(2),
  board(4),
  board(8),
  wrapped("band around a torus", 1, 0.25),
  wrapped("three bands around a torus", 3, 0.2),
  tent,
  triangle,
  diamond,
  disc,
  frame,
  stripes(6, 0.1),
  { name: "narrow band", ...additive(0.03) },
];
