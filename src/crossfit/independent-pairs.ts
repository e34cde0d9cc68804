/** Marginal pairs of rows that depend on each other: a pair of two rows of one unit is no draw of independent x and y. */
import { areApart, type Units } from "../data/units.ts";
import type { RowScores } from "../math/statistics.ts";
import { type Pairing, partnerOf } from "../training/pairing.ts";
import type { Members } from "./member.ts";

/**
 * The place of the row that stands for marginal partner c of row i: itself, or where it depends on row i another partner of
 * row i that does not, in turn. Where all of them do, they stay.
 */
export function partnersOf(
  rows: Uint32Array,
  pairing: Pairing,
  units: Units | undefined,
): (i: number, c: number) => number {
  const place = (i: number, c: number) => partnerOf(i, c, rows.length, pairing);
  if (!units) return place;
  const standIn = standIns(rows, pairing, units);
  return (i, c) => place(i, standIn(i, c));
}

function standIns(rows: Uint32Array, pairing: Pairing, units: Units): (i: number, c: number) => number {
  const isApart = areApart(units);
  let last = -1;
  const chosen = new Uint32Array(pairing.perRow);
  const good: number[] = [];
  const choose = (i: number) => {
    last = i;
    good.length = 0;
    for (let c = 0; c < chosen.length; c++) {
      chosen[c] = c;
      if (isApart(rows[i]!, rows[partnerOf(i, c, rows.length, pairing)]!)) good.push(c);
    }
    if (good.length === 0 || good.length === chosen.length) return;
    for (let c = 0, g = 0, next = 0; c < chosen.length; c++) {
      if (good[g] === c) g++;
      else chosen[c] = good[next++ % good.length]!;
    }
  };
  return (i, c) => {
    if (i !== last) choose(i);
    return chosen[c]!;
  };
}

/** Puts the score of an independent pair in the place of each that is none, as {@link partnersOf} says. */
export function replaceRelated({ marginal }: RowScores, rows: Uint32Array, pairing: Pairing, units: Units): void {
  const { perRow } = pairing;
  const standIn = standIns(rows, pairing, units);
  // A stand-in is a partner that stays as it is, so none is overwritten before it is read.
  for (let i = 0; i < rows.length; i++) {
    for (let c = 0; c < perRow; c++) marginal[i * perRow + c] = marginal[i * perRow + standIn(i, c)]!;
  }
}

/** Members whose marginal pairs are of independent rows. */
export const independently = (kind: Members, units: Units): Members => ({
  ...kind,
  async score(rows, pairing, first, scratch) {
    const scores = await kind.score(rows, pairing, first, scratch);
    for (const [f, list] of scores.entries()) {
      for (const each of list) replaceRelated(each, rows[f]!, pairing, units);
    }
    return scores;
  },
});
