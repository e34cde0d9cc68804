import { describe } from "vitest";
import { EPS, expectClose, it, range, runKernel } from "../gpu.ts";
import { logNormal } from "../oracle/critic.ts";
import { densities, PRECISION, VARIANCE } from "./density.ts";
import { pairings } from "./pairs.ts";

describe("forward_density", () => {
  it.each(pairings)("R $replicas, N $joint, K $marginals, independent $independent, Dy $width", async (pairing) => {
    const { replicas, width } = pairing;
    const { dims, density, batch_y, at, rowsOf, slots } = densities(pairing);
    const size = replicas * slots;
    const { scores } = await runKernel("forward_density", { dims, density, batch_y, scores: size }, [
      Math.ceil(slots / 64),
      replicas,
      1,
    ]);
    const want = new Float64Array(size);
    const allowed = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      const rows = rowsOf(i);
      const columns = range(width).map((d) => at(rows.x, d));
      const y = batch_y.subarray(rows.y * width, (rows.y + 1) * width);
      want[i] = logNormal(
        y,
        columns.map(({ mean }) => mean),
        columns.map(({ v }) => v),
      );
      columns.forEach(({ mean, v }, d) => {
        const square = (y[d]! - mean) ** 2 * Math.exp(-v);
        const magnitude = 1 + 0.5 * (Math.abs(v) + square);
        allowed[i]! += 0.5 * VARIANCE + 0.5 * square * PRECISION + (width + 6) * EPS * magnitude;
      });
    }
    expectClose(scores!, want, { tolerance: 1, scale: allowed, what: "scores" });
  });
});
