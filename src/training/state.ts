/** A trainer's state as bytes: a header that says what was trained, then the buffers that the next step depends on. */
import { InputError } from "../errors.ts";

/** What a state belongs to. A trainer of anything else cannot go on from it. */
export interface Trained {
  estimator: string;
  /** Kind and layers. */
  critic: string;
  optimizer: string;
  replicas: number;
  /** Steps that the averages look back. */
  window: number;
}

const MAGIC = "remine trainer\n";
const VERSION = 2;

/** Words that say that bytes are a state; the header is JSON, padded with spaces to whole words of four bytes. */
export function packState(trained: Trained, steps: number, buffers: readonly ArrayBuffer[]): Uint8Array {
  const sizes = buffers.map(({ byteLength }) => byteLength);
  const header = JSON.stringify({ version: VERSION, steps, trained, sizes });
  const text = `${MAGIC}${header}`;
  const head = new TextEncoder().encode(`${text.padEnd(4 * Math.ceil((text.length + 1) / 4) - 1)}\n`);
  const parts = [head, ...buffers.map((buffer) => new Uint8Array(buffer))];
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/**
 * The steps that were taken and the buffers, in the order in which they were packed.
 *
 * @param sizes of the buffers of the trainer that is to go on, bytes
 * @throws {InputError} for bytes that are no state, or one of another version, estimator, critic or optimizer
 */
export function unpackState(
  bytes: Uint8Array,
  trained: Trained,
  sizes: readonly number[],
): { steps: number; buffers: Uint32Array[] } {
  const end = bytes.indexOf(10, MAGIC.length);
  const text = new TextDecoder().decode(bytes.subarray(0, Math.max(end, 0)));
  if (!text.startsWith(MAGIC)) {
    throw new InputError("these bytes are no state of a trainer; give what save() returned");
  }
  const header = JSON.parse(text.slice(MAGIC.length)) as {
    version: number;
    steps: number;
    trained: Trained;
    sizes: number[];
  };
  if (header.version !== VERSION) {
    throw new InputError(
      `this state has version ${header.version}, and this remine reads version ${VERSION}; train anew, or use the remine that saved it`,
    );
  }
  for (const [what, here] of Object.entries(trained)) {
    const there = header.trained[what as keyof Trained];
    if (there !== here) {
      throw new InputError(
        `this state was saved by a trainer with other options: its ${what} is ${there}, and here it is ${here}; make one with the same options to load it`,
      );
    }
  }
  const whole = end + 1 + sizes.reduce((sum, size) => sum + size, 0);
  if (header.sizes.join() !== sizes.join() || bytes.length !== whole) {
    throw new InputError(`this state is ${bytes.length} bytes and should be ${whole}; it was cut off, or changed`);
  }
  let offset = end + 1;
  const buffers = sizes.map((size) => {
    offset += size;
    return new Uint32Array(bytes.slice(offset - size, offset).buffer);
  });
  return { steps: header.steps, buffers };
}
