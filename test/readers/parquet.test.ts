// Parquet: columns of every type by hyparquet-writer, pages by hand, and the file of three million flights.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parquetReadObjects } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { columnProblem, type Table } from "../../src/data/table.ts";
import { readRuns } from "../../src/readers/parquet-runs.ts";
import { readSource, readTable } from "../../src/readers/read.ts";
import { blobSource } from "../../src/readers/source.ts";
import { column, readAs, refusal, valuesOf } from "./refused.ts";

type Written = Parameters<typeof parquetWriteBuffer>[0];
const written = (options: Written) => readAs("t.parquet", parquetWriteBuffer(options));
const one = async (data: unknown[], element: object): Promise<Table> =>
  written({
    columnData: [{ name: "c", data: data as string[] }],
    schema: [{ name: "root", num_children: 1 }, { name: "c", repetition_type: "OPTIONAL", ...element } as never],
  });

const DATA = new URL("../../tools/node_modules/", import.meta.url);
const FLIGHTS = join(fileURLToPath(DATA), "vega-datasets/data/flights-3m.parquet");

describe("a Parquet file", () => {
  it("has its numbers, labels and flags, with nulls, over row groups and pages, in every encoding", async () => {
    const rows = 3000;
    const at = <T>(value: (row: number) => T, every: number) =>
      Array.from({ length: rows }, (_, row) => (row % every === 1 ? null : value(row)));
    const data = {
      double: at((row) => row / 7, 5),
      float: at((row) => row / 4, 4),
      int: at((row) => row - 1500, 6),
      long: at((row) => BigInt(row) * 2n ** 50n, 7),
      text: at((row) => `t${row % 300}`, 3),
      flag: at((row) => row % 3 === 0, 9),
    };
    const types = { double: "DOUBLE", float: "FLOAT", int: "INT32", long: "INT64", text: "STRING", flag: "BOOLEAN" };
    for (const encoding of [
      undefined,
      "PLAIN",
      "DELTA_BINARY_PACKED",
      "BYTE_STREAM_SPLIT",
      "DELTA_LENGTH_BYTE_ARRAY",
    ]) {
      const fits = (type: string) =>
        encoding === "PLAIN" ||
        (encoding === "DELTA_BINARY_PACKED" && /^INT/.test(type)) ||
        (encoding === "BYTE_STREAM_SPLIT" && /FLOAT|DOUBLE/.test(type)) ||
        (encoding === "DELTA_LENGTH_BYTE_ARRAY" && type === "STRING");
      const table = await written({
        columnData: Object.entries(data).map(([name, values]) => {
          const type = types[name as keyof typeof types];
          return { name, data: values, type, ...(encoding && fits(type) && { encoding }) } as never;
        }),
        rowGroupSize: [700, 900],
        pageSize: 1000,
      });
      expect(table.rows).toBe(rows);
      for (const name of ["double", "float", "int", "long"] as const) {
        const truth = (data[name] as (number | bigint | null)[]).map((v) => (v === null ? Number.NaN : Number(v)));
        expect(valuesOf(table, name), `${name} ${encoding}`).toEqual(truth);
      }
      const { values, levels } = column(table, "text");
      expect(Array.from(values, (code) => levels![code] ?? null)).toEqual(data.text);
      expect(valuesOf(table, "flag")).toEqual(data.flag.map((flag) => (flag === null ? Number.NaN : Number(flag))));
      expect(column(table, "double").missing).toEqual([{ text: "null", rows: 600 }]);
    }
  });

  it("has dates, times, decimals and unsigned numbers as what they are", async () => {
    const day = Date.UTC(2024, 1, 29);
    const date = await one([new Date(day), null], { type: "INT32", converted_type: "DATE" });
    expect(column(date, "c")).toMatchObject({ isDate: true, values: Float64Array.of(day / 864e5, Number.NaN) });
    for (const unit of ["MILLIS", "MICROS", "NANOS"]) {
      const logical = { type: "TIMESTAMP", isAdjustedToUTC: false, unit };
      const table = await one([new Date(day + 432e5)], { type: "INT64", logical_type: logical });
      expect(valuesOf(table, "c"), unit).toEqual([day / 864e5 + 0.5]);
      expect(column(table, "c").note).toBe('column "c": dates are numbers, days since 1970-01-01');
    }
    const old = await one([new Date(day)], { type: "INT64", converted_type: "TIMESTAMP_MILLIS" });
    expect(column(old, "c").note).toContain("in UTC");
    const time = await one([5_400_000_000n], {
      type: "INT64",
      logical_type: { type: "TIME", isAdjustedToUTC: true, unit: "MICROS" },
    });
    expect(column(time, "c").note).toContain("seconds since midnight");
    expect(valuesOf(time, "c")).toEqual([5400]);
    for (const type of [{ type: "INT32" }, { type: "INT64" }, { type: "FIXED_LEN_BYTE_ARRAY", type_length: 5 }]) {
      const decimals = await one([12.34, -0.3, null], { ...type, converted_type: "DECIMAL", scale: 2, precision: 9 });
      expect(valuesOf(decimals, "c"), type.type).toEqual([12.34, -0.3, Number.NaN]);
    }
    const unsigned = await one([4_000_000_000], { type: "INT32", converted_type: "UINT_32" });
    expect(valuesOf(unsigned, "c")).toEqual([4e9]);
    const halves = [1.5, -2, 2 ** -24, 65504];
    const half = await one(halves, { type: "FIXED_LEN_BYTE_ARRAY", type_length: 2, logical_type: { type: "FLOAT16" } });
    expect(valuesOf(half, "c")).toEqual(halves);
  });

  it("rounds whole numbers beyond 2^53 and says so", async () => {
    const table = await one([2n ** 53n + 1n], { type: "INT64" });
    expect(column(table, "c").note).toContain('"9007199254740993" to 9007199254740992');
  });

  it("has lists, structs and bytes as columns that are refused when they are asked for", async () => {
    const table = await written({
      columnData: [
        { name: "json", data: [{ a: 1 }, { a: 2 }] },
        { name: "bytes", data: [Uint8Array.of(1), Uint8Array.of(2)] },
        { name: "list", data: [[1], [2, 3]] as never },
        { name: "x", data: [1.5, 2.5] },
      ] as never,
      schema: [
        { name: "root", num_children: 4 },
        { name: "json", type: "BYTE_ARRAY", converted_type: "JSON", repetition_type: "REQUIRED" },
        { name: "bytes", type: "BYTE_ARRAY", repetition_type: "REQUIRED" },
        { name: "list", repetition_type: "OPTIONAL", converted_type: "LIST", num_children: 1 },
        { name: "list", repetition_type: "REPEATED", num_children: 1 },
        { name: "element", type: "INT32", repetition_type: "OPTIONAL" },
        { name: "x", type: "DOUBLE", repetition_type: "REQUIRED" },
      ] as never,
    });
    expect(columnProblem(table, 0)).toContain('column "json" holds JSON documents');
    expect(columnProblem(table, 1)).toContain('column "bytes" holds bytes, which are neither numbers nor labels');
    expect(columnProblem(table, 2)).toContain('column "list" holds lists');
    expect(valuesOf(table, "x")).toEqual([1.5, 2.5]);
  });

  it("is read where the columns are that somebody asks for, and nowhere else", async () => {
    const data = (seed: number) => Array.from({ length: 50_000 }, (_, row) => Math.sin(row * seed));
    const columnData = ["a", "b", "c"].map((name, i) => ({ name, data: data(i + 1), type: "DOUBLE" as const }));
    const file = new Blob([parquetWriteBuffer({ columnData, statistics: false })]);
    let bytes = 0;
    const source = blobSource(file, "t");
    const counting = {
      ...source,
      slice: async (start: number, end: number) => {
        const piece = await source.slice(start, end);
        bytes += start < file.size - 2 ** 19 || end < file.size ? piece.length : 0;
        return piece;
      },
    };
    const table = await readSource(counting, { columns: ["b"] });
    expect(valuesOf(table, "b")).toEqual(columnData[1]!.data);
    expect(column(table, "a")).toMatchObject({ isUnread: true });
    expect(bytes).toBeLessThan(0.4 * file.size);
  });

  it("is refused when it is cut off, encrypted, has broken pages, or options of text", async () => {
    const whole = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: "a", data: [1, 2, 3], type: "DOUBLE" }] }));
    const read = (bytes: Uint8Array, options = {}) => refusal(readAs("t.parquet", bytes as BlobPart, options));
    expect(await read(whole.subarray(0, 60))).toBe(
      "t.parquet: this Parquet file does not end with its footer: it is cut off after 60 bytes, or its writer did not close it. Download or write it again",
    );
    expect(await read(whole.subarray(0, 4))).toContain("cut off after 4 bytes");
    expect(await read(Uint8Array.from([...whole.subarray(0, -4), ...Buffer.from("PARE")]))).toContain("is encrypted");
    expect(await read(Uint8Array.from([...Buffer.from("PARE"), ...whole.subarray(4)]))).toContain(
      "a Parquet file whose footer is encrypted. Write it without encryption",
    );
    const page = whole.slice().fill(0xff, 4, 24);
    expect(await read(page)).toMatch(/^t\.parquet: a broken Parquet file \(.+\)\. Write it again/);
    const footer = whole.slice().fill(0xff, whole.length - 40, whole.length - 8);
    expect(await read(footer)).toMatch(/^t\.parquet: a broken Parquet file/);
    expect(await read(whole, { delimiter: ";" })).toContain("--delimiter is about text, and this is a Parquet file");
    expect(await read(whole, { header: false })).toContain("--header (or --no-header) is about text");
  });

  it("of three million flights agrees with what hyparquet reads of its last rows", async () => {
    const table = await readTable(FLIGHTS, { columns: ["delay", "origin"] });
    expect(table.rows).toBe(3_000_000);
    const bytes = await readFile(FLIGHTS);
    const { compressors } = await import("hyparquet-compressors");
    const truth = await parquetReadObjects({
      file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
      ...{ columns: ["delay", "origin"], rowStart: 2_990_000, compressors },
    });
    const { values: delays } = column(table, "delay");
    const { values: codes, levels } = column(table, "origin");
    const known = truth.map((row) => ({ ...row, delay: Number(row.delay) }));
    const last = truth.map((_, i) => ({ delay: delays[2_990_000 + i], origin: levels![codes[2_990_000 + i]!] }));
    expect(last).toEqual(known);
  });
});

describe("runs of codes", () => {
  it("are repeated values and packed ones, and never more than there is room for", () => {
    // 3 times 5, then 8 values of 3 bits: 0 to 7, as in the specification.
    const bytes = Uint8Array.of(3 << 1, 5, 3, 0b10001000, 0b11000110, 0b11111010);
    expect([...readRuns(bytes, 3, new Uint32Array(11))]).toEqual([5, 5, 5, 0, 1, 2, 3, 4, 5, 6, 7]);
    expect([...readRuns(Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0x0f, 7), 3, new Uint8Array(4))]).toEqual([7, 7, 7, 7]);
    const wide = Uint8Array.of(3, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, ...new Uint8Array(24));
    expect([...readRuns(wide, 32, new Uint32Array(2))]).toEqual([2 ** 32 - 1, 1]);
  });

  it("that end too early are refused", () => {
    for (const bytes of [[], [0x80], [6], [3, 1], [0]]) {
      expect(() => readRuns(Uint8Array.from(bytes), 9, new Uint32Array(8))).toThrow("codes end too early");
    }
  });
});
