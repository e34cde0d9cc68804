/** The files that commands and programs of the documentation find beside them. */
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";

const ROWS = 200;

/** A folder with `data.csv`, a table of people, genes and a river, and what the repository ships. */
export function sampleFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "remine-docs-"));
  mkdirSync(join(folder, "data"));
  cpSync("data/seattle-weather.csv", join(folder, "data/seattle-weather.csv"));
  const text = table();
  writeFileSync(join(folder, "data.csv"), text);
  const [names, ...rows] = text
    .trim()
    .split("\n")
    .map((line) => line.split(",")) as [string[], ...string[][]];
  const valueIn = (cell: string) => (Number.isNaN(Number(cell)) ? cell : Number(cell));
  const objects = rows.map((row) => Object.fromEntries(row.map((cell, c) => [names[c]!, valueIn(cell)])));
  writeFileSync(join(folder, "data.ndjson"), objects.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const columnData = names.map((name) => ({ name, data: objects.map((row) => row[name]) }));
  writeFileSync(join(folder, "data.parquet"), new Uint8Array(parquetWriteBuffer({ columnData })));
  for (const [name, of] of [
    ["a", "age"],
    ["b", "spending"],
  ] as const) {
    writeFileSync(join(folder, `${name}.npy`), npy(objects.map((row) => Number(row[of]))));
  }
  return folder;
}

/** One axis of doubles as NumPy saves it. */
function npy(values: readonly number[]): Uint8Array {
  const head = `{'descr': '<f8', 'fortran_order': False, 'shape': (${values.length},), }`;
  const padded = `${head.padEnd(117)}\n`;
  const start = Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(padded.length)}\x00${padded}`, "latin1");
  return Buffer.concat([start, Buffer.from(new Float64Array(values).buffer)]);
}

/** The i-th of numbers that are spread over [0, 1) and tell nothing of each other from one list to the next. */
const spread = (list: number, i: number) => (Math.sin((i + 1) * (12.9898 + 78.233 * list)) * 43758.5453) % 1;
const even = (list: number, i: number) => Math.abs(spread(list, i));

function table(): string {
  const head = "subject,age,income,spending,region,weight,outcome,gene_1,gene_2,gene_3,rain,flow";
  let flow = 1;
  const lines = Array.from({ length: ROWS }, (_, i) => {
    const age = 20 + 50 * even(1, i);
    const income = 10 + 0.8 * age + 20 * even(2, i);
    const spending = 0.5 * income + 8 * even(3, i) + 5 * Math.sin(age / 6);
    const genes = [4, 5, 6].map((list) => even(list, i) + even(list + 3, i));
    const outcome = genes[0]! * genes[1]! + 0.3 * even(10, i) > 1 ? "ill" : "well";
    const rain = even(11, i) ** 3;
    flow = 0.5 * flow + (i > 0 ? even(11, i - 1) ** 3 : 0) + 0.05 * even(12, i);
    const numbers = [age, income, spending].map((value) => value.toFixed(2));
    const region = ["north", "south", "west"][i % 3];
    const weight = (0.5 + even(13, i)).toFixed(3);
    const rest = [...genes, rain, flow].map((value) => value.toFixed(4));
    return [Math.floor(i / 8), ...numbers, region, weight, outcome, ...rest].join(",");
  });
  return [head, ...lines, ""].join("\n");
}
