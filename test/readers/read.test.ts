// From what a caller has to a table: paths, blobs, responses, bytes, pipes; the format by the bytes.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readTable } from "../../src/files.ts";
import { openInput as openInBrowser } from "../../src/readers/open.browser.ts";
import { StreamSource, sizeOf, wholeOf } from "../../src/readers/source.ts";
import { readAs, refusal, valuesOf } from "./refused.ts";

const CSV = "a,b\n1,x\n2,y\n";
const TSV = "a\tb\n1\tx\n2\ty\n";
const JSON_LINES = '{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n';
const PARQUET = new Uint8Array(
  parquetWriteBuffer({
    columnData: [
      { name: "a", data: [1, 2], type: "DOUBLE" },
      { name: "b", data: ["x", "y"], type: "STRING" },
    ],
  }),
);

describe("readTable", () => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "remine-readers-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const expectTable = async (call: Promise<Awaited<ReturnType<typeof readTable>>>) => {
    const table = await call;
    expect(table.rows).toBe(2);
    expect(valuesOf(table, "a")).toEqual([1, 2]);
    expect(table.columns[1]).toMatchObject({ name: "b", levels: ["x", "y"] });
  };

  it.each([
    ["CSV", Buffer.from(CSV)],
    ["TSV", Buffer.from(TSV)],
    ["JSON Lines", Buffer.from(JSON_LINES)],
    ["Parquet", Buffer.from(PARQUET)],
  ])("takes %s as a path, a Blob, a File, a Response and bytes, in gzip too, whatever its name", async (_, bytes) => {
    const path = join(folder, "table.dat");
    for (const content of [bytes, gzipSync(bytes)]) {
      await writeFile(path, content);
      await expectTable(readTable(path));
      await expectTable(readTable(new Blob([content])));
      await expectTable(readTable(new File([content], "x.npy")));
      await expectTable(readTable(new Response(content)));
      await expectTable(readTable(new Uint8Array(content)));
    }
  });

  it("refuses what holds no table, naming it", async () => {
    expect(await refusal(readAs("a.csv", ""))).toBe("a.csv: the file is empty. Give a table with one line per sample");
    expect(await refusal(readTable(new Blob([])))).toContain("the file: the file is empty");
    expect(await refusal(readTable(new Response("nothing", { status: 404, statusText: "Not Found" })))).toBe(
      "the response: the server answered 404 Not Found",
    );
    const used = new Response(CSV);
    await used.text();
    expect(await refusal(readTable(used))).toContain("its body was read before");
    expect(await refusal(readTable(7 as never))).toContain("readTable takes a path, a Blob, a File, a Response");
    expect(await refusal(readTable(new Blob([CSV]), { colums: ["a"] } as never))).toContain('Nearest name: "columns"');
    expect(await refusal(openInBrowser("a.csv"))).toContain('readTable("a.csv"): only Node reads paths');
  });

  it.each([
    ["an HDF5 file", "\x89HDF\r\n", "an HDF5 file. Convert it: python"],
    ["what xz made", "\xfd7zXZ\0", "compressed by xz. Unpack it first: unxz"],
    ["a picture", "\x89PNG\r\n\x1a\n\0", "a binary file, not a table of text. Convert it to CSV"],
    ["an ORC file", "ORC\0\0", "an ORC file. Convert it to CSV"],
  ])("says of %s what it is", async (_, head, message) => {
    const told = await refusal(readAs("t.csv", Buffer.from(head, "latin1")));
    expect(told.startsWith(`t.csv: ${message}`), told).toBe(true);
  });

  it("takes three letters of a magic as the text that they may be", async () => {
    expect((await readAs("t.csv", "ORC,b\n1,2\n")).columns[0]!.name).toBe("ORC");
  });
});

describe("a stream as a source", () => {
  async function* pieces(count: number, length: number) {
    for (let i = 0; i < count; i++) yield new Uint8Array(length).fill(i);
  }

  it("reads on as far as a slice needs, keeps that, and gives all once in pieces", async () => {
    const source = new StreamSource(pieces(4, 3), "s");
    expect([...(await source.slice(0, 2))]).toEqual([0, 0]);
    expect(source.size).toBeUndefined();
    expect([...(await source.slice(2, 5))]).toEqual([0, 1, 1]);
    const all: number[] = [];
    for await (const piece of source.pieces()) all.push(...piece);
    expect(all).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
  });

  it("knows its size when it was read to its end", async () => {
    const source = new StreamSource(pieces(4, 3), "s");
    expect(await sizeOf(source)).toBe(12);
    expect(await wholeOf(source)).toHaveLength(12);
    expect([...(await source.slice(10, 99))]).toEqual([3, 3]);
  });

  it("is refused where more would have to be kept than is bounded", async () => {
    const endless = new StreamSource(pieces(Number.POSITIVE_INFINITY, 2 ** 18), "s", 2 ** 20);
    expect(await refusal(sizeOf(endless))).toContain("more than 0.0009765625 GiB came through a stream or gzip");
  });
});
