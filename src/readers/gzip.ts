/** What gzip made of a file. */
import { InputError } from "../errors.ts";
import { piecesOf } from "./bytes.ts";
import { startsWith } from "./format.ts";
import { type ByteSource, StreamSource } from "./source.ts";

export const isGzip = (head: Uint8Array): boolean => startsWith(head, "\x1f\x8b");

/** The bytes that were compressed. Their name is without its ".gz". */
export const unzipped = (source: ByteSource): ByteSource =>
  new StreamSource(expanded(source), source.name.replace(/\.gz$/i, ""));

async function* expanded(source: ByteSource): AsyncGenerator<Uint8Array> {
  const pieces = source.pieces()[Symbol.asyncIterator]();
  const compressed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value as Uint8Array<ArrayBuffer>);
    },
  });
  try {
    yield* piecesOf(compressed.pipeThrough(new DecompressionStream("gzip")));
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { message } = error as Error;
    throw new InputError(`a broken gzip file (${message}). Download or compress it again`, { cause: error });
  }
}
