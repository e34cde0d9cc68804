import { describe } from "vitest";
import { cells } from "../../src/critics/layers.ts";
import { awkward, EPS, expectClose, it, runKernel } from "../gpu.ts";
import { geometryOf, joinForms } from "./pairs.ts";

describe("backward_join", () => {
  it.each(joinForms)(
    "R $replicas, N $joint, K $marginals, independent $independent, H $width, $products products, $form",
    async (pairing) => {
      const { replicas, marginals, width, products, form } = pairing;
      const { list, rows, dims } = geometryOf(pairing);
      const size = replicas * rows * width;
      const parts = { x: awkward(1, size), y: awkward(2, size) };
      const d_output = awkward(3, replicas * list.length * width);
      const written = await runKernel(
        "backward_join",
        {
          ...{ dims: { ...dims, products }, part_x: parts.x, part_y: parts.y, d_output },
          ...{ d_part_x: size, d_part_y: size },
        },
        cells(form, width, rows, replicas),
        form,
      );
      // The forward pass read each slot's two rows; the backward pass hands its gradient to the same two.
      for (const [side, other] of [
        ["x", "y"],
        ["y", "x"],
      ] as const) {
        const want = new Float64Array(size);
        const scale = new Float64Array(size).fill(1e-30); // what an adapter may flush to 0
        d_output.forEach((d, i) => {
          const [slot, unit] = [Math.floor(i / width), i % width];
          const { [side]: own, [other]: partner } = list[slot % list.length]!;
          const first = Math.floor(slot / list.length) * rows;
          const factor = unit < width - products ? 1 : parts[other][(first + partner) * width + unit]!;
          want[(first + own) * width + unit]! += d * factor;
          scale[(first + own) * width + unit]! += Math.abs(d * factor);
        });
        const name = `d_part_${side}`;
        expectClose(written[name]!, want, { tolerance: (marginals + 2) * EPS, scale, what: name }); // 1 + K products
      }
    },
  );
});
