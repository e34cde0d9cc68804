// Few factors behind many columns, and few columns among many.

import { curves } from "./curves.mjs";
import { columnwise, mapped } from "./listed.mjs";
import { normalInformation } from "./quadrature.mjs";

/** Loadings that differ by column and are the same at every run. */
const loading = (strength) => (column, factor) => strength * Math.cos(1 + 2.4 * column * (factor + 1) + factor);

/** Normal factors behind both sides, unit noise on each column: closed form from the covariance. */
function factors(name, count, columns, strength) {
  const wide = columns[0] + columns[1];
  const at = loading(strength);
  const loads = Array.from({ length: wide }, (_, j) => Array.from({ length: count }, (_, k) => at(j, k)));
  const covariance = loads.map((a, i) => loads.map((b, j) => a.reduce((sum, v, k) => sum + v * b[k], i === j ? 1 : 0)));
  return {
    ...{ name, columns, truth: () => normalInformation(covariance, columns[0]) },
    row: (random) => {
      const hidden = random.normals(count);
      const all = loads.map((load) => load.reduce((sum, v, k) => sum + v * hidden[k], random.normal()));
      return [all.slice(0, columns[0]), all.slice(columns[0])];
    },
  };
}

const monotone = [Math.sinh, (t) => t ** 3, Math.atan, Math.exp, (t) => t];
const various = (side) => side.map((v, k) => monotone[k % monotone.length](v));
/** Increasing, with almost flat places. */
export const sine = columnwise((t) => t + 0.45 * Math.sin(2 * t));
/** A rotation of neighbouring columns by the length of both keeps the information and no single column. */
const swirled = (side) => {
  const out = [...side];
  for (let k = 0; k + 1 < side.length; k += 2) {
    const angle = Math.hypot(side[k], side[k + 1]);
    out[k] = side[k] * Math.cos(angle) - side[k + 1] * Math.sin(angle);
    out[k + 1] = side[k] * Math.sin(angle) + side[k + 1] * Math.cos(angle);
  }
  return out;
};

/** The same dependence among columns that tell nothing. */
const among = (task, spare) => ({
  ...{ columns: task.columns.map((count) => count + spare), truth: task.truth },
  name: `${task.name}, ${spare} spare columns a side`,
  row: (random) => task.row(random).map((side) => [...side, ...random.normals(spare)]),
});
const known = (name) => curves.find((task) => task.name === name);

export const manyColumns = [
  factors("1 factor, 10 + 10", 1, [10, 10], 0.8),
  factors("2 factors, 25 + 25", 2, [25, 25], 0.5),
  factors("3 factors, 50 + 50", 3, [50, 50], 0.4),
  factors("1 factor, 5 + 30", 1, [5, 30], 0.9),
  mapped(factors("2 factors, 10 + 10, various monotone maps", 2, [10, 10], 0.9), various),
  mapped(factors("2 factors, 25 + 25, sine-warped", 2, [25, 25], 0.6), sine),
  mapped(factors("3 factors, 50 + 50, various monotone maps", 3, [50, 50], 0.5), various),
  mapped(factors("1 factor, 10 + 10, swirled", 1, [10, 10], 1), swirled),
  among(known("sine, 2 periods"), 4),
  among(known("ring"), 9),
];
