/** Records of a FlatBuffer, read with every place checked: what lies outside of the bytes is a RangeError. */
import { viewOf } from "./bytes.ts";

/** One table. Fields are counted from 0, as in the schema that the file was written by. */
export class FlatTable {
  readonly #view: DataView;
  readonly #at: number;
  readonly #fields: number;
  readonly #size: number;

  /** @param at where the table begins */
  constructor(view: DataView, at: number) {
    this.#view = view;
    this.#at = at;
    this.#fields = at - view.getInt32(at, true);
    this.#size = view.getUint16(this.#fields, true);
  }

  /** The table that the offset at the start of a buffer leads to. */
  static root(bytes: Uint8Array): FlatTable {
    const view = viewOf(bytes);
    return new FlatTable(view, view.getUint32(0, true));
  }

  int8 = (field: number, usual = 0): number => this.#read(field, (at) => this.#view.getInt8(at)) ?? usual;
  uint8 = (field: number, usual = 0): number => this.#read(field, (at) => this.#view.getUint8(at)) ?? usual;
  int16 = (field: number, usual = 0): number => this.#read(field, (at) => this.#view.getInt16(at, true)) ?? usual;
  int32 = (field: number, usual = 0): number => this.#read(field, (at) => this.#view.getInt32(at, true)) ?? usual;
  int64 = (field: number, usual = 0): number => this.#read(field, (at) => int64At(this.#view, at)) ?? usual;

  text(field: number): string | undefined {
    return this.#read(field, (place) => {
      const at = this.#follow(place);
      const length = this.#view.getUint32(at, true);
      // Also the last byte has to be there.
      if (length > 0) this.#view.getUint8(at + 4 + length - 1);
      return new TextDecoder().decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + at + 4, length));
    });
  }

  table(field: number): FlatTable | undefined {
    return this.#read(field, (place) => new FlatTable(this.#view, this.#follow(place)));
  }

  tables(field: number): FlatTable[] {
    return this.#vector(field, 4, (place) => new FlatTable(this.#view, this.#follow(place)));
  }

  /** Structs of so many bytes each, whose whole numbers of eight bytes `read` takes by their place in it. */
  structs<T>(
    field: number,
    bytes: number,
    read: (int64: (offset: number) => number, view: DataView, at: number) => T,
  ): T[] {
    return this.#vector(field, bytes, (at) => read((offset) => int64At(this.#view, at + offset), this.#view, at));
  }

  #vector<T>(field: number, bytes: number, read: (at: number) => T): T[] {
    const all = this.#read(field, (place) => {
      const at = this.#follow(place);
      const length = this.#view.getUint32(at, true);
      if (length * bytes > this.#view.byteLength - at - 4) throw new RangeError("a list is longer than its file");
      return Array.from({ length }, (_, i) => read(at + 4 + i * bytes));
    });
    return all ?? [];
  }

  #follow(place: number): number {
    return place + this.#view.getUint32(place, true);
  }

  #read<T>(field: number, read: (place: number) => T): T | undefined {
    const entry = 4 + 2 * field;
    if (entry + 2 > this.#size) return undefined;
    const offset = this.#view.getUint16(this.#fields + entry, true);
    return offset === 0 ? undefined : read(this.#at + offset);
  }
}

function int64At(view: DataView, at: number): number {
  const value = Number(view.getBigInt64(at, true));
  if (!Number.isSafeInteger(value)) throw new RangeError("a length beyond all files");
  return value;
}
