/** Files that went wrong on their way: bits that flipped, ends that are missing, lengths that lie, parts of other files. */

/** Whole numbers from 0 to less than n, the same for the same seed (Steele, Lea and Flood 2014, as mulberry32). */
export function randomOf(seed: number): (n: number) => number {
  let state = seed | 0;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

type Random = (n: number) => number;
type Bytes = Uint8Array<ArrayBuffer>;

/** Numbers that lengths and places are confused by. */
const LENGTHS = [0, 1, 2, 7, 8, 127, 128, 255, 256, 65535, 65536, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1].flatMap(
  (n) => [BigInt(n), -BigInt(n)],
);
LENGTHS.push(2n ** 53n, 2n ** 62n, -(2n ** 63n), 10n ** 9n, 10n ** 12n);

/** A place in a file: headers and footers are where most is decided. */
function placeIn(bytes: Bytes, random: Random): number {
  const near = random(4);
  if (near === 0) return random(Math.min(bytes.length, 300));
  if (near === 1) return bytes.length - 1 - random(Math.min(bytes.length, 1200));
  return random(bytes.length);
}

const joined = (...parts: Uint8Array[]): Bytes => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

type Mutation = (bytes: Bytes, random: Random, other: Bytes) => Bytes;

const flipBits: Mutation = (bytes, random) => {
  const changed = bytes.slice();
  for (let i = random(8); i >= 0; i--) changed[placeIn(bytes, random)]! ^= 1 << random(8);
  return changed;
};

const setBytes: Mutation = (bytes, random) => {
  const changed = bytes.slice();
  for (let i = random(4); i >= 0; i--) changed[placeIn(bytes, random)] = [0, 255, 127, 128, 1, random(256)][random(6)]!;
  return changed;
};

/** A number of one to eight bytes becomes another. */
const blowUp: Mutation = (bytes, random) => {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  const size = [1, 2, 4, 8][random(4)]!;
  const at = placeIn(bytes, random) & ~(random(3) === 0 ? 0 : size - 1);
  const value = random(3) === 0 ? BigInt(bytes.length + random(17) - 8) : LENGTHS[random(LENGTHS.length)]!;
  for (let i = 0; i < size && at + i < bytes.length; i++)
    view.setUint8(at + i, Number((value >> BigInt(8 * i)) & 255n));
  return changed;
};

const cutEnd: Mutation = (bytes, random) => bytes.slice(0, placeIn(bytes, random));
const cutOut: Mutation = (bytes, random) => {
  const at = placeIn(bytes, random);
  return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random(64)));
};
const insert: Mutation = (bytes, random) => {
  const at = placeIn(bytes, random);
  const more = Uint8Array.from({ length: 1 + random(40) }, () => random(256));
  return joined(bytes.subarray(0, at), more, bytes.subarray(at));
};
const repeat: Mutation = (bytes, random) => {
  const at = placeIn(bytes, random);
  const part = bytes.subarray(at, at + 1 + random(256));
  return joined(bytes.subarray(0, at), part, part, bytes.subarray(at));
};
/** The start of one file, and the rest of another. */
const splice: Mutation = (bytes, random, other) =>
  joined(bytes.subarray(0, placeIn(bytes, random)), other.subarray(placeIn(other, random)));
const overwrite: Mutation = (bytes, random, other) => {
  const changed = bytes.slice();
  const from = placeIn(other, random);
  const at = placeIn(bytes, random);
  changed.set(other.subarray(from, from + 1 + random(Math.min(64, bytes.length - at))), at);
  return changed;
};

const MUTATIONS = [
  flipBits,
  flipBits,
  setBytes,
  blowUp,
  blowUp,
  blowUp,
  cutEnd,
  cutOut,
  insert,
  repeat,
  splice,
  overwrite,
];

/** One to three mutations of one of the files. */
export function mutated(files: readonly Bytes[], random: Random): Bytes {
  const one = () => files[random(files.length)]!;
  let bytes = one();
  for (let i = random(3); i >= 0; i--) {
    if (bytes.length === 0) return bytes;
    bytes = MUTATIONS[random(MUTATIONS.length)]!(bytes, random, one());
  }
  return bytes;
}
