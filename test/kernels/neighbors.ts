/** What the tests of the neighbour kernels share. */
import { prng, range } from "../gpu.ts";

/** Workgroups that serve `rows` queries. */
export const groupsOf = (rows: number) => Math.ceil(rows / 256);

/** Small whole numbers: many ties, many copies, and float32 computes every distance exactly. */
export function lattice(seed: number, count: number): Float32Array {
  const random = prng(seed);
  return Float32Array.from({ length: count }, () => Math.floor(6 * random()) - 2);
}

/** The points of replica `r` out of (R, Dx + Dy, B), as rows of x and rows of y. */
export function pointsOf(points: Float32Array, r: number, rows: number, Dx: number, Dy: number) {
  const at = (row: number, d: number) => points[(r * (Dx + Dy) + d) * rows + row]!;
  return {
    x: range(rows).map((row) => range(Dx).map((d) => at(row, d))),
    y: range(rows).map((row) => range(Dy).map((d) => at(row, Dx + d))),
  };
}

export const words = (data: Float32Array | undefined) => new Uint32Array(data!.buffer);
