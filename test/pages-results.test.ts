import { describe, expect, test } from "vitest";
import type { Side } from "../demos/depends/axes.ts";
import { Copies } from "../demos/depends/copies.ts";
import { describe as inWords } from "../demos/depends/describe.ts";
import { asCorrelation, opening, ranked, seenBy, unseenOf } from "../demos/depends/order.ts";
import { cellsOf, jitter } from "../demos/depends/scatter.ts";
import { contrast, inkOn, mixed } from "../demos/depends/shade.ts";
import {
  believe,
  byNeighbors,
  certaintyOf,
  hasInterval,
  intervalWords,
  isNeighborsOwn,
  sees,
  summary,
  verdict,
} from "../demos/depends/verdict.ts";
import { walkList, walkSquare } from "../demos/depends/walk.ts";
import { brief, chance, correlation, isolated, plural } from "../demos/depends/words.ts";
import type { Diagnostic, PairRecord } from "../src/index.ts";

const record = (x: number, y: number, raw: number, pearson: number, more: Partial<PairRecord> = {}): PairRecord => ({
  ...{ x, y, raw, pearson, rows: 400, estimator: "ksg", standardError: 0.03, evidence: 50 * raw },
  ...{ exceed: 0, permutations: 200, ...more },
});
const line = record(0, 1, 0.9, 0.91);
const wave = record(0, 2, 0.7, 0.1);
const noise = record(1, 2, 0.12, 0.02, { evidence: 0.3, exceed: 90 });
const q = new Map([
  ["0 1", 0.001],
  ["0 2", 0.002],
  ["1 2", 0.45],
]);

describe("which pair comes first", () => {
  test("by evidence, by MI, by what r does not see", () => {
    const all = [noise, wave, line];
    expect(ranked(all)).toEqual([line, wave, noise]);
    expect(ranked(all, "unseen")).toEqual([wave, noise, line]);
    expect(ranked([record(0, 1, 0.2, 0), record(0, 2, 0.3, 0, { evidence: 1 })], "mi")[0]!.raw).toBe(0.3);
  });

  test("r stands for the MI of a normal pair", () => {
    expect(asCorrelation(seenBy(0.6))).toBeCloseTo(0.6, 12);
    expect(seenBy(Number.NaN)).toBe(0);
    expect(unseenOf(record(0, 1, Number.POSITIVE_INFINITY, 1))).toBe(0);
  });

  test("the page opens on a curve, never on what is not beyond chance", () => {
    expect(opening([line, noise, wave], q)).toBe(wave);
    expect(opening([line, noise], q)).toBe(line);
    expect(opening([noise], q)).toBe(noise);
    expect(opening([], q)).toBeUndefined();
  });
});

