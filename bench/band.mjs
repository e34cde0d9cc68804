// The published setting of the Gaussian table: 20-D normals, critic 40-256-256-1, batches of 64, all pairs, Adam 5e-4, each
// level 4000 steps on one critic; bias, variance and MSE of the raw training values beside the table of ReMINE's authors.
//
//   node build.mjs && node bench/band.mjs [--adapter NAME] [--only NAME,…] [--levels 2,4,6,8,10] [--steps 4000] [--json FILE]
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { adam, createTrainer, critics, estimatorByName, open, sources } from "../dist/node.js";

const { values: options } = parseArgs({
  options: {
    adapter: { type: "string" },
    only: { type: "string" },
    levels: { type: "string", default: "2" },
    steps: { type: "string", default: "4000" },
    json: { type: "string" },
  },
});

/** Published bias at 2, 4, 6, 8, 10 nats; tuba and i-alpha with their baseline network 512-512. */
const published = {
  infonce: { bias: [-0.3, -1.0, -2.31, -4.0, -5.89] },
  js: { set: { logBaseline: 1 }, bias: [-0.57, -0.72, -0.94, -1.21, -1.61] },
  "donsker-varadhan": { bias: [-0.15, -0.24, 0.32, 33.81] },
  nwj: { bias: [-0.2, -0.36, -0.74, -1.47, -2.7] },
  smile: { bias: [-0.16, -0.24, 0.1] },
  tuba: { set: { baseline: [512, 512] }, bias: [-0.17, -0.33, -0.74, -1.42, -2.85] },
  "i-alpha": { set: { baseline: [512, 512] }, bias: [-0.16, -0.28, -0.53, -1.01, -1.91] },
  remine: { set: { lambda: 1 }, bias: [-0.15, -0.27, -0.5, -0.66, -0.58] },
  "remine-j": { set: { lambda: 1 }, bias: [-0.16, -0.29, -0.51, -0.64, -0.39] },
};

const levels = options.levels.split(",").map(Number);
const each = Number(options.steps);
const gpu = await open({ adapter: options.adapter, quiet: true });
console.error(gpu.name);
const results = [];
for (const [name, { set, bias }] of Object.entries(published)) {
  if (options.only && !options.only.split(",").includes(name)) continue;
  const began = performance.now();
  const trainer = await createTrainer(gpu, {
    source: sources.gaussian({ dims: 20, mi: levels, levelSteps: each }),
    pairs: { joint: 64, negatives: "all" },
    critic: critics.mlp([256, 256], { initialisation: "normal" }),
    estimator: estimatorByName(name, set),
    optimizer: adam({ learningRate: 5e-4 }),
    nonFinite: "skip",
  });
  await trainer.step(each * levels.length);
  const { value } = (await trainer.read()).trace[0];
  trainer.dispose();
  levels.forEach((mi, l) => {
    const part = [...value.slice(l * each, (l + 1) * each)].filter(Number.isFinite);
    const mean = part.reduce((sum, v) => sum + v, 0) / part.length;
    const variance = part.reduce((sum, v) => sum + (v - mean) ** 2, 0) / part.length;
    const row = { name, mi, bias: mean - mi, variance, mse: variance + (mean - mi) ** 2, published: bias[mi / 2 - 1] };
    results.push(row);
    const shown = [row.bias, row.variance, row.mse].map((v) => v.toFixed(2)).join(" / ");
    console.log(
      `${name.padEnd(18)} MI ${mi}: bias / variance / MSE ${shown}, published bias ${row.published ?? "over 100"}`,
    );
  });
  console.log(`${"".padEnd(18)} ${((performance.now() - began) / 1000).toFixed(0)} s`);
}
if (options.json) writeFileSync(options.json, `${JSON.stringify({ adapter: gpu.name, results }, null, 1)}\n`);
gpu.dispose();
