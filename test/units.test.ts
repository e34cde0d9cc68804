/** Rows that depend on each other: units, folds of them, orders of them, and the error of a mean over them. */
import { describe, expect, test } from "vitest";
import { splitRows } from "../src/crossfit/folds.ts";
import { partnersOf, replaceRelated } from "../src/crossfit/independent-pairs.ts";
import { foldsFor } from "../src/crossfit/unit-folds.ts";
import { standardErrorOf } from "../src/crossfit/valuations/valuation.ts";
import { autocorrelationOf, correlationTime } from "../src/data/autocorrelation.ts";
import { readSides } from "../src/data/sides.ts";
import {
  areApart,
  areExchangedWhole,
  groupColumn,
  groupUnits,
  permutedRows,
  timeUnits,
  type Units,
} from "../src/data/units.ts";
import { ranksOf } from "../src/math/statistics.ts";
import { independentParts } from "../src/neighbors/independent-parts.ts";
import { pairingFor, partnerOf } from "../src/training/pairing.ts";
import { normals, range } from "./gpu.ts";

/** x_t = ρ x_(t−1) + noise, of variance 1. */
function series(rows: number, rho: number, seed: number): Float64Array {
  const noise = normals(seed, rows);
  const values = new Float64Array(rows);
  for (let t = 0; t < rows; t++) {
    values[t] = t === 0 ? noise[0]! : rho * values[t - 1]! + Math.sqrt(1 - rho * rho) * noise[t]!;
  }
  return values;
}

const numeric = (values: Float64Array) => ({ kind: "numeric" as const, values });
const groups = (...sizes: number[]): Units =>
  groupUnits(sizes.flatMap((size, group) => Array<number>(size).fill(group)));
const sorted = (rows: Uint32Array) => [...rows].sort((a, b) => a - b);

describe("autocorrelation", () => {
  test("is that of ranks, whose ties share their mean", () => {
    expect([...ranksOf(Float64Array.from([5, 1, 5, 9]))]).toEqual([2, 0.5, 2, 3.5]);
    const of = autocorrelationOf(numeric(series(20_000, 0.8, 3)));
    // Spearman's of normals: 6/π asin(ρ/2).
    for (const lag of [1, 2, 5]) expect(of(lag)).toBeCloseTo((6 / Math.PI) * Math.asin(0.8 ** lag / 2), 1);
    const bent = numeric(series(20_000, 0.8, 3).map((v) => Math.exp(5 * v)));
    expect(autocorrelationOf(bent)(1)).toBeCloseTo(of(1), 10);
  });

  test("of categories is agreement beyond chance, whatever the codes", () => {
    const codes = Float64Array.from(range(3000), (i) => [7, -2, 40][Math.floor(i / 10) % 3]!);
    expect(autocorrelationOf({ kind: "category", values: codes })(1)).toBeCloseTo(1 - 0.1 / (2 / 3), 2);
    expect(autocorrelationOf({ kind: "category", values: codes })(10)).toBeLessThan(-0.4);
  });

  test("ends at the correlation time, of the slowest column", () => {
    const [fast, slow] = [numeric(series(5000, 0.5, 1)), numeric(series(5000, 0.9, 2))];
    expect(correlationTime([numeric(Float64Array.from(normals(9, 5000)))], 250)).toBe(1);
    expect(correlationTime([fast], 250)).toBeLessThan(7);
    const both = correlationTime([fast, slow], 250);
    expect(both).toBeGreaterThan(14);
    expect(both).toBeLessThan(40);
    expect(correlationTime([numeric(Float64Array.from(range(5000)))], 250)).toBe(250);
  });
});

describe("what a caller says of rows", () => {
  test.each([
    [{ time: true, block: 5 }, /"time" and "block" say two things/],
    [{ group: range(100), time: true }, /"time" and "group"/],
    [{ block: 1 }, /"block" must be a whole number from 2 to 16, a 6th of the rows, got 1/],
    [{ block: 17 }, /"block"/],
    [{ group: range(99) }, /"group" has 99 values for 100 rows/],
    [{ time: 1 as never }, /"time" must be true or false/],
  ])("is refused where it contradicts itself: %o", (belonging, message) => {
    expect(() => groupColumn(belonging, 100)).toThrow(message);
  });

  test("is numbers, texts or blocks", () => {
    expect(groupColumn({ time: true }, 100)).toBeUndefined();
    expect(groupColumn({ time: false, block: 3 }, 20)!.values.slice(0, 7)).toEqual(
      Float64Array.of(0, 0, 0, 1, 1, 1, 2),
    );
    expect(groupColumn({ group: ["b", "a", "b", ""] }, 4)!.values).toEqual(Float64Array.of(0, 1, 0, Number.NaN));
  });

  test("keeps to its rows where others are dropped, and drops those without a group", () => {
    const x = [1, 2, Number.NaN, 4, 5];
    const group = ["a", "a", "b", "", "b"];
    const told = () => ({});
    const found = readSides({ x, y: x }, told, "drop", { group });
    expect([found.dropped, [...found.group!]]).toEqual([2, [0, 0, 1]]);
    expect(() => readSides({ x: [1, 2], y: [1, 2] }, told, "throw", { group: ["a", ""] })).toThrow(
      "row 2 has no group",
    );
    expect([
      ...readSides({ x, y: x }, told, "drop", { block: undefined, time: true }).inGivenRows(x as never),
    ]).toHaveLength(5);
  });
});

