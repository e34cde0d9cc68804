/** p-values by the permutations of all pairs that are alike, and by the tail beyond these. */
import { describe, expect } from "vitest";
import { reaches } from "../src/independence/evidence.ts";
import { Tail } from "../src/math/tail.ts";
import { type MatrixOptions, type matrix, runMatrix } from "../src/matrix/matrix.ts";
import { Pool, poolsOf } from "../src/matrix/pool.ts";
import type { MatrixChunk } from "../src/matrix/records.ts";
import { assemble } from "../src/matrix/result.ts";
import { gpu, it, normals, prng, range } from "./gpu.ts";

/** How many of `size` draws lie in each step, if their survival function is S and none is luckier than it should be. */
function drawn(size: number, survival: (step: number) => number): Map<number, number> {
  const reaching = range(4000).map((step) => Math.round(size * survival(step)));
  return new Map(
    reaching.map((count, step): [number, number] => [step, count - (reaching[step + 1] ?? 0)]).filter(([, n]) => n > 0),
  );
}

describe("a tail", () => {
  const exponential = (step: number) => Math.exp(-step / 32);

  it("is followed beyond the draws, within its error, and counted within them", () => {
    const tail = new Tail(drawn(1e6, exponential), 1e6);
    expect(tail.reaching(0)).toBe(1e6);
    expect(tail.reaching(32)).toBe(Math.round(1e6 * exponential(32)));
    expect(tail.beyond(200)).toBeUndefined();
    for (const step of [400, 500, 600]) {
      const { value, upper } = tail.beyond(step)!;
      const truth = exponential(step);
      expect(upper).toBeGreaterThan(truth);
      expect(upper).toBeLessThan(50 * truth);
      expect(Math.abs(Math.log(value / truth))).toBeLessThan(1);
      expect(value).toBeLessThan(upper);
    }
  });

  it("is too large rather than too small where it bends down, and in most of random draws", () => {
    const normal = (step: number) => Math.exp(-step / 32 - (step / 160) ** 2);
    const bent = new Tail(drawn(1e6, normal), 1e6);
    expect(bent.beyond(500)!.upper).toBeGreaterThan(normal(500));
    const next = prng(5);
    const uppers = range(60).map(() => {
      const counts = new Map<number, number>();
      // The largest of 600 000 draws, from the top down, by the spacings of exponential ones.
      const top = Math.log(600_000);
      let sum = 0;
      for (let rank = 1; rank <= 4000; rank++) {
        sum -= Math.log(next());
        const step = Math.floor(32 * (top - Math.log(sum)));
        counts.set(step, (counts.get(step) ?? 0) + 1);
      }
      return new Tail(counts, 600_000).beyond(600)!.upper;
    });
    // 95 % of one fit's; the largest of three is too large more often.
    expect(uppers.filter((upper) => upper >= exponential(600)).length).toBeGreaterThan(52);
  });

  it("is none where draws are few, or fall off slower and slower", () => {
    expect(new Tail(drawn(1e5, exponential), 1e5).beyond(600)).toBeUndefined();
    const heavy = (step: number) => 0.9998 * Math.exp(-step / 16) + 0.0002 * Math.exp(-step / 96);
    expect(new Tail(drawn(1e6, heavy), 1e6).beyond(2000)).toBeUndefined();
  });
});

