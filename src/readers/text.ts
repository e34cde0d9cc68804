/** Delimited text in UTF-8, CSV and TSV among it; and what is to be said of files that are no text. */
import type { Table } from "../data/table.ts";
import { InputError } from "../errors.ts";
import { CsvReader } from "./csv.ts";
import { type Format, startsWith } from "./format.ts";
import type { ByteSource } from "./source.ts";
import type { TableOptions } from "./table-options.ts";

export const text: Format = { name: "text", matches: () => true, read: readText };

async function readText(source: ByteSource, options: TableOptions): Promise<Table> {
  const reader = new CsvReader(options);
  for await (const piece of decoded(source)) reader.push(piece);
  return reader.finish();
}

/** The text of a source in pieces, cut anywhere. */
export async function* decoded(source: ByteSource): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let isFirst = true;
  for await (const bytes of source.pieces()) {
    if (isFirst) refuseKnown(bytes);
    isFirst = false;
    if (bytes.includes(0)) throw new InputError(`a binary file, not a table of text. ${MEND}`);
    yield decoder.decode(bytes, { stream: true });
  }
  yield decoder.decode();
}

const MEND = "Convert it to CSV, one line per sample, or to Parquet";

/** How files begin that are no tables here, what they are, and the way to one. */
const OTHERS: readonly (readonly [start: string, what: string, mend?: string])[] = [
  ["\xff\xfe", "the text is UTF-16", "Save it as UTF-8"],
  ["\xfe\xff", "the text is UTF-16", "Save it as UTF-8"],
  ["PK\x03\x04", "a workbook or another archive", "Open it, and save the sheet as CSV"],
  ["PARE", "a Parquet file whose footer is encrypted", "Write it without encryption"],
  ["\xd0\xcf\x11\xe0", "an old workbook or document", "Open it, and save the sheet as CSV"],
  ["%PDF", "a PDF", "Copy its table into a spreadsheet, and save that as CSV"],
  [
    "\x89HDF",
    "an HDF5 file",
    "Convert it: python -c \"import pandas; pandas.read_hdf('in.h5').to_parquet('out.parquet')\"",
  ],
  [
    "SQLite format 3\0",
    "an SQLite database",
    "Save one of its tables: sqlite3 -header -csv in.db 'select * from name' > out.csv",
  ],
  ["Obj\x01", "an Avro file"],
  ["ORC", "an ORC file"],
  ["BZh", "compressed by bzip2", "Unpack it first: bunzip2"],
  ["\xfd7zXZ", "compressed by xz", "Unpack it first: unxz"],
  ["\x28\xb5\x2f\xfd", "compressed by zstd", "Unpack it first: unzstd"],
];

function refuseKnown(bytes: Uint8Array): void {
  const other = OTHERS.find(([start]) => startsWith(bytes, start));
  // Three letters may begin a text.
  const isText = other?.[0].match(/^\w+$/) && !bytes.includes(0);
  if (other && !isText) throw new InputError(`${other[1]}. ${other[2] ?? MEND}`);
}