describe("words", () => {
  test("numbers are rounded, not cut, and zero has no sign", () => {
    expect([0.886, -0.004, -0.0951, 0.995, Number.NaN].map(correlation)).toEqual([
      "0.89",
      "0.00",
      "−0.10",
      "0.99",
      "–",
    ]);
    expect([0.7351, 0, 0.999, 2.31, 12.2, Number.POSITIVE_INFINITY].map(brief)).toEqual([
      ...[".74", ".00", "1.0", "2.3", "12", "∞"],
    ]);
    expect([0.0004, 0.005].map(chance)).toEqual(["<0.001", "0.005"]);
    expect([plural(1, "pair"), plural(2, "pair")]).toEqual(["1 pair", "2 pairs"]);
  });

  test("the sentence names the best pair of those that depend, or none", () => {
    const names = ["a", "b\u202e", "c"];
    const told = summary({ names, records: [noise, wave, line], q, seconds: 5.6 });
    expect(told).toBe(
      `3 pairs of 400 rows in 6 s. 2 depend beyond chance, “${isolated("a")}” and “${isolated("b\u202e")}” most clearly.`,
    );
    expect(summary({ names, records: [noise], q, seconds: 1 })).toBe(
      "1 pair of 400 rows in 1 s. None depends beyond chance: tables with shuffled columns show as much.",
    );
    const alike: Diagnostic[] = [{ name: "autocorrelation", ok: false, message: "" }];
    expect(summary({ names, records: [line], q, seconds: 1, diagnostics: alike })).toMatch(
      /^1 pair .* 1 depends beyond chance: .* But rows that follow each other are alike/,
    );
  });

  test("a pair is certain, likely, a hint or none", () => {
    const found = (record: PairRecord, q: number | undefined, p: number) => ({ record, q, p, of: 45 });
    expect(certaintyOf(found(line, undefined, 0.005))).toBe("open");
    expect(certaintyOf(found(line, 0.004, 0.001))).toBe("certain");
    // As small as so few shuffles can show, and far from 0.
    expect(certaintyOf(found(line, 0.025, 0.001))).toBe("certain");
    expect(certaintyOf(found(noise, 0.04, 0.003))).toBe("likely");
    expect(verdict(found(line, 0.025, 0.001))).toContain("none of 200 shuffled tables shows as much");
    expect(verdict(found(noise, 0.04, 0.003))).toContain("about 4 in 100 are chance");
    expect(verdict(found(noise, 0.6, 0.03))).toContain("of 45 pairs chance makes about 1 so small");
    expect(verdict(found(noise, 0.6, 0.45))).toContain("None found: 90 of 200 shuffled tables show as much");
    expect(verdict({ ...found(line, 0.001, 0.001), rows: "rows are copies of others" })).toMatch(
      /^They depend if rows are independent/,
    );
  });

  test("how much of it r sees", () => {
    expect(sees(0.774, 0.155)).toBe("Pearson’s r sees about 2 % of it.");
    expect(sees(0.7, 0.01)).toContain("less than 1 %");
    expect(sees(0.8, 0.91)).toContain("sees it all");
    expect(sees(0.6, Number.NaN)).toContain("nothing to say of categories");
    expect(sees(0.004, 0)).toBe("");
  });

  test("no interval where a check failed, but why, and what is known", () => {
    const checked = (...names: Diagnostic["name"][]) => ({
      interval: [0.41, 0.9] as [number, number],
      diagnostics: names.map((name) => ({ name, ok: false, message: `${name} went wrong (--steps)` })),
      ...{ mi: 0.7, bound: 0.6 },
    });
    expect(intervalWords(checked())).toBe("95 % interval: 0.410 to 0.900");
    expect(intervalWords(checked("neighbors"))).toBe(
      "At least 0.410. No interval: neighbours see structure too sharp for the networks.",
    );
    expect(intervalWords(checked("explosion"))).toBe("No interval: the networks learned single rows by heart.");
    expect(intervalWords(checked("autocorrelation"))).toBe(
      "95 % interval: 0.410 to 0.900, too narrow for rows that are alike.",
    );
    expect(hasInterval(checked("folds"))).toBe(false);
    // Networks that learned nothing do not take away what neighbours plainly see; counts of many cells see too much.
    const nothing = { ...checked("failure"), mi: 0 };
    expect(isNeighborsOwn(record(0, 1, 3.2, 0), nothing)).toBe(true);
    expect(byNeighbors(nothing)).toBe("By nearest neighbours; no interval: the networks learned nothing that holds.");
    expect(isNeighborsOwn(record(0, 1, 0.3, 0), nothing, 361)).toBe(false);
    expect(isNeighborsOwn(record(0, 1, 0.93, 0), checked())).toBe(false);
    expect(isNeighborsOwn(record(0, 1, 1.2, 0), checked())).toBe(true);
    expect(believe(record(0, 1, 0.7, 0), checked())).toContain("neighbours agree");
    expect(believe(record(0, 1, 1.2, 0), checked())).toContain("is the neighbours’");
    expect(believe(record(0, 1, 0.2, 0), checked())).toContain("neighbours see too little");
  });
});

test("arrow keys walk over what is not there, Home and End to the ends", () => {
  const isThere = ([x, y]: readonly [number, number]) => x !== y && x >= 0 && y >= 0 && x < 4 && y < 4;
  expect(walkSquare({ key: "ArrowRight" }, [0, 1], 4, isThere)).toEqual([2, 1]);
  expect(walkSquare({ key: "ArrowDown" }, [3, 2], 4, isThere)).toBeUndefined();
  expect(walkSquare({ key: "Home" }, [3, 0], 4, isThere)).toEqual([1, 0]);
  expect(walkSquare({ key: "End" }, [0, 3], 4, isThere)).toEqual([2, 3]);
  expect(walkSquare({ key: "End", ctrlKey: true }, [1, 0], 4, isThere)).toEqual([2, 3]);
  expect(walkSquare({ key: "a" }, [1, 0], 4, isThere)).toBeUndefined();
  expect([walkList("ArrowUp", 0, 5), walkList("End", 1, 5), walkList("Home", 0, 5)]).toEqual([undefined, 4, undefined]);
});

