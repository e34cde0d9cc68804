/** Each side from a file of its own, and results as files of each kind, as a person meets them. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { columnsOf, type OutputColumn, writeOutput } from "../src/cli/output.ts";
import { readSides } from "../src/cli/sides.ts";
import { readTable } from "../src/readers/read.ts";

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "remine-sides-"));
  for (const name of ["c-order.npy", "f8-little.npy", "text.npy", "larger.npy", "i4-big.npy", "packed.npz"]) {
    cpSync(new URL(`fixtures/readers/${name}`, import.meta.url), at(name));
  }
  cpSync(new URL("fixtures/readers/f4-little.npy", import.meta.url), join(folder, "other.npy"));
  writeFileSync(
    at("t.csv"),
    `age,sex\n${Array.from({ length: 24 }, (_, i) => `${i},${i % 2 ? "m" : "f"}`).join("\n")}\n`,
  );
  writeFileSync(at("short.csv"), "age\n1\n2\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Sides whose files are in the folder. */
async function sides(options: Record<string, string>, more: object = {}) {
  const paths = Object.fromEntries(Object.entries(options).map(([side, name]) => [side, at(name)]));
  return readSides(undefined, { ...paths, ...more } as never, []);
}

describe("sides from files", () => {
  it("are called by their files, with numbers where there are several columns", async () => {
    const { table, options } = await sides({ x: "c-order.npy", y: "f8-little.npy", given: "text.npy" });
    expect(table.rows).toBe(24);
    expect(table.columns.map(({ name }) => name)).toEqual([
      "c-order[1]",
      "c-order[2]",
      "c-order[3]",
      "f8-little",
      "text",
    ]);
    expect(options).toMatchObject({ x: '"c-order[1]","c-order[2]","c-order[3]"', y: '"f8-little"', given: '"text"' });
    expect(table.columns[4]).toMatchObject({ kind: "category", levels: ["blå", "green", "red", "𝄞"] });
  });

  it("may be of any format; columns with names keep them", async () => {
    const { table } = await sides({ x: "t.csv", y: "f8-little.npy" });
    expect(table.columns.map(({ name }) => name)).toEqual(["t.age", "t.sex", "f8-little"]);
  });

  it("files of one name are called by their sides", async () => {
    mkdirSync(at("deep"), { recursive: true });
    cpSync(at("other.npy"), at("deep/other.npy"));
    const { table } = await sides({ x: "other.npy", y: "deep/other.npy" });
    expect(table.columns.map(({ name }) => name)).toEqual(["x", "y"]);
  });

  it("notes and --categorical are about the sides", async () => {
    const noted = await sides({ x: "larger.npy", y: "f8-little.npy" });
    expect(noted.table.columns[0]!.note).toMatch(/^column "larger": numbers of more than 15 digits are rounded/);
    for (const categorical of ["x", "i4-big"]) {
      const { table } = await sides({ x: "i4-big.npy", y: "f8-little.npy" }, { categorical: [categorical] });
      expect(table.columns.map(({ kind }) => kind)).toEqual(["category", "numeric"]);
    }
    await expect(sides({ x: "i4-big.npy", y: "f8-little.npy" }, { categorical: ["age"] })).rejects.toThrow(
      "--categorical age: each side is a file here. Name a side (x, y), whose columns are all meant",
    );
  });

  it("with other rows, of no file, or beside a table are refused with the mend", async () => {
    await expect(sides({ x: "c-order.npy", y: "short.csv" })).rejects.toThrow(
      `${at("c-order.npy")} has 24 rows, and ${at("short.csv")} has 2. Row i of each is sample i, so they need equally many`,
    );
    await expect(readSides(undefined, { x: "age", y: at("t.csv") } as never, [])).rejects.toThrow(
      "--x age: no such file. Without a table before the options each side is a file; to name columns, name their table: remine estimate table.csv --x age",
    );
    await expect(readSides(at("t.csv"), { x: "age", y: "b.npy" } as never, ["age"])).rejects.toThrow(
      `--y b.npy names a file, and so does ${at("t.csv")}. Leave ${at("t.csv")} out to give each side a file of its own, or name columns of ${at("t.csv")}`,
    );
    await expect(readSides(undefined, { x: "-", y: at("t.csv") } as never, [])).rejects.toThrow(
      "--x -: a side is read from a file. Name it, or pipe one table in with all sides",
    );
  });
});

describe("results as files", () => {
  const columns: OutputColumn[] = columnsOf(
    [
      { name: "a,b", mi: 1 / 3, rows: 24 },
      { name: 'q"', mi: Number.NaN, rows: 5 },
      { name: "inf", mi: Number.POSITIVE_INFINITY, rows: undefined },
    ],
    { name: "text", rows: "count" },
  );
  const output = { columns, json: () => ({ all: [1, 2] }) };
  const write = async (name: string) => {
    await writeOutput(at(name), output);
    return readFileSync(at(name));
  };

  it("CSV, JSON and lines of JSON", async () => {
    expect(String(await write("r.csv"))).toBe(`name,mi,rows\n"a,b",${1 / 3},24\n"q""",,5\ninf,inf,\n`);
    expect(JSON.parse(String(await write("r.json")))).toEqual({ all: [1, 2] });
    const lines = String(await write("r.ndjson"))
      .trim()
      .split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { name: "a,b", mi: 1 / 3, rows: 24 },
      { name: 'q"', rows: 5 },
      { name: "inf", mi: null },
    ]);
  });

  it("Parquet, which this library and hyparquet read", async () => {
    const bytes = await write("r.parquet");
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    expect(await parquetReadObjects({ file })).toEqual([
      { name: "a,b", mi: 1 / 3, rows: 24 },
      { name: 'q"', mi: null, rows: 5 },
      { name: "inf", mi: Number.POSITIVE_INFINITY, rows: null },
    ]);
    const { columns: read } = await readTable(at("r.parquet"), { columns: ["rows"] });
    expect(Array.from(read[2]!.values)).toEqual([24, 5, Number.NaN]);
  });
});

describe("the command line", () => {
  const remine = (...args: string[]) =>
    spawnSync(process.execPath, [join(process.cwd(), "dist/cli.js"), ...args], { cwd: folder, encoding: "utf8" });

  it("estimates from arrays, writes Parquet, and leaves nothing else", async () => {
    const sides = ["--x", "c-order.npy", "--y", "i4-big.npy", "--estimator", "ksg", "--quiet"];
    const { stdout, status } = remine("estimate", ...sides, "--output", "e.parquet");
    expect(stdout).toMatch(/^I\(c-order\[1\], c-order\[2\], c-order\[3\]; i4-big\) = /);
    expect(status).toBe(0);
    const table = await readTable(at("e.parquet"));
    expect(table.columns.find(({ name }) => name === "rows")!.values[0]).toBe(24);
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("an ending that is not known is refused before anything is computed", () => {
    for (const [command, endings] of [
      ["estimate", ".csv, .json, .ndjson or .parquet"],
      ["score", ".csv, .json, .ndjson or .parquet"],
    ]) {
      const { status, stderr } = remine(command!, "packed.npz", "--x", "x", "--y", "y", "--output", "e.xlsx");
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: `remine: --output e.xlsx: name a file that ends in ${endings}\n`,
      });
    }
    const { stderr } = remine("matrix", "packed.npz", "--columns", "x,y", "--output", "nowhere/e.parquet");
    expect(stderr).toBe(
      'remine: cannot write "nowhere/e.parquet": its folder does not exist. Create it, or name another path\n',
    );
  });
});
