/** MI of two columns by nearest neighbours on the CPU: Kraskov et al. 2004 for numbers, Gao et al. 2017 where one is a category. */

/** A column of a pair: the order of numbers, or codes from 0 on. */
export interface Scored {
  isCategory: boolean;
  values: Float32Array;
  /** Of numbers, in ascending order, and which row is at each place. */
  sorted: Float32Array;
  order: Uint32Array;
  /** Of a category, how many rows each code has. */
  counts: Uint32Array;
}

export interface Found {
  mi: number;
  standardError: number;
}

export const NEIGHBORS = 3;

/** @param values numbers of which none repeats, or codes */
export function scored(values: Float32Array, isCategory: boolean): Scored {
  const order = Uint32Array.from(values.keys());
  if (!isCategory) order.sort((a, b) => values[a]! - values[b]!);
  const counts = new Uint32Array(isCategory ? values.reduce((most, code) => Math.max(most, code), 0) + 1 : 0);
  if (isCategory) for (const code of values) counts[code]!++;
  const sorted = Float32Array.from(order, (row) => values[row]!);
  return { isCategory, values, sorted, order, counts };
}

/** MI of x with y, whose rows are taken in an order of `shuffle`. */
export function neighborMi(x: Scored, y: Scored, shuffle?: Uint32Array): Found {
  const rows = x.values.length;
  const of = shuffle ? Float32Array.from(shuffle, (row) => y.values[row]!) : y.values;
  if (x.isCategory && y.isCategory) return summary(ofCategories(x, y, of, rows));
  if (y.isCategory) return summary(ofNumberAndCategory(x, x.order, of, y.counts, rows));
  if (!x.isCategory) return summary(ofNumbers(x, y, of, rows));
  const order = shuffle ? inverse(shuffle, y.order) : y.order;
  return summary(ofNumberAndCategory(y, order, x.values, x.counts, rows));
}

/** At which row each place of a sorted column stands, once its rows are shuffled. */
function inverse(shuffle: Uint32Array, order: Uint32Array): Uint32Array {
  const back = new Uint32Array(order.length);
  for (let i = 0; i < shuffle.length; i++) back[shuffle[i]!] = i;
  return Uint32Array.from(order, (row) => back[row]!);
}

function summary(values: Float64Array): Found {
  const rows = values.length;
  let [sum, squares] = [0, 0];
  for (let i = 0; i < rows; i++) sum += values[i]!;
  const mi = sum / rows;
  for (let i = 0; i < rows; i++) squares += (values[i]! - mi) ** 2;
  return { mi, standardError: Math.max(Math.sqrt(squares / rows / (rows - 1)), 1 / rows) };
}

function ofNumbers(x: Scored, y: Scored, of: Float32Array, rows: number): Float64Array {
  const psi = digammas(rows);
  const beside = Float32Array.from(x.order, (row) => of[row]!);
  const values = new Float64Array(rows);
  const nearest = new Float32Array(NEIGHBORS);
  for (let i = 0; i < rows; i++) {
    const radius = radiusAt(i, x.sorted, beside, nearest);
    const nx = nearer(x.sorted, x.sorted[i]!, radius);
    const ny = nearer(y.sorted, beside[i]!, radius);
    values[i] = psi[NEIGHBORS]! + psi[rows]! - psi[nx + 1]! - psi[ny + 1]!;
  }
  return values;
}

/** The distance to the k-th neighbour of the point at a place, the larger of both differences; in single precision, as on a GPU. */
function radiusAt(i: number, sorted: Float32Array, beside: Float32Array, nearest: Float32Array): number {
  nearest.fill(Number.POSITIVE_INFINITY);
  const [x, y] = [sorted[i]!, beside[i]!];
  let [left, right] = [i - 1, i + 1];
  for (;;) {
    const below = left < 0 ? Number.POSITIVE_INFINITY : Math.fround(x - sorted[left]!);
    const above = right < sorted.length ? Math.fround(sorted[right]! - x) : Number.POSITIVE_INFINITY;
    const across = Math.min(below, above);
    if (across >= nearest[NEIGHBORS - 1]!) return nearest[NEIGHBORS - 1]!;
    const at = below <= above ? left-- : right++;
    let distance = Math.max(across, Math.fround(Math.abs(beside[at]! - y)));
    for (let k = 0; k < NEIGHBORS; k++) {
      if (distance >= nearest[k]!) continue;
      const further = nearest[k]!;
      nearest[k] = distance;
      distance = further;
    }
  }
}

/** How many others of a sorted column are nearer to one of its values than `radius`. */
function nearer(sorted: Float32Array, value: number, radius: number): number {
  const first = firstPlace(sorted.length, (i) => Math.fround(value - sorted[i]!) < radius);
  const end = firstPlace(sorted.length, (i) => Math.fround(sorted[i]! - value) >= radius);
  return Math.max(0, end - first - 1);
}

/** The first place of which it is true, where it is of all after it. */
function firstPlace(length: number, is: (place: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Neighbours are looked for among the rows of the same level. */
function ofNumberAndCategory(
  number: Scored,
  order: Uint32Array,
  codes: Float32Array,
  counts: Uint32Array,
  rows: number,
): Float64Array {
  const psi = digammas(rows);
  const levels = Array.from(counts, (count) => ({ values: new Float32Array(count), size: 0 }));
  for (const [place, row] of order.entries()) {
    const level = levels[codes[row]!]!;
    level.values[level.size++] = number.sorted[place]!;
  }
  const found = new Float64Array(rows);
  let at = 0;
  for (const { values, size } of levels) {
    for (let i = 0; i < size; i++) {
      const isFew = size <= NEIGHBORS;
      const nx = isFew ? rows - 1 : nearer(number.sorted, values[i]!, kthOf(values, i));
      found[at++] = psi[isFew ? size : NEIGHBORS]! + Math.log(rows) - psi[nx + 1]! - psi[size]!;
    }
  }
  return found;
}

/** The distance to the k-th nearest in a sorted column. */
function kthOf(sorted: Float32Array, i: number): number {
  let [left, right, radius] = [i - 1, i + 1, 0];
  for (let k = 0; k < NEIGHBORS; k++) {
    const below = left < 0 ? Number.POSITIVE_INFINITY : Math.fround(sorted[i]! - sorted[left]!);
    const above = right < sorted.length ? Math.fround(sorted[right]! - sorted[i]!) : Number.POSITIVE_INFINITY;
    radius = Math.min(below, above);
    if (below <= above) left--;
    else right++;
  }
  return radius;
}

function ofCategories(x: Scored, y: Scored, of: Float32Array, rows: number): Float64Array {
  const psi = digammas(rows);
  const width = y.counts.length;
  const cells = new Uint32Array(x.counts.length * width);
  for (let i = 0; i < rows; i++) cells[x.values[i]! * width + of[i]!]!++;
  return Float64Array.from({ length: rows }, (_, i) => {
    const [a, b] = [x.values[i]!, of[i]!];
    return psi[cells[a * width + b]!]! + Math.log(rows) - psi[x.counts[a]!]! - psi[y.counts[b]!]!;
  });
}

const known = new Map<number, Float64Array>();

/** ψ(0) … ψ(most), the first of which is none. */
function digammas(most: number): Float64Array {
  let psi = known.get(most);
  if (!psi) {
    psi = new Float64Array(most + 1);
    psi[1] = -0.5772156649015329;
    for (let n = 2; n <= most; n++) psi[n] = psi[n - 1]! + 1 / (n - 1);
    known.set(most, psi);
  }
  return psi;
}
