/** The table page and files that are no delimited text: what reads them comes with the first one. */

import { gzipSync } from "node:zlib";
import { tableFromArrays, tableToIPC } from "@uwdata/flechette";
import { zipSync } from "fflate";
import { parquetWriteBuffer } from "hyparquet-writer";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { skip, uniformFrom, Visit } from "./chromium.ts";

const visit = new Visit();
beforeAll(() => visit.begin());
afterEach(() => visit.closeBrowser());
afterAll(() => visit.end());

const plain = (text: string | null) => text!.replace(/[\u2066-\u2069]/g, "");
const text = async (page: Page, id: string) => plain(await page.locator(`#${id}`).textContent());

const drop = (page: Page, name: string, bytes: Uint8Array) =>
  page.evaluate(
    ({ name, bytes }) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(bytes)], name));
      document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    },
    { name, bytes: [...bytes] },
  );

const says = (page: Page, id: string, words: string) =>
  page.waitForFunction(
    ({ id, words }) =>
      document
        .getElementById(id)!
        .textContent!.replace(/[\u2066-\u2069]/g, "")
        .includes(words),
    { id, words },
    { timeout: 60_000 },
  );

const rows = 120;
const random = uniformFrom(3);
const x = Array.from({ length: rows }, () => random());
const y = x.map((value) => (value - 0.5) ** 2);
const side = x.map((value) => (value > 0.5 ? "right" : "left"));
const day = x.map((_, row) => new Date(Date.UTC(2024, 0, 1 + (row % 28))));

function parquet(): Uint8Array {
  const columnData = [
    { name: "x", data: x },
    { name: "y", data: y },
    { name: "side", data: side },
    { name: "day", data: day },
    { name: "tags", data: x.map((value) => [value]) },
  ];
  const element = (name: string, rest: object) => ({ name, repetition_type: "OPTIONAL", ...rest });
  const schema = [
    { name: "root", num_children: 5 },
    element("x", { type: "DOUBLE" }),
    element("y", { type: "DOUBLE" }),
    element("side", { type: "BYTE_ARRAY", converted_type: "UTF8" }),
    element("day", { type: "INT32", converted_type: "DATE" }),
    element("tags", { converted_type: "LIST", num_children: 1 }),
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    element("element", { type: "DOUBLE" }),
  ];
  return new Uint8Array(parquetWriteBuffer({ columnData, schema } as never));
}

/** A NumPy array of doubles with two columns. */
function npy(a: number[], b: number[]): Uint8Array {
  const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${rows}, 2), }`.padEnd(117);
  const head = Buffer.from(`\x93NUMPY\x01\0\x76\0${header}\n`, "latin1");
  return Buffer.concat([head, Buffer.from(Float64Array.from(a.flatMap((value, row) => [value, b[row]!])).buffer)]);
}

const arrow = (): Uint8Array => tableToIPC(tableFromArrays({ x, y, side }), { format: "file" })!;

describe.skipIf(skip)("the page of a visitor's own table", () => {
  test("reads Parquet, Arrow, JSON Lines, NumPy arrays and gzip, and loads what reads them with the first", {
    timeout: 120_000,
  }, async () => {
    const { page, faults } = await visit.open("depends/", { webgpu: false });
    const loaded: string[] = [];
    page.on("requestfinished", (request) => void loaded.push(new URL(request.url()).pathname));
    await says(page, "what", "Seattle");
    expect(loaded.filter((path) => path.includes("files.worker"))).toEqual([]);

    await drop(page, "made.parquet", parquet());
    await says(page, "what", "“made.parquet”: 3 columns, 120 rows.");
    await page.locator("#columns-title").click();
    const columns = await text(page, "column-list");
    expect(columns).toContain("holds lists, which are neither numbers nor labels");
    expect(columns).toContain("day");
    // Read again as a category, as the visitor says.
    await page.getByLabel("Kind of side").waitFor();
    await page.getByLabel("Kind of day").selectOption({ label: "Category" });
    await says(page, "column-list", "28 kinds");

    const lines = x.map((value, row) => JSON.stringify({ x: value, y: y[row], side: side[row], more: { a: 1 } }));
    await drop(page, "made.ndjson", new TextEncoder().encode(lines.join("\n")));
    await says(page, "what", "“made.ndjson”: 3 columns, 120 rows.");
    expect(await text(page, "column-list")).toContain("holds objects, which are neither numbers nor labels");

    await drop(page, "made.arrow", arrow());
    await says(page, "what", "“made.arrow”: 3 columns, 120 rows.");

    await drop(page, "made.npy", npy(x, y));
    await says(page, "what", "“made.npy”: 2 columns, 120 rows.");
    const [wave, other] = [x.map((value) => Math.sin(9 * value)), x.map(() => random())];
    await drop(page, "made.npz", zipSync({ "a.npy": npy(x, y), "b.npy": npy(wave, other) }));
    await says(page, "what", "“made.npz”: 4 columns, 120 rows.");

    // Two members, as bgzip and cat leave them: what the browser itself unpacks ends with the first.
    const half = (from: number) => x.slice(from, from + 60).map((value, row) => `${value},${y[from + row]}\n`);
    const members = [gzipSync(["x,y\n", ...half(0)].join("")), gzipSync(half(60).join(""))];
    await drop(page, "made.csv.gz", Buffer.concat(members));
    await says(page, "what", "“made.csv.gz”: 2 columns, 120 rows.");

    await drop(page, "cut.parquet", parquet().subarray(0, 500));
    await says(page, "complaint", "“cut.parquet”: this Parquet file does not end with its footer: it is cut off");
    expect(await text(page, "what")).toContain("made.csv.gz");
    expect(faults).toEqual([]);
  });
});
