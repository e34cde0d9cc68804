/** All pairs of columns given Z: values, p-values, gaps, parts of a run, and what is refused. */
import { describe, expect } from "vitest";
import { estimate } from "../src/estimate/estimate.ts";
import { type MatrixOptions, matrix, runMatrix } from "../src/matrix/matrix.ts";
import { planMatrix } from "../src/matrix/plan.ts";
import type { MatrixChunk } from "../src/matrix/records.ts";
import { planTable } from "../src/matrix/table-plan.ts";
import { gpu, it, normals, range } from "./gpu.ts";
import * as oracle from "./oracle/neighbors.ts";

const run = (input: Parameters<typeof matrix>[0], options: MatrixOptions) => matrix(input, { gpu, ...options });
const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
const noise = (seed: number, rows: number) => Array.from(normals(seed, rows));

/** z drives x and y, and x drives w too; side is a category that follows z, and a flag is about nothing. */
function sample(rows: number, seed = 1) {
  const z = noise(seed, rows);
  const after = (values: number[], by: number) => values.map((v, i) => v + 0.5 * noise(seed + by, rows)[i]!);
  const [x, y] = [after(z, 1), after(z, 2)];
  const w = after(
    y.map((v, i) => v + x[i]!),
    3,
  );
  const side = after(z, 4).map((v) => Number(v > 0.3) + Number(v > -0.3));
  const flag = noise(seed + 5, rows).map((v) => Number(v > 0));
  return { z, x, y, w, side, flag };
}

const named = (table: Record<string, number[]>, ...categories: string[]) =>
  Object.entries(table).map(([name, values]) => ({
    ...{ name, values, kind: categories.includes(name) ? ("category" as const) : ("numeric" as const) },
  }));

describe("values given Z", () => {
  it("are those of the oracle, of numbers and of categories", async () => {
    const table = named(sample(150), "side");
    const settings = { given: ["z", "side"] };
    const plan = planMatrix(table, settings);
    const rowsOf = (columns: readonly { coordinates: Float32Array[] }[]) =>
      range(150).map((i) => columns.flatMap(({ coordinates }) => coordinates.map((values) => values[i]!)));
    const { pairs, given, columns } = await run(table, settings);
    expect(given).toEqual(["z", "side"]);
    expect(columns).toEqual(["x", "y", "w", "flag"]);
    expect(pairs).toHaveLength(6);
    const z = rowsOf(plan.condition);
    for (const pair of pairs) {
      const [x, y] = [pair.x, pair.y].map((name) => rowsOf(plan.columns.filter((column) => column.name === name)));
      expect(pair.estimator).toBe("mixed-ksg");
      expect(Math.abs(pair.raw - mean(oracle.mixedConditional(x!, y!, z, 3)))).toBeLessThan(3e-3);
      expect(pair.shareOfEntropy).toBeUndefined();
    }
    const plain = await run(table, { given: ["z"], pairs: [["x", "y"]] });
    expect(plain.pairs[0]!.estimator).toBe("ksg");
  });

  it("of a trained estimator are those of estimate with the condition", async () => {
    const { x, y, z } = sample(80);
    const training = { hidden: [8], steps: 20, batch: 16, checkEvery: 10, patience: 1, folds: 2, restarts: 1 };
    const { pairs } = await run({ x, y, z }, { given: ["z"], estimator: "remine", training });
    const { raw, standardError } = await estimate(x, y, { gpu, ...training, given: { z } });
    expect(pairs).toMatchObject([{ raw, standardError, estimator: "remine" }]);
  });
});

