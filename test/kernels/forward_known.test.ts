import { describe } from "vitest";
import { awkward, clockWith, EPS, expectClose, it, range, records, runKernel } from "../gpu.ts";
import { gaussianDensity } from "../oracle/critic.ts";
import { geometryOf, pairings } from "./pairs.ts";

describe("forward_known", () => {
  it.each(pairings)("R $replicas, N $joint, K $marginals, independent $independent, Dy $width", async (pairing) => {
    const { replicas, width } = pairing;
    const { list, rows, dims } = geometryOf(pairing);
    // Three stairs of 10 steps: the first one's last step, the second, and long after the last began.
    const steps = [9, 10, 5000];
    const rho = Float32Array.from({ length: 3 * replicas }, (_, i) => [0, -0.75, 0.9999, 0.3][i % 4]!);
    const batch_x = awkward(1, replicas * rows * width);
    const batch_y = awkward(2, replicas * rows * width);
    const size = replicas * list.length;
    const { scores } = await runKernel(
      "forward_known",
      {
        dims,
        clock: records(
          "Clock",
          range(replicas).map((r) => clockWith({ step: steps[(r + 1) % 3]! })),
        ),
        batch_x,
        batch_y,
        scores: size,
        source_dims: { levels: 3, level_steps: 10 },
        rho,
      },
      [Math.ceil(list.length / 64), replicas, 1],
    );
    const want = new Float64Array(size);
    const allowed = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      const replica = Math.floor(i / list.length);
      const slot = list[i % list.length]!;
      const row = (data: Float32Array, index: number) =>
        data.subarray((replica * rows + index) * width, (replica * rows + index + 1) * width);
      const [x, y] = [row(batch_x, slot.x), row(batch_y, slot.y)];
      const correlation = rho[3 * replica + ((replica + 1) % 3)]!;
      want[i] = gaussianDensity(correlation, x, y);
      // A residual is off by a rounding of rho x and one of its own; the log by 2^-21 (WGSL) per column.
      x.forEach((v, d) => {
        const residual = Math.abs(y[d]! - correlation * v);
        const error = EPS * (Math.abs(correlation * v) + residual);
        const squares = (2 * residual * error + error ** 2 + (width + 4) * EPS * residual ** 2) / 2;
        allowed[i]! += squares / (1 - correlation ** 2) + 2 ** -21 + (width + 4) * EPS * 6;
      });
    }
    expectClose(scores!, want, { tolerance: 1, scale: allowed, what: "scores" });
  });
});
