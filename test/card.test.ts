/** The plan that a GPU gets, on the adapter at hand: it runs everywhere, and to the same bits every time. */
import { describe, expect } from "vitest";
import { mlp } from "../src/critics/mlp.ts";
import { gaussian } from "../src/sources/gaussian.ts";
import { adam } from "../src/training/optimizer.ts";
import { createTrainer } from "../src/training/trainer.ts";
import { asCard, gpu, it, scoped } from "./gpu.ts";

describe("the plan of a GPU", () => {
  /** Parameters and averages after a few steps whose sums are cut into parts: layers by fours, and a first one that is not. */
  const train = () =>
    scoped(async () => {
      using trainer = await createTrainer(asCard(), {
        ...{
          source: gaussian({ dims: 3, rho: 0.5 }),
          critic: mlp([8, 8]),
          optimizer: adam({ learningRate: 1e-2 }),
        },
        ...{ pairs: { joint: 16, negatives: "all" }, replicas: 2, seed: 3, engine: "layered" },
      });
      expect(trainer.shape.parts).toBe(8);
      await trainer.step(5);
      return new Uint32Array(await gpu.read(trainer.params));
    });

  it("takes the same steps to the bit, every time", async () => {
    const bits = await train();
    expect(await train()).toEqual(bits);
    expect(new Float32Array(bits.buffer).every(Number.isFinite)).toBe(true);
  });
});
