/** Held-out rows: members are weighed on validation rows, and score the test rows once. */
import type { Turn } from "../gpu/run.ts";
import { combine, lessConstant, logPartition, meanJoint, type RowScores } from "../math/statistics.ts";
import { BLOCK_ROWS, type Pairing, pairingFor } from "../training/pairing.ts";
import type { Budget } from "./budget.ts";
import type { FoldResult, Split } from "./folds.ts";
import type { Members } from "./member.ts";
import { pairWeights } from "./pair-weights.ts";
import { Scratch } from "./scratch.ts";
import { stackWeights } from "./stacking.ts";
import type { ScoreOptions } from "./valuations/valuation.ts";

/** More than this is no disagreement of members but a broken one, nats. */
const MOST_DISAGREEMENT = 0.5;

/** Seen rows are paired with so many times fewer others than held-out ones: theirs is a diagnosis, not the estimate. */
const SEEN_SHARE = 4;

/**
 * Of many rows a block has so many marginal pairs, for each is a round trip to the GPU, however few it has; and there are so
 * many blocks, so that replicas of few rows go through together.
 */
const BLOCK = { pairs: 200 * BLOCK_ROWS, count: 8 };

/** Bytes of scores that are held at once: of as many folds as fit, or of one and, where a part will do, part of its rows. */
const MOST_BYTES = 2 ** 26;
const PART_BYTES = 2 ** 24;

/**
 * Weighs the members of every fold and scores its test rows, and as many of its training rows.
 *
 * @param kinds of members; the trained networks come first
 * @param options.heldOnly leave `seen` out, which is NaN then
 * @param options.pinned members are normalised by themselves
 * @param options.weights of the rows, and `options.units` of them, which say whom marginal pairs are of
 * @param options.turn lets others have a turn between two folds
 */
export async function scoreFolds(
  kinds: readonly Members[],
  splits: readonly Split[],
  budget: Pick<Budget, "heldOutMarginals" | "validationMarginals">,
  { heldOnly = false, pinned = false, turn = async () => {}, weights, units }: HeldOutOptions = {},
): Promise<FoldResult[]> {
  const counted: Counted = (rows, pairing) => pairWeights(rows, pairing, weights, units);
  const bound = (scores: RowScores, counts: RowScores | undefined) =>
    meanJoint(scores, counts) - logPartition(scores.marginal, pinned, counts?.marginal);
  const rowsOf = (pick: (split: Split) => Uint32Array, marginals: number) =>
    scoredRows(kinds, splits.map(pick), marginals);
  const validation = rowsOf((s) => s.validation, budget.validationMarginals);
  const test = rowsOf((s) => s.test, budget.heldOutMarginals);
  const train = rowsOf((s) => s.train.slice(0, s.test.length), Math.ceil(budget.heldOutMarginals / SEEN_SHARE));
  const scratch = new Scratch(Math.max(validation.bytes, sumBytes(test) + partBytes(test)));
  const checked = await weigh(kinds, validation, { scratch, pinned, turn, counted });
  scratch.release(0);
  const lasting = sumsIn(scratch, test);
  const held = await sumUp(kinds, test, checked, { scratch, lasting, turn }, (sum, networks, f) => {
    const { weights, constant } = checked[f]!;
    const counts = counted(test.rows[f]!, test.pairing);
    const held = bound(sum, counts);
    const apart = disagreement(networks, weights, counts?.marginal);
    return { ensemble: lessConstant(sum, constant), counts, held, disagreement: apart };
  });
  const ofSeen = (sum: RowScores, _: unknown, f: number) => bound(sum, counted(train.rows[f]!, train.pairing));
  const seen = heldOnly ? undefined : await sumUp(kinds, train, checked, { scratch, turn }, ofSeen);
  const members = kinds.flatMap(({ names }) => names);
  return splits.map((split, f) => ({
    ...{ split, pairing: test.pairing, validationPairing: validation.pairing, members },
    ...{ ...checked[f]!, ...held[f]! },
    seen: seen?.[f] ?? Number.NaN,
  }));
}

interface HeldOutOptions extends Pick<ScoreOptions, "heldOnly" | "weights" | "units"> {
  pinned?: boolean;
  turn?: Turn;
}

