/** Rows that are copies of others: found, left out, and said. */
import { describe, expect, it as test } from "vitest";
import { findCopies } from "../src/data/copies.ts";
import { estimate } from "../src/index.ts";
import { gpu, it } from "./gpu.ts";

const side = (...columns: number[][]) =>
  columns.map((values) => ({ kind: "numeric" as const, values: Float64Array.from(values) }));
const times = (count: number, values: readonly number[]) => Array.from({ length: count }, () => values).flat();
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Numbers on no grid, in no order. */
const odd = (count: number, seed: number) => range(count).map((i) => Math.sin(1 + i * seed) * 100);

describe("findCopies", () => {
  test("keeps one of each row where numbers on no grid repeat with their whole rows", async () => {
    const found = (await findCopies([...side(times(5, odd(200, 1.7))), ...side(times(5, odd(200, 2.9)))]))!;
    expect([...found.kept]).toEqual(range(200));
    expect([...found.place]).toEqual(times(5, range(200)));
  });

  test("finds a few copies among many rows, in every column together", async () => {
    const again = (values: number[]) => [...values, values[3]!, values[90]!];
    const labels = again(range(100).map((i) => i % 3));
    const found = (await findCopies([...side(again(odd(100, 1.3)), labels), ...side(again(odd(100, 2.1)))]))!;
    expect([...found.kept]).toEqual(range(100));
    expect([...found.place.slice(100)]).toEqual([3, 90]);
  });

  test("takes two numbers beside labels that are near each other for chance, and equal ones for copies", async () => {
    const label = { kind: "category" as const, values: Float64Array.from(range(20), (i) => i & 1) };
    const numbers = (last: number) => [label, ...side([...odd(19, 1.3), last])];
    const first = odd(19, 1.3)[1]!;
    expect(await findCopies(numbers(first + 1e-5))).toBeUndefined();
    expect((await findCopies(numbers(first)))!.kept).toHaveLength(19);
  });

  test("knows copies that were written in single precision", async () => {
    const merged = (values: number[]) => [...values, ...values.map(Math.fround)];
    const found = (await findCopies([...side(merged(odd(5000, 1.7))), ...side(merged(odd(5000, 2.9)))]))!;
    expect([...found.kept]).toEqual(range(5000));
  });

  test.each([
    ["numbers that do not repeat", odd(300, 1.1), odd(300, 1.9)],
    ["a number that repeats with other partners", odd(300, 1.1), times(3, odd(100, 1.9))],
    ["ratings", range(300).map((i) => i % 5), range(300).map((i) => (i * i) % 7)],
    [
      "ages and what they determine",
      range(300).map((i) => 20 + (i % 60)),
      range(300).map((i) => Math.floor((i % 60) / 7)),
    ],
    ["no rain on either side", odd(300, 1.1).map((v) => Math.max(0, v)), odd(300, 1.1).map((v) => Math.max(0, v) ** 2)],
    [
      "numbers of four digits and what they determine",
      odd(1500, 1.7).map((v) => Math.round(100 * v) / 1e4),
      odd(1500, 1.7).map((v) => Math.floor(v / 25)),
    ],
    ["many numbers and what they determine", odd(5000, 1.7), odd(5000, 1.7).map((v) => v ** 3)],
    ["prices of few products", range(300).map((i) => i % 12), range(300).map((i) => odd(12, 1.4)[i % 12]!)],
  ])("takes no repeats for copies: %s", async (_, x, y) => {
    expect(await findCopies([...side(x), ...side(y)])).toBeUndefined();
  });
});

describe("an estimate of 100 independent rows, each of them five times", () => {
  const [x, y] = [times(5, odd(100, 1.7)), times(5, odd(100, 2.9))];
  const short = { gpu, folds: 2, restarts: 1, steps: 100 };

  it("is that of the 100 rows, and says so", async () => {
    const [all, once] = [await estimate(x, y, short), await estimate(x.slice(0, 100), y.slice(0, 100), short)];
    const { mi, interval, rows } = once;
    expect(all).toMatchObject({ mi, interval, rows });
    expect(all.pointwise.length).toBe(500);
    expect(all.pointwise[7]).toBe(all.pointwise[407]);
    const said = all.diagnostics.find(({ name }) => name === "copies");
    expect(said).toMatchObject({ ok: false, value: 0.8 });
    expect(said!.message).toMatch(/400 of 500 rows are copies.*--keep-copies/);
    expect(once.diagnostics.some(({ name }) => name === "copies")).toBe(false);
  });

  it("takes all rows on request", async () => {
    expect((await estimate(x, y, { ...short, copies: "keep" })).rows).toBe(500);
  });

  it("is refused where too few rows are left", async () => {
    await expect(estimate(times(9, odd(12, 1.7)), times(9, odd(12, 2.9)), short)).rejects.toThrow(
      /only 12 of the 108 rows differ/,
    );
  });
});
