/** What each source draws, row by row, from the oracle's random numbers. */
import { normalPair, rowBits, uniformIndex } from "./random.ts";

export type Key = readonly [seed: number, stream: number];

export interface Row {
  x: number[];
  y: number[];
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

export function gaussianRow(key: Key, step: number, row: number, isJoint: boolean, dims: number, rho: number): Row {
  const bits = range(dims).map((d) => rowBits(key, row, step, d));
  return {
    x: bits.map(([a, b]) => normalPair(a, b)[0]),
    y: bits.map(([a, b, c, d]) => {
      const [x, noise] = normalPair(a, b);
      return isJoint ? rho * x + Math.sqrt(1 - rho * rho) * noise : normalPair(c, d)[0];
    }),
  };
}

/** @param categories of x and of y; a joint y is x, and has no 1 where that is no category of y */
export function oneHotRow(key: Key, step: number, row: number, isJoint: boolean, categories: [number, number]): Row {
  const [a, b] = rowBits(key, row, step, 0);
  const x = uniformIndex(a, categories[0]);
  const y = isJoint ? x : uniformIndex(b, categories[1]);
  const coded = (category: number, count: number) => range(count).map((d) => Number(d === category));
  return { x: coded(x, categories[0]), y: coded(y, categories[1]) };
}

/** Which of `count` row pairs x and y come from. */
export function tableDraw(key: Key, step: number, row: number, isJoint: boolean, count: number) {
  const [a, b] = rowBits(key, row, step, 0);
  const x = uniformIndex(a, count);
  return { x, y: isJoint ? x : uniformIndex(b, count) };
}
