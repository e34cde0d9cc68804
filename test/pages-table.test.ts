/** What the page of a visitor's own table makes of files, without a browser. */
import { expect, test } from "vitest";
import { randomFrom, thinned } from "../demos/depends/drawn.ts";
import { falseDiscovery, type TestedColumn, testPairs } from "../demos/depends/independence.ts";
import { neighborMi, scored } from "../demos/depends/neighbors.ts";
import { readColumn, readSheet } from "../demos/depends/sheet.ts";
import { type Choice, prepare } from "../demos/depends/table.ts";
import { noTable } from "../demos/depends/take.ts";
import { decode, Refusal } from "../demos/depends/text.ts";
import { neighborsBatch } from "../src/neighbors/local-values.ts";
import { gpu, it } from "./gpu.ts";

/** Without the marks around names. */
const plain = (text: string | undefined) => text?.replace(/[\u2066-\u2069]/g, "");
const column = (columns: readonly Choice[], name: string) => columns.find((choice) => choice.name === name)!;
const bytes = (...values: number[]) => Uint8Array.from(values);
const ascii = (text: string) => new TextEncoder().encode(text);
const refused = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal);
    return plain((error as Error).message);
  }
  throw new Error("it was taken");
};
const table = (names: string, rows: number, cells: (i: number) => string) =>
  [names, ...Array.from({ length: rows }, (_, i) => cells(i))].join("\n");
/** Numbers that look like chance. */
const chance = (i: number, j = 0) => (((Math.sin(12.9898 * i + 78.233 * j) * 43758.5453) % 1) + 1) % 1;

test("what is no text is refused by what it is", () => {
  for (const [file, words] of [
    [bytes(), "“f” is empty. Give a table with one line per row"],
    [
      ascii("PK\u0003\u0004"),
      "“f” is a workbook or an archive, not a table in text. Open it, and save the sheet as CSV",
    ],
    [bytes(0xd0, 0xcf, 0x11, 0xe0), "an old workbook or document"],
    [ascii("%PDF-1.7"), "“f” is a PDF, not a table in text. Copy its table into a spreadsheet, and save that as CSV"],
    [bytes(0x89, 0x50, 0x4e, 0x47), "“f” is an image"],
    [bytes(0xff, 0xd8, 0xff, 0xe0), "“f” is an image"],
    [bytes(0x1f, 0x8b, 8), "“f” is compressed"],
    [bytes(1, 2, 3, 0, 0, 0, 7, 8), "“f” is no text"],
  ] as const) {
    expect(refused(() => decode(file, "f"))).toContain(words);
  }
});

test("text comes in UTF-8, UTF-16 and Latin-1", () => {
  const utf16 = (text: string) => new Uint8Array(Uint16Array.from(text, (letter) => letter.charCodeAt(0)).buffer);
  expect(decode(utf16("\ufeffa,é\n1,2"), "f")).toEqual({ text: "a,é\n1,2" });
  expect(decode(utf16("a,b\n1,2\n3,4"), "f")).toEqual({ text: "a,b\n1,2\n3,4" });
  expect(
    decode(
      utf16("\ufeffa,b").map((_, i, all) => all[i ^ 1]!),
      "f",
    ),
  ).toEqual({ text: "a,b" });
  expect(decode(ascii("a,é"), "f")).toEqual({ text: "a,é" });
  const latin = decode(bytes(0x61, 0x2c, 0xe9), "f");
  expect(latin).toMatchObject({ text: "a,é", note: expect.stringContaining("Latin-1") });
});

