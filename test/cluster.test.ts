/** The examples of examples/ on real queues that are started here: a worker is killed in the middle, and nothing is lost or done twice. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { normals, range } from "./gpu.ts";
import {
  Followed,
  freePort,
  isAlive,
  needQueues,
  parentOf,
  Services,
  skip,
  startRedis,
  startSlurm,
  until,
  writerOf,
} from "./queues.ts";

const root = process.cwd();
const cli = join(root, "dist/cli.js");
const example = (path: string) => join(root, "examples", path);
const SHARDS = 2;
const NUMBERS = 8;
const LEVELS = [2, 3, 5, 9, 17];
const PAIRS = ((NUMBERS + LEVELS.length) * (NUMBERS + LEVELS.length - 1)) / 2;

let folder: string;
const services = new Services();
const at = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(at(name), "utf8");
const environment = (more: Record<string, string> = {}) => ({
  ...process.env,
  REMINE: `${process.execPath} ${cli}`,
  ...more,
});

beforeAll(() => {
  if (skip) return;
  needQueues();
  folder = mkdtempSync(join(tmpdir(), "remine-cluster-"));
  writeFileSync(at("data.csv"), csv(600));
  const whole = spawnSync(process.execPath, [cli, "matrix", at("data.csv"), "--output", at("whole.csv")]);
  expect(whole.status).toBe(0);
});
afterEach(() => services.stop());
afterAll(() => !skip && rmSync(folder, { recursive: true, force: true }));

/** Numbers, each following the one before, and categories of many sizes: no dispatch can share their pairs, so that the work comes in chunks. */
function csv(rows: number): string {
  const values = range(NUMBERS).map((c) => normals(c + 1, rows));
  const number = (c: number, i: number) => (values[c]![i]! + (c ? values[c - 1]![i]! : 0)).toFixed(6);
  const kind = (levels: number, i: number) => "abcdefghijklmnopq"[(i * i + Number(values[0]![i]! > 1)) % levels];
  const line = (i: number) => [...range(NUMBERS).map((c) => number(c, i)), ...LEVELS.map((levels) => kind(levels, i))];
  const names = [...range(NUMBERS).map((c) => `v${c + 1}`), ...LEVELS.map((levels) => `k${levels}`)];
  return `${[names, ...range(rows).map(line)].join("\n")}\n`;
}

/** Waits until a shard has finished some pairs and not all, kills what `victim` names, and follows the checkpoint. */
async function killed(part: string, victim: (writer: number) => number) {
  const path = `${part}.checkpoint`;
  await until(`two chunks in ${path}`, () => existsSync(path) && readFileSync(path, "utf8").split("\n").length > 3);
  const writer = writerOf(part)!;
  process.kill(victim(writer), "SIGKILL");
  const followed = new Followed(path);
  await until("the end of the writer", () => !isAlive(writer));
  const before = followed.chunks().flat().length;
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(PAIRS / SHARDS);
  expect(existsSync(part)).toBe(false);
  return { followed, before };
}

/** Every pair of the shard was computed, and none twice. */
function expectOnce({ followed, before }: { followed: Followed; before: number }): void {
  const pairs = followed.chunks().flat();
  followed.close();
  expect(pairs.length).toBeGreaterThan(before);
  expect(pairs).toHaveLength(PAIRS / SHARDS);
  expect(new Set(pairs).size).toBe(pairs.length);
}

