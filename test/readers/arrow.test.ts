import { tableFromArrays, tableToIPC } from "@uwdata/flechette";
import { describe, expect, it } from "vitest";
import { columnProblem } from "../../src/data/table.ts";
import { unpackLz4 } from "../../src/readers/lz4.ts";
import { readTable } from "../../src/readers/read.ts";
import { bytesOf, expectColumns, fileOf, read, refusal, valuesOf } from "./fixtures.ts";

describe("files that pyarrow wrote", () => {
  it.each(["plain.arrow", "lz4.feather", "zstd.feather", "stream.arrows", "replaced.arrows", "grown.arrows"])(
    "%s has the same values",
    async (name) => {
      expectColumns(await read(name), name);
    },
  );

  it("what is no single value is refused when it is selected", async () => {
    const table = await read("plain.arrow");
    const problem = (name: string) =>
      columnProblem(
        table,
        table.columns.findIndex((column) => column.name === name),
      );
    const of = (name: string, what: string) =>
      `column "${name}" holds ${what}, which are neither numbers nor labels. Leave it out, or write what matters of it as columns of single values`;
    expect(problem("lists")).toBe(of("lists", "lists"));
    expect(problem("fixed_lists")).toBe(of("fixed_lists", "lists"));
    expect(problem("struct")).toBe(of("struct", "structs"));
    expect(problem("map")).toBe(of("map", "maps"));
    expect(problem("bytes")).toBe(of("bytes", "bytes"));
    expect(problem("nothing")).toBe(of("nothing", "nothing but nulls"));
    expect(problem("last")).toBeUndefined();
  });

  it("what types become is said", async () => {
    const { columns } = await read("lz4.feather");
    const note = (name: string) => columns.find((column) => column.name === name)!.note;
    expect(note("date32")).toBe('column "date32": dates are numbers, days since 1970-01-01');
    expect(note("zoned")).toBe('column "zoned": dates are numbers, days since 1970-01-01 in UTC');
    expect(note("time64")).toBe('column "time64": times of day are numbers, seconds since midnight');
    expect(note("duration")).toBe('column "duration": durations are numbers, in seconds');
    expect(note("large")).toContain('"9007199254740993" to 9007199254740992');
    expect(columns.find(({ name }) => name === "stamp_ns")!.isDate).toBe(true);
  });

  it("only the columns that are asked for are read, of a stream as of a file", async () => {
    for (const name of ["plain.arrow", "stream.arrows"]) {
      const { columns } = await read(name, { columns: ["category", "double"] });
      expect(columns.filter(({ values }) => values.length > 0).map((column) => column.name)).toEqual([
        "double",
        "category",
      ]);
    }
    // Not even the bytes: those of another column may be whatever they are.
    const bytes = bytesOf("plain.arrow");
    const asked: [number, number][] = [];
    const blob = new Blob([bytes]);
    const slice = blob.slice.bind(blob);
    blob.slice = (start = 0, end = blob.size) => {
      asked.push([start, end]);
      return slice(start, end);
    };
    await readTable(blob, { columns: ["last"] });
    const read_ = asked.reduce((sum, [start, end]) => sum + Math.max(0, end - start), 0);
    const metadata = asked.filter(([start, end]) => end - start > 1000).length;
    expect(metadata).toBeGreaterThan(0);
    expect(read_).toBeLessThan(bytes.length);
  });

  it("blocks of LZ4 that look back into those before them are unpacked", async () => {
    const { columns, rows } = await read("linked.feather");
    expect(rows).toBe(12_000);
    expect(columns[0]!.values.every((value, i) => value === i % 50)).toBe(true);
    expect(columns[1]!.values.every((value, i) => columns[1]!.levels![value] === `label ${i % 7}`)).toBe(true);
  });

  it("another program's files are read too", async () => {
    const written = { n: [1.5, null, 3], big: [1n, 2n, 3n], text: ["a", "b", "a"], yes: [true, false, null] };
    for (const format of ["stream", "file"] as const) {
      const table = await readTable(tableToIPC(tableFromArrays(written), { format }) as Uint8Array<ArrayBuffer>);
      expect(table.columns.map(valuesOf)).toEqual([
        [1.5, null, 3],
        [1, 2, 3],
        ["a", "b", "a"],
        ["true", "false", null],
      ]);
    }
  });
});

