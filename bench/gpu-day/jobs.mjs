// What a person does, in seconds: a default estimate from the command line with empty and with warm shader caches, one of more
// columns trained longer, and the matrix of 64 columns by ReMINE, or as many of its pairs as there is time for.
//
//   node bench/gpu-day/jobs.mjs FILE.json      adds "jobs" to the file
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as m from "../dist/library.js";
import { matrixShape, tableOf } from "../workloads.mjs";
import { kept, left, why } from "./figures.mjs";

const WEATHER = "data/seattle-weather.csv";
const ESTIMATES = [
  ["a default estimate, empty shader caches", ["--x", "day_of_year", "--y", "temp_max"]],
  ["a default estimate, warm shader caches", ["--x", "day_of_year", "--y", "temp_max"]],
  ["2 + 3 columns, --thorough", ["--x", "day_of_year,wind", "--y", "temp_max,temp_min,precipitation", "--thorough"]],
];

/** Seconds of the command, from its start to its end, and what it answered. */
function estimate(args, cache) {
  const env = { ...process.env, MESA_SHADER_CACHE_DIR: cache, __GL_SHADER_DISK_CACHE_PATH: cache };
  const began = performance.now();
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    ["dist/cli.js", "estimate", WEATHER, ...args, "--json"],
    { env, encoding: "utf8", timeout: Math.max(1000, Math.round(1000 * left())) },
  );
  if (error?.code === "ETIMEDOUT") throw new Error("it did not end in time");
  if (status !== 0) throw new Error(stderr.trim().split("\n").at(-1));
  const { mi, adapter } = JSON.parse(stdout);
  return { seconds: (performance.now() - began) / 1000, mi, adapter };
}

/** Pairs a second of neural estimates: four times as many at a time, until the rest would not end in time. */
async function neuralMatrix(gpu) {
  const table = tableOf();
  const all = table.flatMap((a, i) => table.slice(i + 1).map((b) => [a.name, b.name]));
  const part = (count) => Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]);
  let done;
  let count = 2;
  do {
    const began = performance.now();
    await m.matrix(table, { gpu, estimator: "remine", pairs: part(count) });
    const seconds = (performance.now() - began) / 1000;
    done = { pairs: count, of: all.length, seconds, rate: count / seconds };
    console.log(`${count} pairs by ReMINE: ${seconds.toFixed(1)} s`);
    count = count * 16 > all.length ? all.length : count * 4;
  } while (done.pairs < all.length && (1.2 * count) / done.rate < left());
  return done;
}

async function main(file) {
  const { add } = kept(file, "jobs");
  const cache = mkdtempSync(join(tmpdir(), "remine-cache-"));
  try {
    for (const [what, args] of ESTIMATES) {
      if (left() < 2) break;
      try {
        const { seconds, mi } = add({ what, ...estimate(args, cache) });
        console.log(`${what}: ${seconds.toFixed(2)} s, ${mi.toFixed(3)} nats`);
      } catch (error) {
        console.log(`${what}: ${why(error)}`);
      }
    }
  } finally {
    rmSync(cache, { recursive: true });
  }
  const gpu = await m.open({ quiet: true });
  const { columns, rows } = matrixShape;
  if (left() > 3) add({ what: `matrix of ${columns} columns × ${rows} rows by ReMINE`, ...(await neuralMatrix(gpu)) });
  gpu.dispose();
}

if (process.argv[1] === import.meta.filename) await main(process.argv[2]);