describe.skipIf(skip)("a matrix in shards", () => {
  it("on Slurm is sent again where a task was killed, and has the bytes of the whole", async () => {
    mkdirSync(at("slurm"));
    const slurm = await startSlurm(services, at("slurm"));
    const args = [at("data.csv"), String(SHARDS), at("slurm.csv")];
    const submit = services.start(example("slurm/submit.sh"), args, { env: environment(slurm) });
    const part = at("slurm.csv.parts/part-1.ndjson");
    const open = await killed(part, (writer) => writer);
    // sbatch --wait would look for it every half minute.
    await until("the merge job", () => existsSync(at("slurm.csv")), 120);
    expect([await submit.ended, submit.said]).toEqual([
      0,
      expect.stringMatching(/^array job \d+: 2 tasks.*\nmerge job/),
    ]);
    const log = read("slurm.csv.parts/task-1.log");
    expect(log).toMatch(/^Shard 1\/2, by SLURM_ARRAY_TASK_ID=1.*\n[\s\S]*\nshard 1\/2 ended with 137; retry 1 of 3\n/);
    expect(log).toContain(`${open.before} of ${PAIRS / SHARDS} pairs are in "${part}.checkpoint" already.`);
    expectOnce(open);
    expect(read("slurm.csv")).toBe(read("whole.csv"));
  });

  it("by GNU parallel is tried again where a process was killed, and has the bytes of the whole", async () => {
    const args = [at("data.csv"), String(SHARDS), at("parallel.csv")];
    const command = () => services.start(example("parallel/run.sh"), args, { env: environment({ JOBS: "2" }) });
    const first = command();
    const part = at("parallel.csv.parts/part-1.ndjson");
    const open = await killed(part, (writer) => writer);
    expect(await first.ended).toBe(0);
    expect(first.said).toContain(`${open.before} of ${PAIRS / SHARDS} pairs are in "${part}.checkpoint" already.`);
    expectOnce(open);
    expect(read("parallel.csv")).toBe(read("whole.csv"));
    // Once more: no shard is left to do, only the merge.
    rmSync(at("parallel.csv"));
    const second = command();
    expect(await second.ended).toBe(0);
    expect(second.said).not.toContain("Shard");
    expect(read("parallel.csv")).toBe(read("whole.csv"));
  });

  describe("by BullMQ", () => {
    const node = (file: string, args: string[], REDIS_URL: string) =>
      services.start(process.execPath, [example(`bullmq/${file}`), ...args], {
        env: environment({ REDIS_URL, LOCK_SECONDS: "2" }),
      });

    beforeAll(() => {
      if (existsSync(example("bullmq/node_modules/bullmq"))) return;
      const npm = spawnSync("npm", ["ci", "--ignore-scripts"], { cwd: example("bullmq"), encoding: "utf8" });
      expect([npm.status, npm.stderr]).toEqual([0, expect.anything()]);
    });

    it("goes to another worker where one was killed, and has the bytes of the whole", async () => {
      const redis = await startRedis(services);
      const workers = [node("worker.mjs", [], redis), node("worker.mjs", [], redis)];
      const submit = node("submit.mjs", [at("data.csv"), String(SHARDS), at("queue.csv")], redis);
      // The process of remine is a child of a job's, and that of a worker's, all of which go with the worker.
      const part = at("queue.csv.parts/part-1.ndjson");
      const open = await killed(part, (writer) => parentOf(parentOf(writer)));
      expect(await submit.ended).toBe(0);
      expect(submit.said).toMatch(/shard 1\/2: its worker is gone; another one takes it\n/);
      expect(submit.said).toMatch(/merge: done\nall pairs are in/);
      expect(workers.filter(({ child }) => child.signalCode === "SIGKILL")).toHaveLength(1);
      expect(workers.map(({ said }) => said).join("")).toMatch(/shard 1\/2, try 2/);
      expectOnce(open);
      expect(read("queue.csv")).toBe(read("whole.csv"));
    });

    it("gives up at once where the input is wrong, and says it", async () => {
      const redis = await startRedis(services);
      const worker = node("worker.mjs", [], redis);
      const submit = node("submit.mjs", [at("none.csv"), "1", at("none-out.csv")], redis);
      expect(await submit.ended).toBe(1);
      expect(submit.said).toMatch(/shard 1\/1: remine ended with 2: remine: \S+none\.csv: no such file/);
      expect(submit.said).toMatch(/not finished: shard 1\/1 failed\. Finished shards and pairs are kept/);
      expect(worker.said).not.toMatch(/try 2/);
    });

    it.each(["submit.mjs", "worker.mjs"])("without Redis %s says how to start it, and no more", async (file) => {
      const url = `redis://127.0.0.1:${await freePort()}`;
      const lost = node(file, [at("data.csv"), "2", at("lost.csv")], url);
      expect(await lost.ended).toBe(1);
      expect(lost.said).toBe(
        `no Redis answers at ${url}: connect ECONNREFUSED ${url.slice(8)}. Start it (redis-server), or say where it is: REDIS_URL=redis://HOST:6379\n`,
      );
    });
  });
});
