/** Whole training steps of a critic with two hidden layers, on rows of a table. */
import { describe } from "vitest";
import { kernels } from "../../src/gpu/shaders.gen.ts";
import { replicaForm } from "../../src/training/engines/many-steps.ts";
import { gpu, it, normals, range } from "../gpu.ts";
import { tableDraw } from "../oracle/sources.ts";
import { type Case, expectWholeSteps } from "./whole-steps.ts";

const cases: Case[] = [
  { replicas: 3, joint: 33, marginals: 2, widths: [1, 1, 5, 9], activation: "relu", spread: 200 },
  { replicas: 1, joint: 1, marginals: 1, independent: true, widths: [1, 1, 1, 1], activation: "relu" },
  { replicas: 2, joint: 65, marginals: 1, widths: [2, 1, 32, 31], activation: "relu", estimator: "js" },
  { replicas: 3, joint: 11, marginals: 2, widths: [3, 2, 33, 64], activation: "silu", outputBias: false },
  { replicas: 2, joint: 5, marginals: 4, widths: [4, 4, 64, 30], activation: "tanh", estimator: "js" },
  { replicas: 1, joint: 33, marginals: 2, widths: [1, 1, 40, 9], activation: "elu", spread: 200 },
];

const { constants } = kernels.train_replica.variants["table/remine"]!;
const [ROWS, COLUMNS] = [19, 9];
const table = normals(4, ROWS * COLUMNS);

// lavapipe compiles this kernel for 10 to 15 s where layers are narrow, else for half as long again, and never trains with it.
const asked = /llvmpipe/.test(gpu?.name ?? "") ? cases.slice(0, 1) : cases;

describe.skipIf(!gpu)("train_replica", () => {
  it.each(asked)("R $replicas, N $joint, K $marginals, widths $widths, $activation, $estimator", async (c) => {
    const [xWidth, yWidth, ...hidden] = c.widths;
    const inputs = xWidth + yWidth;
    const picks = Uint32Array.from({ length: c.replicas * inputs }, (_, i) => (5 * i + 1) % COLUMNS);
    await expectWholeSteps(
      c,
      {
        slot: "table",
        bindings: {
          source_dims: { columns: COLUMNS, inputs, pair_stride: 1 + 2 * ROWS },
          table,
          columns: picks,
          row_pairs: Uint32Array.from(range(c.replicas).flatMap(() => [ROWS, ...range(ROWS).flatMap((i) => [i, i])])),
        },
        row: (key, step, row, isJoint) => {
          const drawn = tableDraw(key, step, row, isJoint, ROWS);
          const at = (of: number, d: number) => table[of * COLUMNS + picks[key[1] * inputs + d]!]!;
          return {
            x: range(xWidth).map((d) => at(drawn.x, d)),
            y: range(yWidth).map((d) => at(drawn.y, xWidth + d)),
          };
        },
      },
      { ...replicaForm(hidden, inputs, c.estimator ?? "remine"), OPTIMIZER: constants.OPTIMIZER_SGD! },
    );
  });
});
