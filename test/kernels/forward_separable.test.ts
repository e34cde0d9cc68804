import { describe } from "vitest";
import { awkward, EPS, expectClose, it, runKernel } from "../gpu.ts";
import { product } from "../oracle/linear.ts";
import { geometryOf, pairings } from "./pairs.ts";

describe("forward_separable", () => {
  it.each(pairings)("R $replicas, N $joint, K $marginals, independent $independent, E $width", async (pairing) => {
    const { replicas, width } = pairing;
    const { list, rows, dims } = geometryOf(pairing);
    const f = awkward(1, replicas * rows * width);
    const g = awkward(2, replicas * rows * width);
    const size = replicas * list.length;
    const { scores } = await runKernel("forward_separable", { dims, f, g, scores: size }, [
      Math.ceil(list.length / 64),
      replicas,
      1,
    ]);
    const want = new Float64Array(size);
    const scale = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      const { x, y } = list[i % list.length]!;
      const first = Math.floor(i / list.length) * rows;
      const dot = product(
        1,
        width,
        1,
        (_, e) => f[(first + x) * width + e]!,
        (e) => g[(first + y) * width + e]!,
      );
      want[i] = dot.value[0]!;
      scale[i] = dot.magnitude[0]!;
    }
    expectClose(scores!, want, { tolerance: (width + 1) * EPS, scale, what: "scores" }); // E products and sums
  });
});
