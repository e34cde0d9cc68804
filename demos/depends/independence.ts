/** All pairs of a table on the CPU, where no GPU is to be had: MI by neighbours, and p by permutations. */
import type { PairRecord } from "../../src/index.ts";
import { randomFrom } from "./drawn.ts";
import { type Found, neighborMi, type Scored, scored } from "./neighbors.ts";

export interface TestedColumn {
  kind: "numeric" | "category";
  /** NaN where it is missing. */
  values: Float64Array;
}

const LEAST_ROWS = 20;
/** Numbers of so few values in so many rows a cell are categories, as the library has it. */
const MOST_LEVELS = 20;
const ROWS_A_CELL = 5;
/** Permutations that reach the data, from which on more change p little; and how small p has to be able to be. */
const SETTLED = 5;
const RATE = 0.05;
const ROOM = 2;
const GROWTH = 4;
/** Permutations of each pair, and at least of all that are alike together. */
const PERMUTATIONS = 200;
const POOL = 1000;
/** Permutations between two turns of others. */
const A_TURN = 20;
/** Sums in another order differ in their last bits. */
const EQUAL = 1e-9;

export interface Told {
  /** Finished; again with more permutations. */
  record?: PairRecord;
  /** Of all work. */
  share: number;
}

/**
 * Tells each pair when it is estimated and tested, and leaders again when they are by more permutations (Besag and Clifford
 * 1991): with a few for all pairs none of many could ever be called.
 *
 * @param known pairs that need no more work but perhaps as leaders
 */
export function* testPairs(columns: readonly TestedColumn[], known: readonly PairRecord[] = []): Generator<Told> {
  const table = new Table(columns, known);
  for (const { x, y } of pairsOf(columns.length)) yield* table.first(x, y);
  yield* table.pooledLeaders();
  yield* table.leaders();
}

const pairsOf = (columns: number) =>
  Array.from({ length: columns }, (_, x) => x).flatMap((x) =>
    Array.from({ length: columns - x - 1 }, (_, i) => ({ x, y: x + 1 + i })),
  );

class Table {
  readonly #columns: readonly TestedColumn[];
  readonly #records = new Map<string, PairRecord>();
  readonly #pool: Pool;
  readonly #isOrdered: readonly boolean[];
  /** Permutations of all pairs, about; and how many are done. */
  readonly #work: number;
  #done = 0;

  constructor(columns: readonly TestedColumn[], known: readonly PairRecord[]) {
    this.#columns = columns;
    this.#pool = new Pool(columns[0]!.values.length);
    this.#isOrdered = columns.map(isOrdered);
    for (const record of known) this.#keep(record);
    const pairs = pairsOf(columns.length);
    const pooled = pairs.filter(({ x, y }) => this.#isPooled(x, y)).length;
    this.#work = (PERMUTATIONS + ROOM / RATE) * (pairs.length - pooled) + this.#furthest(pairs.length);
  }

  /** Two columns of numbers without gaps: under independence all such pairs are alike but for chance. */
  #isPooled(x: number, y: number): boolean {
    return this.#isOrdered[x]! && this.#isOrdered[y]!;
  }

