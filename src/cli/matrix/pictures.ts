/** `remine matrix --report`: the strongest pairs row by row, each row coloured by its pointwise MI. */
import type { FileColumn } from "../../data/table.ts";
import { InputError } from "../../errors.ts";
import type { Gpu } from "../../gpu/device.ts";
import type { MatrixReport } from "../../matrix/matrix.ts";
import type { MatrixPlan, ReadyColumn } from "../../matrix/plan.ts";
import type { MatrixPair } from "../../matrix/result.ts";
import type { TablePlan } from "../../matrix/table-plan.ts";
import { neighbors } from "../../neighbors/neighbors.ts";
import { inWords, type PairPicture } from "../../report/html/matrix.ts";
import { scatterFigure } from "../../report/scatter.ts";
import type { Unit } from "../../report/text.ts";
import { drawnRows, MOST_POINTS, sideOf } from "../rows-drawn.ts";

/** Pairs that are drawn, at most. */
const MOST_PICTURES = 24;

/** Of more rows neighbours are as many: colours of single rows are steadier by more of them. */
const neighborsFor = (rows: number): number => (rows >= 400 ? 10 : rows >= 100 ? 5 : 3);

/** The pictures, and what is to be said of all of them. */
export interface Pictures {
  pictures: PairPicture[];
  pictured: string;
}

/** Draws the strongest pairs, those that can be told from chance. */
export async function picturesOf(
  gpu: Gpu,
  plan: TablePlan,
  report: Pick<MatrixReport, "pairs" | "permutations">,
  { columns, seed, unit }: { columns: readonly FileColumn[]; seed: number; unit: Unit },
): Promise<Pictures> {
  const strong = report.pairs.filter(report.permutations > 0 ? ({ q }) => q! <= 0.05 : isBeyondNoise);
  const chosen = strong.slice(0, MOST_PICTURES);
  const setOf = setsOf(plan);
  const named = new Map(columns.map((column) => [column.name, column]));
  const pictures: PairPicture[] = [];
  for (const pair of chosen) {
    const rows = setOf(pair);
    if (rows) pictures.push(await pictureOf(gpu, pair, rows, { named, seed, unit }));
  }
  return { pictures, pictured: inSum(strong.length, chosen.length, report) };
}

const isBeyondNoise = ({ raw, standardError }: MatrixPair): boolean => !(raw < 2 * standardError);

function inSum(strong: number, drawn: number, { permutations }: { permutations: number }): string {
  const which = permutations > 0 ? "pairs with q ≤ 0.05" : "pairs whose MI is above two standard errors";
  if (strong === 0) return `There are no ${which}.`;
  const some = drawn < strong ? `The ${drawn} strongest of ${strong} ${which}` : `The ${drawn} ${which}`;
  return `${some}. A dot is a row, ${MOST_POINTS} at most, drawn by the seed; its colour is its pointwise MI by the nearest neighbours among these rows: warm where the pair is likelier than by chance, cold where chance makes it more often. Of two categories, squares are the number of all rows.`;
}

/** The rows of a pair, as it was estimated. */
interface PairRows {
  x: ReadyColumn;
  y: ReadyColumn;
  given: readonly ReadyColumn[];
  rows: number;
}

/** Finds the rows of a pair; the plan of pairs that share them is made once. */
function setsOf(plan: TablePlan): (pair: MatrixPair) => PairRows | undefined {
  const place = new Map(plan.columns.map(({ name }, i) => [name, i]));
  const plans = new Map<TablePlan["sets"][number], MatrixPlan>();
  return (pair) => {
    const [x, y] = [place.get(pair.x), place.get(pair.y)];
    const set = plan.sets.find(({ pairs }) => pairs.some(([a, b]) => a === x && b === y));
    if (!set) return undefined;
    if (!plans.has(set)) plans.set(set, set.plan());
    const whole = plans.get(set)!;
    const column = (name: string) => whole.columns.find((ready) => ready.name === name)!;
    return { x: column(pair.x), y: column(pair.y), given: whole.condition, rows: whole.rows };
  };
}

async function pictureOf(
  gpu: Gpu,
  pair: MatrixPair,
  { x, y, given, rows }: PairRows,
  { named, seed, unit }: { named: ReadonlyMap<string, FileColumn>; seed: number; unit: Unit },
): Promise<PairPicture> {
  const all = Uint32Array.from({ length: rows }, (_, row) => row);
  const isTable = x.discrete && y.discrete && given.length === 0;
  const drawn = isTable ? all : drawnRows(all, seed);
  const pointwise = isTable ? ofCells(x.values, y.values) : await ofNeighbors(gpu, { x, y, given }, drawn);
  const side = (ready: ReadyColumn) => sideOf({ ...named.get(ready.name)!, values: ready.values }, drawn, all);
  const svg = scatterFigure({ title: `${pair.x} and ${pair.y}`, x: side(x), y: side(y), pointwise, unit });
  const some = drawn.length < rows ? `; ${drawn.length} rows drawn` : "";
  return { x: pair.x, y: pair.y, svg, caption: `${inWords(pair, unit).replace(/\n/g, "; ")}${some}` };
}

/** Of two categories the table alone tells: log of a cell's share less that of both of its margins, nats. */
function ofCells(x: Float64Array, y: Float64Array): Float64Array {
  const [cells, left, right] = [new Map<string, number>(), new Map<number, number>(), new Map<number, number>()];
  const count = <K>(of: Map<K, number>, key: K) => of.set(key, (of.get(key) ?? 0) + 1);
  for (let i = 0; i < x.length; i++) {
    count(cells, `${x[i]} ${y[i]}`);
    count(left, x[i]!);
    count(right, y[i]!);
  }
  return x.map((value, i) =>
    Math.log((cells.get(`${value} ${y[i]}`)! * x.length) / (left.get(value)! * right.get(y[i]!)!)),
  );
}

/** Nothing where the drawn rows do not allow it, such as where a column is the same in all of them. */
async function ofNeighbors(
  gpu: Gpu,
  { x, y, given }: Pick<PairRows, "x" | "y" | "given">,
  drawn: Uint32Array,
): Promise<Float64Array | undefined> {
  const input = ({ name, discrete, values, coordinates }: ReadyColumn) => {
    const from = discrete ? values : coordinates[0]!;
    return {
      name,
      kind: discrete ? ("category" as const) : ("numeric" as const),
      values: Float64Array.from(drawn, (row) => from[row]!),
    };
  };
  try {
    const k = neighborsFor(drawn.length);
    const condition = given.length > 0 && { given: given.map(input) };
    const { pointwise } = await neighbors([input(x)], [input(y)], { gpu, method: "mixed-ksg", k, ...condition });
    return pointwise;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