describe("broken files", () => {
  const again = "Write it again, or download it again if it came from elsewhere";
  const cut = (name: string, length: number) => new File([bytesOf(name).subarray(0, length)], "a.arrow");

  it("files that are cut off say so", async () => {
    const footer =
      "a.arrow: the file is cut off: its footer, which stands at the end, is not there. Copy or download it again";
    for (const length of [6, 12, 5000, bytesOf("plain.arrow").length - 1]) {
      expect(await refusal(cut("plain.arrow", length))).toBe(footer);
    }
    expect(await refusal(cut("stream.arrows", 1500))).toBe(
      "a.arrow: the file is cut off: it ends within a message. Copy or download it again",
    );
  });

  it("Feather of version 1 is refused with the mend", async () => {
    expect(await refusal(new File(["FEA1", new Uint8Array(60)], "a.feather"))).toBe(
      `a.feather: a Feather file of version 1, which is not read. Write it again: python -c "import pandas; pandas.read_feather('old.feather').to_feather('new.feather')"`,
    );
  });

  it("a footer that lies is refused", async () => {
    const bytes = bytesOf("plain.arrow");
    new DataView(bytes.buffer).setInt32(bytes.length - 10, 2 ** 31 - 1, true);
    expect(await refusal(new File([bytes], "a.arrow"))).toBe(
      `a.arrow: a broken Arrow file (its footer is longer than the file). ${again}`,
    );
  });

  it("a stream of a schema alone has no rows", async () => {
    const end = bytesOf("stream.arrows");
    const view = new DataView(end.buffer);
    const first = 8 + view.getInt32(4, true);
    expect(await refusal(new File([end.subarray(0, first)], "a.arrows"))).toBe(
      "a.arrows: the file has columns and no rows. Give a table with one row for each sample",
    );
  });

  it("options about text are refused", async () => {
    const message = await refusal(fileOf("plain.arrow"), { delimiter: ";" });
    expect(message).toBe(
      "plain.arrow: --delimiter is about text, and this is a Arrow file, which says itself what its columns are. Leave it out",
    );
  });

  it("frames of LZ4 that are cut, claim too much or look back too far are refused", () => {
    const frame = (...block: number[]) =>
      new Uint8Array([4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0, block.length, 0, 0, 0, ...block, 0, 0, 0, 0]);
    expect(unpackLz4(frame(0x30, 1, 2, 3), 3)).toEqual(new Uint8Array([1, 2, 3]));
    expect(unpackLz4(frame(0x11, 7, 1, 0, 0), 6)).toEqual(new Uint8Array([7, 7, 7, 7, 7, 7]));
    expect(() => unpackLz4(frame(0x30, 1, 2, 3), 4)).toThrow("holds 3 bytes and not 4");
    expect(() => unpackLz4(frame(0x30, 1, 2, 3), 2)).toThrow("holds more bytes than it says");
    expect(() => unpackLz4(frame(0x30, 1, 2, 3), 2 ** 30)).toThrow("claims more bytes than it can hold");
    expect(() => unpackLz4(frame(0x11, 7, 2, 0, 0), 6)).toThrow("looks back too far");
    expect(() => unpackLz4(frame(0xf0, 255, 255), 6)).toThrow("cut off");
    expect(() => unpackLz4(frame(0x30, 1, 2, 3).subarray(0, 12), 3)).toThrow();
    expect(() => unpackLz4(new Uint8Array(20), 3)).toThrow("no LZ4 frame");
  });
});