describe("p-values given Z", () => {
  const table = named(sample(1000));

  it("are not small where Z drives both, and small where one drives the other", async () => {
    const pairs = ["x y", "y w", "x flag", "side flag"].map((pair) => pair.split(" ") as [string, string]);
    const options = { pairs, permutations: 59 };
    const plain = await run(table, options);
    const found = await run(table, { ...options, given: ["z"] });
    const p = (result: typeof found, name: string) => result.pairs.find(({ x, y }) => `${x} ${y}` === name)!;
    expect(p(plain, "x y").q).toBeLessThan(0.05);
    expect(p(found, "x y").p).toBeGreaterThan(0.05);
    expect(p(found, "y w").q).toBeLessThan(0.05);
    expect(p(found, "y w").pFamily).toBeLessThan(0.05);
    expect(p(found, "side flag").p).toBeGreaterThan(0.05);
  });

  it("count so that more permutations for the leaders count anew, in parts and after a break", async () => {
    const small = named(sample(60));
    const options = { given: ["z"], permutations: 5, seed: 2 };
    const chunks: MatrixChunk[] = [];
    const whole = await run(small, { ...options, onChunk: (chunk) => void chunks.push(chunk) });
    expect(chunks.filter(({ pairs }) => pairs.length > 0).length).toBeGreaterThan(10);
    for (const count of [3, chunks.length - 1]) {
      expect((await run(small, { ...options, done: chunks.slice(0, count) })).pairs).toEqual(whole.pairs);
    }
    expect(Math.max(...whole.pairs.map(({ permutations }) => permutations!))).toBeGreaterThan(30);
    const first = async (index: number) => {
      const { chunks } = await runMatrix(small, { ...options, gpu, shard: { index, count: 2 } });
      return chunks.flatMap(({ pairs }) => pairs).filter(({ permutations }) => permutations === 5);
    };
    const parts = [...(await first(1)), ...(await first(2))].sort((a, b) => a.x - b.x || a.y - b.y);
    const all = chunks.flatMap(({ pairs }) => pairs).filter(({ permutations }) => permutations === 5);
    expect(parts).toEqual(all.sort((a, b) => a.x - b.x || a.y - b.y));
  });

  it("say where Z has too few rows of a level for neighbours in it", () => {
    const columns = (rows: number) =>
      named({ a: noise(1, 600), b: noise(2, 600), z: range(600).map((i) => Math.floor(i / rows)) }, "z");
    const { diagnostics } = planMatrix(columns(3), { given: ["z"] });
    expect(diagnostics).toContainEqual(expect.objectContaining({ name: "levels", value: 1, ok: false }));
    expect(diagnostics.at(-1)!.message).toMatch(/^column "z": 600 of 600 rows .* too few for 3 neighbours/);
    expect(planMatrix(columns(4), { given: ["z"] }).diagnostics.map(({ name }) => name)).not.toContain("levels");
    expect(planMatrix(columns(3), { given: ["z"], estimator: "remine" }).diagnostics.length).toBe(
      diagnostics.length - 1,
    );
  });

  it("keep rows in time and groups together, as without a condition", async () => {
    const small = named(sample(200)).slice(0, 3);
    for (const units of [{ time: true }, { group: range(200).map((i) => Math.floor(i / 5)) }]) {
      const { pairs } = await run(small, { given: ["z"], permutations: 39, ...units });
      expect(pairs[0]!.p).toBeGreaterThan(0.05);
    }
  });
});

describe("gaps and columns that Z says all of", () => {
  const { z, x, y, w } = sample(100);
  const holed = (values: number[], from: number) => values.map((v, i) => (i >= from && i < from + 10 ? Number.NaN : v));

  it("leave each pair the rows that have both of its columns and Z", async () => {
    const table = { z: holed(z, 0), x: holed(x, 20), y, w };
    const { pairs, given } = await run(table, { given: ["z"] });
    expect(Object.fromEntries(pairs.map((pair) => [`${pair.x} ${pair.y}`, pair.rows]))).toEqual({
      ...{ "x y": 80, "x w": 80, "y w": 90 },
    });
    expect(given).toEqual(["z"]);
    const complete = [...range(100).keys()].filter((i) => i >= 30 || (i >= 10 && i < 20));
    const rowsOf = (values: number[]) => complete.map((i) => values[i]!);
    const alone = await run({ z: rowsOf(z), x: rowsOf(x), y: rowsOf(y) }, { given: ["z"] });
    expect(alone.pairs[0]!.raw).toBe(pairs.find((pair) => pair.x === "x" && pair.y === "y")!.raw);
  });

  it("are left out and named", () => {
    const same = planMatrix({ z, x, y, copy: z }, { given: ["z"] });
    expect(same.leftOut).toEqual([{ column: "copy", reason: expect.stringMatching(/^the same as "z" in every row/) }]);
    const gappy = planTable({ z, x: holed(x, 0), y, copy: z }, { given: ["z"] });
    expect(gappy.leftOutPairs.map((pair) => `${pair.x} ${pair.y}`)).toEqual(["x copy", "y copy"]);
    expect(gappy.leftOutPairs[0]!.reason).toMatch(/the same as "z"/);
  });

  it.each<[MatrixOptions, RegExp]>([
    [{ given: ["z"], estimator: "ksg2" }, /"ksg2" has no I\(X;Y\|Z\).*"ksg" or "mixed-ksg"/],
    [{ given: ["z"], estimator: "demine" }, /"demine" has no I\(X;Y\|Z\)/],
    [{ given: ["z"], screen: 1 }, /"screen" looks at pairs without their condition/],
    [{ given: ["z"], target: "z" }, /"z" is in "given"/],
    [{ given: ["z"], pairs: [["x", "z"]] }, /"z" is in "given"/],
    [{ given: ["q"] }, /"given": no column "q"/],
    [{ given: [] }, /Name one or more/],
    [{ given: ["z", "z"] }, /names "z" twice/],
    [{ given: ["one"] }, /"one" of "given" is constant/],
    [{ given: ["z", "y"] }, /two columns that vary, and here is only "x"/],
    [{ estimator: "remine", training: { given: z } }, /"given" of matrix stands beside "training"/],
  ])("are refused: %o", async (options, message) => {
    await expect(run({ z, x, y, one: range(100).map(() => 3) }, options)).rejects.toThrow(message);
  });
});