describe("folds", () => {
  const together = ({ train, validation, test }: ReturnType<typeof splitRows>[0], units: Units) => {
    const isApart = areApart(units);
    const parts = [train, validation, test];
    return parts.some((a, i) =>
      parts.some((b, j) => i < j && a.some((row) => b.some((other) => !isApart(row, other)))),
    );
  };

  test("of time are sections with a gap on either side", () => {
    const units = timeUnits([numeric(series(1000, 0.9, 5))]);
    expect(units.gap).toBeGreaterThan(9);
    const splits = splitRows(1000, { folds: 5 }, 1, units);
    expect(sorted(Uint32Array.from(splits.flatMap(({ test }) => [...test])))).toEqual(range(1000));
    for (const split of splits) {
      for (const part of [split.test, split.validation]) {
        const rows = sorted(part);
        expect(rows.at(-1)! - rows[0]!).toBe(rows.length - 1);
        expect([...part]).not.toEqual(rows);
      }
      expect(together(split, units)).toBe(false);
      expect(split.train.length).toBeGreaterThan(500);
    }
  });

  test.each([[groups(...Array(30).fill(10))], [groups(80, 3, 5, 40, 40, 2, 9, 11, 60)], [groups(...Array(6).fill(5))]])(
    "of groups have whole ones, and two in each held-out part",
    (units) => {
      const rows = units.of.length;
      const folds = foldsFor(units, 5, undefined);
      const splits = splitRows(rows, { folds }, 1, units);
      expect(sorted(Uint32Array.from(splits.flatMap(({ test }) => [...test])))).toEqual(range(rows));
      for (const split of splits) {
        expect(sorted(Uint32Array.from(Object.values(split).flatMap((part) => [...part])))).toEqual(range(rows));
        expect(together(split, units)).toBe(false);
        expect(new Set([...split.validation].map((row) => units.of[row])).size).toBeGreaterThan(1);
        expect(split.train.length).toBeGreaterThan(0);
      }
      expect(
        Math.min(...splits.map(({ test }) => new Set([...test].map((row) => units.of[row])).size)),
      ).toBeGreaterThan(0);
    },
  );

  test("are fewer where groups are few, and refused where they are fewer than six or one has nearly all rows", () => {
    expect(foldsFor(groups(5, 5, 5, 5, 5, 5, 5), 5, undefined)).toBe(3);
    expect(() => foldsFor(groups(5, 5, 5, 5, 5, 5, 5), 5, 5)).toThrow(
      '"folds" must be at most 3, half of the 7 groups',
    );
    expect(() => foldsFor(groups(9, 9, 9), 5, undefined)).toThrow("3 groups of rows; at least 6 are needed");
    expect(() => foldsFor(groups(900, 1, 1, 1, 1, 1, 1, 1), 5, undefined)).toThrow(
      "so unequal that they are worth 1.0",
    );
  });

  test("of one row each are those of rows, bit for bit", () => {
    expect(splitRows(50, { folds: 5 }, 3, undefined)).toEqual(splitRows(50, { folds: 5 }, 3));
  });
});

