/** Weights of critics, from the Donsker-Varadhan bound of their weighted sum on rows that none was fitted on. */

import type { Turn } from "../gpu/run.ts";
import { multiply, transpose, whitening, zeros } from "../math/linear.ts";
import { meanJoint, type RowScores, type Scores } from "../math/statistics.ts";

/** How far below the best value the bound may end, in nats, where its digits show as much. */
const TOLERANCE = 1e-7;

/** Pairs whose densities are there at once. */
const BLOCK = 2 ** 16;

/**
 * Weights w ≥ 0 with Σw ≤ 1 for which Σ w_m T_m bounds MI best on these scores, all together; all 0 where nothing beats 0.
 * The bound is concave in w: Newton's method within the constraints finds the best. A member with a score that is not
 * finite takes no part.
 *
 * @param members scores of the same pairs by each member
 * @param turn lets others have a turn between two looks at all pairs
 * @param counts what each pair counts; default: all alike
 */
export async function stackWeights(
  members: readonly RowScores[],
  turn: Turn = async () => {},
  counts?: RowScores<Float64Array>,
): Promise<number[]> {
  const usable = members.map(({ joint, marginal }) => finite(joint) && finite(marginal));
  const solved = await solve(
    members.filter((_, m) => usable[m]),
    turn,
    counts,
  );
  return usable.map((used) => (used ? solved.shift()! : 0));
}

function finite(values: Scores): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return false;
  return true;
}

interface Objective {
  /** E_p[T] of each member in nats, and last 0 for the weight that they leave of 1. */
  joint: Float64Array;
  marginals: Scores[];
  /** What each marginal pair counts, where they do not all count alike; and the sum of that over all of them. */
  counts: Float64Array | undefined;
  total: number;
  /** Where densities are written, a block of pairs at a time. */
  block: Float64Array;
}

/** A point of the simplex: a weight for each member, and last what they leave of 1. */
interface Place {
  weights: Float64Array;
  /** The bound in nats. */
  value: number;
  /** The largest T of the marginal pairs, and the sum of e^T over all of them, divided by that one's. */
  top: number;
  sum: number;
}

/** Derivatives of the bound by all weights; the curvature is minus the second one, count × count. */
interface Slopes {
  gradient: Float64Array;
  curvature: Float64Array;
}

async function solve(members: readonly RowScores[], turn: Turn, counts?: RowScores<Float64Array>): Promise<number[]> {
  if (members.length === 0) return [];
  const objective: Objective = {
    joint: Float64Array.from([...members.map((scores) => meanJoint(scores, counts)), 0]),
    marginals: members.map(({ marginal }) => marginal),
    counts: counts?.marginal,
    total: counts ? counts.marginal.reduce((sum, count) => sum + count, 0) : members[0]!.marginal.length,
    block: new Float64Array(Math.min(BLOCK, members[0]!.marginal.length)),
  };
  const place = await highest(objective, await start(objective, turn), turn);
  return [...place.weights.subarray(0, members.length)].map((w) => (place.value > 0 ? w : 0));
}

/** Where Newton's method ends from here. */
async function highest(objective: Objective, from: Place, turn: Turn): Promise<Place> {
  let place = from;
  for (let step = 0; step < 200; step++) {
    await turn();
    const slopes = differentiate(objective, place);
    const gap = shortfall(slopes.gradient, place.weights);
    if (gap <= TOLERANCE) break;
    const target = highestOfModel(slopes, place.weights, 1e-4 * gap);
    await turn();
    const next = climb(objective, place, target, slopes.gradient);
    // What Newton's step would still gain is lost in the value's last digits: steep members leave a gap that no step closes.
    if (!next) break;
    place = next;
  }
  return place;
}

