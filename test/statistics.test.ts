import { mlp } from "../src/critic.ts";
import { donskerVaradhan, remine, mine } from "../src/estimator.ts";
import { sgd } from "../src/optimizer.ts";
import { oneHot } from "../src/source.ts";
import { createTrainer } from "../src/trainer.ts";
import { gpu, it } from "./gpu.ts";
it("dv", async () => {
  for (const [name, estimator] of [["dv", donskerVaradhan()], ["remine", remine()], ["mine", mine({emaRate: 0.1})]] as const) {
  using t = await createTrainer(gpu, { source: oneHot(16), pairs: { joint: 10, negatives: "independent" as const }, critic: mlp([32], { outputBias: false }), optimizer: sgd({ learningRate: 0.1 }), replicas: 6, window: 200, estimator });
  for (let i = 0; i < 5; i++) {
    const b = performance.now();
    await t.step(200);
    console.log(name, t.steps, performance.now() - b, JSON.stringify((await t.read()).averages.map((a) => [a.micro, a.macro, a.joint, a.logPartition].map((v) => +v.toFixed(3)))));
  }}
}, 600000);
