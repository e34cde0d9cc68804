import { describe } from "vitest";
import { awkward, EPS, EXP, expectClose, it, runKernel } from "../gpu.ts";
import { densities, PRECISION } from "./density.ts";
import { pairings } from "./pairs.ts";

describe("backward_density", () => {
  it.each(pairings)("R $replicas, N $joint, K $marginals, independent $independent, Dy $width", async (pairing) => {
    const { replicas, marginals, width } = pairing;
    const { dims, density, batch_y, at, rowsOf, rows, slots } = densities(pairing);
    const d_scores = awkward(3, replicas * slots);
    const { d_density } = await runKernel(
      "backward_density",
      { dims, density, batch_y, d_scores, d_density: density.length },
      [Math.ceil((rows * width) / 64), replicas, 1],
    );
    const want = new Float64Array(density.length);
    const magnitude = new Float64Array(density.length);
    d_scores.forEach((d_score, i) => {
      const { x, y } = rowsOf(i);
      for (let d = 0; d < width; d++) {
        const { mean, s, v } = at(x, d);
        const residual = batch_y[y * width + d]! - mean;
        const precision = Math.exp(-v);
        const slope = 1 - Math.tanh(s / 10) ** 2;
        const byMean = d_score * residual * precision;
        const byVariance = d_score * 0.5 * (residual ** 2 * precision - 1);
        const element = x * 2 * width + d;
        want[element]! += byMean;
        magnitude[element]! += Math.abs(byMean) * (PRECISION + (marginals + 5) * EPS);
        want[element + width]! += byVariance * slope;
        // The slope is 1 - tanh^2, good to EXP absolute and no better where it vanishes.
        magnitude[element + width]! +=
          Math.abs(d_score) *
          0.5 *
          (residual ** 2 * precision + 1) *
          ((PRECISION + (marginals + 6) * EPS) * slope + 2 * EXP);
      }
    });
    expectClose(d_density!, want, { tolerance: 1, scale: magnitude.map((m) => m + 1e-30), what: "d_density" });
  });
});
