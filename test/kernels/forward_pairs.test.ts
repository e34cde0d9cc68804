import { describe, expect } from "vitest";
import { activationCode } from "../../src/critic.ts";
import { awkward, CANARY, EPS, EXP, expectClose, it, runKernel } from "../gpu.ts";
import { activate } from "../oracle/critic.ts";
import { geometryOf, pairings } from "./pairs.ts";

describe.each([
  ["relu", 1],
  ["relu", 0],
  ["silu", 1],
] as const)("forward_pairs, %s, SLOPE_STORED %i", (activation, stored) => {
  it.each(pairings)("R $replicas, N $joint, K $marginals, independent $independent, H $width", async (pairing) => {
    const { replicas, joint, width } = pairing;
    const { list, rows, dims } = geometryOf(pairing);
    const part_x = awkward(1, replicas * rows * width);
    const part_y = awkward(2, replicas * rows * width);
    const size = replicas * list.length * width;
    const { output, slope } = await runKernel(
      "forward_pairs",
      { dims, part_x, part_y, output: size, slope: size },
      [Math.ceil(width / 64), joint, replicas],
      "only",
      { ACTIVATION: activationCode[activation], SLOPE_STORED: stored },
    );
    const want = Array.from({ length: size }, (_, i) => {
      const unit = i % width;
      const slot = Math.floor(i / width);
      const { x, y } = list[slot % list.length]!;
      const first = Math.floor(slot / list.length) * rows;
      // One f32 addition, so that what sits on ReLU's kink sits there in both.
      const z = Math.fround(part_x[(first + x) * width + unit]! + part_y[(first + y) * width + unit]!);
      return activate(activation, z);
    });
    // The sigmoid carries EXP, relative; its slope z s (1 - s) <= 0.23 and the rounding of 1 - s add to that. Below -80
    // the exponent is held, which leaves z e^-80 where 0 is due: under 1e-30.
    const tolerance = activation === "silu" ? 2 * EXP : EPS;
    const values = want.map((w) => w.value);
    expectClose(output!, values, { tolerance, scale: values.map((v) => Math.abs(v) + 1e-24), what: "output" });
    if (!stored) {
      expect(slope!.every((v) => v === CANARY)).toBe(true);
      return;
    }
    expectClose(
      slope!,
      want.map((w) => w.slope),
      { tolerance, what: "slope" },
    );
  });
});
