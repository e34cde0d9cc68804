/** Which rows are paired when rows are scored that no step trained on. */

/**
 * Rows are taken in blocks of `size`, in the order they were dealt, which is random; the last block reaches back so that
 * it is full. Row i's marginal partner c is the row c + 1 further on, around the end of its block: no row meets itself, and
 * every row passes a critic's towers once a block, however many pairs it is in.
 */
export interface Pairing {
  /** Marginal pairs of each row, less than `size`. */
  perRow: number;
  /** Rows of a block. */
  size: number;
}

/** Rows of a block, or more. */
export const BLOCK_ROWS = 128;

/** The blocks for `count` rows with `wanted` partners each, as far as there are so many others. */
export function pairingFor(count: number, wanted: number, least = BLOCK_ROWS): Pairing {
  const perRow = Math.max(1, Math.min(wanted, count - 1));
  return { perRow, size: Math.min(count, Math.max(least, perRow + 1)) };
}

/** Where row i's block of `count` rows begins. */
export const blockOf = (i: number, count: number, size: number): number =>
  Math.min(Math.floor(i / size) * size, count - size);

/** The place of the marginal partner c of row i of `count`. */
export function partnerOf(i: number, c: number, count: number, { size }: Pairing): number {
  const start = blockOf(i, count, size);
  return start + ((i - start + c + 1) % size);
}

/** The (row of x, row of y) of all pairs, flattened: joint pairs of these rows, then each row's marginal ones. */
export function pairsOf(rows: Uint32Array, pairing: Pairing): Uint32Array {
  const { perRow } = pairing;
  const pairs = new Uint32Array(2 * rows.length * (1 + perRow));
  rows.forEach((row, i) => {
    pairs.fill(row, 2 * i, 2 * i + 2);
    const at = 2 * (rows.length + i * perRow);
    for (let c = 0; c < perRow; c++) {
      pairs[at + 2 * c] = row;
      pairs[at + 2 * c + 1] = rows[partnerOf(i, c, rows.length, pairing)]!;
    }
  });
  return pairs;
}
