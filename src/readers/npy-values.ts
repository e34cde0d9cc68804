/** The values of an NPY file, as they come. */
import type { Table } from "../data/table.ts";
import { ByteQueue } from "./byte-queue.ts";
import { viewOf } from "./bytes.ts";
import { cutOff, type NpyArray, type NpyRun, readHeader } from "./npy-header.ts";
import type { ByteSource } from "./source.ts";
import type { TableOptions } from "./table-options.ts";
import type { TypedColumn } from "./typed-column.ts";
import { TypedTable } from "./typed-table.ts";

/** Bytes of rows that are read at once. */
const AT_ONCE = 1 << 16;

export async function readNpy(source: ByteSource, options: TableOptions): Promise<Table> {
  const bytes = new ByteQueue(source.pieces());
  try {
    const array = await readHeader(bytes);
    const whole = bytes.taken + array.bytes;
    const { size } = source;
    if (size !== undefined && size < whole) throw cutOff(`its array of ${shownShape(array)}`, whole, size);
    const fields = array.types.map(({ column }, c) => ({ name: array.names[c]!, type: column }));
    // A stream may hold less than it says.
    const table = new TypedTable(fields, options, size === undefined ? undefined : array.rows);
    await readValues(bytes, array, table.columns);
    const beyond = size === undefined ? 0 : size - whole;
    return {
      ...table.finish(array.rows),
      ...(beyond > 0 && { notes: [`after the array stand ${beyond} more bytes, which are not read`] }),
    };
  } finally {
    await bytes.close();
  }
}

const shownShape = ({ rows, names }: NpyArray): string => (names.length > 1 ? `${rows} × ${names.length}` : `${rows}`);

/** Gives the columns their values, which are next in the queue. */
export async function readValues(bytes: ByteQueue, array: NpyArray, columns: readonly TypedColumn[]): Promise<void> {
  const whole = bytes.taken + array.bytes;
  for (const run of array.runs) {
    const fields = run.fields.filter(({ column }) => columns[column]!.isRead);
    await readRun(bytes, { bytes: run.bytes, fields }, array.rows, columns);
    if (bytes.isOver) throw cutOff(`its array of ${shownShape(array)}`, whole, bytes.taken);
  }
}

/** Stops where the bytes end. */
async function readRun(bytes: ByteQueue, run: NpyRun, rows: number, columns: readonly TypedColumn[]): Promise<void> {
  const atOnce = Math.max(1, Math.floor(AT_ONCE / run.bytes));
  for (let row = 0; row < rows && !bytes.isOver; row += atOnce) {
    const count = Math.min(atOnce, rows - row);
    const part = await bytes.take(count * run.bytes);
    if (bytes.isOver) return;
    const view = viewOf(part);
    for (const { column, offset, type } of run.fields) {
      columns[column]!.push(Array.from({ length: count }, (_, i) => type.read(view, i * run.bytes + offset)));
    }
  }
}
