// Runs `estimate` over tasks, rows and seeds: one record per case, written as it ends, so a stopped run keeps them.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { estimate, open } from "../../dist/node.js";
import { commitOf } from "../dist/library.js";
import { seedsOf } from "./index.mjs";

const keyOf = ({ task, rows, seed }) => [task, rows, seed].join("|");
/** Typed arrays are traces and outputs of every row; JSON lines have no room for them. */
const small = (_, value) => (ArrayBuffer.isView(value) ? undefined : value);

/** The records of JSON lines files; the last of a case counts, and a line that a killed run left half is skipped. */
export function recordsOf(files) {
  const records = new Map();
  for (const line of files.flatMap((file) => readFileSync(file, "utf8").split("\n"))) {
    try {
      const record = JSON.parse(line);
      records.set(keyOf(record), record);
    } catch {}
  }
  return [...records.values()];
}

/** Every case of the tasks; the quick ones of all tasks come first, so a stopped run has seen all of them. */
export function casesOf(tasks, rowCounts, seeds, firstSeed) {
  const shift = (task) => (firstSeed === undefined ? 0 : firstSeed - seedsOf(task, 1)[0]);
  const cases = tasks.flatMap((task) =>
    rowCounts.flatMap((rows) =>
      seedsOf(task, seeds).map((seed, round) => ({ task, rows, seed: seed + shift(task), round })),
    ),
  );
  return cases.sort((a, b) => a.rows - b.rows || a.round - b.round);
}

function recordOf({ task, rows, seed }, result) {
  const { mi, raw, standardError, seconds, diagnostics, evidence, members, opinions, upperFrom } = result;
  const [low, high] = result.interval;
  return {
    ...{
      task: task.name,
      family: task.family,
      listed20: task.listed20,
      half: task.half,
      rows,
      seed,
      truth: task.truth,
    },
    ...{ mi, bound: result.bound ?? raw, raw, low, high, standardError, seconds },
    failed: [...new Set(diagnostics.filter((d) => !d.ok).map((d) => d.name))],
    // Of I(X;Y|Z) the first of two terms counts.
    checks: Object.fromEntries(diagnostics.toReversed().map(({ name, value }) => [name, value])),
    ...{ evidence, members, opinions, upperFrom },
  };
}

/** One case; an error is a record too, for a method that fails on some data has to be seen to fail. */
async function caseOf(one, options) {
  const { task, rows, seed } = one;
  const began = performance.now();
  try {
    const { x, y, given } = task.draw(rows, seed);
    return recordOf(one, await estimate(x, y, { seed, ...options, ...(given && { given }) }));
  } catch (error) {
    if (options.signal.aborted) return undefined;
    const seconds = (performance.now() - began) / 1000;
    const { name, family, half, truth } = task;
    return { task: name, family, half, rows, seed, truth, seconds, error: String(error.message ?? error) };
  }
}

/** "1.5 h", "12 min", "40 s" */
const span = (seconds) => {
  if (seconds > 5400) return `${(seconds / 3600).toFixed(1)} h`;
  return seconds > 90 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds)} s`;
};

/** Says on stderr how far a run is; on a terminal in one line that is written over. */
function progressOf(total) {
  const began = performance.now();
  let done = 0;
  const [before, after] = process.stderr.isTTY ? ["\r\u001b[K", ""] : ["", "\n"];
  return {
    clear: () => process.stderr.isTTY && process.stderr.write(before),
    step: (next) => {
      const passed = (performance.now() - began) / 1000;
      const left = done ? `, about ${span((passed / done) * (total - done))} left` : "";
      if (next)
        process.stderr.write(`${before}${done} of ${total} done${left}; ${next.task.name}, seed ${next.seed}${after}`);
      done++;
    },
  };
}

/**
 * Runs the cases in turn and gives `onRecord` each record.
 *
 * @param settings `adapter`, `json` (a file to append to), `resume` (skip what that file has), `shard` (of the cases), and
 *   `options` of estimate
 * @returns the records, with those of earlier runs when resuming; after Ctrl-C, those so far
 */
export async function runCases(all, { adapter, json, resume, shard, options = {} }, onRecord) {
  const cases = all.filter((_, k) => k % shard.parts === shard.part - 1);
  const same = (record) => JSON.stringify(record.options ?? {}) === JSON.stringify(options);
  const kept = resume && json && existsSync(json) ? recordsOf([json]) : [];
  if (!kept.every(same)) throw new Error(`--resume: ${json} has cases of other --options; name another --json`);
  const earlier = kept.filter((record) => !record.error);
  const have = new Set(earlier.map(keyOf));
  const left = cases.filter(({ task, rows, seed }) => !have.has(keyOf({ task: task.name, rows, seed })));
  const wanted = new Set(cases.map(({ task, rows, seed }) => keyOf({ task: task.name, rows, seed })));
  const records = earlier.filter((record) => wanted.has(keyOf(record)));
  const stop = new AbortController();
  const stopped = () => (stop.signal.aborted ? process.exit(130) : stop.abort());
  process.on("SIGINT", stopped);
  const gpu = await open({ adapter, quiet: true });
  console.error(`${gpu.name}; ${left.length} cases${records.length ? `, ${records.length} from ${json}` : ""}`);
  const origin = { adapter: gpu.name, commit: commitOf(), ...(Object.keys(options).length && { options }) };
  const progress = progressOf(left.length);
  try {
    for (const one of left) {
      progress.step(one);
      const record = await caseOf(one, { ...options, gpu, signal: stop.signal });
      progress.clear();
      if (!record) break;
      records.push(record);
      if (json) appendFileSync(json, `${JSON.stringify({ ...record, ...origin }, small)}\n`);
      onRecord(record);
      if (stop.signal.aborted) break;
    }
  } finally {
    gpu.dispose();
    process.off("SIGINT", stopped);
  }
  return records;
}

const list = (text) => text.split(",").map(Number);
/** The command line that both commands share. */
export const sharedOptions = {
  rows: { type: "string" },
  seeds: { type: "string" },
  "first-seed": { type: "string" },
  shard: { type: "string", default: "1/1" },
  only: { type: "string" },
  adapter: { type: "string" },
  json: { type: "string" },
  resume: { type: "boolean", default: false },
  options: { type: "string", default: "{}" },
  report: { type: "boolean", default: false },
};
/** "2/8": the second of eight parts, which several processes run side by side where the machine has room for them. */
function shardOf(text) {
  const [part, parts] = text.split("/").map(Number);
  if (!(part >= 1 && part <= parts && Number.isInteger(part) && Number.isInteger(parts)))
    throw new Error(`--shard takes PART/PARTS such as 2/8, not "${text}"`);
  return { part, parts };
}
/** What those options say, with wrong numbers refused. */
export function settingsOf(values) {
  const rows = list(values.rows);
  const seeds = Number(values.seeds);
  const firstSeed = values["first-seed"] === undefined ? undefined : Number(values["first-seed"]);
  for (const [name, number] of [
    ["rows", Math.min(...rows)],
    ["seeds", seeds],
    ["first-seed", firstSeed ?? 1],
  ])
    if (!(number >= 1) || !Number.isInteger(number)) throw new Error(`--${name} takes whole numbers from 1 on`);
  return { ...values, rows, seeds, firstSeed, shard: shardOf(values.shard), options: JSON.parse(values.options) };
}
