/**
 * The Gaussian band: every variational estimator on 20-D normals with 2 nats, batches of 64, all pairs, beside the bias
 * that its authors published, as its oracle says (oracle/estimators.ts). A smaller critic and a higher learning rate than
 * theirs come to the same place in 800 steps instead of 4000; the values of the last 400 are averaged. Published ± 0.15
 * allows for that; the sampling error of the mean is sqrt(0.1 / 400) = 0.016. bench/band.mjs runs the published setting.
 *
 * Not trained on SwiftShader: the kernels are checked number by number on every adapter, and minutes of training on the
 * slowest add nothing.
 */
import { expect } from "vitest";
import { conditional } from "../src/critics/conditional.ts";
import { known } from "../src/critics/known.ts";
import { mlp } from "../src/critics/mlp.ts";
import { estimatorByName } from "../src/estimators/estimator.ts";
import { type EstimatorName, estimators } from "../src/gpu/shaders.gen.ts";
import { gaussian } from "../src/sources/gaussian.ts";
import { adam } from "../src/training/optimizer.ts";
import { createTrainer } from "../src/training/trainer.ts";
import { gpu, it } from "./gpu.ts";
import { mean, oracles } from "./oracle/estimators.ts";

for (const name of Object.keys(estimators) as EstimatorName[]) {
  const { bias, set, from } = oracles[name].band;
  it(`${name}: bias ${bias}, ${from}`, async (context) => {
    if (/SwiftShader/.test(gpu.name)) context.skip("slow");
    using trainer = await createTrainer(gpu, {
      source: gaussian({ dims: 20, mi: 2 }),
      pairs: { joint: 64, negatives: "all" },
      critic: estimators[name].critic === "density" ? conditional({ hidden: [128] }) : mlp([128]),
      estimator: estimatorByName(name, set),
      optimizer: adam({ learningRate: 2e-3 }),
      nonFinite: "skip",
    });
    await trainer.step(800);
    const { value } = (await trainer.read()).trace[0]!;
    const got = mean([...value.slice(400)]) - 2;
    // CLUB's value is the difference of two large terms, whose critic is 5 % short of them after 800 steps.
    const width = name === "club" ? 0.6 : 0.15;
    expect(Math.abs(got - bias), `bias ${got}`).toBeLessThan(width);
  });
}

// Nothing is trained, so this is exact but for sampling.
it("TNCE, InfoNCE with the true density, has its published bias at every MI", async () => {
  const published = { bias: [-0.185, -0.931, -2.263, -3.976, -5.877], variance: [0.04, 0.034, 0.015, 0.005, 0.001] };
  const levels = [2, 4, 6, 8, 10];
  const steps = 200;
  using trainer = await createTrainer(gpu, {
    source: gaussian({ dims: 20, mi: levels.map((mi) => [mi]) }),
    pairs: { joint: 64, negatives: "all" },
    critic: known(),
    estimator: estimatorByName("infonce"),
    replicas: 5,
  });
  await trainer.step(steps);
  (await trainer.read()).trace.forEach(({ value }, r) => {
    const variance = published.variance[r]!;
    const band = 4 * Math.sqrt(variance / steps + variance / 4000) + 0.0005;
    const bias = mean([...value]) - levels[r]!;
    expect(Math.abs(bias - published.bias[r]!), `bias ${bias} at ${levels[r]} nats`).toBeLessThan(band);
  });
});
