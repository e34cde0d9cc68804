/** What gzip made of a file. */
import { startsWith } from "./format.ts";
import { type ByteSource, StreamSource } from "./source.ts";

export const isGzip = (head: Uint8Array): boolean => startsWith(head, "\x1f\x8b");

/** The bytes that were compressed. Their name is without its ".gz". */
export const unzipped = (source: ByteSource): ByteSource =>
  new StreamSource(expanded(source), source.name.replace(/\.gz$/i, ""));

async function* expanded(source: ByteSource): AsyncGenerator<Uint8Array> {
  const { unpackMembers } = await import("./gzip-members.ts");
  yield* unpackMembers(source.pieces());
}
