/** The loss over (j, j̄) as a sheet of flat pieces that ends where the estimate would be more than the truth. */
import type { Settings } from "./settings.ts";
import { TRUTH } from "./settings.ts";

/** j, j̄, loss. */
export type Spot = readonly [number, number, number];

export interface Land extends Pick<Settings, "lambda" | "C"> {
  /** j and j̄ are shown from −reach to reach. */
  reach: number;
}

export interface Piece {
  corners: Spot[];
  /** The face of the cliff below the dashed line, not the land itself. */
  cliff: boolean;
}

const CELLS = 40;

export const lossAt = ({ lambda, C }: Pick<Land, "lambda" | "C">, j: number, jbar: number): number =>
  jbar - j + lambda * (jbar - C) ** 2;

/** Loss at the floor and at the lid of the box. */
export const heights = ({ reach }: Pick<Land, "reach">): [number, number] => [-0.8 * reach, 1.2 * reach];

const spot = (land: Land, j: number, jbar: number): Spot => [j, jbar, lossAt(land, j, jbar)];

/** All pieces of the land within the box, and of the cliff. */
export function piecesOf(land: Land): Piece[] {
  const [floor, lid] = heights(land);
  const at = (i: number) => land.reach * ((2 * i) / CELLS - 1);
  const pieces: Piece[] = [];
  const add = (corners: readonly Spot[], cliff: boolean) => {
    const inside = clipped(
      clipped(corners, (s) => lid - s[2]),
      (s) => land.reach - s[0],
    );
    if (inside.length > 2) pieces.push({ corners: inside, cliff });
  };
  for (let k = 0; k < CELLS; k++) {
    for (let i = 0; i < CELLS; i++) {
      const cell = [spot(land, at(i), at(k)), spot(land, at(i + 1), at(k))];
      cell.push(spot(land, at(i + 1), at(k + 1)), spot(land, at(i), at(k + 1)));
      add(
        clipped(cell, ([j, jbar]) => TRUTH - (j - jbar)),
        false,
      );
    }
    const [a, b] = [at(k), at(k + 1)].map((jbar) => spot(land, jbar + TRUTH, jbar)) as [Spot, Spot];
    add([a, b, [b[0], b[1], floor], [a[0], a[1], floor]], true);
  }
  return pieces;
}

/** The dashed line, j − j̄ = truth, as spots on the land within the box. */
export function shoreOf(land: Land): Spot[] {
  const [, lid] = heights(land);
  const to = land.reach - TRUTH;
  const all = Array.from({ length: 2 * CELLS + 1 }, (_, i) => {
    const jbar = -land.reach + ((to + land.reach) * i) / (2 * CELLS);
    return spot(land, jbar + TRUTH, jbar);
  });
  return all.filter(([, , loss]) => loss <= lid);
}

/** The part of a convex polygon where `room` is not negative, taken as linear between corners. */
function clipped(corners: readonly Spot[], room: (spot: Spot) => number): Spot[] {
  const kept: Spot[] = [];
  corners.forEach((a, i) => {
    const b = corners[(i + 1) % corners.length]!;
    const [from, to] = [room(a), room(b)];
    if (from >= 0) kept.push(a);
    if (from >= 0 !== to >= 0) kept.push(between(a, b, from / (from - to)));
  });
  return kept;
}

const between = (a: Spot, b: Spot, share: number): Spot => [
  a[0] + share * (b[0] - a[0]),
  a[1] + share * (b[1] - a[1]),
  a[2] + share * (b[2] - a[2]),
];

/** Where lines of equal loss, `spacing` apart, cross a piece. */
export function levelsOn(corners: readonly Spot[], spacing: number): [Spot, Spot][] {
  const losses = corners.map((s) => s[2]);
  const lines: [Spot, Spot][] = [];
  const last = Math.floor(Math.max(...losses) / spacing);
  for (let n = Math.ceil(Math.min(...losses) / spacing); n <= last; n++) {
    const ends = corners.flatMap((a, i) => {
      const b = corners[(i + 1) % corners.length]!;
      const [from, to] = [a[2] - n * spacing, b[2] - n * spacing];
      return from >= 0 !== to >= 0 ? [between(a, b, from / (from - to))] : [];
    });
    if (ends.length === 2) lines.push(ends as [Spot, Spot]);
  }
  return lines;
}
