// How often the 95 % interval of `estimate` holds the true MI, over fresh data sets.
//
//   node build.mjs && node bench/coverage.mjs [--sets 40] [--rows 1000] [--adapter NAME]
import { parseArgs } from "node:util";
import { estimate, open } from "../dist/node.js";

const { values: options } = parseArgs({
  options: {
    sets: { type: "string", default: "40" },
    rows: { type: "string", default: "1000" },
    adapter: { type: "string" },
  },
});

function generator(seed) {
  let state = seed * 7919;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

const tasks = [
  { dims: 1, rho: 0 },
  { dims: 1, rho: 0.3 },
  { dims: 1, rho: 0.75 },
  { dims: 1, rho: 0.95 },
  { dims: 3, rho: 0 },
  { dims: 3, rho: 0.5 },
];

const gpu = await open({ adapter: options.adapter, quiet: true });
const rows = Number(options.rows);
console.log("| data | truth | mean estimate | mean interval | truth inside | below | above |");
console.log("|---|---|---|---|---|---|---|");
for (const { dims, rho } of tasks) {
  const truth = -(dims / 2) * Math.log(1 - rho * rho);
  const sets = Number(options.sets);
  let [inside, below, above, sum, lo, hi] = [0, 0, 0, 0, 0, 0];
  for (let set = 0; set < sets; set++) {
    const normal = generator(1 + set);
    const x = Array.from({ length: rows }, () => Array.from({ length: dims }, normal));
    const y = x.map((row) => row.map((v) => rho * v + Math.sqrt(1 - rho * rho) * normal()));
    // Smaller critics than the default's, so that many data sets take minutes and not hours.
    const result = await estimate(x, y, { gpu, hidden: [32, 32], steps: 400, seed: set });
    sum += result.mi / sets;
    lo += result.interval[0] / sets;
    hi += result.interval[1] / sets;
    if (truth < result.interval[0]) below++;
    else if (truth > result.interval[1]) above++;
    else inside++;
  }
  const shown = (value) => value.toFixed(3);
  console.log(
    `| ${dims} + ${dims} normals, ρ ${rho} | ${shown(truth)} | ${shown(sum)} | ${shown(lo)} to ${shown(hi)} | ${inside} of ${sets} | ${below} | ${above} |`,
  );
}
gpu.dispose();
