import { describe, expect } from "vitest";
import { activationCode } from "../../src/critics/critic.ts";
import { awkward, CANARY, EPS, EXP, expectClose, it, runKernel } from "../gpu.ts";
import { activate } from "../oracle/critic.ts";
import { imageCases, inputsOf, perElement } from "./image.ts";

describe.each([
  ["relu", 1],
  ["relu", 0],
  ["silu", 1],
  ["identity", 0],
] as const)("forward_add, %s, SLOPE_STORED %i", (activation, stored) => {
  it.each(imageCases)("R $replicas, $images of $height x $width x $channels", async (dims) => {
    const size = dims.replicas * inputsOf(dims);
    const branch = awkward(1, size);
    const skip = awkward(2, size);
    const { output, slope } = await runKernel(
      "forward_add",
      { dims, branch, skip, output: size, slope: size },
      perElement(inputsOf(dims), dims),
      "only",
      { ACTIVATION: activationCode[activation], SLOPE_STORED: stored },
    );
    // One f32 addition, so that what sits on ReLU's kink sits there in both.
    const want = Array.from(branch, (v, i) => activate(activation, Math.fround(v + skip[i]!)));
    // As forward_pairs: the sigmoid carries EXP, relative, and its exponent is held at -80.
    const tolerance = activation === "silu" ? 2 * EXP : EPS;
    const values = want.map((w) => w.value);
    expectClose(output!, values, { tolerance, scale: values.map((v) => Math.abs(v) + 1e-24), what: "output" });
    if (activation === "identity" || !stored) expect(slope!.every((v) => v === CANARY)).toBe(true);
    else
      expectClose(
        slope!,
        want.map((w) => w.slope),
        { tolerance, what: "slope" },
      );
  });
});
