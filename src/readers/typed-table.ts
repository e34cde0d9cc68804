/** Tables of files that say what type each column has. */
import type { Table } from "../data/table.ts";
import { InputError } from "../errors.ts";
import type { ColumnType } from "./column-type.ts";
import { missingCells } from "./missing.ts";
import { columnsAsked, type TableOptions } from "./table-options.ts";
import { TypedColumn } from "./typed-column.ts";

/** A column as a file announces it. */
export interface Field {
  name: string;
  type: ColumnType;
}

/** The columns of a file, empty as yet: those with `isRead` want their values. */
export class TypedTable {
  readonly #names: string[];
  /** In the order of the fields. */
  readonly columns: readonly TypedColumn[];

  /**
   * @param rows how many will come, if the file says it
   * @throws {InputError} for two columns of one name, and what {@link columnsAsked} refuses
   */
  constructor(fields: readonly Field[], options: TableOptions, rows?: number) {
    this.#names = fields.map(({ name }) => name);
    refuseDuplicates(this.#names);
    if (fields.length === 0)
      throw new InputError("the file has no columns. Give a table with one column for each variable");
    const asked = columnsAsked(this.#names, options);
    // What is missing has a mark of its own, so that the usual words are labels like others.
    const missing = missingCells(options.missing, options.missingOnly ?? []);
    this.columns = fields.map(({ type }, c) => new TypedColumn(type, missing, asked[c], rows));
  }

  /** @param rows of the table, those of columns that nobody reads included */
  finish(rows: number): Table {
    if (rows === 0) throw new InputError("the file has columns and no rows. Give a table with one row for each sample");
    return { columns: this.columns.map((column, c) => column.finish(this.#names[c]!)), rows };
  }
}

/** @throws {InputError} naming two columns of one name */
export function refuseDuplicates(names: readonly string[], other = ""): void {
  const first = new Map([...names.entries()].reverse().map(([j, name]) => [name, j]));
  const j = names.findIndex((name, k) => first.get(name) !== k);
  if (j < 0) return;
  throw new InputError(
    `columns ${first.get(names[j]!)! + 1} and ${j + 1} are both named "${names[j]}". Rename one${other}`,
  );
}