/** What pairs count, where not all count alike. */
type Counted = (rows: Uint32Array, pairing: Pairing) => RowScores<Float64Array> | undefined;

/** Rows of each fold that are scored. */
interface ScoredRows {
  rows: readonly Uint32Array[];
  pairing: Pairing;
  /** Folds that are scored at once, and the bytes of their scores by all members. */
  together: number;
  bytes: number;
}

function scoredRows(kinds: readonly Members[], rows: readonly Uint32Array[], marginals: number): ScoredRows {
  const lengths = rows.map((list) => list.length);
  const fewest = Math.min(...lengths);
  const size = Math.max(BLOCK_ROWS, Math.ceil(Math.min(BLOCK.pairs / marginals, fewest / BLOCK.count)));
  const pairing = pairingFor(fewest, marginals, size);
  const members = kinds.reduce((sum, { names }) => sum + names.length, 0);
  const bytes = 8 * members * Math.max(...lengths) * (1 + pairing.perRow);
  const together = Math.max(1, Math.min(rows.length, Math.floor(MOST_BYTES / bytes)));
  return { rows, pairing, together, bytes: together * bytes };
}

/** The members' weights of each fold, and what they say of its validation rows. */
async function weigh(
  kinds: readonly Members[],
  { rows, pairing, together }: ScoredRows,
  { scratch, pinned, turn, counted }: { scratch: Scratch; pinned: boolean; turn: Turn; counted: Counted },
) {
  const found: Pick<FoldResult, "weights" | "constant" | "chosen" | "validation">[] = [];
  for (let first = 0; first < rows.length; first += together) {
    scratch.release(0);
    const some = rows.slice(first, first + together);
    const lists: RowScores[][][] = [];
    for (const kind of kinds) lists.push(await kind.score(some, pairing, first, scratch));
    for (const i of some.keys()) {
      await turn();
      const scores = lists.flatMap((list) => list[i]!);
      const counts = counted(some[i]!, pairing);
      const weights = await stackWeights(scores, turn, counts);
      const isKept = rows.length === 1;
      const sum = combine(scores, weights, isKept ? undefined : writtenOver(scores));
      const constant = logPartition(sum.marginal, pinned, counts?.marginal);
      const validation = lessConstant(sum, constant);
      const chosen = meanJoint(validation, counts) - logPartition(validation.marginal, pinned, counts?.marginal);
      found.push({ weights, constant, chosen, ...(isKept && { validation }) });
    }
  }
  return found;
}

/** Room for the sums of some folds, one after the other, so that {@link joined} need not copy them. */
function sumsIn(scratch: Scratch, { rows, pairing }: Pick<ScoredRows, "rows" | "pairing">): RowScores<Float64Array>[] {
  const total = totalOf(rows);
  const all = { joint: scratch.double(total), marginal: scratch.double(total * pairing.perRow) };
  let end = 0;
  return rows.map(({ length }) => {
    end += length;
    return partOf(all, end - length, end);
  });
}

const totalOf = (rows: readonly Uint32Array[]): number => rows.reduce((sum, { length }) => sum + length, 0);

/** Bytes of the sums of all folds. */
const sumBytes = ({ rows, pairing }: ScoredRows): number => 8 * totalOf(rows) * (1 + pairing.perRow);

/**
 * Asks `take` of the weighted sum of each fold's scores, and of its networks' own, part by part.
 *
 * @param lasting where the sums stand; default: in scratch, until `take` has seen them
 */
