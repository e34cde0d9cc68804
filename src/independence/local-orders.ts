/** Permutations that keep what Z says: rows change places only with rows whose Z is nearly the same. */

import type { Column } from "../data/columns.ts";
import type { Turn } from "../gpu/run.ts";
import { shuffled } from "../math/random.ts";
import { ranksOf } from "../math/statistics.ts";
import { combinationsOf } from "./sides.ts";

/** Rows with the nearest Z that a row may change places with, itself among them (Runge 2018, section 4). */
export const NEAREST = 5;

/** Rows that are looked at in one turn: a few milliseconds' work. */
const ROWS_A_TURN = 2 ** 8;

/**
 * Orders of the rows under which X keeps its dependence on Z and loses that on Y: each row takes the place of one of the
 * nearest in Z that no other row has taken yet, in random order of the rows (Runge 2018, arXiv:1709.01447, algorithm 1).
 * Numbers are compared by rank, in the max norm; rows with other categories are never near, and where Z is categories alone rows
 * change places within a level freely.
 *
 * @returns makes the order of a seed: at each place the row that comes there; where few are near, a row may come twice
 */
export async function localOrders(given: readonly Column[], turn: Turn): Promise<(seed: number) => Uint32Array> {
  const numbers = given.filter(({ kind }) => kind === "numeric").map(({ values }) => ranksOf(values));
  const levels = combinationsOf(
    given.filter(({ kind }) => kind === "category"),
    given[0]!.values.length,
  );
  if (numbers.length === 0) return (seed) => withinLevels(levels, seed);
  const near = await nearestRows(numbers, levels, turn);
  return (seed) => takingPlaces(near, seed);
}

function rowsByLevel(levels: Uint32Array): number[][] {
  const rows: number[][] = [];
  for (const [row, level] of levels.entries()) {
    rows[level] ??= [];
    rows[level].push(row);
  }
  return rows;
}

function withinLevels(levels: Uint32Array, seed: number): Uint32Array {
  const order = new Uint32Array(levels.length);
  for (const [level, rows] of rowsByLevel(levels).entries()) {
    const places = shuffled(rows.length, seed ^ Math.imul(level + 1, 0x9e3779b1));
    for (const [i, row] of rows.entries()) order[row] = rows[places[i]!]!;
  }
  return order;
}

/**
 * (B, NEAREST): of each row those with the nearest Z, itself first, and itself again where its level has fewer. Rows are
 * looked at outwards in the order of the first number, until that alone is too far.
 */
async function nearestRows(numbers: readonly Float64Array[], levels: Uint32Array, turn: Turn): Promise<Uint32Array> {
  const near = new Uint32Array(NEAREST * levels.length);
  let looked = 0;
  for (const rows of rowsByLevel(levels)) {
    const first = numbers[0]!;
    const inOrder = rows.toSorted((a, b) => first[a]! - first[b]! || a - b);
    for (let place = 0; place < inOrder.length; place++) {
      if (++looked % ROWS_A_TURN === 0) await turn();
      near.set(nearestOf(inOrder, place, numbers), NEAREST * inOrder[place]!);
    }
  }
  return near;
}

/** The nearest of the row at a place of `inOrder`. */
function nearestOf(inOrder: readonly number[], place: number, numbers: readonly Float64Array[]): number[] {
  const own = inOrder[place]!;
  const found = new Array<number>(NEAREST).fill(own);
  const distances = new Array<number>(NEAREST).fill(Number.POSITIVE_INFINITY);
  distances[0] = 0;
  const gap = (values: Float64Array, row: number) => Math.abs(values[row]! - values[own]!);
  const consider = (row: number) => {
    let distance = 0;
    for (const values of numbers) distance = Math.max(distance, gap(values, row));
    let slot = NEAREST - 1;
    if (!(distance < distances[slot]!)) return;
    for (; slot > 1 && distance < distances[slot - 1]!; slot--) {
      found[slot] = found[slot - 1]!;
      distances[slot] = distances[slot - 1]!;
    }
    found[slot] = row;
    distances[slot] = distance;
  };
  for (let step = 1; step < inOrder.length; step++) {
    const both = [inOrder[place - step], inOrder[place + step]].filter((row) => row !== undefined);
    const open = both.filter((row) => gap(numbers[0]!, row) < distances[NEAREST - 1]!);
    if (open.length === 0) break;
    for (const row of open) consider(row);
  }
  return found;
}

/** Rows in random order, each taking the first of its neighbours, in random order, that is free. */
function takingPlaces(near: Uint32Array, seed: number): Uint32Array {
  const rows = near.length / NEAREST;
  const isTaken = new Uint8Array(rows);
  const order = new Uint32Array(rows);
  // One shuffle for the rows, and one of as many numbers for the neighbours of each.
  const choices = shuffled(rows, seed ^ 0x5bd1e995);
  for (const row of shuffled(rows, seed)) {
    const first = choices[row]!;
    let chosen = near[NEAREST * row + (first % NEAREST)]!;
    for (let i = 0; i < NEAREST; i++) {
      // Steps of 1 or 2 or 3 or 4 through five places visit all of them.
      const step = 1 + (Math.floor(first / NEAREST) % (NEAREST - 1));
      const candidate = near[NEAREST * row + ((first + i * step) % NEAREST)]!;
      if (isTaken[candidate]) continue;
      chosen = candidate;
      break;
    }
    order[row] = chosen;
    isTaken[chosen] = 1;
  }
  return order;
}
