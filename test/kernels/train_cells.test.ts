/** Whole training steps of a critic with one hidden layer, on categories. */
import { describe } from "vitest";
import { kernels } from "../../src/gpu/shaders.gen.ts";
import { gpu, it } from "../gpu.ts";
import { oneHotRow } from "../oracle/sources.ts";
import { type Case, expectWholeSteps } from "./whole-steps.ts";

const cases: Case[] = [
  { replicas: 1, joint: 1, marginals: 1, independent: true, widths: [2, 2, 1], activation: "relu" },
  // Joint pairs draw categories of x that y lacks: its vector is then all zeros.
  { replicas: 3, joint: 11, marginals: 2, widths: [12, 3, 7], activation: "silu", outputBias: false, clipNorm: 0.1 },
  // All other pairs: the kernel counts them without a look at each.
  { replicas: 2, joint: 9, marginals: 8, widths: [3, 16, 100], activation: "tanh", estimator: "js" },
];

const { constants } = kernels.train_cells.variants["one_hot/remine"]!;

/** An adapter of any other subgroup size never runs this kernel: resident.ts. */
describe.skipIf(gpu?.subgroupSize !== constants.CELL_LANES)("train_cells", () => {
  it.each(cases)("R $replicas, N $joint, K $marginals, widths $widths, $activation, $estimator", async (c) => {
    const [xWidth, yWidth, hidden] = c.widths;
    await expectWholeSteps(
      "train_cells",
      c,
      {
        slot: "one_hot",
        bindings: {},
        row: (key, step, row, isJoint) => oneHotRow(key, step, row, isJoint, [xWidth, yWidth]),
      },
      { X_WIDTH: xWidth, Y_WIDTH: yWidth, HIDDEN: hidden!, OPTIMIZER: constants.OPTIMIZER_SGD! },
    );
  });
});
