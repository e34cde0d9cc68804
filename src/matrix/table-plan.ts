/** What `matrix` decides before the first number of a whole table, gaps and all: which pairs have which rows. */

import { type Column, chosenRows, completeRows, MIN_ROWS, type Missing, valuesOf } from "../data/columns.ts";
import { type ColumnsInput, tableColumns } from "../data/input.ts";
import { groupColumn } from "../data/units.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { InputError } from "../errors.ts";
import { inWords } from "../options.ts";
import * as plans from "./plan.ts";
import { type Place, type RowSet, setsOfRows } from "./row-sets.ts";

type Named = Column & { name: string };

/** A pair that is not estimated, and why. */
export interface LeftOutPair {
  x: string;
  y: string;
  reason: string;
}

/** Pairs that have the same rows. */
export interface SharedRows {
  /** Rows used. */
  rows: number;
  /** By the places of columns in the whole table; empty while a first look has still to choose them. */
  pairs: readonly Place[];
  /** The place in the whole table of each column of the plan. */
  places: readonly number[];
  /** The plan of these pairs alone. It is made anew each time where there are too many to be kept. */
  plan: () => plans.MatrixPlan;
}

type DescribedColumn = Pick<plans.ReadyColumn, "name" | "values" | "category" | "description">;

/** Everything that is decided before the first number is computed, for a whole table. */
export interface TablePlan
  extends Pick<
    plans.MatrixPlan,
    "screen" | "chosen" | "shard" | "target" | "units" | "diagnostics" | "droppedBy" | "leftOut" | "settings"
  > {
  /** Columns that can be used, NaN where a value is missing. */
  columns: DescribedColumn[];
  /** Those of Z, which are in no pair. */
  condition: DescribedColumn[];
  /** One where no value is missing. */
  sets: SharedRows[];
  /** Rows used, of the pair that has most. */
  rows: number;
  /** Rows that no pair has because a value is missing. */
  dropped: number;
  /** Pairs of columns that can be used, but not together. */
  leftOutPairs: LeftOutPair[];
}

/**
 * Plans a whole table. Pairs that have the same rows are planned together, each set as a table of its own; a table without
 * gaps is one set. So is one with a first look, which needs rows that have all columns.
 *
 * @throws {InputError} when no pair is left, or a setting cannot be used
 */
export function planTable(input: ColumnsInput, settings: plans.NamedSettings = {}): TablePlan {
  const { missing = "pairs" } = settings;
  checkRule(missing);
  if (missing !== "pairs") return asOne(plans.planMatrix(input, { ...settings, missing }));
  const decided = plans.decidedOf(settings);
  const given = tableColumns(input, "drop");
  const { target, chosen, condition } = plans.askedPairs(given, settings);
  const complete = () => asOne(plans.planMatrix(given, { ...settings, missing: "drop" }));
  if (!given.some(({ values }) => values.some(Number.isNaN))) return complete();

  const group = groupColumn(settings, given[0]!.values.length);
  const needed = [...(group ? [group] : []), ...given.filter((_, c) => condition.has(c))];
  const { usable, leftOut } = usableColumns(given, { needed, condition }, target);
  if (usable.length < 2) throw plans.tooFewColumns(given[usable[0]!]?.name, leftOut);
  const at = target === undefined ? undefined : usable.indexOf(target);
  const of = plans.pairCount(usable.length, at);
  if (!chosen && condition.size === 0 && plans.screenOf(settings.screen, usable.length, of, at)) return complete();
  const isUsable = new Set(usable);
  const list = chosen
    ? chosen.filter((pair) => pair.every((c) => isUsable.has(c)))
    : plans.allPairs(usable.length, at).map(([x, y]): Place => [usable[x]!, usable[y]!]);
  return {
    ...inSets({ given, group, needed, condition, settings }, usable, list),
    target: at,
    leftOut,
    settings: decided,
  };
}

/** @throws {InputError} where it is none of the three */
function checkRule(missing: unknown): asserts missing is Missing | "pairs" {
  if (missing === "pairs" || missing === "drop" || missing === "throw") return;
  throw new InputError(`"missing" of matrix must be "pairs", "drop" or "throw", got ${inWords(missing)}`);
}

/** A table whose pairs all have the same rows. */
export function asOne(plan: plans.MatrixPlan): TablePlan {
  const { settings: _, pairs, ...rest } = plan;
  const places = [...plan.columns.keys()];
  const set = { rows: plan.rows, pairs: pairs.map(({ x, y }): Place => [x, y]), places, plan: () => plan };
  return { ...rest, settings: plan.settings, sets: [set], leftOutPairs: [] };
}

