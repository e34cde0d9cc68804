/** Bytes as readers meet them: a view on them, a stream of them, and packed ones that claim too much. */

/** The same bytes, to be read as numbers of any size. */
export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** What comes of a stream, piece by piece. It is cancelled where nobody wants the rest. */
export async function* piecesOf(stream: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  const reader = stream?.getReader();
  if (!reader) return;
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) yield value!;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Past so many bytes, packed ones are refused where one becomes more than so many: only bombs and constants are like that. */
export const BOMB = { bytes: 2 ** 26, ratio: 200 };

export const isBomb = (packed: number, size: number): boolean => size > BOMB.bytes && size > BOMB.ratio * packed;