test("a table that cannot be read is refused in one sentence without options of the command line", () => {
  for (const [text, words] of [
    ["a,b,c\n1,2,3\n4,5\n", "“f”: line 3: expected 3 fields as in line 1, found 2"],
    ["a,b\n", "“f”: the table has a header (a, b) and no rows. Add one line per sample"],
    ["a\n1\n2\n", "“f” has one column. At least two are needed"],
    ["a,b,a\n1,2,3\n", "“f”: columns 1 and 3 are both named “a”. Rename one"],
  ] as const) {
    const said = refused(() => readSheet(text, "f"));
    expect(said).toContain(words);
    expect(said).not.toContain("--");
  }
  const of = (text: string) => refused(() => readSheet(text, "f"));
  expect(of("a,b\n1,2\n3,5\n")).toBe("“f”: 2 rows are too few; at least 20 are needed. Collect more");
  expect(of(table("a,b", 30, (i) => `text ${i},1`))).toBe(
    "“f”: two columns that vary are needed. Of 2 columns 2 cannot be used: “a”: 30 different texts in 30 rows: names or free text, not categories",
  );
  const twice = readSheet(
    table("x,y", 30, (i) => `${chance(i)},${-chance(i)}`),
    "f",
  );
  expect(refused(() => prepare(twice, 400))).toBe(
    "“y” holds “x” on another scale, and without it there is no pair. Tick it to see them all the same",
  );
  const gaps = readSheet(
    table("a,b", 20, (i) => `${i < 3 ? "" : chance(i)},${i > 16 ? "" : chance(50 + i)}`),
    "f",
  );
  const few = (name: string) =>
    `“${name}” is left out: 17 values in the rows that are used, and at least 20 are needed.`;
  expect(refused(() => prepare(gaps, 400))).toBe(
    `no pair of columns is left. 6 of 20 rows lack a value: each pair is computed of the rows that have both. ${few("a")} ${few("b")}`,
  );
});

test("decimal commas, percent, currency, thousands, dates and times are read", () => {
  const number = (i: number) => (10 * chance(i)).toFixed(2);
  const text = table(
    "comma;percent;money;stamp;day",
    40,
    (i) =>
      `${number(i).replace(".", ",")};${number(i + 50).replace(".", ",")}%;$1.${100 + i},50;2024-01-${10 + (i % 20)}T12:${10 + i}:00Z;${13 + (i % 15)}.02.2024`,
  );
  const { columns } = readSheet(text, "f");
  expect(columns.map(({ kind, problem }) => [kind, problem])).toEqual(columns.map(() => ["numeric", undefined]));
  expect(column(columns, "comma").values[3]).toBeCloseTo(Number(number(3)), 9);
  expect(column(columns, "money").values[3]).toBeCloseTo(1103.5, 9);
  expect(column(columns, "percent").used).toBe(true);
  expect(column(columns, "percent").note).toContain("% is taken off");
  // Dates are there for those who ask for them.
  expect(columns.filter(({ used }) => !used).map(({ name }) => name)).toEqual(["stamp", "day"]);
  expect(column(columns, "day").readings[0]!.words).toBe("Date");
});

test("words for no value, and a few stray texts, count as missing; many are said to be no numbers", () => {
  const words = ["n/a", "-", "–", "#N/A", "none", "<NA>", "", "NA", "null"];
  const text = table("gaps,stray,texts,label,x", 60, (i) =>
    [
      i % 6 === 0 ? words[(i / 6) % words.length] : chance(i),
      i === 7 ? "oops" : chance(i, 1),
      i % 3 === 0 ? chance(i, 2) : `word ${i}`,
      i % 2 === 0 ? "none" : "some",
      chance(i, 3),
    ].join(),
  );
  const { columns } = readSheet(text, "f");
  expect(column(columns, "gaps")).toMatchObject({ used: true, kind: "numeric" });
  expect(column(columns, "gaps").strays).toBeUndefined();
  expect(column(columns, "stray")).toMatchObject({ used: true, strays: { rows: 1, cell: "oops" } });
  expect(plain(column(columns, "texts").problem)).toBe("40 cells such as “word 1” are no numbers");
  // Among labels "none" is one.
  expect(column(columns, "label").levels).toEqual(["none", "some"]);
});

