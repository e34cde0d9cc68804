import { describe, expect } from "vitest";
import { awkward, it, runKernel } from "../gpu.ts";
import { geometryOf, pairings } from "./pairs.ts";

describe("gather_pairs", () => {
  it.each(pairings)("R $replicas, N $joint, K $marginals, independent $independent, Dx $width", async (pairing) => {
    const { replicas, joint, marginals, independent, width: Dx } = pairing;
    const Dy = 3;
    const { list, rows } = geometryOf(pairing);
    const batch_x = awkward(1, replicas * rows * Dx);
    const batch_y = awkward(2, replicas * rows * Dy);
    const { input } = await runKernel(
      "gather_pairs",
      {
        dims: { joint, marginals, rows, independent: Number(independent), x_width: Dx, y_width: Dy },
        ...{ batch_x, batch_y, input: replicas * list.length * (Dx + Dy) },
      },
      [Math.ceil(joint / 64), 1 + marginals, replicas],
    );
    const want = Array.from({ length: replicas }, (_, r) =>
      list.flatMap(({ x, y }) => [
        ...batch_x.subarray((r * rows + x) * Dx, (r * rows + x + 1) * Dx),
        ...batch_y.subarray((r * rows + y) * Dy, (r * rows + y + 1) * Dy),
      ]),
    );
    expect([...input!]).toEqual(want.flat());
  });
});
