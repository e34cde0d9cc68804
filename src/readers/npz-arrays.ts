/** The arrays of an NPZ file, by the bytes of its archive. */
import { type FileColumn, plural, type Table } from "../data/table.ts";
import { InputError } from "../errors.ts";
import { ByteQueue } from "./byte-queue.ts";
import { broken, type NpyArray, readHeader } from "./npy-header.ts";
import { readValues } from "./npy-values.ts";
import type { ByteSource } from "./source.ts";
import type { TableOptions } from "./table-options.ts";
import type { TypedColumn } from "./typed-column.ts";
import { type Field, TypedTable } from "./typed-table.ts";
import { readDirectory, readMember, type ZipMember } from "./zip.ts";

/** One array of the file, or why it is no part of a table. */
interface Part {
  name: string;
  member: ZipMember;
  array?: NpyArray;
  problem?: string;
  fields: Field[];
}

export async function readNpz(source: ByteSource, options: TableOptions): Promise<Table> {
  const members = await readDirectory(source);
  const arrays = members.filter(({ name }) => name.endsWith(".npy"));
  if (arrays.length === 0) throw new InputError(noArrays(members));
  const parts: Part[] = [];
  for (const member of arrays) parts.push(await readPart(source, member));
  const typed = new TypedTable(
    parts.flatMap(({ fields }) => fields),
    options,
  );
  const columnsOf = placed(parts, typed.columns);
  const asked = parts.filter((part) => columnsOf.get(part)!.some(({ isRead }) => isRead));
  // Where a name is not there, all are read: what selects it says so.
  const areNamed = options.columns !== undefined && asked.length < parts.length;
  const rows = rowsOf(asked, areNamed);
  for (const part of asked) {
    const { array, member } = part;
    if (array && !part.problem) {
      await inMember(source, member, async (bytes) => readValues(bytes, await readHeader(bytes), columnsOf.get(part)!));
    }
  }
  const table = typed.finish(rows);
  const problems = parts.flatMap(({ problem, fields }) => fields.map(() => problem));
  return { ...table, columns: table.columns.map((column, c) => refused(column, problems[c], rows)) };
}

function noArrays(members: readonly ZipMember[]): string {
  if (members.some(({ name }) => name === "[Content_Types].xml")) {
    return "a workbook or document in a zip archive, and not a table. Save the sheet as CSV";
  }
  return `a zip archive without NumPy arrays (${plural(members.length, "file")}). Unpack it, and name the table in it`;
}

const refused = (column: FileColumn, problem: string | undefined, rows: number): FileColumn =>
  problem === undefined || column.isUnread
    ? column
    : { name: column.name, kind: "numeric", values: new Float64Array(rows).fill(Number.NaN), problem };

/** The columns of each array. */
function placed(parts: readonly Part[], columns: readonly TypedColumn[]): Map<Part, TypedColumn[]> {
  let at = 0;
  return new Map(
    parts.map((part) => {
      const own = columns.slice(at, at + part.fields.length);
      at += part.fields.length;
      return [part, own];
    }),
  );
}

/** Runs `work` on the bytes of a member, to their end: there stands the checksum. */
async function inMember(
  source: ByteSource,
  member: ZipMember,
  work: (bytes: ByteQueue) => Promise<void>,
): Promise<void> {
  const bytes = new ByteQueue(readMember(source, member));
  try {
    await work(bytes);
    if ((await bytes.take(1)).length > 0) throw broken(`"${member.name}" holds more than its array`);
  } finally {
    await bytes.close();
  }
}

async function readPart(source: ByteSource, member: ZipMember): Promise<Part> {
  const name = member.name.slice(0, -".npy".length);
  const bytes = new ByteQueue(readMember(source, member));
  try {
    const array = await readHeader(bytes);
    if (bytes.taken + array.bytes !== member.size) throw broken("its shape does not fit the bytes that follow");
    return {
      name,
      member,
      array,
      fields: array.types.map(({ column }, c) => ({ name: nameOf(name, array, c), type: column })),
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // Of no type that matters: it gets no values, and its problem in their place.
    return { name, member, problem: `array "${name}": ${error.message}`, fields: [{ name, type: { is: "numbers" } }] };
  } finally {
    await bytes.close();
  }
}

/** "x" of one axis, "x[1]" of two, "x.age" of fields. */
function nameOf(name: string, { isFlat, names }: NpyArray, column: number): string {
  const own = names[column]!;
  if (isFlat) return name;
  return /^\d+$/.test(own) ? `${name}[${own}]` : `${name}.${own}`;
}

/**
 * How many rows the table has. Arrays that were asked for must agree; of all in the file those are set aside that have other
 * rows than most.
 */
function rowsOf(parts: readonly Part[], areNamed: boolean): number {
  const counts = new Map<number, Part[]>();
  for (const part of parts) {
    if (part.array) counts.set(part.array.rows, [...(counts.get(part.array.rows) ?? []), part]);
  }
  const [most, ...others] = [...counts].sort(([, a], [, b]) => b.length - a.length);
  if (!most) throw new InputError(parts[0]?.problem ?? "no array was asked for");
  const [rows, [like]] = most as [number, [Part]];
  for (const part of others.flatMap(([, list]) => list)) {
    const differ = `array "${part.name}" has ${plural(part.array!.rows, "row")}, and "${like.name}" has ${rows}`;
    if (areNamed) throw new InputError(`${differ}. Columns of one table need equally many rows`);
    part.problem = `${differ}. Name only arrays of equally many rows`;
  }
  return rows;
}
