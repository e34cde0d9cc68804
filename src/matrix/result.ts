/** What a matrix says in the end: every pair with its p-values, from chunks of one run or of several. */

import { reaches } from "../independence/evidence.ts";
import { benjaminiHochberg } from "../math/false-discovery.ts";
import { asCorrelation, shareOfEntropy } from "../math/scale.ts";
import { SETTLED } from "./leaders.ts";
import { largestOf } from "./permutations.ts";
import type { MatrixPlan } from "./plan.ts";
import { type Pool, poolsOf } from "./pool.ts";
import { joinedRecords, type MatrixChunk, type PairRecord } from "./records.ts";

/** One pair of columns. Information in nats. */
export interface MatrixPair {
  x: string;
  y: string;
  /** Rows that it was found in: those that have both columns. */
  rows: number;
  /**
   * Mutual information, given Z if there is one, never negative; Infinity for two equal continuous columns. Of a trained estimator it is what
   * `estimate` calls the bound, over held-out rows: its point value needs more work than many pairs allow.
   */
  mi: number;
  /** The same; noise can take it below 0. */
  raw: number;
  /** As {@link NeighborBatch.standardError}, with `time`, `group` and `block` over units of rows; of a trained estimator as `estimate` has it. NaN where `mi` is infinite. */
  standardError: number;
  /** Pearson's correlation, whatever Z says, for comparison; NaN where one of the two is a category. */
  pearson: number;
  /** The correlation of two normals with as much MI, √(1 − e^(−2 mi)) in [0, 1]: comparable over pairs; 1 where `mi` is infinite. */
  asCorrelation: number;
  /** Of two categories without a condition, I / min(H(X), H(Y)) in [0, 1]: how much of the one that has less to tell the other one knows. */
  shareOfEntropy?: number;
  /** The estimator that this pair was given. */
  estimator: string;
  /**
   * (1 + permutations in which as much speaks against independence as in the data) / (1 + permutations): valid for any number
   * of permutations. What speaks is no single estimate: correlations of ranks, of waves along them, and neighbours
   * (independence/evidence.ts), so that lines, curves and what is finer are seen alike. Where few of a pair's own
   * permutations reach it, those of all pairs count whose columns hardly repeat a value, for evidence is distributed alike in all of
   * these (matrix/pool.ts).
   */
  p?: number;
  /**
   * The best value of p where no or few permutations of any pair reach as far, by a tail that is fitted to the largest of half a
   * million or more (math/tail.ts). `p` is then the upper end of its 95 % interval, one-sided.
   */
  pFitted?: number;
  /** Permutations behind `p`: as many as asked for, those of all pairs that are alike, or more of its own (matrix/leaders.ts). */
  permutations?: number;
  /** Benjamini and Hochberg's adjusted p: among the pairs with q ≤ 0.05 about 5 % are expected to be false. */
  q?: number;
  /**
   * Probability that in some pair as much speaks against independence as here when nothing depends on anything (Westfall and
   * Young 1993, max-T). Pairs with pFamily ≤ 0.05 hold together with probability 0.95.
   */
  pFamily?: number;
}

/** Every pair of a matrix, and the same as squares of columns × columns. Information in nats. */
export interface MatrixResult {
  /** Names of the columns that were used; rows and columns of the matrices below. */
  columns: string[];
  /** All pairs: the highest MI first, or with permutations the strongest evidence. */
  pairs: MatrixPair[];
  /** Symmetric matrices, row-major; NaN on the diagonal and for pairs that were not asked for. */
  readonly mi: Float64Array;
  readonly standardError: Float64Array;
  /** NaN throughout without permutations. */
  readonly p: Float64Array;
  readonly q: Float64Array;
  readonly pFamily: Float64Array;
  permutations: number;
  /** Pairs of which a first look chose those in `pairs` (see {@link MatrixSettings.screen}); absent without one. */
  screened?: number;
  unit: "nats";
}

