import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { checkPair } from "../src/data/check.ts";
import { type Column, completeRows } from "../src/data/columns.ts";
import { type ArrayInput, toColumns } from "../src/data/input.ts";
import { columnProblem, selectColumns, type Table } from "../src/data/table.ts";
import { applyTransform, describeTransform, fitTransform, transformWidth } from "../src/data/transform.ts";
import { nearestName } from "../src/math/nearest.ts";
import { normalQuantile } from "../src/math/special.ts";
import { CsvReader, parseCsv } from "../src/readers/csv.ts";
import { readTable } from "../src/readers/read.ts";
import { messageOf } from "./refusals.ts";

const names = (table: Table) => table.columns.map((column) => column.name);
const values = (table: Table, j = 0) => [...table.columns[j]!.values];
const nan = Number.NaN;

async function messageOfAsync(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => new Error("nothing was thrown"),
    (reason) => reason,
  );
  return messageOf(() => {
    throw error;
  });
}

/** Seeded and uniform in (0, 1): mulberry32. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
}

const sample = (rows: number, quantile: (u: number) => number, seed = 1) => {
  const next = uniform(seed);
  return Float64Array.from({ length: rows }, () => quantile(next()));
};

describe("parseCsv", () => {
  it("reads numbers, texts, quotes, quoted line breaks, Windows line ends and a byte order mark", () => {
    const table = parseCsv('\uFEFFage,"height, m",note\r\n1,2.5e-1,"a\r\nb"\r\n -3 ,+4.,"say ""hi"""\r\n\r\n');
    expect(names(table)).toEqual(["age", "height, m", "note"]);
    expect(table.rows).toBe(2);
    expect(values(table, 0)).toEqual([1, -3]);
    expect(values(table, 1)).toEqual([0.25, 4]);
    expect(table.columns[2]).toMatchObject({ kind: "category", levels: ["a\nb", 'say "hi"'] });
    expect(values(table, 2)).toEqual([0, 1]);
  });

  it.each([
    ["semicolon", "a;b\n1;2\n3;4\n"],
    ["semicolon with commas inside cells", 'a;b\n1;"x,y,z"\n3;"p,q"\n'],
    ["tab", "a\tb\n1\t2\n"],
    ["bar", "a|b\n1|2"],
    ["semicolon with decimal commas", "a;b\n1,5;2,5\n3,5;4,5\n"],
    ["comma with a stray semicolon", "a,b\n1,x;y\n2,z"],
    ["comma with blank lines", "\n\na,b\n\n1,2\n\n3,4\n\n\n"],
  ])("finds the delimiter: %s", (_, text) => {
    expect(names(parseCsv(text))).toEqual(["a", "b"]);
  });

  it("takes a given delimiter, a tab by name too", () => {
    expect(names(parseCsv("a b\n1 2\n", { delimiter: " " }))).toEqual(["a", "b"]);
    expect(names(parseCsv("a\tb\n1\t2\n", { delimiter: "\\t" }))).toEqual(["a", "b"]);
    expect(messageOf(() => parseCsv("a\n1\n", { delimiter: "" }))).toBe(
      'delimiter "" must be one character, such as "," ";" or "\\t"',
    );
  });

  it("numbers the columns when the first row is all numbers, and obeys header", () => {
    expect(names(parseCsv("1,2\n3,4\n"))).toEqual(["1", "2"]);
    expect(parseCsv("1,NA\n3,4\n").rows).toBe(2);
    expect(names(parseCsv("red,1\nblue,2\n"))).toEqual(["red", "1"]);
    expect(parseCsv("red,1\nblue,2\n", { header: false })).toMatchObject({ rows: 2 });
    expect(names(parseCsv("2001,2002\n3,4\n", { header: true }))).toEqual(["2001", "2002"]);
    expect(names(parseCsv(",a\n1,2\n"))).toEqual(["1", "a"]);
    expect(names(parseCsv("1,5;2,5\n3,5;4,5\n", { header: false }))).toEqual(["1", "2"]);
  });

  it("turns all-text columns into categories with sorted levels, missing cells left out", () => {
    const table = parseCsv("c,n\nred,1\nblue,2\nNA,3\nred,4\n");
    expect(table.columns[0]).toMatchObject({ kind: "category", levels: ["blue", "red"] });
    expect(values(table)).toEqual([1, 0, nan, 1]);
    expect(table.columns[1]!.kind).toBe("numeric");
  });

  it("knows the usual missing cells and those given, numbers by value", () => {
    const cells = ["NA", "N/A", "NaN", "nan", "null", "NULL", "?", ".", " ", "-999.0", "none", "7"];
    const text = `a,b\n${cells.map((cell) => `${cell},1`).join("\n")}\n`;
    expect(values(parseCsv(text, { missing: ["-999", "none"] }))).toEqual([...Array(11).fill(nan), 7]);
  });

  it("reads chosen columns as categories, by name, number or pattern", () => {
    const text = "zip,a_1,a_2,b\n10,1,2,0.5\n9,1,x,0.5\n";
    const table = parseCsv(text, { categorical: ["zip", "a_*"] });
    expect(table.columns.map((column) => column.kind)).toEqual(["category", "category", "category", "numeric"]);
    expect(table.columns[0]!.levels).toEqual(["10", "9"]);
    expect(parseCsv(text, { categorical: ["4"] }).columns[3]!.kind).toBe("category");
    expect(messageOf(() => parseCsv(text, { categorical: ["zap"] }))).toBe(
      '--categorical: no column "zap" among 4 columns. Nearest name: "zip"',
    );
  });

  it("does not take hexadecimal for a number, nor a number too large for one", () => {
    expect(parseCsv("a,b\n0x1F,1\n0xFF,2\n").columns[0]!.kind).toBe("category");
    expect(messageOf(() => selectColumns(parseCsv("a,b\n1,1\n1e999,2\n"), "a", "--x"))).toBe(
      'row 2, column "a": "1e999" is not finite. Replace it by a number, or list it with --missing 1e999',
    );
  });

  it("refuses empty input, a lone header, and two columns of one name", () => {
    expect(messageOf(() => parseCsv(" \n\n"))).toBe("the table is empty. Give a header line and one line per sample");
    expect(messageOf(() => parseCsv("a,b\n"))).toBe(
      "the table has a header (a, b) and no rows. Add one line per sample, or say that the first line is data with --no-header",
    );
    expect(messageOf(() => parseCsv("a,b,a\n1,2,3\n"))).toBe(
      'columns 1 and 3 are both named "a". Rename one, or say that the first line is data with --no-header',
    );
  });

  it("names the line of a ragged row, quoted line breaks and blank lines counted", () => {
    expect(messageOf(() => parseCsv('a,b\n"x\ny",1\n\n1,2,3\n'))).toBe(
      'line 5: expected 2 fields as in line 1, found 3. Quote cells that contain "," and write NA for missing cells, so that every line has 2',
    );
    expect(messageOf(() => parseCsv("a;b\n1;2\n3\n"))).toContain("line 3: expected 2 fields as in line 1, found 1.");
    expect(messageOf(() => parseCsv("\nWeather report\na,b\n1,2\n1,2\n"))).toBe(
      "line 3: expected 1 field as in line 2, found 2. Delete the lines above the header",
    );
  });

  it("names the line of a quote that is not closed", () => {
    const mend = 'a quoted cell does not end with a quote. Close it, and write a quote inside a cell twice ("")';
    expect(messageOf(() => parseCsv('a,b\n1,2\n"x,1\n2,3\n'))).toBe(`line 3: ${mend}`);
    expect(messageOf(() => parseCsv('a,b\n"5" pipe",1\n2,3\n'))).toBe(`line 2: ${mend}`);
  });

  it.each([
    '\uFEFFage,"height, m",note\r\n1,2.5e-1,"a\r\nb"\r\n -3 ,+4.,"say ""hi"""\r\n\r\n',
    "c\n1\n\n3\n\n\n",
    "a;b\n1;red\nNA;blue\n2;7\n",
    'a,b\n"x\ny",1\n\n1,2,3\n"',
    'a,b\n1,2\n"x,1\n2,3\n',
    "\n \r\n",
  ])("says the same of a text however it is cut: %j", (text) => {
    const read = (size: number) => {
      const reader = new CsvReader();
      for (let at = 0; at < text.length; at += size) reader.push(text.slice(at, at + size));
      return reader.finish();
    };
    const told = (call: () => unknown) => {
      try {
        return call();
      } catch (error) {
        return (error as Error).message;
      }
    };
    for (const size of [1, 2, 3, 7]) expect(told(() => read(size))).toEqual(told(() => parseCsv(text)));
  });

  it("finds quotes, ragged rows and texts beyond the first piece", () => {
    const many = "1,2\n".repeat(300_000);
    expect(parseCsv(`a,b\n${many}3,"4"\n`).columns[1]!.values.at(-1)).toBe(4);
    expect(messageOf(() => parseCsv(`a,b\n${many}3\n`))).toContain("line 300002: expected 2 fields");
    expect(messageOf(() => parseCsv(`a,b\n1\n${many}3,"4\n`))).toContain("line 300003: a quoted cell does not end");
    const late = parseCsv(`a,b\n${",x\n".repeat(300_000)}2,y\n`);
    expect(late.columns[0]).toMatchObject({ kind: "numeric" });
    expect(late.columns[0]!.values.at(-1)).toBe(2);
    expect(late.columns[1]).toMatchObject({ kind: "category", levels: ["x", "y"] });
    const mixed = parseCsv(`a,b\n${"x,1\n".repeat(100_000)}2,1\n`).columns[0]!;
    expect(mixed).toMatchObject({ kind: "numeric", firstBad: { row: 1, cell: "x" } });
    expect(mixed.values.findIndex((value) => !Number.isNaN(value))).toBe(100_000);
  });

  it("reads 10 MB without dawdling", () => {
    const line = Array.from({ length: 10 }, (_, j) => (j + 0.123456789).toFixed(7)).join(",");
    const text = `${Array.from({ length: 10 }, (_, j) => `c${j}`).join(",")}\n${`${line}\n`.repeat(105_000)}`;
    expect(text.length).toBeGreaterThan(9e6);
    const start = performance.now();
    expect(parseCsv(text).rows).toBe(105_000);
    // Under 1 s on two free cores; the rest is room for a loaded machine.
    expect(performance.now() - start).toBeLessThan(6000);
  });
});

describe("selectColumns", () => {
  const table = parseCsv('age,income,gene_1,gene_20,3,"a,b",1-2,what?\n1,2,3,4,5,6,7,8\n');
  const pick = (spec: string) => selectColumns(table, spec, "--x");

  it("takes names, numbers, ranges and patterns, each column once", () => {
    expect(pick("income, age")).toEqual([1, 0]);
    expect(pick("1,4-6")).toEqual([0, 3, 4, 5]);
    expect(pick("gene_*")).toEqual([2, 3]);
    expect(pick("gene_?")).toEqual([2]);
    expect(pick("*")).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(pick("age,1,a*,age")).toEqual([0, 5]);
  });

  it("lets an exact name win over numbers, ranges and patterns", () => {
    expect(pick("3")).toEqual([4]);
    expect(pick("1-2")).toEqual([6]);
    expect(pick("what?")).toEqual([7]);
    expect(pick('"a,b",age')).toEqual([5, 0]);
  });

  it("names the nearest column and the number of columns", () => {
    expect(messageOf(() => pick("Incone"))).toBe('--x: no column "Incone" among 8 columns. Nearest name: "income"');
    expect(messageOf(() => pick("gane_*"))).toBe(
      '--x: no column matches "gane_*" among 8 columns. Nearest name: "gene_1"',
    );
    expect(messageOf(() => pick('"gene_*"'))).toContain('no column "gene_*"');
    expect(messageOf(() => pick("7-9"))).toBe(
      "--x: 7-9 is no column. The table has 8 columns; give a number from 1 to 8, or a range such as 1-8",
    );
    expect(messageOf(() => pick("0"))).toContain("--x: 0 is no column.");
    expect(messageOf(() => pick("6-4"))).toContain("--x: 6-4 is no column.");
    for (const spec of ["", "age,", "age,,income"]) {
      expect(messageOf(() => pick(spec))).toBe(
        "--x: an empty column name. Give names, numbers or patterns: age,3,'t_*'",
      );
    }
  });

  it("refuses a column that mixes numbers and texts only when it is selected", () => {
    const ages = [...Array(16).fill("30"), "twelve", "thirteen"];
    const mixed = parseCsv(`age,b c,size\n${ages.map((age, i) => `${age},${i === 2 ? "1 m" : 1},"1,5"`).join("\n")}\n`);
    expect(messageOf(() => selectColumns(mixed, "age", "--x"))).toBe(
      'row 17, column "age": "twelve" is not a number. Write it as a number, list it with --missing twelve, or treat the column as categories with --categorical age',
    );
    expect(messageOf(() => selectColumns(mixed, "b c", "--x"))).toBe(
      "row 3, column \"b c\": \"1 m\" is not a number. Write it as a number, list it with --missing '1 m', or treat the column as categories with --categorical 'b c'",
    );
    expect(selectColumns(mixed, "size", "--x")).toEqual([2]);
    expect(mixed.columns[2]).toMatchObject({ note: 'column "size": a comma is the decimal mark, as in "1,5"' });
  });

  it("refuses infinite cells, columns without values, and texts that differ in most rows", () => {
    const days = Array.from({ length: 30 }, (_, i) => `file-${i + 10},${i === 3 ? "-Inf" : i},NA`);
    const table = parseCsv(`name,a,b\n${days.join("\n")}\n`);
    expect(messageOf(() => selectColumns(table, "a", "--x"))).toBe(
      'row 4, column "a": "-Inf" is not finite. Replace it by a number, or list it with --missing=-Inf',
    );
    expect(messageOf(() => selectColumns(table, "b", "--x"))).toBe('column "b" has no value in any row. Leave it out');
    expect(columnProblem(table, 0)).toBe(
      'column "name" holds 30 different texts in 30 rows: names or free text, not categories. Leave it out, turn it into numbers, or keep it with --categorical name',
    );
    const kept = parseCsv(`name,a\n${days.map((day) => day.split(",")[0]).join(",1\n")},1\n`, {
      categorical: ["name"],
    });
    expect(columnProblem(kept, 0)).toBeUndefined();
  });
});

describe("completeRows", () => {
  it("keeps the rows that have every selected value and says what each column cost", () => {
    const table = parseCsv("a,b,c\n1,NA,NA\n2,1,NA\nNA,NA,NA\n4,2,NA\n");
    expect(completeRows(table.columns.slice(0, 2))).toEqual({
      rows: new Uint32Array([1, 3]),
      dropped: 2,
      droppedBy: [
        { name: "a", count: 1 },
        { name: "b", count: 2 },
      ],
    });
    expect(completeRows([])).toMatchObject({ dropped: 0, droppedBy: [] });
  });
});

it("nearestName ignores case and takes the first of equals", () => {
  expect(nearestName("TEMP", ["time", "temp", "tempo"])).toEqual({ name: "temp", distance: 0 });
  expect(nearestName("x", [])).toBeUndefined();
});

describe("readTable", () => {
  let folder = "";
  const file = async (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "remine-data-"));
    await file("weather.csv", "a,b\n1,2\n");
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("reads a file, a gzip file whatever its name, and standard input", async () => {
    expect(names(await readTable(join(folder, "weather.csv")))).toEqual(["a", "b"]);
    expect((await readTable(await file("packed.txt", gzipSync("a;é\n1;2\n")))).columns[1]!.name).toBe("é");
    const stdin = vi.spyOn(process, "stdin", "get");
    stdin.mockReturnValue(Readable.from([Buffer.from("a,b\n1,"), Buffer.from("2\n")]) as typeof process.stdin);
    expect((await readTable("-", { categorical: ["a"] })).columns[0]!.kind).toBe("category");
    stdin.mockReturnValue(Object.assign(Readable.from([]), { isTTY: true }) as unknown as typeof process.stdin);
    expect(await messageOfAsync(readTable("-"))).toContain("standard input is a terminal. Pipe a table in");
    stdin.mockReturnValue(Readable.from([]) as typeof process.stdin);
    expect(await messageOfAsync(readTable("-"))).toContain("standard input: the file is empty.");
    stdin.mockRestore();
  });

  it("reads the shipped data set", async () => {
    const table = await readTable(fileURLToPath(new URL("../data/seattle-weather.csv", import.meta.url)));
    expect(names(table)).toEqual(["date", "day_of_year", "precipitation", "temp_max", "temp_min", "wind", "weather"]);
    expect(table.rows).toBe(1461);
    expect(table.columns[6]!.levels).toEqual(["drizzle", "fog", "rain", "snow", "sun"]);
    expect(table.columns[1]!.values[365]).toBe(366);
    expect(completeRows(table.columns.slice(1)).dropped).toBe(0);
    expect(table.columns[0]).toMatchObject({ kind: "numeric", isDate: true });
    expect(table.columns[0]!.values[1]).toBe(Date.UTC(2012, 0, 2) / 864e5);
  });

  it("names a missing file, the nearest name, and a missing folder", async () => {
    const missing = join(folder, "waether.csv");
    expect(await messageOfAsync(readTable(missing))).toBe(`${missing}: no such file. Did you mean "weather.csv"?`);
    const far = join(folder, "quite-another.tsv");
    expect(await messageOfAsync(readTable(far))).toBe(`${far}: no such file. Check the path`);
    const lost = join(folder, "no", "a.csv");
    expect(await messageOfAsync(readTable(lost))).toBe(
      `${lost}: no such file, and no folder ${join(folder, "no")}. Check the path`,
    );
    const inside = join(folder, "weather.csv", "a.csv");
    expect(await messageOfAsync(readTable(inside))).toContain("no such file");
  });

  it("refuses folders, empty, binary, UTF-16 and broken gzip files", async () => {
    expect(await messageOfAsync(readTable(folder))).toBe(`${folder}: is a folder. Name a file in it`);
    const empty = await file("empty.csv", "");
    expect(await messageOfAsync(readTable(empty))).toBe(
      `${empty}: the file is empty. Give a table with one line per sample`,
    );
    const binary = await file("image.csv", Uint8Array.of(65, 0, 66));
    expect(await messageOfAsync(readTable(binary))).toBe(
      `${binary}: a binary file, not a table of text. Convert it to CSV, one line per sample, or to Parquet`,
    );
    const wide = await file("wide.csv", Buffer.from("\uFEFFa,b\n1,2\n", "utf16le"));
    expect(await messageOfAsync(readTable(wide))).toBe(`${wide}: the text is UTF-16. Save it as UTF-8`);
    const cut = await file("cut.csv.gz", gzipSync("a,b\n1,2\n".repeat(100)).subarray(0, 30));
    expect(await messageOfAsync(readTable(cut))).toBe(
      `${cut}: a broken gzip file (it is cut off, or its checksum is wrong). Download or compress it again`,
    );
  });

  it("puts the path before what parseCsv says", async () => {
    const ragged = await file("ragged.csv", "a,b\n1\n");
    expect(await messageOfAsync(readTable(ragged))).toContain(`${ragged}: line 2: expected 2 fields`);
  });
});

describe("normalQuantile", () => {
  it("agrees with tabled quantiles to 1e-14 relative", () => {
    // mpmath 1.3.0 with 40 digits, p the nearest double.
    const table: [number, number][] = [
      [1e-300, -37.0470962993612],
      [1e-20, -9.262340089798407],
      [1e-9, -5.9978070150076865],
      [0.0001, -3.7190164854556804],
      [0.02, -2.053748910631823],
      [0.075, -1.439531470938456],
      [0.0751, -1.43882539275254],
      [0.3, -0.5244005127080408],
      [0.49, -0.025068908258711057],
      [0.6, 0.2533471031357997],
      [0.925, 1.4395314709384561],
      [0.97, 1.8807936081512506],
      [0.999, 3.090232306167813],
      [0.9999999, 5.199337582290661],
    ];
    for (const [p, z] of table) expect(Math.abs(normalQuantile(p) / z - 1)).toBeLessThan(1e-14);
    expect(normalQuantile(0.5)).toBe(0);
  });

  it("is odd and rises across its three pieces", () => {
    let last = -Infinity;
    for (let k = 1; k < 4000; k++) {
      const z = normalQuantile(k / 4000);
      expect(z).toBeGreaterThan(last);
      expect(z + normalQuantile(1 - k / 4000)).toBeCloseTo(0, 12);
      last = z;
    }
  });
});

describe("transforms", () => {
  const normal = sample(20_000, normalQuantile);
  const exponential = sample(2000, (u) => -Math.log(u));
  const laplace = sample(5000, (u) => (u < 0.5 ? Math.log(2 * u) : -Math.log(2 - 2 * u)));

  it("standardizes what looks normal", () => {
    const fitted = fitTransform(normal.map((z) => 1e9 + 0.01 * z));
    expect(fitted.kind).toBe("standardize");
    const [column] = applyTransform(
      fitted,
      normal.map((z) => 1e9 + 0.01 * z),
    );
    const mean = column!.reduce((sum, z) => sum + z, 0) / column!.length;
    expect(mean).toBeCloseTo(0, 5);
    expect(column!.reduce((sum, z) => sum + (z - mean) ** 2, 0) / column!.length).toBeCloseTo(1, 5);
    expect(describeTransform({ kind: "standardize", mean: 3.14499, scale: 0.5 })).toBe(
      "standardized (mean 3.14, standard deviation 0.5)",
    );
    expect(fitTransform(sample(1000, (u) => u)).kind).toBe("standardize");
  });

  it.each([
    ["skewed", exponential, /^normal scores by rank \(skewed, heavy tails: skewness [\d.]+, excess kurtosis [\d.]+\)$/],
    ["skewed alone", sample(5000, (u) => -Math.log(u)).map((v) => Math.min(v, 3.2)), /\(skewed: skewness 1\.\d+\)$/],
    ["heavy tailed", laplace, /\(heavy tails: excess kurtosis [\d.]+\)$/],
    ["with an outlier", normal.with(0, 7), /\(an outlier 7(\.\d+)? standard deviations out\)$/],
    ["huge", laplace.map((v) => v * 1e307), /heavy tails/],
  ])("takes normal scores of a sample that is %s", (_, values, words) => {
    const fitted = fitTransform(values);
    expect(fitted.kind).toBe("normal-scores");
    expect(describeTransform(fitted)).toMatch(words);
    const [scores] = applyTransform(fitted, values);
    const order = Array.from(values.keys()).sort((i, j) => values[i]! - values[j]!);
    for (let k = 1; k < order.length; k++) {
      const tied = values[order[k]!] === values[order[k - 1]!];
      const rise = scores![order[k]!]! - scores![order[k - 1]!]!;
      expect(tied ? rise === 0 : rise > 0).toBe(true);
    }
  });

  it("gives tied values the score of their mean rank, and new values the line between knots", () => {
    const fitted = fitTransform(Float64Array.of(10, 20, 20, 40), { kind: "normal-scores" });
    const z = [normalQuantile(1 / 8), normalQuantile(0.5), normalQuantile(7 / 8)];
    const [scores] = applyTransform(fitted, Float64Array.of(10, 20, 40, 15, 25, 9, 1e300, -1e300));
    const wanted = [z[0]!, z[1]!, z[2]!, z[0]! / 2, z[2]! / 4, z[0]!, z[2]!, z[0]!];
    expect(scores).toEqual(Float32Array.from(wanted));
    expect(describeTransform(fitted)).toBe("normal scores by rank (as asked)");
    expect(transformWidth(fitted)).toBe(1);
  });

  it("opens categories and numbers of few values into one column per level", () => {
    const dice = sample(200, (u) => Math.ceil(6 * u));
    const fitted = fitTransform(dice);
    expect(describeTransform(fitted)).toBe("one-hot (6 levels)");
    expect(transformWidth(fitted)).toBe(6);
    const columns = applyTransform(fitted, dice);
    for (const [i, value] of dice.entries()) {
      expect(columns.map((column) => column[i])).toEqual([1, 2, 3, 4, 5, 6].map((level) => Number(level === value)));
    }
    expect(fitTransform(dice.subarray(0, 179)).kind).toBe("standardize");
    expect(fitTransform(dice.map((value) => value / 10)).kind).toBe("one-hot");
    expect(fitTransform(sample(2000, (u) => Math.ceil(21 * u))).kind).toBe("standardize");
    expect(fitTransform(Float64Array.of(0, 1, 2), { category: true }).kind).toBe("one-hot");
    expect(fitTransform(dice, { kind: "standardize" }).kind).toBe("standardize");
    expect(messageOf(() => applyTransform(fitted, Float64Array.of(1, 7)))).toBe(
      "row 2: 7 is none of the 6 levels that were fitted. Fit on all levels, or leave the row out",
    );
    expect(messageOf(() => applyTransform(fitted, Float64Array.of(0)))).toContain("row 1: 0 is none of the 6 levels");
  });

  it("leaves values alone when asked, and does not divide by zero", () => {
    expect(applyTransform(fitTransform(Float64Array.of(1, 2), { kind: "identity" }), Float64Array.of(1, 2))).toEqual([
      Float32Array.of(1, 2),
    ]);
    expect(describeTransform({ kind: "identity" })).toBe("as given");
    const constant = new Float64Array(50).fill(0.1);
    expect(applyTransform(fitTransform(constant), constant)[0]).toEqual(new Float32Array(50));
  });

  it("refuses columns without values or with values that are not finite", () => {
    expect(messageOf(() => fitTransform(new Float64Array(0)))).toBe(
      "a column without rows cannot be transformed. Give at least one value",
    );
    const broken = Float64Array.of(1, nan);
    const message = "row 2 is NaN. Leave rows without a finite value out first";
    expect(messageOf(() => fitTransform(broken))).toBe(message);
    expect(messageOf(() => applyTransform({ kind: "identity" }, broken))).toBe(message);
  });
});

describe("toColumns", () => {
  it("takes every form of input", () => {
    const side = (...columns: Column[]) => ({ name: "x", columns, rows: columns[0]!.values.length });
    const numbers = (...values: number[]): Column => ({ kind: "numeric", values: Float64Array.from(values) });
    const flat = side(numbers(1, 2, 3, 4));
    const pair = side(numbers(1, 3), numbers(2, 4));
    expect(toColumns([1, 2, 3, 4], "x")).toEqual(flat);
    expect(toColumns(Float32Array.of(1, 2, 3, 4), "x")).toEqual(flat);
    expect(toColumns(Float64Array.of(1, 2, 3, 4), "x")).toEqual(flat);
    expect(
      toColumns(
        [
          [1, 2],
          [3, 4],
        ],
        "x",
      ),
    ).toEqual(pair);
    expect(toColumns([Float32Array.of(1, 2), Float64Array.of(3, 4)], "x")).toEqual(pair);
    const named = side({ name: "a", ...numbers(1, 3) }, { name: "b", ...numbers(2, 4) });
    const data = { data: Float32Array.of(1, 2, 3, 4), columns: 2 };
    expect(toColumns(data, "x", { names: ["a", "b"] })).toEqual(named);
    expect(toColumns({ a: [1, 3], b: Float32Array.of(2, 4) }, "x")).toEqual(named);
    expect(toColumns([{ name: "a", values: [1, 3], kind: "category" }], "x")).toEqual(
      side({ name: "a", kind: "category", values: Float64Array.of(1, 3) }),
    );
    const values = Float64Array.of(1, 2);
    expect(toColumns({ values }, "x").columns[0]!.values).toBe(values);
  });

  it.each<[string, unknown, string]>([
    ["an empty array", [], "x is empty. Give at least 20 rows of numbers"],
    ["empty rows", [[], []], "x is empty. Give at least 20 rows of numbers"],
    ["ragged rows", [[1, 2], [3]], "x: row 2 (x[1]) has 1 values, row 1 has 2. Give every row 2 values"],
    ["a row that is a number", [[1, 2], 3], "x: row 2 (x[1]) is a number, row 1 has 2. Give every row 2 values"],
    [
      "NaN",
      [1, nan],
      "x: row 2, column 1 (x[1]) is NaN. Replace it by a finite number, or leave the row out of x and y",
    ],
    [
      "Infinity",
      [
        [1, 2],
        [3, -Infinity],
      ],
      "x: row 2, column 2 (x[1][1]) is -Infinity. Replace it by a finite number, or leave the row out of x and y",
    ],
    [
      "NaN in flat data",
      { data: Float32Array.of(1, 2, nan, 4), columns: 2 },
      "x: row 2, column 1 (x.data[2]) is NaN. Replace it by a finite number, or leave the row out of x and y",
    ],
    [
      "a text",
      [1, "2"],
      'x: row 2, column 1 (x[1]) is the text "2", not a number. Convert it with Number(), or leave the row out of x and y',
    ],
    [
      "null",
      [[1], [null]],
      "x: row 2, column 1 (x[1][0]) is null, not a number. Convert it with Number(), or leave the row out of x and y",
    ],
    [
      "a wrong width",
      { data: new Float32Array(5), columns: 2 },
      "x.data has 5 values, which is no multiple of x.columns = 2. Give rows × columns values, row after row",
    ],
    ["no width", { data: new Float32Array(5), columns: 0 }, "x.columns must be a positive whole number, got 0"],
    ["no data", { data: "abc", columns: 1 }, 'x.data must be a Float32Array or a Float64Array, got the text "abc"'],
    [
      "a text in place of an array",
      "1,2",
      'x must be an array of numbers, an array of rows, a Float32Array, a Float64Array or { data, columns }, got the text "1,2"',
    ],
  ])("refuses %s", (_, input, message) => {
    expect(messageOf(() => toColumns(input as ArrayInput, "x"))).toBe(message);
  });

  it("calls columns by name, and wants one name each", () => {
    expect(messageOf(() => toColumns([[1, nan]], "y", { names: ["a", "b"] }))).toContain(
      'y: row 1, column "b" (y[0][1]) is NaN',
    );
    expect(messageOf(() => toColumns([1], "y", { names: ["a", "b"] }))).toBe(
      "y has 1 columns and 2 names. Give one name per column",
    );
  });
});

describe("checkPair", () => {
  const ramp = Array.from({ length: 30 }, (_, i) => i / 7);
  const wave = ramp.map(Math.sin);
  const coin = ramp.map((_, i) => i % 2);
  const rows = (...columns: number[][]) => ramp.map((_, i) => columns.map((column) => column[i]!));

  it("passes sound pairs, and a discrete column on both sides", () => {
    checkPair(toColumns(ramp, "x"), toColumns(wave, "y"));
    checkPair(toColumns(rows(coin, ramp), "x"), toColumns(rows(wave, coin), "y"));
    const code = toColumns(
      ramp.map((_, i) => i % 15),
      "x",
      { categories: [true] },
    );
    checkPair(code, code);
  });

  it("refuses different and too few rows", () => {
    expect(messageOf(() => checkPair(toColumns(ramp, "x"), toColumns([1, 2, 3], "y")))).toBe(
      "x has 30 rows and y has 3. Row i of x and row i of y are one sample: give both the same rows",
    );
    const few = toColumns(ramp.slice(0, 19), "x");
    expect(messageOf(() => checkPair(few, few))).toBe(
      "x and y have 19 rows; at least 20 are needed, and hundreds for an interval of use. Collect more rows",
    );
    const lying = toColumns([ramp, wave], "x");
    expect(messageOf(() => checkPair(lying, lying))).toContain("transpose them: rows come first");
  });

  it("names constant columns, and continuous columns that are on both sides", () => {
    const one = ramp.map(() => 1);
    expect(messageOf(() => checkPair(toColumns(rows(ramp, one), "x"), toColumns(wave, "y")))).toBe(
      "column 2 of x is constant (1 in every row), so it carries no information. Leave it out",
    );
    expect(messageOf(() => checkPair(toColumns(ramp, "x"), toColumns(one, "y")))).toContain("y is constant (1 in");
    const x = toColumns(rows(wave, ramp), "x", { names: ["wave", "ramp"] });
    expect(messageOf(() => checkPair(x, toColumns(ramp, "y")))).toBe(
      'column "ramp" of x and y: the same column in x and y: MI of continuous data with itself is infinite; drop it from one side',
    );
  });
});