/** The best of no member, each alone and all alike; of several blocks of pairs the best weights for the first one. */
async function start(objective: Objective, turn: Turn): Promise<Place> {
  if (!isWhole(objective)) {
    const { block, marginals } = objective;
    const first = { ...objective, marginals: marginals.map((marginal) => marginal.subarray(0, block.length)) };
    return evaluate(objective, (await highest(first, await start(first, turn), turn)).weights);
  }
  const count = objective.joint.length;
  const corners = Array.from({ length: count }, (_, m) => Float64Array.from({ length: count }, (_, i) => +(i === m)));
  const middle = new Float64Array(count).fill(1 / (count - 1));
  middle[count - 1] = 0;
  const places: Place[] = [];
  for (const weights of [...corners.reverse(), middle]) {
    await turn();
    places.push(evaluate(objective, weights));
  }
  return places.reduce((best, place) => (place.value > best.value ? place : best));
}

/** Σ w_m T_m of some marginal pairs in a row, in the objective's block. */
function sumsOf({ marginals, block }: Objective, weights: Float64Array, first: number): Float64Array {
  const sums = block.subarray(0, Math.min(block.length, marginals[0]!.length - first)).fill(0);
  marginals.forEach((marginal, m) => {
    const w = weights[m]!;
    if (w !== 0) for (let j = 0; j < sums.length; j++) sums[j]! += w * marginal[first + j]!;
  });
  return sums;
}

/** Whether all pairs are one block, which then need not be made again. */
const isWhole = ({ marginals, block }: Objective): boolean => block.length === marginals[0]!.length;

/** q e^T / Z of these pairs, which sums to 1 over all of them, in the objective's block. */
function densityOf(objective: Objective, { weights, top, sum }: Place, first: number): Float64Array {
  const density = sumsOf(objective, weights, first);
  for (let j = 0; j < density.length; j++) density[j] = Math.exp(density[j]! - top) / sum;
  const { counts } = objective;
  if (counts) for (let j = 0; j < density.length; j++) density[j]! *= counts[first + j]!;
  return density;
}

/** Calls `each` with the first pair of every block. */
function inBlocks({ marginals, block }: Objective, each: (first: number) => void): void {
  for (let first = 0; first < marginals[0]!.length; first += block.length) each(first);
}

function evaluate(objective: Objective, weights: Float64Array): Place {
  const { joint, marginals, counts, total } = objective;
  let value = 0;
  marginals.forEach((_, m) => {
    if (weights[m] !== 0) value += weights[m]! * joint[m]!;
  });
  let [top, sum] = [-Infinity, 0];
  inBlocks(objective, (first) => {
    const sums = sumsOf(objective, weights, first);
    for (let j = 0; j < sums.length; j++) if (sums[j]! > top) top = sums[j]!;
  });
  inBlocks(objective, (first) => {
    const sums = isWhole(objective) ? objective.block : sumsOf(objective, weights, first);
    if (counts) for (let j = 0; j < sums.length; j++) sum += counts[first + j]! * Math.exp(sums[j]! - top);
    else for (let j = 0; j < sums.length; j++) sum += Math.exp(sums[j]! - top);
  });
  return { weights, value: value - top - Math.log(sum / total), top, sum };
}

/** E_p[T_m] − E[T_m] and the covariances of the T_m, both under q e^T / Z. */
function differentiate(objective: Objective, place: Place): Slopes {
  const { joint, marginals } = objective;
  const count = joint.length;
  const means = new Float64Array(marginals.length);
  inBlocks(objective, (first) => {
    const density = densityOf(objective, place, first);
    marginals.forEach((marginal, m) => {
      let sum = means[m]!;
      for (let j = 0; j < density.length; j++) sum += density[j]! * marginal[first + j]!;
      means[m] = sum;
    });
  });
  const curvature = new Float64Array(count * count);
  inBlocks(objective, (first) => {
    const density = isWhole(objective) ? objective.block : densityOf(objective, place, first);
    marginals.forEach((left, a) => {
      for (let b = 0; b <= a; b++) {
        const [right, meanA, meanB] = [marginals[b]!, means[a]!, means[b]!];
        let sum = curvature[a * count + b]!;
        for (let j = 0; j < density.length; j++) {
          sum += density[j]! * (left[first + j]! - meanA) * (right[first + j]! - meanB);
        }
        curvature[a * count + b] = sum;
        curvature[b * count + a] = sum;
      }
    });
  });
  return { gradient: joint.map((t, m) => t - (means[m] ?? 0)), curvature };
}

