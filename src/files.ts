/** `remine/files`: from the text of a file to named columns. */

export type { DateOrder } from "./data/dates.ts";
export { columnProblem, type FileColumn, type Table } from "./data/table.ts";
export { type CsvOptions, parseCsv } from "./readers/csv.ts";
export type { Decimal } from "./readers/notation.ts";
