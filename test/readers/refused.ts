/** Reading by bytes, and what readers refuse. */
import type { Table } from "../../src/data/table.ts";
import { InputError } from "../../src/errors.ts";
import { readTable } from "../../src/readers/read.ts";
import type { TableOptions } from "../../src/readers/table-options.ts";

/** As a File of this name, which no path leads to. */
export const readAs = (name: string, content: BlobPart, options?: TableOptions): Promise<Table> =>
  readTable(new File([content], name), options);

/** The message of the InputError with which a call ends. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => new Error("nothing was refused"),
    (reason: unknown) => reason,
  );
  if (error instanceof InputError) return error.message;
  throw error;
}

export const column = (table: Table, name: string) => table.columns.find((each) => each.name === name)!;
export const valuesOf = (table: Table, name: string): number[] => [...column(table, name).values];