test("points of two categories are spread like chance: no lattice, no line", () => {
  const rows = 4096;
  const [x, y] = ([0, 1] as const).map((axis) => Array.from({ length: rows }, (_, i) => jitter(i, axis) / 0.7 + 0.5));
  for (const lag of [0, 1, 2, 3, 5, 8, 13]) {
    for (const [a, b] of [
      [x!, y!],
      [x!, lag > 0 ? x! : y!],
    ] as const) {
      let sum = 0;
      for (let i = 0; i < rows; i++) sum += (a[i]! - 0.5) * (b[(i + lag) % rows]! - 0.5);
      expect(Math.abs((12 * sum) / rows)).toBeLessThan(4.5 / Math.sqrt(rows));
    }
  }
  // As even over 256 boxes, along both diagonals too, as χ² of 255 degrees of freedom is.
  for (const turn of [0, 1, -1]) {
    const boxes = new Float64Array(256);
    for (let i = 0; i < rows; i++) {
      const across = (y![i]! + turn * x![i]! + 2) % 1;
      boxes[16 * Math.floor(16 * x![i]!) + Math.floor(16 * across)]!++;
    }
    const square = boxes.reduce((sum, count) => sum + (count - 16) ** 2 / 16, 0);
    expect(square).toBeGreaterThan(170);
    expect(square).toBeLessThan(360);
  }
});

describe("two columns", () => {
  const rows = 60;
  const values = Float64Array.from({ length: rows }, (_, i) => (i * 37) % 61);
  const columns = [values, values, values.map((v) => -(v ** 3)), values.map((v, i) => v + (i % 2))].map(
    (values, c) => ({
      ...{ name: `c${c}`, values },
    }),
  );

  test("copies are known, also on another scale", () => {
    const copies = new Copies([...columns, { name: "g", values: values.map((v) => v % 2), levels: ["even", "odd"] }]);
    expect([copies.of(0, 1), copies.of(0, 2), copies.of(0, 3), copies.of(0, 4)]).toEqual([
      ...["equal", "monotone", undefined, undefined],
    ]);
    const lacking = values.map((v, i) => (i % 7 === 0 ? Number.NaN : v));
    expect(new Copies([columns[0]!, { name: "lacking", values: lacking }]).of(0, 1)).toBe("equal");
  });

  test("counts of two categories, with what chance would put there", () => {
    const side = (name: string, codes: number[], levels: string[]): Side => ({ name, values: codes, levels });
    const x = side("x", [0, 0, 0, 2, 2, 2], ["a", "never", "b"]);
    const y = side("y", [0, 0, 1, 1, 1, 1], ["c", "d"]);
    const cells = cellsOf(x, y, [1, 2, 3, 4, 5, 6]);
    expect(cells.map(({ count }) => count)).toEqual([2, 1, 0, 3]);
    expect(cells.map(({ expected }) => expected)).toEqual([1, 2, 1, 2]);
    expect(cells.map(({ share }) => share)).toEqual([1.5, 3, Number.NaN, 5]);
    expect(inWords(x, y)).toContain("2 rows where chance would put 1");
  });

  test("a picture in words has measured medians", () => {
    const side = (name: string, list: ArrayLike<number>): Side => ({ name, values: list, levels: undefined });
    const squares = side(
      "square",
      values.map((v) => (v - 30) ** 2),
    );
    const words = inWords(side("x", values), squares);
    const medians = words
      .match(/is ([\d., ]+)\.$/)![1]!
      .split(", ")
      .map(Number);
    expect(medians).toHaveLength(5);
    expect(medians[2]).toBeLessThan(medians[1]!);
    expect(medians[0]).toBeGreaterThan(medians[1]!);
  });
});

test("numbers are read on every shade of a square", () => {
  for (const [paper, ink] of [
    [
      [0.965, 0.973, 0.98],
      [0.835, 0.369, 0],
    ],
    [
      [0.965, 0.973, 0.98],
      [0, 0.447, 0.698],
    ],
    [
      [0.086, 0.106, 0.133],
      [0.941, 0.541, 0.294],
    ],
    [
      [0.086, 0.106, 0.133],
      [0.337, 0.706, 0.914],
    ],
  ] as const) {
    for (let share = 0; share <= 1; share += 0.01) {
      const color = mixed(paper, ink, share);
      expect(contrast(color, inkOn(color) === "#000" ? [0, 0, 0] : [1, 1, 1])).toBeGreaterThan(4.5);
    }
  }
});