test("a column is read in another way, and back", () => {
  const text = table("code,when,amount,x", 60, (i) =>
    [`${i % 3}`, `0${1 + (i % 9)}/0${1 + (i % 7)}/2024`, i % 2 ? `"1,${100 + i}"` : "7", chance(i)].join(),
  );
  const sheet = readSheet(text, "f");
  const { columns } = sheet;
  const words = (name: string) => column(columns, name).readings.map(({ words }) => words);
  expect(words("code")).toEqual(["Number", "Category"]);
  expect(words("when")).toEqual(["Which?", "Date, day first", "Date, month first", "Category"]);
  expect(words("amount")).toEqual(["Which?", "Decimal point", "Decimal comma", "Category"]);
  expect(plain(column(columns, "when").problem)).toMatch(/^“.*2024” can be read in two ways. Choose which$/);
  const code = readColumn(text, sheet, 0, "category");
  expect(code).toMatchObject({ kind: "category", levels: ["0", "1", "2"], version: 1, reading: "category" });
  expect(readColumn(text, sheet, 1, "day-first").problem).toBeUndefined();
  expect(readColumn(text, sheet, 2, "comma").values[1]).toBeCloseTo(1.101, 9);
  expect(readColumn(text, sheet, 2, "point").values[1]).toBeCloseTo(1101, 9);
  sheet.columns[0] = code;
  expect(readColumn(text, sheet, 0, "found")).toMatchObject({ kind: "numeric", version: 2, reading: "found" });
});

test("a copy of a column is left out and says so; a column without a name has one", () => {
  const text = table("x,same,minus,double,cube,y,", 40, (i) => {
    const x = chance(i);
    return [x, x, -x, 2 * x, x ** 3, chance(i, 1), chance(i, 2)].join();
  });
  const { columns } = readSheet(text, "f");
  expect(columns.map(({ name, used }) => [name, used])).toEqual([
    ["x", true],
    ...["same", "minus", "double", "cube"].map((name) => [name, false]),
    ["y", true],
    ["column 7", true],
  ]);
  expect(plain(column(columns, "same").copyOf)).toBe("the same numbers as “x”");
  expect(plain(column(columns, "minus").copyOf)).toBe("“x” on another scale");
});

test("of many columns the first 40 are taken; marks that turn words leave names", () => {
  const names = Array.from({ length: 60 }, (_, c) => (c === 0 ? "a\u202eb" : `c${c}`));
  const { columns } = readSheet(
    table(names.join(), 30, (i) => names.map((_, c) => chance(i, c)).join()),
    "f",
  );
  expect(columns.filter(({ used }) => used).length).toBe(40);
  expect(columns[0]!.name).toBe("ab");
});

test("rows are drawn without order, the same ones every time", () => {
  const all = Uint32Array.from({ length: 50_000 }, (_, i) => i);
  const drawn = thinned(all, 400);
  expect(thinned(all, 400)).toEqual(drawn);
  expect(new Set(drawn).size).toBe(400);
  // Gaps between random rows are about geometric: their deviation is their mean.
  const gaps = Array.from(drawn.subarray(1), (row, i) => row - drawn[i]!);
  const mean = gaps.reduce((a, b) => a + b) / gaps.length;
  const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
  expect(deviation / mean).toBeGreaterThan(0.8);
  expect(deviation / mean).toBeLessThan(1.2);
  expect(new Set(gaps).size).toBeGreaterThan(100);
});

test("gaps cost rows while most have none, and else pairs have their own", () => {
  const holes = (share: number) =>
    readSheet(
      table("a,b,c", 100, (i) => [i < share ? "" : chance(i), chance(i, 1), chance(i, 2)].join()),
      "f",
    );
  const few = prepare(holes(4), 400);
  expect([few.rows.length, few.notes]).toEqual([96, ["4 of 100 rows lack a value and are left out."]]);
  const many = prepare(holes(25), 400);
  expect([many.rows.length, many.notes]).toEqual([
    100,
    ["25 of 100 rows lack a value: each pair is computed of the rows that have both."],
  ]);
});

test("what is dropped or pasted and is no table is refused", () => {
  expect(noTable("a\tb\n1\t2", "pasted")).toBeUndefined();
  expect(noTable("https://example.org/a.csv", "dropped")).toContain(
    "An address was dropped, and this page loads nothing",
  );
  expect(noTable("", "dropped")).toContain("holds no text");
  expect(noTable("word", "pasted")).toBe(
    "What was pasted is one line of text. Drop or paste the cells of a table, with a line of names",
  );
});

