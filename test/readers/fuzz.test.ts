/**
 * Every reader against files that went wrong. Whatever the bytes are, there is a table or an InputError, within seconds and
 * without much memory. `npm run fuzz` makes it a million inputs; FUZZ_READS and FUZZ_SEED say how many and which.
 */
import { readdirSync } from "node:fs";
import { resourceUsage } from "node:process";
import { Worker } from "node:worker_threads";
import { gzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import type { Table } from "../../src/data/table.ts";
import { InputError } from "../../src/errors.ts";
import { readTable } from "../../src/readers/read.ts";
import type { TableOptions } from "../../src/readers/table-options.ts";
import { bytesOf } from "./fixtures.ts";
import { mutated, randomOf } from "./mutations.ts";

const inputs = Number(process.env.FUZZ_READS ?? 5000);
const seed = Number(process.env.FUZZ_SEED ?? 1);

/** No input may take longer, nor more memory. */
const MOST = { seconds: 2, bytes: 256 * 2 ** 20 };

const written = readdirSync(new URL("../fixtures/readers/", import.meta.url));
const endingIn = (...endings: string[]) =>
  written.filter((name) => endings.some((ending) => name.endsWith(ending))).map((name) => bytesOf(name));
const texts = (...list: string[]) => list.map((text) => new TextEncoder().encode(text));
const lines = (line: (i: number) => string) => Array.from({ length: 30 }, (_, i) => line(i)).join("\n");

const csv = texts(
  `a,b,when,c\n${lines((i) => `${i / 7},"x ${i % 3}",2024-01-${10 + (i % 20)},${i % 5 ? i : "NA"}`)}`,
  `a;b\n${lines((i) => `1.${i}00,5;t${i}`)}`,
  `a\tb\n${lines((i) => `${i}\t"${'q""'.repeat(i % 4)}"`)}`,
);
const json = texts(
  lines((i) => JSON.stringify({ a: i / 7, b: `x${i % 3}`, c: i % 2 === 0, ...(i % 4 && { d: null }) })),
  lines((i) => JSON.stringify([i, `x${i}`, null, { nested: [i] }])),
  JSON.stringify(Array.from({ length: 30 }, (_, i) => ({ a: i, b: "é\u2028😀", big: 2 ** 60 }))),
);

/** Files of each format, and its share of the inputs; what was changed in one of them may be a part of another. */
const corpora: Record<string, { files: Uint8Array<ArrayBuffer>[]; share: number }> = {
  NPY: { files: endingIn(".npy"), share: 0.25 },
  NPZ: { files: endingIn(".npz"), share: 0.1 },
  Arrow: { files: endingIn(".arrow", ".arrows", ".feather").filter(({ length }) => length < 30_000), share: 0.15 },
  Parquet: { files: endingIn(".parquet"), share: 0.08 },
  CSV: { files: csv, share: 0.15 },
  JSON: { files: json, share: 0.2 },
  gzip: { files: [...csv, ...json].map((bytes) => gzipSync(bytes) as Uint8Array<ArrayBuffer>), share: 0.07 },
};

/** How an input is read: from a Blob or bytes, all columns or some, as they are or as labels. */
const optionsOf = (random: (n: number) => number): TableOptions =>
  [{}, {}, { columns: ["1"] }, { columns: ["1-3", "x"] }, { categorical: ["1"] }, { missing: ["0", "red"] }][
    random(6)
  ]!;

/** Ends the process where an input never ends, which the process itself cannot. */
function watch(current: Int32Array, name: string): Worker {
  const code = `
    const { workerData: { current, name, seed } } = require("node:worker_threads");
    let [last, since] = [-1, Date.now()];
    setInterval(() => {
      if (current[0] !== last) [last, since] = [current[0], Date.now()];
      else if (Date.now() - since > 30000) {
        require("node:fs").writeSync(2, "input " + last + " of " + name + ", FUZZ_SEED " + seed + ", does not end\\n");
        process.kill(process.pid, "SIGKILL");
      }
    }, 1000);`;
  const worker = new Worker(code, { eval: true, workerData: { current, name, seed } });
  worker.unref();
  return worker;
}

function checkTable({ columns, rows }: Table): void {
  if (!(rows > 0)) throw new Error(`a table of ${rows} rows`);
  for (const { name, values, levels, kind, isUnread, problem } of columns) {
    if (isUnread || problem) continue;
    if (values.length !== rows) throw new Error(`column ${name} of ${values.length} values in ${rows} rows`);
    if (kind === "category" && values.some((code) => !Number.isNaN(code) && levels?.[code] === undefined)) {
      throw new Error(`column ${name} has a code without a level`);
    }
  }
}

async function readOne(bytes: Uint8Array<ArrayBuffer>, random: (n: number) => number): Promise<"table" | "refused"> {
  const input = random(4) === 0 ? new Blob([bytes]) : bytes;
  try {
    checkTable(await readTable(input, optionsOf(random)));
    return "table";
  } catch (error) {
    if (error instanceof InputError && /^(the file|the bytes): \S.{10,}/s.test(error.message)) return "refused";
    throw error;
  }
}

/** Reads one input; of one that took long the seconds are those of the processor at its second time, for others compute too. */
async function timed(files: readonly Uint8Array<ArrayBuffer>[], randomly: () => (n: number) => number) {
  const once = async () => {
    const random = randomly();
    const bytes = mutated(files, random);
    const began = performance.now();
    const ended = await readOne(bytes, random).catch((error: Error) => error);
    return { ended, seconds: (performance.now() - began) / 1000 };
  };
  const first = await once();
  if (first.seconds < MOST.seconds / 4) return first;
  const used = process.cpuUsage();
  const { ended } = await once();
  return { ended, seconds: process.cpuUsage(used).user / 1e6 };
}

describe(`reading ${inputs} files that went wrong, FUZZ_SEED ${seed}`, () => {
  const names = Object.keys(corpora);
  it.each(names)(
    "%s: a table or an InputError, in bounded time and memory",
    async (name) => {
      const { files, share } = corpora[name]!;
      const count = Math.ceil(inputs * share);
      const current = new Int32Array(new SharedArrayBuffer(4));
      const counts = { table: 0, refused: 0 };
      // What a reader loads at first is not an input's time.
      for (const bytes of files) await readOne(bytes, randomOf(0));
      const worker = watch(current, name);
      let [slowest, peak] = [0, resourceUsage().maxRSS];
      try {
        for (let i = 0; i < count; i++) {
          current[0] = i;
          const which = `input ${i} of ${name}, FUZZ_SEED ${seed}`;
          const random = () => randomOf(seed * 1_000_003 + 7919 * i + names.indexOf(name));
          const { ended, seconds } = await timed(files, random);
          const before = peak;
          peak = resourceUsage().maxRSS;
          if (ended instanceof Error) throw new Error(`${which}: ${ended.stack}`);
          if (seconds > MOST.seconds) throw new Error(`${which}: took ${seconds} s`);
          if ((peak - before) * 1024 > MOST.bytes) throw new Error(`${which}: ${(peak - before) / 1024} MiB`);
          counts[ended]++;
          slowest = Math.max(slowest, seconds);
        }
      } finally {
        await worker.terminate();
      }
      if (process.env.FUZZ_READS) {
        console.log(
          `${name}: ${count} inputs, ${JSON.stringify(counts)}, slowest ${slowest.toFixed(3)} s, peak ${Math.round(peak / 1024)} MiB`,
        );
      }
      // Some survive what was done to them, and most do not: or nothing was tried.
      expect(Math.min(counts.table, counts.refused)).toBeGreaterThan(0);
    },
    inputs > 10_000 ? 1e8 : undefined,
  );
});
