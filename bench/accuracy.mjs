// Estimates on data whose MI is known, with default settings: the table of the README.
//
//   node build.mjs && node bench/accuracy.mjs [--adapter NAME] [--only NAME] [--estimator NAME] [--data-seed N]
import { parseArgs } from "node:util";
import { estimate, open } from "../dist/node.js";

const { values: options } = parseArgs({
  options: {
    adapter: { type: "string" },
    only: { type: "string" },
    estimator: { type: "string" },
    "data-seed": { type: "string", default: "1" },
  },
});

let state = Number(options["data-seed"]) * 7919;
function uniform() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
}
const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
const normals = (count) => Array.from({ length: count }, normal);
const pairs = (rows, draw) => {
  const drawn = Array.from({ length: rows }, draw);
  const side = (k) => drawn.map((row) => row[k]);
  return { x: side(0), y: side(1), ...(drawn[0].length > 2 && { given: side(2) }) };
};
const correlated = (x, rho, count = x.length) =>
  x.map((v, k) => (k < count ? rho * v + Math.sqrt(1 - rho * rho) * normal() : normal()));
const both = (dims, rho, count) => () => {
  const x = normals(dims);
  return [x, correlated(x, rho, count)];
};
const dense = (dims) => () => {
  const shared = normal();
  const side = () => normals(dims).map((v) => Math.SQRT1_2 * (shared + v));
  return [side(), side()];
};

// "Model-I" of the CCMI paper (arXiv:1906.01824): Z tells where the noise of Y lies.
const noiseGiven = (dims) => () => {
  const [x, z] = [normal(), Array.from({ length: dims }, () => uniform() - 0.5)];
  return [[x], [x + z[0] + 0.1 * normal()], z];
};
const related = () => {
  const x = normal();
  return [[x], [0.5 * x + 0.2 * normal()], [normal()]];
};

const tasks = {
  "bivariate normal, ρ 0.75": { truth: 0.413339, data: () => pairs(10000, both(1, 0.75)) },
  "25 + 25 columns, two pairs at 0.8": { truth: 1.021651, data: () => pairs(10000, both(25, 0.8, 2)) },
  "50 + 50 columns, all correlated 0.5": { truth: 1.624266, data: () => pairs(10000, dense(50)) },
  "16 categories, y = x": {
    truth: Math.log(16),
    data: () => pairs(10000, () => Array(2).fill([Math.floor(16 * uniform())])),
  },
  "two independent columns": { truth: 0, data: () => pairs(10000, both(1, 0)) },
  "5 + 5 independent columns, 300 rows": { truth: 0, data: () => pairs(300, both(5, 0)) },
  "given 20 columns, one moves the noise, 20 000 rows": { truth: 2.30756, data: () => pairs(20000, noiseGiven(20)) },
  "given one unrelated column, 5000 rows": { truth: 0.990507, data: () => pairs(5000, related) },
  "given one column, all independent, 5000 rows": {
    truth: 0,
    data: () => pairs(5000, () => [[normal()], [normal()], [normal()]]),
  },
};

const gpu = await open({ adapter: options.adapter, quiet: true });
console.error(gpu.name);
for (const [name, { truth, data }] of Object.entries(tasks)) {
  if (options.only && !name.includes(options.only)) continue;
  const { x, y, given } = data();
  const { estimator } = options;
  const { mi, interval, seconds, stepsPerSecond, budget, diagnostics, terms } = await estimate(x, y, {
    gpu,
    given,
    estimator,
  });
  const shown = (value) => value.toFixed(3);
  console.log(
    `| ${name} | ${shown(truth)} | ${shown(mi)} | ${interval.map(shown).join(" to ")} | ${seconds.toFixed(0)} |`,
  );
  if (terms)
    console.error(Object.entries(terms).map(([k, t]) => `  ${k} ${shown(t.raw)} +- ${shown(t.standardError)}`));
  const failed = diagnostics.filter((d) => !d.ok).map((d) => d.message);
  console.error(
    budget ? `  ${Math.round(stepsPerSecond)} critic steps/s, ${budget.folds * budget.restarts} critics` : "",
    failed.join("; "),
  );
}
gpu.dispose();