/** Columns that may tell something, by the rows that they have themselves. */
function usableColumns(
  given: readonly Named[],
  { needed, condition }: Pick<Whole, "needed" | "condition">,
  target: number | undefined,
) {
  const leftOut: plans.LeftOutColumn[] = [];
  const usable: number[] = [];
  for (const [c, column] of given.entries()) {
    if (condition.has(c)) continue;
    const { rows } = completeRows([column, ...needed]);
    const reason =
      rows.length < MIN_ROWS
        ? `a column of ${rows.length} values, and at least ${MIN_ROWS} are needed`
        : plans.whyUseless({ ...column, values: valuesOf(column.values, rows) });
    if (reason === undefined) usable.push(c);
    else if (c === target) throw plans.uselessTarget(column.name, reason);
    else leftOut.push({ column: column.name, reason });
  }
  return { usable, leftOut };
}

/** What the sets of a table are made of. */
interface Whole {
  given: readonly Named[];
  group: Column | undefined;
  /** What each row of any pair must have: a group, and values of Z. */
  needed: readonly Column[];
  /** Places of the columns of Z. */
  condition: ReadonlySet<number>;
  settings: plans.NamedSettings;
}

/** A plan of a set, by the places of columns among those that were given. */
interface PlannedSet {
  from: Uint32Array;
  pairs: readonly Place[];
  /** Of each column of the plan. */
  places: readonly number[];
  descriptions: readonly string[];
  made: Pick<plans.MatrixPlan, "rows" | "units" | "diagnostics" | "leftOut">;
  ofCondition: readonly string[];
  plan: () => plans.MatrixPlan;
}

/** Values of plans that are kept until they are run; others are made twice. */
const KEPT = 2 ** 22;

function inSets(
  whole: Whole,
  usable: readonly number[],
  list: readonly Place[],
): Omit<TablePlan, "target" | "leftOut" | "settings"> {
  const { given, group, needed, condition, settings } = whole;
  const leftOutPairs: LeftOutPair[] = [];
  const planned: PlannedSet[] = [];
  let kept = 0;
  for (const rowSet of setsOfRows(given, needed, list)) {
    const { set, leftOut } = planSet(whole, rowSet, KEPT - kept);
    leftOutPairs.push(...leftOut);
    if (!set) continue;
    planned.push(set);
    kept += set.made.rows * set.places.length;
  }
  if (planned.length === 0) throw noPair(leftOutPairs);
  const byRows = planned.toSorted((a, b) => b.made.rows - a.made.rows);
  const dropped = rowsInNone(planned, given[0]!.values.length);
  const { droppedBy } = completeRows(group ? [...given, group] : given);
  return {
    columns: usable.map((c) => {
      const set = byRows.find(({ places }) => places.includes(c));
      return described(given[c]!, set?.descriptions[set.places.indexOf(c)]);
    }),
    condition: [...condition].map((c, i) => described(given[c]!, byRows[0]!.ofCondition[i])),
    sets: shardOf(planned, list, usable, settings),
    ...{ screen: undefined, shard: settings.shard ?? { index: 1, count: 1 } },
    ...{ rows: byRows[0]!.made.rows, units: byRows[0]!.made.units, diagnostics: joined(byRows) },
    ...{ dropped, droppedBy, leftOutPairs },
  };
}

const described = ({ name, values, kind }: Named, description = "in no pair"): DescribedColumn => ({
  ...{ name, values, category: kind === "category", description },
});

function noPair(leftOut: readonly LeftOutPair[]): InputError {
  const [first, ...more] = leftOut;
  if (!first) return new InputError('none of the "pairs" has two columns that vary. Name others');
  return new InputError(
    `no pair is left. "${first.x}" with "${first.y}": ${first.reason}${more.length > 0 ? `; and ${more.length} more pairs` : ""}. Leave out columns with many gaps, or give more rows`,
  );
}