describe("a pool", () => {
  const values = Array.from(normals(1, 500), (v) => v * v);
  const pooled = (list: readonly number[]) => {
    const pool = new Pool(70);
    for (const value of list) pool.add(value);
    return pool;
  };

  it("counts as many as reach an evidence, but for a step, however it was put together", () => {
    const whole = pooled(values);
    const parts = [values.slice(0, 100), values.slice(100)].map((part) => ({ pool: pooled(part).toRecord() }));
    const [joined] = [...poolsOf(JSON.parse(JSON.stringify(parts.toReversed()))).values()];
    expect(joined!.toRecord()).toEqual(whole.toRecord());
    for (const evidence of [0.01, 0.5, 2, 7, 1000]) {
      const reaching = (at: number) => values.filter((value) => reaches(value, at)).length;
      const { p } = joined!.p(evidence);
      expect(p).toBeGreaterThanOrEqual((1 + reaching(evidence)) / 501);
      expect(p).toBeLessThanOrEqual((1 + reaching(evidence - 1 / 32)) / 501);
    }
    expect(joined!.p(Number.POSITIVE_INFINITY)).toEqual({ p: 1 / 501 });
  });

  it("says a tail's upper end for its p, and no less than a millionth of what it has", () => {
    const pool = new Pool(70);
    pool.join({ rows: 70, counts: [...drawn(1e6, (step) => Math.exp(-step / 32))] });
    const { p, fitted } = pool.p(18);
    expect(p).toBeGreaterThan(Math.exp(-18));
    expect(p).toBeLessThan(1e-6);
    expect(fitted).toBeLessThan(p);
    expect(pool.p(400).p).toBe(1e-12);
    expect(pool.p(5)).toEqual({ p: expect.closeTo(Math.exp(-5), 3) });
  });
});

describe("p-values of pairs", () => {
  const rows = 60;
  const table: Record<string, number[]> = Object.fromEntries(
    range(10).map((i) => [`c${i}`, Array.from(normals(50 + i, rows))]),
  );
  table.c9 = table.c9!.map((v, i) => 1.2 * table.c0![i]! + v);
  const run = (options: MatrixOptions, input: Parameters<typeof matrix>[0] = table) =>
    runMatrix(input, { gpu, ...options });

  it("come from all of them together: one strong pair among 45 with 40 permutations", async () => {
    const { report, chunks } = await run({ permutations: 40 });
    const [pool] = [...poolsOf(chunks).values()];
    expect(pool!.size).toBe(45 * 40);
    expect(report.pairs[0]).toMatchObject({ x: "c0", y: "c9", permutations: 1800 });
    expect(report.pairs[0]!.q).toBeLessThan(0.05);
    const records = new Map(chunks.flatMap(({ pairs }) => pairs).map((r) => [`c${r.x} c${r.y}`, r]));
    for (const { x, y, p, permutations } of report.pairs) {
      const { exceed, evidence, permutations: own } = records.get(`${x} ${y}`)!;
      expect(own).toBe(40);
      if (exceed >= 5) expect([p, permutations]).toEqual([(1 + exceed) / 41, 40]);
      else expect(p).toBe(pool!.p(evidence).p);
    }
  });

  it("are the same by shards and after a break, and do not change with the unit of a column", async () => {
    const whole: MatrixChunk[] = [];
    const options = { permutations: 40, pairs: range(9).map((i) => ["c9", `c${i}`] as const) };
    const { report, plan } = await run({ ...options, onChunk: (chunk) => void whole.push(chunk) });
    const parts = await Promise.all([1, 2].map((index) => run({ ...options, shard: { index, count: 2 } })));
    const names = plan.columns.map(({ name }) => name);
    expect(
      assemble(
        names,
        parts.flatMap(({ chunks }) => chunks),
        40,
      ).pairs,
    ).toEqual(report.pairs);
    expect((await run({ ...options, done: whole })).report.pairs).toEqual(report.pairs);
    const bent = Object.fromEntries(Object.entries(table).map(([name, list]) => [name, list.map((v) => Math.exp(v))]));
    const again = await run(options, bent);
    const found = ({ x, y, p, q, pFamily }: (typeof report.pairs)[number]) => ({ x, y, p, q, pFamily });
    expect(again.report.pairs.map(found)).toEqual(report.pairs.map(found));
  });

  it("are of a pair alone where a column repeats, is a category, or rows belong together", async () => {
    const rounded = { a: table.c0!, b: table.c9!.map((v) => Math.round(v)), c: table.c1! };
    const { chunks } = await run({ permutations: 40 }, rounded);
    const pooled = chunks.flatMap(({ pairs }) => pairs).filter((record) => record.pooled);
    expect(new Set(pooled.map(({ x, y }) => `${x} ${y}`))).toEqual(new Set(["0 2"]));
    const inTime = await run({ permutations: 40, time: true, pairs: [["c0", "c9"]] });
    expect(poolsOf(inTime.chunks).size).toBe(0);
  });
});
