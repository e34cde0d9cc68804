// Mixtures of normals: groups of rows, of one or of several scales.
import { reflected } from "./interactions.mjs";
import { gridInformation } from "./quadrature.mjs";
import { normalDensity } from "./special.mjs";

/** A part of a mixture: its weight, where it lies, how wide it is on both axes, and its correlation. */
const part = (weight, at, wide, r = 0) => ({ weight, at, wide, r });

function mixture(name, parts, reach) {
  const side = (k) => (v) => parts.reduce((sum, p) => sum + p.weight * normalDensity(v - p.at[k], p.wide[k]), 0);
  const joint = (x, y) =>
    parts.reduce((sum, { weight, at, wide, r }) => {
      const [a, b] = [(x - at[0]) / wide[0], (y - at[1]) / wide[1]];
      const rest = Math.sqrt(1 - r * r);
      return sum + (weight * normalDensity(a) * normalDensity((b - r * a) / rest)) / (rest * wide[0] * wide[1]);
    }, 0);
  const [left, right, box] = [side(0), side(1), [-reach, reach]];
  return {
    ...{ name, columns: [1, 1], truth: (scale = 1) => gridInformation(joint, box, box, Math.round(400 * scale)) },
    logRatio: ([x], [y]) => Math.log(joint(x, y) / (left(x) * right(y))),
    row: (random) => {
      const { at, wide, r } = parts[random.pick(parts.map((p) => p.weight))];
      const [a, e] = random.normals(2);
      return [[at[0] + wide[0] * a], [at[1] + wide[1] * (r * a + Math.sqrt(1 - r * r) * e)]];
    },
  };
}

const even = (places, wide) => places.map((at) => part(1 / places.length, at, wide));
const two = (apart) =>
  mixture(
    "",
    even(
      [
        [-apart, -apart],
        [apart, apart],
      ],
      [1, 1],
    ),
    apart + 9,
  );
const six = [
  [-3, 1],
  [-1, -2],
  [0, 2.5],
  [1, -1],
  [2.5, 1],
  [3, -3],
];

/** Groups at the corners of a cube on both sides, the same corner on each, in `wide` columns behind a reflection. */
const clusters = (name, wide, distances) => ({
  ...{ name, columns: [wide, wide] },
  truth: (scale) => distances.reduce((sum, apart) => sum + two(apart).truth(scale), 0),
  row: (random) => {
    const corner = distances.map((apart) => apart * random.sign());
    const side = () => reflected(random.normals(wide).map((v, k) => v + (corner[k] ?? 0)));
    return [side(), side()];
  },
});

export const mixtures = [
  { ...two(1.5), name: "mixture of 2 normals" },
  mixture(
    "mixture of 4 normals",
    even(
      [
        [-2, 0],
        [2, 0],
        [0, -2],
        [0, 2],
      ],
      [0.6, 0.6],
    ),
    7,
  ),
  mixture("mixture of 6 normals", even(six, [0.5, 0.4]), 7),
  mixture("two normals, crossed", [part(0.5, [0, 0], [1, 1], 0.95), part(0.5, [0, 0], [1, 1], -0.95)], 8),
  mixture("two scales", [part(0.5, [0, 0], [0.4, 0.4]), part(0.5, [0, 0], [2, 2])], 16),
  mixture("a line before a cloud", [part(0.4, [1, 1], [0.5, 0.5], 0.97), part(0.6, [0, 0], [1.5, 1.5])], 12),
  clusters("8 clusters in 3 + 3", 3, [1.8, 1.8, 1.8]),
  clusters("4 clusters in 6 + 6", 6, [2.5, 1]),
];
