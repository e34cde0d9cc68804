import { describe, expect } from "vitest";
import { activationCode } from "../../src/critics/critic.ts";
import { cells } from "../../src/critics/layers.ts";
import { activationError, awkward, CANARY, EPS, expectClose, it, runKernel } from "../gpu.ts";
import { activate } from "../oracle/critic.ts";
import { geometryOf, pairingForms } from "./pairs.ts";

const activations = ["relu", "leaky-relu", "silu", "elu", "tanh"] as const;
const forms = [...activations.map((name) => [name, 1] as const), ["relu", 0] as const];

describe.each(forms)("forward_pairs, %s, SLOPE_STORED %i", (activation, stored) => {
  it.each(pairingForms)(
    "R $replicas, N $joint, K $marginals, independent $independent, H $width, $form",
    async (pairing) => {
      const { replicas, joint, marginals, width, form } = pairing;
      const each = stored ? 65536 : 2; // columns of a thread: without slopes several threads share a row
      const { list, rows, dims } = geometryOf(pairing);
      const part_x = awkward(1, replicas * rows * width);
      const part_y = awkward(2, replicas * rows * width);
      const size = replicas * list.length * width;
      const { output, slope } = await runKernel(
        "forward_pairs",
        { dims, part_x, part_y, output: size, slope: size },
        cells(form, width, joint, replicas * Math.ceil((1 + marginals) / each)),
        form,
        { ACTIVATION: activationCode[activation], SLOPE_STORED: stored, COLUMNS_EACH: each },
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
      // Below -80 SiLU's exponent is held, which leaves z e^-80 where 0 is due: under 1e-30.
      const tolerance = activationError(activation) + EPS;
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
    },
  );
});

describe("activations in forward_pairs", () => {
  // Both sides of 0 from 1e-30 to 1e4, finely where the exponent of e^z changes, and 0.
  const steps = Array.from({ length: 4000 }, (_, i) => (i + 1) / 400);
  const magnitudes = [...steps, ...Array.from({ length: 341 }, (_, i) => 10 ** (i / 10 - 30))];
  const z = Float32Array.from([0, ...magnitudes.flatMap((m) => [m, -m])]);

  it.each(activations)("%s keeps its accuracy at any z, near 0 too", async (activation) => {
    const dims = { joint: 1, marginals: 0, rows: 1, independent: 0, width: z.length };
    const { output, slope } = await runKernel(
      "forward_pairs",
      { dims, part_x: z, part_y: new Float32Array(z.length), output: z.length, slope: z.length },
      [Math.ceil(z.length / 64), 1, 1],
      "one",
      { ACTIVATION: activationCode[activation] },
    );
    const want = Array.from(z, (value) => activate(activation, value));
    const tolerance = activationError(activation) + EPS;
    const scale = want.map((w) => Math.abs(w.value) + 1e-24); // SiLU below -80, as above
    expectClose(
      output!,
      want.map((w) => w.value),
      { tolerance, scale, what: "output" },
    );
    expectClose(
      slope!,
      want.map((w) => w.slope),
      { tolerance, what: "slope" },
    );
  });
});
