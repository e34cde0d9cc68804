// What is measured here besides the training steps of src/cli/bench/workloads.ts:
//
// W5   matrix of 64 columns x 2000 rows, default settings: all 2016 pairs, without and with 100 permutations
// W6   the same pairs by the KSG kernels alone, all columns numeric as they come
import { steps } from "./dist/library.js";

export const matrixShape = { columns: 64, rows: 2000, permutations: 100 };

/** The same for a prediction: a pair of each, as bench/matrix.mjs names them. */
const pair = { rows: matrixShape.rows, neighbors: 3, permutations: 0, whole: true };
export const matrixWork = {
  W5: pair,
  W5p: { ...pair, permutations: matrixShape.permutations },
  W6: { ...pair, whole: false },
};

export const names = [...Object.keys(steps), "W5", "W6"];

/** A table for W5 and W6: normals, each column leaning on the one before it. */
export function tableOf({ columns, rows } = matrixShape) {
  let state = 7;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const table = [];
  for (let c = 0; c < columns; c++) {
    const before = table[c - 1]?.values ?? new Float64Array(rows);
    table.push({ name: `c${c + 1}`, values: before.map((v) => v / 2 + normal()) });
  }
  return table;
}
