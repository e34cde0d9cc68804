/** The batches of rows of an Arrow file or stream, one after the other. */
import type { Table } from "../data/table.ts";
import { InputError } from "../errors.ts";
import {
  type ArrowBatch,
  type ArrowField,
  type ArrowMessage,
  type ArrowSchema,
  BigEndian,
  extentOf,
  readFooter,
  readMessage,
} from "./arrow-schema.ts";
import { type ArrowPart, columnTypeOf, getterOf } from "./arrow-values.ts";
import { viewOf } from "./bytes.ts";
import { startsWith } from "./format.ts";
import { type ByteSource, sizeOf } from "./source.ts";
import type { TableOptions } from "./table-options.ts";
import type { TypedColumn } from "./typed-column.ts";
import { TypedTable } from "./typed-table.ts";

const MAGIC = "ARROW1";
/** Says that the length of a message follows. */
const GOES_ON = 0xffffffff;
/** Metadata of one message: more than any has. */
const MOST_METADATA = 1 << 28;
/** Values that are made at once: few, so that texts are soon forgotten. */
const AT_ONCE = 1 << 14;

const cutOff = (): InputError =>
  new InputError("the file is cut off: it ends within a message. Copy or download it again");

export async function readArrow(source: ByteSource, options: TableOptions): Promise<Table> {
  const head = await source.slice(0, 8);
  if (startsWith(head, "FEA1")) {
    throw new InputError(
      `a Feather file of version 1, which is not read. Write it again: python -c "import pandas; pandas.read_feather('old.feather').to_feather('new.feather')"`,
    );
  }
  try {
    const messages = startsWith(head, MAGIC) ? fileMessages(source) : streamMessages(source);
    return await readTable(source, messages, options);
  } catch (error) {
    if (!(error instanceof BigEndian)) throw error;
    throw new InputError(
      "its numbers are big-endian, which is not read. Write the file again on a common machine, or as Parquet",
    );
  }
}

/** A message, and where its bytes are. */
type Placed = ArrowMessage & { body: number };

/** Those that the footer names: the schema, all dictionaries, and the rows. */
async function* fileMessages(source: ByteSource): AsyncGenerator<Placed> {
  const size = await sizeOf(source);
  const end = await source.slice(Math.max(0, size - MAGIC.length - 4), size);
  if (size < 2 * MAGIC.length + 8 || !startsWith(end.subarray(4), MAGIC)) {
    throw new InputError(
      "the file is cut off: its footer, which stands at the end, is not there. Copy or download it again",
    );
  }
  const length = new DataView(end.buffer, end.byteOffset).getInt32(0, true);
  const at = size - MAGIC.length - 4 - length;
  if (length <= 0 || at < 8) throw new RangeError("its footer is longer than the file");
  const { schema, dictionaries, batches } = readFooter(await source.slice(at, at + length));
  yield { kind: "schema", schema, bodyLength: 0, body: 0 };
  for (const place of [...dictionaries, ...batches]) {
    const message = await messageAt(source, place, size);
    if (!message) throw new RangeError("a message is not where the footer says");
    yield message;
  }
}

async function* streamMessages(source: ByteSource): AsyncGenerator<Placed> {
  const size = await sizeOf(source);
  for (let at = 0; at < size; ) {
    const message = await messageAt(source, at, size);
    if (!message) return;
    yield message;
    at = message.body + message.bodyLength;
  }
}

/** Nothing at the mark of the end. */
async function messageAt(source: ByteSource, start: number, size: number): Promise<Placed | undefined> {
  const head = await source.slice(start, start + 8);
  const view = viewOf(head);
  if (head.length < 4) throw cutOff();
  const goesOn = view.getUint32(0, true) === GOES_ON;
  if (goesOn && head.length < 8) throw cutOff();
  // Files from before 2019 have the length alone.
  const length = view.getInt32(goesOn ? 4 : 0, true);
  const from = start + (goesOn ? 8 : 4);
  if (length === 0) return undefined;
  if (length < 0 || length > MOST_METADATA) throw new RangeError(`a message claims ${length} bytes`);
  if (from + length > size) throw cutOff();
  const message = readMessage(await source.slice(from, from + length));
  if (message.bodyLength < 0) throw new RangeError("a message has no length");
  if (from + length + message.bodyLength > size) throw cutOff();
  return { ...message, body: from + length };
}

