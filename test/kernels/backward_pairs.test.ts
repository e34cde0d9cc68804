import { describe } from "vitest";
import { cells } from "../../src/critics/layers.ts";
import { awkward, EPS, expectClose, it, runKernel } from "../gpu.ts";
import { geometryOf, pairingForms } from "./pairs.ts";

describe("backward_pairs", () => {
  it.each(pairingForms)(
    "R $replicas, N $joint, K $marginals, independent $independent, H $width, $form",
    async (pairing) => {
      const { replicas, marginals, width, form } = pairing;
      const { list, rows, dims } = geometryOf(pairing);
      const d_output = awkward(1, replicas * list.length * width);
      const size = replicas * rows * width;
      const written = await runKernel(
        "backward_pairs",
        { dims, d_output, d_part_x: size, d_part_y: size },
        cells(form, width, rows, replicas),
        form,
      );
      // The forward pass read each slot's two rows; the backward pass hands its gradient to the same two.
      for (const side of ["x", "y"] as const) {
        const want = new Float64Array(size);
        const scale = new Float64Array(size);
        for (let i = 0; i < d_output.length; i++) {
          const slot = Math.floor(i / width);
          const row = Math.floor(slot / list.length) * rows + list[slot % list.length]![side];
          want[row * width + (i % width)]! += d_output[i]!;
          scale[row * width + (i % width)]! += Math.abs(d_output[i]!);
        }
        const name = `d_part_${side}`;
        expectClose(written[name]!, want, { tolerance: (marginals + 1) * EPS, scale, what: name }); // 1 + K terms
      }
    },
  );
});