describe("orders of rows", () => {
  test("of independent rows and of time", () => {
    expect(sorted(permutedRows(50, undefined, 3))).toEqual(range(50));
    const units: Units = { of: Uint32Array.from(range(50), (i) => Math.floor(i / 10)), count: 5, inTime: true, gap: 7 };
    const shifts = range(500).map((seed) => {
      const order = permutedRows(50, units, seed);
      expect([...order]).toEqual(range(50).map((i) => (i + order[0]!) % 50));
      return order[0]!;
    });
    expect(new Set(shifts)).toEqual(new Set(range(50).slice(1)));
  });

  test("of groups exchange whole ones of one size, wherever their rows are", () => {
    const units = groupUnits(range(60).map((i) => i % 12));
    const order = permutedRows(60, units, 5);
    expect(sorted(order)).toEqual(range(60));
    for (const row of range(60)) expect(units.of[order[row]!]).toBe(units.of[order[row % 12]!]);
    expect(range(12).some((row) => units.of[order[row]!] !== row)).toBe(true);
  });

  test("of groups of several sizes give all places of one the values of one other, of a similar size", () => {
    const sizes = [3, 9, 1, 9, 4, 9, 2, 9, 5, 9, 30];
    const units = groups(...sizes);
    const rows = units.of.length;
    const orders = range(50).map((seed) => permutedRows(rows, units, seed));
    for (const order of orders) {
      const froms = sizes.map((size, unit) => {
        const from = [...order.filter((_, row) => units.of[row] === unit)];
        const own = units.of[from[0]!]!;
        expect(from.every((row) => units.of[row] === own)).toBe(true);
        const all = range(rows).filter((row) => units.of[row] === own);
        expect(from.slice(0, all.length)).toEqual(all.slice(0, size));
        // Then again, no row more often than another.
        const often = all.map((row) => from.filter((other) => other === row).length);
        expect(Math.max(...often) - Math.min(...often)).toBeLessThanOrEqual(1);
        // One to five rows, and nine with the thirty.
        expect(sizes[own]! >= 9).toBe(size >= 9);
        return own;
      });
      expect(froms.toSorted((a, b) => a - b)).toEqual(range(sizes.length));
    }
    expect(new Set(orders.map(String)).size).toBe(50);
    expect([units, groups(7, 7, 7)].map(areExchangedWhole)).toEqual([false, true]);
    const equal = groups(...Array<number>(6).fill(7), ...Array<number>(6).fill(3));
    const order = permutedRows(60, equal, 1);
    for (const row of range(60)) expect(order[row]! % 7).toBe(row < 42 ? row % 7 : order[row]! % 7);
    expect(range(60).every((row) => order[row]! < 42 === row < 42)).toBe(true);
  });
});

describe("pairs of rows of one unit", () => {
  const units = groups(...Array(20).fill(10));
  const rows = splitRows(200, { folds: 2 }, 1, units)[0]!.test;
  const pairing = pairingFor(rows.length, 60);

  test("are replaced by independent ones of the same row", () => {
    const at = partnersOf(rows, pairing, units);
    const isApart = areApart(units);
    const marginal = Float64Array.from(range(rows.length * pairing.perRow));
    replaceRelated({ joint: new Float64Array(rows.length), marginal }, rows, pairing, units);
    let replaced = 0;
    for (const i of range(rows.length)) {
      for (const c of range(pairing.perRow)) {
        expect(isApart(rows[i]!, rows[at(i, c)]!)).toBe(true);
        const from = marginal[i * pairing.perRow + c]! - i * pairing.perRow;
        expect(partnerOf(i, from, rows.length, pairing)).toBe(at(i, c));
        if (from !== c) replaced++;
      }
    }
    expect(replaced).toBeGreaterThan(100);
  });

  test("stay where a block has no others", () => {
    const one = Uint32Array.from(range(10));
    const at = partnersOf(one, pairingFor(10, 5), units);
    expect(range(5).map((c) => at(0, c))).toEqual([1, 2, 3, 4, 5]);
  });

  test("are in no part of rows among which neighbours are looked for", () => {
    for (const some of [units, groups(3, 9, 4, 4, 30, 1), timeUnits([numeric(series(500, 0.8, 2))])]) {
      const parts = independentParts(some);
      const isApart = areApart(some);
      for (const part of parts) {
        expect([...part].every((row, i) => part.every((other, j) => i === j || isApart(row, other)))).toBe(true);
      }
      expect(new Set(parts.flatMap((part) => [...part])).size).toBe(some.of.length);
    }
  });
});

test("the standard error of a mean of rows of which ten each are equal is that of the ten-fold fewer", () => {
  const few = Float64Array.from(normals(4, 100));
  const center = few.reduce((sum, v) => sum + v, 0) / 100;
  const own = few.map((v) => v - center);
  const many = Float64Array.from(range(1000), (i) => own[Math.floor(i / 10)]!);
  const units = groups(...Array(100).fill(10));
  expect(standardErrorOf(many, units)).toBeCloseTo(standardErrorOf(own) * Math.sqrt(100 / 99), 10);
  expect(standardErrorOf(many)).toBeCloseTo(standardErrorOf(own) / Math.sqrt(10), 10);
});
