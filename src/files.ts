/**
 * `remine/files`: from a file of any format, or the text of one, to named columns.
 *
 * @module remine/files
 */
export type { DateOrder } from "./data/dates.ts";
export { columnProblem, type FileColumn, type Table } from "./data/table.ts";
export { type CsvOptions, parseCsv } from "./readers/csv.ts";
export type { Decimal } from "./readers/notation.ts";
export { readTable, type TableInput } from "./readers/read.ts";
export type { TableOptions } from "./readers/table-options.ts";
