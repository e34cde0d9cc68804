/** Matrix products by their definition, in float64. */

export interface Sum {
  value: Float64Array;
  /** Sum of the terms' magnitudes: what the rounding errors of an f32 sum are relative to. */
  magnitude: Float64Array;
}

/** C(r, c) = sum over k of a(r, k) b(k, c). */
export function product(
  rows: number,
  depth: number,
  cols: number,
  a: (row: number, k: number) => number,
  b: (k: number, col: number) => number,
): Sum {
  const value = new Float64Array(rows * cols);
  const magnitude = new Float64Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      for (let k = 0; k < depth; k++) {
        const term = a(row, k) * b(k, col);
        value[row * cols + col]! += term;
        magnitude[row * cols + col]! += Math.abs(term);
      }
    }
  }
  return { value, magnitude };
}
