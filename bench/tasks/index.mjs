// All tasks, with their halves. Even places of each family are for tuning and odd ones for confirmation: this split
// and its seeds were fixed before anything was measured on these tasks.
import { copulas } from "./copulas.mjs";
import { curves } from "./curves.mjs";
import { discrete } from "./discrete.mjs";
import { manyColumns } from "./factors.mjs";
import { interactions } from "./interactions.mjs";
import { listed } from "./listed.mjs";
import { mixtures } from "./mixtures.mjs";
import { source } from "./random.mjs";
import { conditional, high, independence } from "./rest.mjs";
import { sharp } from "./sharp.mjs";
import { tails } from "./tails.mjs";

/** What a task's rows look like as `estimate` takes them. */
function drawn(task, rows, seed) {
  const random = source(task.name, seed);
  const all = Array.from({ length: rows }, () => task.row(random));
  const side = (k) => all.map((row) => row[k]);
  return { x: side(0), y: side(1), ...(task.columns.length > 2 && { given: side(2) }) };
}

/** A truth that needs integration is computed when it is first asked for. */
function finished(task, family, place) {
  let truth = typeof task.truth === "number" ? task.truth : undefined;
  return {
    ...{ name: task.name, family, columns: task.columns, half: place % 2 === 0 ? "tune" : "confirm" },
    ...{ listed20: task.listed20 ?? false, logRatio: task.logRatio },
    get truth() {
      truth ??= task.truth();
      return truth;
    },
    /** The truth at another resolution, where it is a quadrature. */
    truthAt: typeof task.truth === "number" ? undefined : task.truth,
    draw: (rows, seed) => drawn(task, rows, seed),
  };
}

const other = [copulas, curves, interactions, mixtures, sharp, discrete, manyColumns, tails].flat();
export const families = { listed, other, high, independent: independence, conditional };
export const tasks = Object.entries(families).flatMap(([family, list]) =>
  list.map((task, place) => finished(task, family, place)),
);

/** The first data seed of each half. */
const firstSeed = { tune: 1, confirm: 101 };
export const seedsOf = (task, count) => Array.from({ length: count }, (_, k) => firstSeed[task.half] + k);

/** Tasks whose name holds `only`, of a family and a half where these are given. */
export function chosen({ only = "", family, half } = {}) {
  if (family !== undefined && !(family in families))
    throw new Error(`there is no family "${family}"; choose from ${Object.keys(families).join(", ")}`);
  if (half !== undefined && !(half in firstSeed))
    throw new Error(`there is no half "${half}"; choose from ${Object.keys(firstSeed).join(", ")}`);
  const found = tasks.filter(
    (task) => task.name.includes(only) && task.family === (family ?? task.family) && task.half === (half ?? task.half),
  );
  if (!found.length) throw new Error(`no task's name holds "${only}" in this family and half`);
  return found;
}
