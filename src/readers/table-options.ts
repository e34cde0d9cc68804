/** How a caller wants a file to be read, whatever its format. */
import type { DateOrder } from "../data/dates.ts";
import { findColumns, placesOf } from "../data/table.ts";
import { InputError } from "../errors.ts";
import { checkOptions, inWords, keysOf } from "../options.ts";
import type { Decimal } from "./notation.ts";

/** How to read a table. A file that says what its columns are needs neither `decimal` nor `dates`, and leaves them aside. */
export interface TableOptions {
  /**
   * Of a delimited text alone. Found by itself among comma, semicolon, tab and bar when not set; a first line `sep=;` says it
   * too.
   */
  delimiter?: string | undefined;
  /**
   * Of a delimited text, and of JSON whose rows are lists: whether the first line is names. When not set, it is unless all its
   * cells are numbers or dates that look like data.
   */
  header?: boolean | undefined;
  /**
   * What means "no value", beside the usual words in text, and beside null in files with types. A number matches by value:
   * "-999" also matches "-999.0".
   */
  missing?: readonly string[] | undefined;
  /** What means "no value" in place of the usual words, among labels; none of them with an empty list. */
  missingOnly?: readonly string[] | undefined;
  /**
   * Columns to read, by name, number, range or pattern, "date:hour" included; default all. The others have no values, and memory
   * grows with these alone: 8 bytes a cell.
   */
  columns?: readonly string[] | undefined;
  /** Columns, by name, number, range or pattern, to read as categories whatever their cells. */
  categorical?: readonly string[] | undefined;
  /** Columns whose labels have an order: they become 0, 1, 2, … in it. */
  ordered?: readonly { columns: string; levels: readonly string[] }[] | undefined;
  /** The decimal mark of columns whose cells do not tell, as 1,100 does not. */
  decimal?: Decimal | undefined;
  /** Which comes first in dates that do not tell, as 03/04/2024 does not. */
  dates?: DateOrder | undefined;
}

/** What a caller said of one column. */
export interface ColumnAsked {
  /** A category, whatever its cells are. */
  isCategory?: boolean;
  /** Labels in their order, which become 0, 1, 2, … */
  levels?: readonly string[] | undefined;
  /** Nobody asks for its values. Only its decimal mark is looked for, which may tell how other columns are written. */
  isUnread?: boolean;
}

/**
 * What was said of each column.
 *
 * @throws {InputError} for a name in `categorical` or `ordered` that no column has, or that is there twice
 */
export function columnsAsked(names: readonly string[], options: TableOptions): (ColumnAsked | undefined)[] {
  const asked: (ColumnAsked | undefined)[] = names.map(() => undefined);
  const { categorical = [], ordered = [] } = options;
  for (const spec of categorical) {
    for (const c of findColumns(names, spec, "--categorical")) asked[c] = { isCategory: true };
  }
  for (const { columns, levels } of ordered) {
    for (const c of findColumns(names, columns, "--ordered")) {
      if (asked[c]) throw new InputError(`--ordered: column "${names[c]}" is named twice, or in --categorical`);
      asked[c] = { levels };
    }
  }
  const read = placesToRead(names, options);
  return read ? asked.map((column, c) => (read.has(c) ? column : { ...column, isUnread: true })) : asked;
}

/** The columns to read; undefined for all, also where one is named that is not there: what selects it says so. */
function placesToRead(names: readonly string[], { columns }: TableOptions): ReadonlySet<number> | undefined {
  try {
    return columns && placesOf(names, columns);
  } catch {
    return undefined;
  }
}

const KEYS = keysOf<TableOptions>()("delimiter header columns missing missingOnly categorical ordered decimal dates");

/** @throws {InputError} for an option that there is not, or of another type */
export function checkTableOptions(call: string, options: TableOptions): void {
  const { columns, missing, missingOnly, categorical, ordered, header, decimal, dates } = checkOptions(
    call,
    options,
    KEYS,
  );
  const isTexts = (list: unknown) => Array.isArray(list) && list.every((text) => typeof text === "string");
  const isOrder = (one: unknown) => {
    const { columns, levels } = (one ?? {}) as { columns?: unknown; levels?: unknown };
    return typeof columns === "string" && isTexts(levels);
  };
  const check = (name: string, value: unknown, isRight: (value: unknown) => boolean, what: string) => {
    if (value === undefined || isRight(value)) return;
    throw new InputError(`"${name}" must be ${what}, got ${inWords(value)}`);
  };
  for (const [name, list] of Object.entries({ columns, missing, missingOnly, categorical })) {
    check(name, list, isTexts, "a list of texts");
  }
  const isOrders = (list: unknown) => Array.isArray(list) && list.every(isOrder);
  check("ordered", ordered, isOrders, 'a list such as [{ columns: "size", levels: ["small", "large"] }]');
  check("header", header, (value) => typeof value === "boolean", "true or false");
  check("decimal", decimal, (value) => value === "." || value === ",", '"." or ","');
  check("dates", dates, (value) => value === "day-first" || value === "month-first", '"day-first" or "month-first"');
}