  #furthest(pairs: number): number {
    return Math.max(Math.ceil((ROOM * pairs) / RATE), POOL);
  }

  #keep(record: PairRecord): void {
    this.#records.set(`${record.x} ${record.y}`, record);
  }

  #tell(record?: PairRecord): Told {
    if (record) this.#keep(record);
    return { share: Math.min(1, this.#done / this.#work), ...(record && { record }) };
  }

  *#counted(permutations: Generator<undefined>): Generator<Told> {
    for (const _ of permutations) {
      this.#done += A_TURN;
      yield this.#tell();
    }
  }

  *first(x: number, y: number): Generator<Told> {
    if (this.#records.has(`${x} ${y}`)) return;
    const pair = pairOf(this.#columns[x]!, this.#columns[y]!);
    if (!pair) return;
    const record = { ...untested(pair), x, y, evidence: evidenceOf(pair) };
    if (!this.#isPooled(x, y)) yield* this.#test(pair, record, PERMUTATIONS);
    else {
      yield* this.#counted(this.#pool.grow(POOL));
      yield this.#tell(this.#pool.judge(record));
    }
  }

  *#test(pair: Pair, record: PairRecord, permutations: number): Generator<Told> {
    const random = randomFrom(7919 * record.x + 104729 * record.y + record.permutations);
    const more = evidencesOf(pair, permutations - record.permutations, random);
    let { exceed } = record;
    yield* this.#counted(
      (function* () {
        for (const evidence of more) {
          if (evidence === undefined) yield;
          else if (evidence >= record.evidence - EQUAL) exceed++;
        }
      })(),
    );
    yield this.#tell({ ...record, exceed, permutations });
  }

  #open(isPooled: boolean): PairRecord[] {
    const records = [...this.#records.values()];
    return records.filter(({ x, y, exceed }) => exceed < SETTLED && this.#isPooled(x, y) === isPooled);
  }

  *pooledLeaders(): Generator<Told> {
    const open = this.#open(true);
    if (open.length === 0) return;
    yield* this.#counted(this.#pool.grow(this.#furthest(this.#records.size)));
    for (const record of open) yield this.#tell(this.#pool.judge(record));
  }

  *leaders(): Generator<Told> {
    for (;;) {
      const open = this.#open(false);
      const wanted = Math.ceil((ROOM * this.#records.size) / (RATE * Math.max(1, open.length)));
      const leaders = open.filter(({ permutations }) => permutations < wanted);
      if (leaders.length === 0) return;
      for (const leader of leaders) {
        const pair = pairOf(this.#columns[leader.x]!, this.#columns[leader.y]!)!;
        yield* this.#test(pair, leader, Math.min(wanted, GROWTH * leader.permutations));
      }
    }
  }
}

/** Evidences of two independent columns of numbers: they depend on ranks alone, so on nothing but the number of rows. */
class Pool {
  readonly #pair: Pair;
  readonly #random = randomFrom(1);
  readonly #evidences: number[] = [];

  constructor(rows: number) {
    const x = scored(normalScores(rows), false);
    this.#pair = { x, y: x, rows, pearson: Number.NaN, data: { mi: 0, standardError: 1 } };
  }

  *grow(to: number): Generator<undefined> {
    for (const evidence of evidencesOf(this.#pair, to - this.#evidences.length, this.#random)) {
      if (evidence === undefined) yield;
      else this.#evidences.push(evidence);
    }
  }

  judge(record: PairRecord): PairRecord {
    const exceed = this.#evidences.filter((evidence) => evidence >= record.evidence - EQUAL).length;
    return { ...record, exceed, permutations: this.#evidences.length };
  }
}

/** Evidences of a pair in random orders of its rows; now and then nothing, for others to have a turn. */
function* evidencesOf(pair: Pair, count: number, random: () => number): Generator<number | undefined> {
  const shuffle = Uint32Array.from({ length: pair.rows }, (_, i) => i);
  for (let p = 0; p < count; p++) {
    for (let i = shuffle.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [shuffle[i], shuffle[j]] = [shuffle[j]!, shuffle[i]!];
    }
    yield evidenceOf(pair, shuffle);
    if (p % A_TURN === A_TURN - 1) yield undefined;
  }
}

interface Pair {
  x: Scored;
  y: Scored;
  rows: number;
  pearson: number;
  data: Found;
}

type Numbered = Pick<PairRecord, "x" | "y">;

const untested = ({ rows, x, y, pearson, data }: Pair): Omit<PairRecord, keyof Numbered> => ({
  ...{ rows, pearson, raw: data.mi, standardError: data.standardError, exceed: 0, permutations: 0 },
  ...{ estimator: x.isCategory || y.isCategory ? "mixed-ksg" : "ksg", evidence: 0 },
});

/** Two columns over the rows that have both; undefined where these tell nothing. */
function pairOf(a: TestedColumn, b: TestedColumn): Pair | undefined {
  const both = Uint32Array.from(a.values.keys()).filter(
    (row) => !Number.isNaN(a.values[row]!) && !Number.isNaN(b.values[row]!),
  );
  if (both.length < LEAST_ROWS) return undefined;
  const [left, right] = [a, b].map(({ values }) => Float64Array.from(both, (row) => values[row]!));
  if (isConstant(left!) || isConstant(right!)) return undefined;
  const [x, y] = [ready(a.kind, left!), ready(b.kind, right!)];
  const isNumeric = a.kind === "numeric" && b.kind === "numeric";
  const pearson = isNumeric ? correlation(left!, right!) : Number.NaN;
  return { x, y, rows: both.length, pearson, data: neighborMi(x, y) };
}

const isConstant = (values: Float64Array): boolean => values.every((value) => value === values[0]);

/** Numbers of more than a few values, in every row. */
function isOrdered({ kind, values }: TestedColumn): boolean {
  return kind === "numeric" && !values.some(Number.isNaN) && !isDiscrete(values);
}

/** Whether a table of counts tells all of these numbers. */
function isDiscrete(values: Float64Array): boolean {
  const levels = new Set(values).size;
  return levels === 2 || (levels <= MOST_LEVELS && values.length >= ROWS_A_CELL * levels ** 2);
}

/** Codes of a category from 0 on; or normal scores of the ranks, ties broken by chance. */
function ready(kind: TestedColumn["kind"], values: Float64Array): Scored {
  if (kind === "category" || isDiscrete(values)) {
    const codes = new Map([...new Set(values)].sort((a, b) => a - b).map((level, code) => [level, code]));
    return scored(
      Float32Array.from(values, (value) => codes.get(value)!),
      true,
    );
  }
  const random = randomFrom(values.length);
  const chance = Float64Array.from(values, random);
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || chance[a]! - chance[b]!);
  const [scores, all] = [new Float32Array(values.length), normalScores(values.length)];
  for (const [place, row] of order.entries()) scores[row] = all[place]!;
  return scored(scores, false);
}

const normalScores = (rows: number): Float32Array =>
  Float32Array.from({ length: rows }, (_, place) => normalQuantile((place + 0.5) / rows));

/** What speaks against independence: the larger of what correlation and what neighbours say, in standard errors. */
function evidenceOf(pair: Pair, shuffle?: Uint32Array): number {
  const { x, y, rows } = pair;
  const straight = correlationStanding(x, y, shuffle, rows);
  if (x.isCategory && y.isCategory) return straight;
  const { mi, standardError } = shuffle ? neighborMi(x, y, shuffle) : pair.data;
  return Math.max(straight, mi / standardError);
}

/** Correlation of scores, of scores with levels, or of levels with levels: χ² by chance, here as a standard normal. */
function correlationStanding(x: Scored, y: Scored, shuffle: Uint32Array | undefined, rows: number): number {
  const at = (row: number) => y.values[shuffle ? shuffle[row]! : row]!;
  const freedom = (x.isCategory ? x.counts.length - 1 : 1) * (y.isCategory ? y.counts.length - 1 : 1);
  if (!(x.isCategory || y.isCategory)) {
    let [products, squares] = [0, 0];
    for (let i = 0; i < rows; i++) {
      products += x.values[i]! * at(i);
      squares += x.values[i]! ** 2;
    }
    // Both are the same normal scores, in two orders.
    return standing((rows - 1) * (products / squares) ** 2, freedom);
  }
  if (x.isCategory && y.isCategory) return standing(squareOfCells(x, y, at, rows), freedom);
  const [number, category] = x.isCategory ? [at, (i: number) => x.values[i]!] : [(i: number) => x.values[i]!, at];
  const { counts } = x.isCategory ? x : y;
  const sums = new Float64Array(counts.length);
  let squares = 0;
  for (let i = 0; i < rows; i++) {
    sums[category(i)]! += number(i);
    squares += number(i) ** 2;
  }
  const between = sums.reduce((sum, value, code) => sum + value ** 2 / counts[code]!, 0);
  return standing(((rows - 1) * between) / squares, freedom);
}

function squareOfCells(x: Scored, y: Scored, at: (row: number) => number, rows: number): number {
  const width = y.counts.length;
  const cells = new Uint32Array(x.counts.length * width);
  for (let i = 0; i < rows; i++) cells[x.values[i]! * width + at(i)]!++;
  return cells.reduce((sum, count, cell) => {
    const expected = (x.counts[Math.floor(cell / width)]! * y.counts[cell % width]!) / rows;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
}

/** Brings χ² to a standard normal (Wilson and Hilferty 1931). */
const standing = (square: number, freedom: number): number =>
  (Math.cbrt(square / freedom) - 1 + 2 / (9 * freedom)) * Math.sqrt(4.5 * freedom);

function correlation(a: Float64Array, b: Float64Array): number {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

const CENTRE = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
];
const CENTRE_BELOW = [
  -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1,
];
const TAIL = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const TAIL_BELOW = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];
const polynomial = (x: number, terms: readonly number[]) => terms.reduce((sum, term) => sum * x + term, 0);

/** The quantile of a standard normal (Acklam 2003), to nine digits. */
function normalQuantile(p: number): number {
  const centred = p - 0.5;
  if (Math.abs(centred) < 0.47575) {
    const square = centred * centred;
    return (centred * polynomial(square, CENTRE)) / polynomial(square, CENTRE_BELOW);
  }
  const q = Math.sqrt(-2 * Math.log(Math.min(p, 1 - p)));
  return (Math.sign(-centred) * polynomial(q, TAIL)) / polynomial(q, TAIL_BELOW);
}

/** Benjamini and Hochberg's adjusted p, by pair. */
export function falseDiscovery(records: readonly PairRecord[]): Map<string, number> {
  const p = ({ exceed, permutations }: PairRecord) => (1 + exceed) / (1 + permutations);
  const largestFirst = records.toSorted((a, b) => p(b) - p(a));
  let least = 1;
  return new Map(
    largestFirst.map((record, i) => {
      least = Math.min(least, (p(record) * records.length) / (records.length - i));
      return [`${record.x} ${record.y}`, least];
    }),
  );
}