/** Plans the pairs of a set, and says of which nothing can be told. */
function planSet(
  whole: Whole,
  { rows, pairs }: RowSet,
  room: number,
): { set?: PlannedSet; leftOut: readonly LeftOutPair[] } {
  const nameOf = (c: number) => whole.given[c]!.name;
  const out = (list: readonly Place[], reasonOf: (pair: Place) => string) =>
    list.map((pair): LeftOutPair => ({ x: nameOf(pair[0]), y: nameOf(pair[1]), reason: reasonOf(pair) }));
  if (rows.length < MIN_ROWS) {
    return { leftOut: out(pairs, () => `${rows.length} rows have both, and at least ${MIN_ROWS} are needed`) };
  }
  const useless = new Map<number, string>();
  for (const c of new Set(pairs.flat())) {
    const reason = plans.whyUseless(chosenRows([whole.given[c]!], rows)[0]!);
    if (reason !== undefined) useless.set(c, `of the ${rows.length} rows that have both "${nameOf(c)}" is ${reason}`);
  }
  const whyNot = ([x, y]: Place) => useless.get(x) ?? useless.get(y);
  const open = pairs.filter((pair) => whyNot(pair) === undefined);
  const leftOut = out(
    pairs.filter((pair) => whyNot(pair) !== undefined),
    (pair) => whyNot(pair)!,
  );
  if (open.length === 0) return { leftOut };
  try {
    const set = planned(whole, rows, open, room);
    const isPlanned = new Set(set.pairs);
    const lost = open.filter((pair) => !isPlanned.has(pair));
    // Without copies of rows a category may have too few of a level.
    const reasons = new Map(set.made.leftOut.map(({ column, reason }) => [column, `"${column}" is ${reason}`]));
    const why = ([x, y]: Place) => reasons.get(nameOf(x)) ?? reasons.get(nameOf(y))!;
    return { set, leftOut: [...leftOut, ...out(lost, (pair) => `of the rows that are used ${why(pair)}`)] };
  } catch (error) {
    // What a table of these rows alone is refused for: too few groups, copies.
    if (!(error instanceof InputError)) throw error;
    return { leftOut: [...leftOut, ...out(open, () => error.message)] };
  }
}

function planned(whole: Whole, from: Uint32Array, pairs: readonly Place[], room: number): PlannedSet {
  const { given, group, condition, settings } = whole;
  const inPairs = [...new Set(pairs.flat())].sort((a, b) => a - b);
  const make = () =>
    plans.planMatrix(
      [...inPairs, ...condition].map((c) => ({ ...given[c]!, values: valuesOf(given[c]!.values, from) })),
      {
        ...{ ...settings, missing: "drop", screen: false, shard: undefined, block: undefined },
        pairs: pairs.map(([x, y]) => [given[x]!.name, given[y]!.name]),
        target: inPairs.some((c) => given[c]!.name === settings.target) ? settings.target : undefined,
        group: group && valuesOf(group.values, from),
      },
    );
  const plan = make();
  const { k } = plan.settings;
  if (plan.rows <= k) throw new InputError(`${plan.rows} rows have both, and with k = ${k} more than that are needed`);
  const isLost = new Set(plan.leftOut.map(({ column }) => column));
  const places = inPairs.filter((c) => !isLost.has(given[c]!.name));
  return {
    ...{ from, places, pairs: pairs.filter((pair) => pair.every((c) => !isLost.has(given[c]!.name))) },
    descriptions: plan.columns.map(({ description }) => description),
    ofCondition: plan.condition.map(({ description }) => description),
    made: { rows: plan.rows, units: plan.units, diagnostics: plan.diagnostics, leftOut: plan.leftOut },
    plan: plan.rows * places.length <= room ? () => plan : make,
  };
}

/** The sets with only the pairs of a shard, by the places of columns among those that can be used. */
function shardOf(
  sets: readonly PlannedSet[],
  list: readonly Place[],
  usable: readonly number[],
  { shard }: plans.NamedSettings,
): SharedRows[] {
  const isLeft = new Set(sets.flatMap(({ pairs }) => pairs));
  const isMine = new Set(
    plans.sharded(
      list.filter((pair) => isLeft.has(pair)),
      shard,
    ),
  );
  const placeOf = new Map(usable.map((c, place) => [c, place]));
  return sets.flatMap(({ pairs, places, made, plan }) => {
    const mine = pairs.filter((pair) => isMine.has(pair));
    if (mine.length === 0) return [];
    const names = new Set(mine.map(String));
    const ofShard = () => {
      const whole = plan();
      return { ...whole, pairs: whole.pairs.filter(({ x, y }) => names.has(`${places[x]},${places[y]}`)) };
    };
    return {
      rows: made.rows,
      pairs: mine.map(([x, y]): Place => [placeOf.get(x)!, placeOf.get(y)!]),
      places: places.map((c) => placeOf.get(c)!),
      plan: ofShard,
    };
  });
}

/** How many rows are in no set. */
function rowsInNone(sets: readonly PlannedSet[], rows: number): number {
  const isUsed = new Uint8Array(rows);
  for (const { from } of sets) for (const row of from) isUsed[row] = 1;
  return isUsed.filter((used) => used === 0).length;
}

/** Of diagnostics of one name that of the most rows, and one that fails before one that passes. */
function joined(sets: readonly PlannedSet[]): Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  for (const diagnostic of sets.flatMap(({ made }) => made.diagnostics)) {
    const known = found.get(diagnostic.name);
    if (!known || (known.ok && !diagnostic.ok)) found.set(diagnostic.name, diagnostic);
  }
  return [...found.values()];
}
