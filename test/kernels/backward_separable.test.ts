import { describe } from "vitest";
import { awkward, EPS, expectClose, it, runKernel } from "../gpu.ts";
import { geometryOf, pairings } from "./pairs.ts";

describe("backward_separable", () => {
  it.each(pairings)("R $replicas, N $joint, K $marginals, independent $independent, E $width", async (pairing) => {
    const { replicas, marginals, width } = pairing;
    const { list, rows, dims } = geometryOf(pairing);
    const size = replicas * rows * width;
    const embeddings = { x: awkward(1, size), y: awkward(2, size) };
    const d_scores = awkward(3, replicas * list.length);
    const written = await runKernel(
      "backward_separable",
      { dims, f: embeddings.x, g: embeddings.y, d_scores, d_f: size, d_g: size },
      [Math.ceil((rows * width) / 64), replicas, 1],
    );
    for (const [name, own, other] of [
      ["d_f", "x", "y"],
      ["d_g", "y", "x"],
    ] as const) {
      const want = new Float64Array(size);
      const scale = new Float64Array(size).fill(1e-30); // what an adapter may flush to 0
      d_scores.forEach((d_score, i) => {
        const slot = list[i % list.length]!;
        const first = Math.floor(i / list.length) * rows;
        for (let e = 0; e < width; e++) {
          const term = d_score * embeddings[other][(first + slot[other]) * width + e]!;
          want[(first + slot[own]) * width + e]! += term;
          scale[(first + slot[own]) * width + e]! += Math.abs(term);
        }
      });
      expectClose(written[name]!, want, { tolerance: (marginals + 2) * EPS, scale, what: name }); // 1 + K products, summed
    }
  });
});