/** max over the simplex of gradient · (v − w): what a concave function can still gain, and 0 exactly where KKT hold. */
function shortfall(gradient: Float64Array, weights: Float64Array): number {
  const top = Math.max(...gradient);
  return weights.reduce((sum, w, m) => (w > 0 ? sum + w * (top - gradient[m]!) : sum), 0);
}

/**
 * Where on the simplex the quadratic model around `from` is highest, by active sets (Nocedal & Wright, 16.5): to the top
 * among the weights that are free, or to the first that falls to 0, which is free no more; from a top, the steepest of
 * the others becomes free.
 */
function highestOfModel(slopes: Slopes, from: Float64Array, tolerance: number): Float64Array {
  const count = from.length;
  const [at, slope] = [from.slice(), slopes.gradient.slice()];
  const free = new Set([...from.keys()].filter((m) => from[m]! > 0));
  for (let move = 0; move < 10 * count; move++) {
    const step = stepAmong([...free], slopes.curvature, slope);
    let [length, blocked] = [1, -1];
    for (const m of free) {
      if (at[m]! + length * step[m]! < 0) [length, blocked] = [-at[m]! / step[m]!, m];
    }
    for (let m = 0; m < count; m++) {
      at[m]! += length * step[m]!;
      for (const f of free) slope[m]! -= length * step[f]! * slopes.curvature[m * count + f]!;
    }
    if (blocked >= 0) {
      at[blocked] = 0;
      free.delete(blocked);
    } else {
      if (shortfall(slope, at) <= tolerance) break;
      free.add(slope.indexOf(Math.max(...slope)));
    }
  }
  return at;
}

/** The step to the top of the model where only the free weights change, and their sum does not. */
function stepAmong(free: readonly number[], curvature: Float64Array, slope: Float64Array): Float64Array {
  const count = slope.length;
  const bend = (a: number, b: number) => curvature[a * count + b]!;
  // The one that curves least makes up for the changes of the others: least is lost in the differences.
  const rest = free.reduce((least, m) => (bend(m, m) < bend(least, least) ? m : least));
  const others = free.filter((m) => m !== rest);
  const between = (a: number, b: number) => bend(a, b) - bend(a, rest) - bend(rest, b) + bend(rest, rest);
  const scales = others.map((m) => Math.sqrt(between(m, m)) || 1);
  const step = new Float64Array(count);
  // A small ridge makes equal members solvable; a larger one, what rounding has made indefinite.
  for (let ridge = 1e-12; others.length > 0 && ridge < 1; ridge *= 100) {
    const scaled = zeros(others.length, others.length);
    others.forEach((a, i) => {
      others.forEach((b, j) => {
        scaled.data[i * others.length + j] = between(a, b) / (scales[i]! * scales[j]!) + (i === j ? ridge : 0);
      });
    });
    const whiten = whitening(scaled);
    const rises = {
      data: Float64Array.from(others, (m, i) => (slope[m]! - slope[rest]!) / scales[i]!),
      rows: others.length,
      columns: 1,
    };
    const { data } = multiply(transpose(whiten), multiply(whiten, rises));
    if (!data.every(Number.isFinite)) continue;
    others.forEach((m, i) => {
      step[m] = data[i]! / scales[i]!;
      step[rest]! -= step[m]!;
    });
    break;
  }
  return step;
}

/** The first point on the way to the target, halved again and again, that gains what the gradient lets expect. */
function climb(objective: Objective, from: Place, target: Float64Array, gradient: Float64Array): Place | undefined {
  const rise = gradient.reduce((sum, g, m) => sum + g * (target[m]! - from.weights[m]!), 0);
  for (let t = 1; t > 1e-12; t /= 2) {
    const weights = t === 1 ? target : from.weights.map((w, m) => w + t * (target[m]! - w));
    const place = evaluate(objective, weights);
    if (place.value > from.value && place.value >= from.value + 1e-4 * t * rise) return place;
  }
  return undefined;
}