async function readTable(source: ByteSource, messages: AsyncIterable<Placed>, options: TableOptions): Promise<Table> {
  let reader: BatchReader | undefined;
  for await (const message of messages) {
    if (message.kind === "schema") reader ??= new BatchReader(source, message.schema, options);
    else if (!reader) throw new RangeError("it does not begin with a schema");
    else if (message.kind === "dictionary") await reader.takeEntries(message);
    else if (message.kind === "rows") await reader.takeRows(message.batch, message);
  }
  if (!reader) throw new RangeError("it has no schema");
  return reader.finish();
}

type Body = Pick<Placed, "body" | "bodyLength">;

class BatchReader {
  readonly #source: ByteSource;
  readonly #schema: ArrowSchema;
  readonly #table: TypedTable;
  /** By number: what its entries are, of those that columns need. */
  readonly #dictionaries = new Map<number, { of: ArrowField; entries: unknown[] }>();
  #rows = 0;

  constructor(source: ByteSource, schema: ArrowSchema, options: TableOptions) {
    this.#source = source;
    this.#schema = schema;
    const fields = schema.fields.map((field) => ({ name: field.name, type: columnTypeOf(field) }));
    this.#table = new TypedTable(fields, options);
    for (const [c, { dictionary }] of schema.fields.entries()) {
      if (dictionary && this.#table.columns[c]!.isRead) {
        this.#dictionaries.set(dictionary.id, { of: dictionary.of, entries: [] });
      }
    }
  }

  async takeEntries({ id, isDelta, batch, ...body }: Extract<Placed, { kind: "dictionary" }>): Promise<void> {
    const dictionary = this.#dictionaries.get(id);
    if (!dictionary) return;
    const { of } = dictionary;
    const part = await this.#part(of, batch, { nodes: 0, buffers: 0, views: 0 }, body);
    const get = getterOf(of, part);
    const entries = Array.from({ length: part.rows }, (_, i) => get(i));
    // Batches before this one have their values already.
    dictionary.entries = isDelta ? dictionary.entries.concat(entries) : entries;
  }

  async takeRows(batch: ArrowBatch, body: Body): Promise<void> {
    const at = { nodes: 0, buffers: 0, views: 0 };
    for (const [c, field] of this.#schema.fields.entries()) {
      const column = this.#table.columns[c]!;
      if (column.isRead) await this.#takeColumn(column, field, batch, at, body);
      const { nodes, buffers, views } = extentOf(field, batch.views.slice(at.views), this.#schema.version);
      at.nodes += nodes;
      at.buffers += buffers;
      at.views += views;
    }
    this.#rows += batch.rows;
    if (!Number.isSafeInteger(this.#rows) || batch.rows < 0) throw new RangeError(`it claims ${this.#rows} rows`);
  }

  async #takeColumn(column: TypedColumn, field: ArrowField, batch: ArrowBatch, at: Place, body: Body): Promise<void> {
    const part = await this.#part(field, batch, at, body);
    const get = getterOf(field, part, field.dictionary && this.#dictionaries.get(field.dictionary.id)!.entries);
    for (let row = 0; row < part.rows; row += AT_ONCE) {
      column.push(Array.from({ length: Math.min(AT_ONCE, part.rows - row) }, (_, i) => get(row + i)));
    }
  }

  /** The buffers of a column that has no children. */
  async #part(field: ArrowField, batch: ArrowBatch, at: Place, body: Body): Promise<ArrowPart> {
    const node = batch.nodes[at.nodes];
    if (!node || node.length !== batch.rows || node.length < 0)
      throw new RangeError(`column "${field.name}" has other rows than its batch`);
    const { buffers: count } = extentOf(field, batch.views.slice(at.views), this.#schema.version);
    if (!(count >= 0 && at.buffers + count <= batch.buffers.length))
      throw new RangeError(`column "${field.name}" lacks a buffer`);
    const buffers: Uint8Array[] = [];
    for (const { offset, length } of batch.buffers.slice(at.buffers, at.buffers + count)) {
      if (offset < 0 || length < 0 || offset + length > body.bodyLength)
        throw new RangeError("a buffer lies outside of its message");
      const bytes = await this.#source.slice(body.body + offset, body.body + offset + length);
      if (bytes.length < length) throw cutOff();
      buffers.push(batch.codec === undefined ? bytes : await unpack(bytes, batch.codec));
    }
    return { rows: node.length, nulls: node.nulls, buffers };
  }

  finish(): Table {
    return this.#table.finish(this.#rows);
  }
}

/** How many nodes, buffers and counts of views stand before a column's. */
interface Place {
  nodes: number;
  buffers: number;
  views: number;
}

/** The codecs are a library, which files that are not packed need not wait for. */
async function unpack(buffer: Uint8Array, codec: number): Promise<Uint8Array> {
  const { unpacked } = await import("./unpack.ts");
  return unpacked(buffer, codec);
}
