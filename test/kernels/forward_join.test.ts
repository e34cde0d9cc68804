import { describe, expect } from "vitest";
import { activationCode } from "../../src/critics/critic.ts";
import { cells } from "../../src/critics/layers.ts";
import { activationError, awkward, CANARY, EPS, expectClose, it, runKernel } from "../gpu.ts";
import { bound, join } from "../oracle/critic.ts";
import { geometryOf, joinForms } from "./pairs.ts";

// inverseSqrt is good to 2 ulp, thrice in p'; the product rounds, which p' takes thrice too.
const PRODUCT = 20 * EPS;
// u is held at 1e9, where p' is 1e-27.
const LEAST = 1e-26 / PRODUCT;

const activations = ["relu", "silu", "tanh"] as const;
const forms = [...activations.map((name) => [name, 1] as const), ["relu", 0] as const];

describe.each(forms)("forward_join, %s, SLOPE_STORED %i", (activation, stored) => {
  it.each(joinForms)(
    "R $replicas, N $joint, K $marginals, independent $independent, H $width, $products products, $form",
    async (pairing) => {
      const { replicas, joint, marginals, width, products, form } = pairing;
      const each = stored ? 65536 : 2; // columns of a thread: without slopes several threads share a row
      const { list, rows, dims } = geometryOf(pairing);
      const part_x = awkward(1, replicas * rows * width);
      const part_y = awkward(2, replicas * rows * width);
      const size = replicas * list.length * width;
      const { output, slope } = await runKernel(
        "forward_join",
        { dims: { ...dims, products }, part_x, part_y, output: size, slope: size },
        cells(form, width, joint, replicas * Math.ceil((1 + marginals) / each)),
        form,
        { ACTIVATION: activationCode[activation], SLOPE_STORED: stored, COLUMNS_EACH: each },
      );
      const want = Array.from({ length: size }, (_, i) => {
        const unit = i % width;
        const slot = Math.floor(i / width);
        const { x, y } = list[slot % list.length]!;
        const first = Math.floor(slot / list.length) * rows;
        const [of_x, of_y] = [part_x[(first + x) * width + unit]!, part_y[(first + y) * width + unit]!];
        if (unit >= width - products) return join({ embed: width, products, activation }, unit, of_x, of_y);
        // One f32 addition, so that what sits on ReLU's kink sits there in both.
        return join({ embed: width, products, activation }, unit, Math.fround(of_x + of_y), 0);
      });
      const isProduct = (i: number) => i % width >= width - products;
      const tolerance = activationError(activation) + PRODUCT;
      const values = want.map((w) => w.value);
      // Below -80 SiLU's exponent is held, which leaves z e^-80 where 0 is due: under 1e-30.
      expectClose(output!, values, { tolerance, scale: values.map((v) => Math.abs(v) + 1e-24), what: "output" });
      if (!stored) {
        expect(slope!.every((v) => v === CANARY)).toBe(true);
        return;
      }
      expectClose(
        slope!,
        want.map((w) => w.slope),
        { tolerance, scale: want.map((w, i) => (isProduct(i) ? w.slope + LEAST : 1)), what: "slope" },
      );
    },
  );
});

describe("products in forward_join", () => {
  it("keep their accuracy at any magnitude, and stay within 1", async () => {
    // Both signs of u from 1e-30 to 1e38, finely around 1, and 0.
    const magnitudes = [
      ...Array.from({ length: 4000 }, (_, i) => (i + 1) / 400),
      ...Array.from({ length: 681 }, (_, i) => 10 ** (i / 10 - 30)),
    ];
    const part_x = Float32Array.from([0, ...magnitudes.flatMap((m) => [m, -m])]);
    const width = part_x.length;
    const dims = { joint: 1, marginals: 0, rows: 1, independent: 0, width, products: width };
    const { output, slope } = await runKernel(
      "forward_join",
      { dims, part_x, part_y: new Float32Array(width).fill(1), output: width, slope: width },
      [Math.ceil(width / 64), 1, 1],
      "one",
    );
    const want = Array.from(part_x, bound);
    const values = want.map((w) => w.value);
    expectClose(output!, values, { tolerance: PRODUCT, scale: values.map(Math.abs), what: "output" });
    const slopes = want.map((w) => w.slope);
    expectClose(slope!, slopes, { tolerance: PRODUCT, scale: slopes.map((v) => v + LEAST), what: "slope" });
    expect(Math.max(...output!.map(Math.abs))).toBeLessThanOrEqual(1 + 4 * EPS);
  });

  it("of what overflows are finite", async () => {
    const part_x = Float32Array.from([3e38, -3e38, 3e38, 1e30]);
    const part_y = Float32Array.from([3e38, 3e38, 0, 1e-30]);
    const dims = { joint: 1, marginals: 0, rows: 1, independent: 0, width: 4, products: 4 };
    const tensors = { dims, part_x, part_y, output: 4, slope: 4 };
    const { output, slope } = await runKernel("forward_join", tensors, [1, 1, 1], "four");
    const [half, steep] = [bound(1).value, bound(1).slope];
    expectClose(output!, [1, -1, 0, half], { tolerance: PRODUCT, what: "output" });
    expectClose(slope!, [0, 0, 1, steep], { tolerance: PRODUCT, what: "slope" });
  });
});
