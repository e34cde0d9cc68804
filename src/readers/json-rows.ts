/** Rows of JSON to columns: objects by their keys, lists by their places. */
import { findColumns, placesOf, splitList, type Table } from "../data/table.ts";
import { InputError } from "../errors.ts";
import { missingCells } from "./missing.ts";
import { type ColumnAsked, columnsAsked, type TableOptions } from "./table-options.ts";
import { TypedColumn } from "./typed-column.ts";
import { refuseDuplicates } from "./typed-table.ts";

const ANY = { is: "any" } as const;

/** So many rows may bring keys that none before them had. */
const MOST_NEW = 1000;

const holds = (find: () => unknown): boolean => {
  try {
    find();
    return true;
  } catch {
    return false;
  }
};

/** What was said of columns some of which may not be known yet. */
function askedSoFar(names: readonly string[], options: TableOptions): (ColumnAsked | undefined)[] {
  const isKnown = (spec: string) => holds(() => findColumns(names, spec, ""));
  const { categorical = [], ordered = [], columns } = options;
  return columnsAsked(names, {
    categorical: categorical.filter(isKnown),
    ordered: ordered.filter((each) => isKnown(each.columns)),
    columns: columns && knownItems(names, columns),
  });
}

/** The entries that name columns already; undefined where one may still name, by its place, a column that is there. */
function knownItems(names: readonly string[], specs: readonly string[]): string[] | undefined {
  const isKnown = (spec: string) => holds(() => placesOf(names, [spec]));
  const items = specs.flatMap((spec) =>
    isKnown(spec)
      ? [spec]
      : splitList(spec).map(({ text, quoted }) => (quoted ? `"${text.replaceAll('"', '""')}"` : text)),
  );
  const known = items.filter(isKnown);
  return items.some((item) => /^\d+(-\d+)?$/.test(item) && !known.includes(item)) ? undefined : known;
}

/** The columns are the keys, in the order in which they come; a key that is not there is null. */
export class ObjectRows {
  readonly #options: TableOptions;
  readonly #columns = new Map<string, TypedColumn>();
  /** Rows that a column has so far. */
  readonly #lengths = new Map<TypedColumn, number>();
  readonly #value: unknown[] = [undefined];
  #rows = 0;
  #news = 0;

  constructor(options: TableOptions) {
    this.#options = options;
  }

  add(row: unknown, line: number): void {
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      throw new InputError(`line ${line}: a list, where the rows before are objects. Write all rows alike`);
    }
    const entries = Object.entries(row);
    const news = entries.filter(([key]) => !this.#columns.has(key));
    if (news.length > 0)
      this.#begin(
        news.map(([key]) => key),
        line,
      );
    for (const [key, value] of entries) {
      const column = this.#columns.get(key)!;
      this.#fill(column);
      this.#value[0] = value;
      column.push(this.#value);
      this.#lengths.set(column, this.#rows + 1);
    }
    this.#rows++;
  }

  /** The rows since this column's last value have none. */
  #fill(column: TypedColumn): void {
    const length = this.#lengths.get(column) ?? 0;
    if (length < this.#rows) column.skip(this.#rows - length);
  }

  #begin(keys: readonly string[], line: number): void {
    if (++this.#news > MOST_NEW) {
      throw new InputError(
        `line ${line}: more than ${MOST_NEW} rows have keys that no row before them had, as if keys were data. Write {"key": …, "value": …}, with the same keys in every row`,
      );
    }
    const names = [...this.#columns.keys(), ...keys];
    const asked = askedSoFar(names, this.#options);
    const missing = missingCells(this.#options.missing, this.#options.missingOnly ?? []);
    for (const key of keys) this.#columns.set(key, new TypedColumn(ANY, missing, asked[this.#columns.size]));
  }

  finish(): Table {
    const { header } = this.#options;
    if (header !== undefined) {
      throw new InputError(
        "--header (or --no-header) is about rows that are lists, and these are objects. Leave it out",
      );
    }
    const names = [...this.#columns.keys()];
    if (names.length === 0) throw new InputError("the objects have no keys. Give one key for each variable");
    // Once more, for what it refuses.
    columnsAsked(names, this.#options);
    const columns = [...this.#columns].map(([name, column]) => {
      this.#fill(column);
      return column.finish(name);
    });
    return { columns, rows: this.#rows };
  }
}

/** The columns are places, whose names the first list may give. */
export class ListRows {
  readonly #options: TableOptions;
  readonly #value: unknown[] = [undefined];
  #first: { row: unknown[]; line: number } | undefined;
  #names: string[] | undefined;
  #columns: TypedColumn[] = [];
  readonly #notes: string[] = [];
  #rows = 0;

  constructor(options: TableOptions) {
    this.#options = options;
  }

  add(row: unknown, line: number): void {
    if (!Array.isArray(row)) {
      throw new InputError(`line ${line}: an object, where the rows before are lists. Write all rows alike`);
    }
    if (!this.#first) this.#first = { row, line };
    else {
      if (!this.#names) this.#begin(row);
      this.#take(row, line);
    }
  }

  /** The first list is names, or data, as the second one shows. */
  #begin(second?: readonly unknown[]): void {
    const { row, line } = this.#first!;
    const areTexts = (cells: readonly unknown[]) =>
      cells.length > 0 && cells.every((cell) => typeof cell === "string" && cell !== "");
    const isHeader = this.#options.header ?? areTexts(row);
    if (isHeader && this.#options.header === undefined && second && areTexts(second)) {
      this.#notes.push(`line ${line} is read as names; --no-header makes it data`);
    }
    this.#names = row.map((cell, c) => (isHeader ? String(cell ?? c + 1) : String(c + 1)));
    refuseDuplicates(this.#names, ", or say that the first list is data with --no-header");
    if (this.#names.length === 0) throw new InputError("the first list is empty. Give one value for each variable");
    const asked = columnsAsked(this.#names, this.#options);
    const missing = missingCells(this.#options.missing, this.#options.missingOnly ?? []);
    this.#columns = this.#names.map((_, c) => new TypedColumn(ANY, missing, asked[c]));
    if (!isHeader) this.#take(row, line);
  }

  #take(row: readonly unknown[], line: number): void {
    const width = this.#columns.length;
    if (row.length !== width) {
      throw new InputError(
        `line ${line}: a list of ${row.length} values, where line ${this.#first!.line} has ${width}. Write null for what is missing`,
      );
    }
    for (const [c, column] of this.#columns.entries()) {
      this.#value[0] = row[c];
      column.push(this.#value);
    }
    this.#rows++;
  }

  finish(): Table {
    if (!this.#names) this.#begin();
    if (this.#rows === 0)
      throw new InputError("the first list is names, and there are no rows. Add one list per sample");
    const columns = this.#columns.map((column, c) => column.finish(this.#names![c]!));
    return { columns, rows: this.#rows, ...(this.#notes.length > 0 && { notes: this.#notes }) };
  }
}
