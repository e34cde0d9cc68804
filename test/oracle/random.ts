/** Philox4x32-10 (Salmon et al. 2011) and what is made of its bits, in exact integers and float64. */

export type Words4 = [number, number, number, number];

const MULTIPLIERS = [0xd2511f53n, 0xcd9e8d57n] as const;
const WEYL = [0x9e3779b9n, 0xbb67ae85n] as const;
const MASK = 0xffffffffn;

export function philox(counter: readonly number[], key: readonly number[]): Words4 {
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const p0 = MULTIPLIERS[0] * c0;
    const p1 = MULTIPLIERS[1] * c2;
    [c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & MASK, (p0 >> 32n) ^ c3 ^ k1, p0 & MASK];
    k0 = (k0 + WEYL[0]) & MASK;
    k1 = (k1 + WEYL[1]) & MASK;
  }
  return [c0, c1, c2, c3].map(Number) as Words4;
}

/** The numbers that the counter's last word stands for (lib/random.wgsl). */
export const PURPOSE = { weights: 1, rows: 2 } as const;

/** The four words of a row of the batch. */
export const rowBits = (key: readonly number[], row: number, step: number, element: number): Words4 =>
  philox([row, step, element, PURPOSE.rows], key);

/** 24 bits, centred, as an f32 below 1. */
export const uniformOpen = (bits: number): number =>
  Math.min(Math.fround(Math.floor(bits / 256) + 0.5) * 2 ** -24, 1 - 2 ** -24);

export const uniformIndex = (bits: number, count: number): number => Number((BigInt(bits) * BigInt(count)) >> 32n);

export function normalPair(a: number, b: number): [number, number] {
  const radius = Math.sqrt(-2 * Math.log(uniformOpen(a)));
  const angle = 2 * Math.PI * uniformOpen(b);
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}
