// JSON Lines and lists of rows.
import { describe, expect, it } from "vitest";
import { columnProblem } from "../../src/data/table.ts";
import { JsonValues } from "../../src/readers/json-values.ts";
import { column, readAs, refusal, valuesOf } from "./refused.ts";

const names = ({ columns }: { columns: { name: string }[] }) => columns.map(({ name }) => name);
const read = (text: string, options = {}, name = "t.txt") => readAs(name, text, options);

describe("JSON Lines", () => {
  const text = '{"a":1,"b":"x"}\n{"c":true,"a":null}\n\n{"b":"y","a":2.5}\n';

  it("have the union of the keys as columns, in the order in which they come", async () => {
    const table = await read(text);
    expect(table.rows).toBe(3);
    expect(names(table)).toEqual(["a", "b", "c"]);
    expect(valuesOf(table, "a")).toEqual([1, Number.NaN, 2.5]);
    expect(column(table, "b")).toMatchObject({ levels: ["x", "y"], missing: [{ text: "null", rows: 1 }] });
    expect(valuesOf(table, "c")).toEqual([Number.NaN, 0, Number.NaN]);
    expect(column(table, "c").missing).toEqual([{ text: "null", rows: 2 }]);
  });

  it("are the same in one list, over several lines, with Windows line ends and behind a byte order mark", async () => {
    const table = await read(text);
    const rows = text.trim().split(/\n+/);
    const pretty = rows.map((row) => JSON.stringify(JSON.parse(row), null, 2)).join("\n");
    for (const other of [
      `[${rows.join(",")}]`,
      `[\n  ${rows.join(",\n  ")}\n]\n`,
      `\uFEFF${text}`,
      text.replaceAll("\n", "\r\n"),
      pretty,
      `[${pretty.replaceAll("}\n{", "},\n{")}]`,
    ]) {
      expect(await read(other)).toEqual(table);
    }
  });

  it("cut anywhere are the same rows", () => {
    const quoted = '[ {"a": "}\\\\\\"[", "b": [1, {"c": 2}]},\n{"a": "é"} ]';
    const whole = new JsonValues();
    const rows = [...whole.push(quoted), ...whole.finish()];
    expect(rows).toEqual([
      { text: '{"a": "}\\\\\\"[", "b": [1, {"c": 2}]}', line: 1 },
      { text: '{"a": "é"}', line: 2 },
    ]);
    for (let at = 0; at <= quoted.length; at++) {
      const cut = new JsonValues();
      const pieces = [cut.push(quoted.slice(0, at)), cut.push(quoted.slice(at)), cut.finish()];
      expect(pieces.flat(), `cut at ${at}`).toEqual(rows);
    }
    const single = new JsonValues();
    expect([...quoted].flatMap((letter) => single.push(letter))).toEqual(rows);
  });

  it("may hold NaN and Infinity as Python writes them, and dates as texts", async () => {
    const table = await read(
      '{"a": NaN, "t": "NaN, 2024", "d": "2024-02-29"}\n{"a": -Infinity, "t": "x", "d": null}\n',
    );
    expect(column(table, "a").missing).toEqual([{ text: "null", rows: 1 }]);
    expect(columnProblem(table, 0)).toContain('"-inf" is not finite');
    expect(column(table, "t").levels).toEqual(["NaN, 2024", "x"]);
    expect(column(table, "d")).toMatchObject({ isDate: true, kind: "numeric" });
  });

  it("with nested values have a problem in that column alone", async () => {
    const table = await read('{"a":{"b":1},"x":1}\n{"a":2,"x":2}\n');
    expect(columnProblem(table, 0)).toContain('column "a" holds objects, which are neither numbers nor labels');
    expect(columnProblem(table, 1)).toBeUndefined();
  });

  it("keep the columns alone that are asked for, those of later rows too, and take options for each", async () => {
    const rows = '{"a":1,"b":2}\n{"a":1,"b":3,"gene_1":5}\n{"gene_2":"L","a":2}\n';
    const options = { columns: ["gene_*,a"], categorical: ["a"], ordered: [{ columns: "gene_2", levels: ["S", "L"] }] };
    const table = await read(rows, options);
    expect(table.columns.map(({ isUnread }) => isUnread ?? false)).toEqual([false, true, false, false]);
    expect(column(table, "a")).toMatchObject({ forced: true, levels: ["1", "2"] });
    expect(valuesOf(table, "gene_2")).toEqual([Number.NaN, Number.NaN, 1]);
    expect(await refusal(read(rows, { categorical: ["d"] }))).toContain('--categorical: no column "d" among 4 columns');
  });

  it("of lists have names in the first one, or numbers", async () => {
    const named = await read('["a","b"]\n[1,"x"]\n[2,"y"]\n');
    expect(named).toMatchObject({ rows: 2, columns: [{ name: "a" }, { name: "b" }] });
    expect(named.notes).toBeUndefined();
    expect(names(await read("[1,2]\n[3,4]\n"))).toEqual(["1", "2"]);
    expect(await read("[[1,2],[3,4]]")).toEqual(await read("[1,2]\n[3,4]\n"));
    const texts = '["a","b"]\n["c","d"]\n';
    expect((await read(texts)).notes).toEqual(["line 1 is read as names; --no-header makes it data"]);
    expect((await read(texts, { header: false })).rows).toBe(2);
    expect(names(await read("[7,8]\n[1,2]\n", { header: true }))).toEqual(["7", "8"]);
  });

  it("are told from text that begins with a bracket", async () => {
    expect(names(await read("[a],[b]\n1,2\n"))).toEqual(["[a]", "[b]"]);
    expect(names(await read("{a};{b}\n1;2\n"))).toHaveLength(2);
  });

  it.each([
    ["a row without an end", '{"a":1}\n{"a":2', "line 2: the JSON row that begins here does not end"],
    ["a list without an end", '[{"a":1},\n{"a":2}\n', "line 1: the JSON list that begins here does not end"],
    ["an empty list", "[]\n", "the list has no rows. Give one object for each sample"],
    ["a quote that is not closed", '{"a":1}\n{"a":"b}\n', "line 2: a text in quotes that does not end in its line"],
    ["a broken row", '{"a":1}\n{"a" 2}\n', "line 2: no JSON ("],
    ["a number between rows", '{"a":1}\n7\n', "line 2: a value that is neither an object nor a list"],
    [
      "a list among objects",
      '{"a":1}\n[2]\n',
      "line 2: a list, where the rows before are objects. Write all rows alike",
    ],
    [
      "an object among lists",
      "[1]\n[2]\n{}\n",
      "line 3: an object, where the rows before are lists. Write all rows alike",
    ],
    ["lists of several lengths", "[1,2]\n[3]\n", "line 2: a list of 1 values, where line 1 has 2. Write null"],
    ["objects without keys", "{}\n{}\n", "the objects have no keys"],
    ["a name twice", '["a","a"]\n[1,2]\n', 'columns 1 and 2 are both named "a"'],
    ["names alone", '["a","b"]\n', "the first list is names, and there are no rows"],
    [
      "keys that are data",
      Array.from({ length: 1100 }, (_, i) => `{"k${i}":1}`).join("\n"),
      "line 1001: more than 1000 rows have keys that no row before them had",
    ],
  ])("with %s are refused", async (_, text, message) => {
    const told = await refusal(read(text, {}, "t.json"));
    expect(told.startsWith(`t.json: ${message}`), told).toBe(true);
  });

  it("refuse what is about delimited text, and a header of objects", async () => {
    expect(await refusal(read(text, { delimiter: ";" }))).toContain("--delimiter is about text");
    expect(await refusal(read(text, { header: true }))).toContain(
      "--header (or --no-header) is about rows that are lists",
    );
  });
});