async function sumUp<T, W extends Pick<FoldResult, "weights">>(
  kinds: readonly Members[],
  scored: ScoredRows,
  folds: readonly W[],
  { scratch, lasting, turn }: { scratch: Scratch; lasting?: RowScores<Float64Array>[]; turn: Turn },
  take: (sum: RowScores<Float64Array>, networks: readonly RowScores[][], fold: number) => T,
): Promise<T[]> {
  const { rows, pairing, together } = scored;
  const found: T[] = [];
  const before = scratch.taken;
  for (let first = 0; first < rows.length; first += together) {
    const some = rows.slice(first, first + together);
    const sums = lasting?.slice(first, first + together) ?? sumsIn(scratch, { rows: some, pairing });
    const networks: RowScores[][][] = some.map(() => []);
    for (const [from, to] of partsOf(scored, some)) {
      const part = some.map((list) => list.subarray(from, to));
      const lists = [await kinds[0]!.score(part, pairing, first, scratch)];
      const ofNetworks = scratch.taken;
      for (const kind of kinds.slice(1)) lists.push(await kind.score(part, pairing, first, scratch));
      for (const [i, sum] of sums.entries()) {
        const { weights } = folds[first + i]!;
        await turn();
        combine(
          lists.flatMap((list) => list[i]!),
          weights,
          partOf(sum, from, to),
        );
        networks[i]!.push(lists[0]![i]!);
      }
      scratch.release(ofNetworks);
    }
    for (const [i, sum] of sums.entries()) {
      await turn();
      found.push(take(sum, networks[i]!, first + i));
    }
    scratch.release(before);
  }
  return found;
}

/** Scores of some rows in a row. */
function partOf({ joint, marginal }: RowScores<Float64Array>, from: number, to: number): RowScores<Float64Array> {
  const perRow = marginal.length / joint.length;
  return { joint: joint.subarray(from, to), marginal: marginal.subarray(from * perRow, to * perRow) };
}

/** Bytes of scores where a part will do; those of networks, in single precision, are kept of all rows of a fold. */
const partBytes = ({ bytes }: ScoredRows): number => (bytes <= MOST_BYTES ? bytes : bytes / 2 + PART_BYTES);

/** From which row to which is scored at once: all, or as many blocks of one fold's rows as a part has scratch for. */
function partsOf({ bytes, pairing: { size } }: ScoredRows, some: readonly Uint32Array[]): [number, number][] {
  const count = Math.max(...some.map((list) => list.length));
  if (bytes <= MOST_BYTES) return [[0, count]];
  const step = size * Math.max(1, Math.floor((count * PART_BYTES) / bytes / size));
  const parts = Math.max(1, Math.floor(count / step));
  return Array.from({ length: parts }, (_, p) => [p * step, p === parts - 1 ? count : (p + 1) * step]);
}

/** Scores in double precision that nobody asks for once they are summed. */
const writtenOver = (scores: readonly RowScores[]): RowScores<Float64Array> | undefined =>
  scores.find(
    (each): each is RowScores<Float64Array> =>
      each.joint instanceof Float64Array && each.marginal instanceof Float64Array,
  );

/**
 * The part of what is missing that is variance between networks, nats: E_q[e^T] of the mean of normalised members is below
 * 1 by Jensen, the more the less they agree. In proportion to their weight.
 */
function disagreement(
  parts: readonly RowScores[][],
  weights: readonly number[],
  counts: ArrayLike<number> | undefined,
): number {
  const count = parts[0]!.length;
  const sum = weights.slice(0, count).reduce((total, weight) => total + weight, 0);
  const constants = Array.from({ length: count }, (_, m) =>
    logMeanExpOf(
      parts.map((networks) => networks[m]!.marginal).map((list) => ({ length: list.length, at: (i) => list[i]! })),
      counts,
    ),
  );
  const middle = parts.map((networks) => ({
    length: networks[0]!.marginal.length,
    at: (i: number) =>
      networks.reduce((value, { marginal }, m) => value + (1 / count) * (marginal[i]! - constants[m]!), 0),
  }));
  return Math.min(MOST_DISAGREEMENT, Math.max(0, -logMeanExpOf(middle, counts))) * Math.min(1, sum);
}

/** log mean exp of lists, one after the other, whose values count as `counts` has them; default: all alike. */
function logMeanExpOf(
  lists: readonly { length: number; at: (i: number) => number }[],
  counts: ArrayLike<number> | undefined,
): number {
  let [top, sum, total, first] = [-Infinity, 0, 0, 0];
  for (const { length, at } of lists) for (let i = 0; i < length; i++) top = Math.max(top, at(i));
  for (const { length, at } of lists) {
    if (!counts) for (let i = 0; i < length; i++) sum += Math.exp(at(i) - top);
    else for (let i = 0; i < length; i++) sum += counts[first + i]! * Math.exp(at(i) - top);
    if (counts) for (let i = 0; i < length; i++) total += counts[first + i]!;
    else total += length;
    first += length;
  }
  return top + Math.log(sum / total);
}