const normal = (random: () => number) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

it("neighbours on the CPU find what the library finds", async () => {
  const random = randomFrom(5);
  const rows = 300;
  const x = Float32Array.from({ length: rows }, () => normal(random));
  const y = x.map((value) => value ** 2 + 0.3 * normal(random));
  const code = x.map((value) => Number(value > 0.4) + Number(value > 1));
  const other = code.map((value) => (random() < 0.3 ? 0 : value));
  const apart = 1000;
  const shuffle = thinned(
    Uint32Array.from({ length: rows }, (_, i) => i),
    rows,
  ).toReversed();
  const library = async (a: Float32Array, b: Float32Array, method: "ksg" | "mixed-ksg") => {
    const data = new Float32Array(2 * rows);
    for (let i = 0; i < rows; i++) data.set([a[i]!, b[i]!], 2 * i);
    const pairs = [Uint32Array.from({ length: 2 * rows }, (_, i) => i >> 1)];
    const source = { kind: "table" as const, data, rows, columns: 2, xWidth: 1, yWidth: 1, picks: [[0, 1]], pairs };
    const { mi, standardError } = await neighborsBatch(gpu, source, { method, k: 3 });
    return { mi: mi[0]!, standardError: standardError[0]! };
  };
  const [number, second, category, fourth] = [
    scored(x, false),
    scored(y, false),
    scored(code, true),
    scored(other, true),
  ];
  const levels = (codes: Float32Array) => codes.map((value) => apart * value);
  const ordered = (values: Float32Array) => Float32Array.from(shuffle, (row) => values[row]!);
  for (const [own, theirs] of [
    [neighborMi(number, second), await library(x, y, "ksg")],
    [neighborMi(number, second, shuffle), await library(x, ordered(y), "ksg")],
    [neighborMi(number, category), await library(x, levels(code), "mixed-ksg")],
    [neighborMi(category, second), await library(levels(code), y, "mixed-ksg")],
    [neighborMi(category, second, shuffle), await library(levels(code), ordered(y), "mixed-ksg")],
    [neighborMi(category, fourth), await library(levels(code), levels(other), "mixed-ksg")],
  ]) {
    expect(own!.mi).toBeCloseTo(theirs!.mi, 4);
    expect(own!.standardError).toBeCloseTo(theirs!.standardError, 4);
  }
});

const found = (columns: readonly TestedColumn[]) => {
  const records = new Map(
    [...testPairs(columns)].flatMap(({ record }) => (record ? [[`${record.x} ${record.y}`, record]] : [])),
  );
  return { records, q: falseDiscovery([...records.values()]) };
};
const noise = (seed: number, count: number, rows: number): TestedColumn[] => {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => ({
    kind: "numeric",
    values: Float64Array.from({ length: rows }, () => normal(random)),
  }));
};

test.each([1, 2, 3])("on the CPU one strong pair of 45 is found, and r = .41 is, set %i", (seed) => {
  const columns = noise(seed, 10, 400);
  const random = randomFrom(100 + seed);
  columns[1]!.values = columns[0]!.values.map((value) => value + 0.1 * normal(random));
  columns[3]!.values = columns[2]!.values.map((value) => 0.41 * value + Math.sqrt(1 - 0.41 ** 2) * normal(random));
  columns[5] = { kind: "category", values: columns[4]!.values.map((value) => Number(Math.abs(value) > 0.7)) };
  const { records, q } = found(columns);
  expect(records.size).toBe(45);
  for (const pair of ["0 1", "2 3", "4 5"]) expect(q.get(pair)).toBeLessThan(0.05);
  expect([...q.values()].filter((value) => value <= 0.05).length).toBeLessThanOrEqual(5);
  expect(records.get("0 1")!.raw).toBeGreaterThan(1.6);
});

test("on the CPU nothing is found where nothing is", () => {
  const each = [11, 12, 13, 14].map(
    (seed) => [...found(noise(seed, 8, 200)).q.values()].filter((q) => q <= 0.05).length,
  );
  expect(each.filter((count) => count > 0).length).toBeLessThanOrEqual(1);
});
