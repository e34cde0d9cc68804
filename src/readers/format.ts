/** What a reader of a format is. Each stands in a file of its own, and formats.ts lists them. */
import type { Table } from "../data/table.ts";
import { InputError } from "../errors.ts";
import type { ByteSource } from "./source.ts";
import type { TableOptions } from "./table-options.ts";

/** Bytes of a source by which its format is found. */
export const HEAD = 1 << 12;

export interface Format {
  /** As messages call it: "Parquet". */
  name: string;
  /**
   * Whether a source is of the format.
   *
   * @param head its first {@link HEAD} bytes, or all
   * @param name the source's, which decides only where the bytes leave it open
   */
  matches(head: Uint8Array, name: string): boolean;
  /**
   * Reads the columns that `options.columns` names; the others stand in the table as unread.
   *
   * @throws {InputError} naming cause and mend, but not the source: `readTable` does
   */
  read(source: ByteSource, options: TableOptions): Promise<Table>;
}

/** Whether bytes begin with these: characters of a text of bytes 0 to 255. */
export const startsWith = (head: Uint8Array, magic: string): boolean =>
  head.length >= magic.length && Array.from(magic).every((letter, i) => head[i] === letter.charCodeAt(0));

/**
 * What a library says of bytes that are none of its format, as one sentence for a user.
 *
 * @param format as messages call it
 */
export async function reading<T>(format: string, read: () => Promise<T> | T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `a broken ${format} file (${messageOf(error)}). Write it again, or download it again if it came from elsewhere`,
      { cause: error },
    );
  }
}

const messageOf = (error: unknown): string => {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
};

/** @throws {InputError} for options that are about text, of a file that is none */
export function refuseTextOptions(format: string, { delimiter, header }: TableOptions): void {
  const named = delimiter !== undefined ? "--delimiter" : header !== undefined ? "--header" : undefined;
  if (named === undefined) return;
  const other = named === "--header" ? " (or --no-header)" : "";
  throw new InputError(
    `${named}${other} is about text, and this is a ${format} file, which says itself what its columns are. Leave it out`,
  );
}
