/** What training must come to, on data with known mutual information. Fixed seeds, few steps: the bands leave room for that. */
import { describe, expect } from "vitest";
import { mlp } from "../src/critics/mlp.ts";
import { donskerVaradhan, type Estimator, remine } from "../src/estimators/estimator.ts";
import { gaussian } from "../src/sources/gaussian.ts";
import { oneHot } from "../src/sources/one-hot.ts";
import { adam, sgd } from "../src/training/optimizer.ts";
import type { TrainerOptions } from "../src/training/options.ts";
import { createTrainer } from "../src/training/trainer.ts";
import { gpu, it, range } from "./gpu.ts";
import { mean } from "./oracle/estimators.ts";

/** The paper's one-hot experiment with a smaller net: 16 categories, I = ln 16, marginals drawn apart. */
const categories: TrainerOptions = {
  source: oneHot(16),
  pairs: { joint: 100, negatives: "independent" },
  critic: mlp([64], { outputBias: false }),
  optimizer: sgd({ learningRate: 0.1 }),
  window: 100,
};
const truth = Math.log(16);

async function averagesAfter(steps: number, options: TrainerOptions) {
  using trainer = await createTrainer(gpu, { ...options, expectedSteps: steps });
  await trainer.step(steps);
  return (await trainer.read()).averages;
}

describe("one-hot data", () => {
  it("ReMINE pins the log partition at C, so the joint term comes to ln 16 + C", async () => {
    const C = [-5, -2, 0, 2, 5];
    const averages = await averagesAfter(500, { ...categories, replicas: 5, estimator: remine({ C }) });
    averages.forEach(({ joint, logPartition, macro, micro }, r) => {
      // 500 of the paper's 3000 steps: the fit is 0.3 short of done. Neighbouring C are 2 or 3 apart.
      expect(Math.abs(logPartition - C[r]!), `log partition at C = ${C[r]}: ${logPartition}`).toBeLessThan(0.4);
      expect(Math.abs(joint - truth - C[r]!), `joint at C = ${C[r]}: ${joint}`).toBeLessThan(0.4);
      // A pooled log partition is at least the mean of the batches' (Jensen), so micro is at most macro.
      expect(micro).toBeLessThanOrEqual(macro + 1e-4);
      expect(Math.abs(macro - truth), `macro at C = ${C[r]}: ${macro}`).toBeLessThan(0.4);
    });
  });

  it("nothing pulls Donsker-Varadhan's constant back, and ReMINE does", async () => {
    const final = async (estimator: Estimator) => {
      using trainer = await createTrainer(gpu, {
        ...categories,
        critic: mlp([64]),
        estimator,
        window: 20,
        expectedSteps: 200,
      });
      const { layers } = trainer.shape.layout;
      const top = layers.at(-1)!;
      // The output bias starts 4 nats off.
      gpu.write(trainer.params, Float32Array.of(4), 4 * (top.offset + top.inputs));
      await trainer.step(200);
      return (await trainer.read()).averages[0]!.logPartition;
    };
    // The gradient by the constant is 0 for Donsker-Varadhan: it keeps what is not drift. For ReMINE it is
    // -2 lambda (g - C), by itself 4 exp(-200 * 0.02) = 0.07 after 200 steps of 0.1.
    expect(await final(donskerVaradhan())).toBeGreaterThan(2);
    expect(Math.abs(await final(remine()))).toBeLessThan(0.5);
  });

  it("with batches of 10 Donsker-Varadhan explodes and ReMINE stays bounded", async () => {
    const options = {
      ...categories,
      pairs: { joint: 10, negatives: "independent" as const },
      critic: mlp([32]),
      replicas: 6,
    };
    const exploded = await averagesAfter(1000, { ...options, estimator: donskerVaradhan() });
    const bounded = await averagesAfter(1000, { ...options, estimator: remine() });
    // Half of such batches hold no joint case among the marginals, and then nothing stops T: its terms run to tens of
    // nats in every replica (50 to 210 when this was written), and go on. ReMINE's joint term overshoots ln 16 = 2.8 by
    // what such batches pull (4.4 to 6.1), and stays.
    for (const { logPartition } of exploded) expect(Math.abs(logPartition)).toBeGreaterThan(25);
    for (const { joint } of bounded) expect(Math.abs(joint - truth)).toBeLessThan(5);
  });
});

describe("1-D normals", () => {
  it("ReMINE comes to -ln(1 - rho^2) / 2 = 0.413 at rho = 0.75", async () => {
    const averages = await averagesAfter(300, {
      source: gaussian({ dims: 1, rho: 0.75 }),
      pairs: { joint: 256, negatives: "shuffle" },
      critic: mlp([16], { activation: "silu" }),
      optimizer: adam({ learningRate: 0.02 }),
      estimator: remine(),
      replicas: 4,
      window: 150,
    });
    // At the optimum a replica's window of 150 batches of 256 has standard error
    // sqrt((rho^2 + exp(2 I) - 1) / 38400) = 0.007, four replicas 0.0035; 300 steps leave the critic up to 0.02 short.
    const micro = mean(averages.map((average) => average.micro));
    expect(micro, `micro ${micro}`).toBeGreaterThan(0.413 - 0.02 - 0.011);
    expect(micro, `micro ${micro}`).toBeLessThan(0.413 + 0.011);
    for (const r of range(4)) {
      expect(Math.abs(averages[r]!.logPartition)).toBeLessThan(0.05);
      expect(Math.abs(averages[r]!.joint - averages[r]!.micro)).toBeLessThan(0.05); // ReMINE-J, C = 0
    }
  });

  it("finds nothing where there is nothing", async () => {
    const [average] = await averagesAfter(150, {
      source: gaussian({ dims: 1, rho: 0 }),
      pairs: { joint: 256, negatives: "shuffle" },
      critic: mlp([16], { activation: "silu" }),
      optimizer: adam({ learningRate: 0.02 }),
      window: 100,
    });
    // Every batch is fresh, so the bound is honest: at most 0 but for noise. T wanders by less than 0.1, and 25600
    // pairs average that to 0.001; what is lost to the wandering is half its variance.
    expect(average!.micro).toBeLessThan(0.005);
    expect(average!.micro).toBeGreaterThan(-0.03);
  });
});