/**
 * Joins chunks of one plan, from one run or several, and adds what needs all of them: q and pFamily.
 *
 * @param screen of how many pairs a first look chose these
 */
export function assemble(
  columns: string[],
  chunks: readonly MatrixChunk[],
  permutations: number,
  screen?: MatrixPlan["screen"],
): MatrixResult {
  const records = strongestFirst(chunks, permutations > 0);
  const pairs = tested(
    columns,
    records,
    { largest: largestOf(chunks, permutations), pools: poolsOf(chunks) },
    screen?.of,
  );
  const square = (field: Square) => squareOf(columns.length, records, (i) => pairs[i]![field]);
  return {
    ...{ columns, pairs, permutations, unit: "nats" },
    ...(screen && { screened: screen.of }),
    // Made when asked for: a long list of chosen pairs need not pay for a square of columns.
    get mi() {
      return square("mi");
    },
    get standardError() {
      return square("standardError");
    },
    get p() {
      return square("p");
    },
    get q() {
      return square("q");
    },
    get pFamily() {
      return square("pFamily");
    },
  };
}

type Square = "mi" | "standardError" | "p" | "q" | "pFamily";

/** Each pair once, though several chunks have it. By MI noise often stands above what is there but small. */
function strongestFirst(chunks: readonly MatrixChunk[], isTested: boolean): PairRecord[] {
  const of = ({ evidence, raw }: PairRecord) => (isTested ? evidence : raw);
  const order = (a: number, b: number) => (a === b ? 0 : b > a ? 1 : -1);
  return joinedRecords(chunks).sort((a, b) => order(of(a), of(b)) || a.x - b.x || a.y - b.y);
}

/** @param of how many pairs there are, of which these were chosen */
function tested(
  columns: readonly string[],
  records: readonly PairRecord[],
  { largest, pools }: { largest: readonly number[]; pools: ReadonlyMap<number, Pool> },
  of: number | undefined,
): MatrixPair[] {
  const chances = records.map((record) => chanceOf(record, pools.get(record.rows)));
  const q = benjaminiHochberg(
    chances.map(({ p }) => p),
    of,
  );
  return records.map(
    ({ x, y, exceed: _, pooled: __, evidence, leastEntropy, permutations, ...record }, i): MatrixPair => {
      const family = largest.filter((value) => reaches(value, evidence)).length;
      const pFamily = (1 + family) / (1 + largest.length);
      return {
        ...{ x: columns[x]!, y: columns[y]!, mi: Math.max(0, record.raw), ...record },
        asCorrelation: asCorrelation(record.raw),
        ...(leastEntropy !== undefined && { shareOfEntropy: shareOfEntropy(record.raw, leastEntropy) }),
        ...(permutations > 0 && { ...chances[i]!, q: q[i]!, pFamily }),
      };
    },
  );
}

/**
 * p by the permutations of a pair alone; or, where few of these reach the data, of its pool if that has more. Few of its own
 * reach in any case where p is small, so which of the two it is makes no p smaller than it should be.
 */
function chanceOf(
  { exceed, permutations, evidence, pooled }: PairRecord,
  pool: Pool | undefined,
): { p: number; pFitted?: number; permutations: number } {
  if (!(pooled && pool && pool.size > permutations && exceed < SETTLED)) {
    return { p: (1 + exceed) / (1 + permutations), permutations };
  }
  const { p, fitted } = pool.p(evidence);
  return { p, ...(fitted !== undefined && { pFitted: fitted }), permutations: pool.size };
}

function squareOf(
  size: number,
  records: readonly PairRecord[],
  valueAt: (i: number) => number | undefined,
): Float64Array {
  const values = new Float64Array(size ** 2).fill(Number.NaN);
  for (const [i, { x, y }] of records.entries()) {
    const value = valueAt(i) ?? Number.NaN;
    values[x * size + y] = value;
    values[y * size + x] = value;
  }
  return values;
}
