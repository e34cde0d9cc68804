/** Random numbers on the host, for data that experiments make themselves: number i depends on (seed, i) alone. */
import { hashOf } from "../../math/random.ts";
import { normalQuantile } from "../../math/special.ts";

/** From the open interval (0, 1), evenly. */
export const uniforms = (count: number, seed: readonly number[]): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => (hashOf([...seed, i]) + 0.5) / 2 ** 32);

/** Standard normals. */
export const normals = (count: number, seed: readonly number[]): Float64Array =>
  uniforms(count, seed).map(normalQuantile);
