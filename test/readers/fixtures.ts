/** Files that NumPy and pyarrow wrote, and what they say stands in them (test/fixtures/readers/make.py). */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { FileColumn, Table } from "../../src/data/table.ts";
import { readTable } from "../../src/readers/read.ts";
import type { TableOptions } from "../../src/readers/table-options.ts";

const folder = new URL("../fixtures/readers/", import.meta.url);

export const bytesOf = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(new URL(name, folder)));

type Value = number | string | boolean | null;

/** By file and column; whole numbers beyond 2⁵³ are texts. */
export const expected: Readonly<Record<string, Record<string, Value[]>>> = JSON.parse(
  readFileSync(new URL("expected.json", folder), "utf8"),
);

export const fileOf = (name: string, bytes = bytesOf(name)): File => new File([bytes], name);

export const read = (name: string, options: TableOptions = {}): Promise<Table> => readTable(fileOf(name), options);

/** Numbers, or the texts of a category; null where there is none. */
export const valuesOf = ({ values, levels }: FileColumn): Value[] =>
  Array.from(values, (value) => (Number.isNaN(value) ? null : levels ? levels[value]! : value));

/** Holds the columns of a table against what the file was made of. */
export function expectColumns(table: Table, name: string, columns = Object.keys(expected[name]!)): void {
  for (const column of columns) {
    const found = table.columns.find((each) => each.name === column)!;
    expect(found.problem, column).toBeUndefined();
    const wanted = expected[name]![column]!.map((value) => {
      if (value === null) return null;
      return typeof value === "boolean" || found.levels ? String(value) : Number(value);
    });
    expect(valuesOf(found), column).toEqual(wanted);
  }
}

/** The message of the InputError that reading ends in. */
export async function refusal(input: Blob, options: TableOptions = {}): Promise<string> {
  const error = await readTable(input, options).catch((error: Error) => error);
  expect((error as Error).name).toBe("InputError");
  return (error as Error).message;
}
