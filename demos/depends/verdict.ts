/** What is found, in plain words. */
import type { EstimateResult, PairRecord } from "../../src/index.ts";
import { nats } from "../kit/format.ts";
import type { Shown } from "./list.ts";
import { chanceOf, keyOf, miOf, RATE, ranked, seenBy } from "./order.ts";
import { chanceIs, plural, quoted } from "./words.ts";

/** What is known of a table when its pairs are done. */
export interface Tested {
  names: readonly string[];
  records: readonly PairRecord[];
  /** Adjusted p by keyOf of a pair. */
  q: ReadonlyMap<string, number>;
  seconds: number;
  /** What the library has to say of the rows. */
  diagnostics?: EstimateResult["diagnostics"];
}

/** What to say after all pairs are done. */
export function summary({ names, records, q, seconds, diagnostics = [] }: Tested): string {
  const rows = Math.max(...records.map((record) => record.rows));
  const done = `${plural(records.length, "pair")} of ${rows} rows in ${seconds.toFixed(0)} s.`;
  const found = ranked(records.filter((record) => q.get(keyOf(record))! <= RATE));
  const [first] = found;
  if (!first) return `${done} None depends beyond chance: tables with shuffled columns show as much.`;
  const best = `${quoted(names[first.x]!)} and ${quoted(names[first.y]!)}`;
  const why = ofRows({ diagnostics });
  const caution = why ? ` But ${why}, so chance does more than shuffles show: p and q are too small.` : "";
  if (found.length === 1) return `${done} 1 depends beyond chance: ${best}.${caution}`;
  return `${done} ${found.length} depend beyond chance, ${best} most clearly.${caution}`;
}

/** How far a pair can be believed to depend at all. */
export type Certainty = "open" | "certain" | "likely" | "hint" | "none";

/** So small a q is certain whatever else is seen. */
const SMALL = 0.01;
/** Standard errors of MI that make certain what shuffles alone cannot show: many pairs would need many thousands of them. */
const FAR = 4;

/** What the tests say of one pair. */
export interface Chance {
  record: PairRecord;
  /** Undefined while pairs are still tested. */
  q: number | undefined;
  p: number;
  /** Pairs that were tested. */
  of: number;
  /** What is wrong with the rows, if it is known. */
  rows?: string | undefined;
}

export const chanceFor = (record: PairRecord, { q, p, total, diagnostics = [] }: Omit<Shown, "records">): Chance => ({
  ...{ record, q: q?.get(keyOf(record)), p: p?.get(keyOf(record)) ?? chanceOf(record), of: total },
  rows: ofRows({ diagnostics }),
});

export function certaintyOf({ record, q, p }: Chance): Certainty {
  if (q === undefined) return "open";
  if (q > RATE) return p <= RATE ? "hint" : "none";
  const isFar = record.exceed === 0 && record.raw > FAR * record.standardError;
  return q <= SMALL || isFar ? "certain" : "likely";
}

/** The verdict on one pair. */
export function verdict(found: Chance): string {
  const { record, q = 1, p, of, rows } = found;
  const certainty = certaintyOf(found);
  if (rows && (certainty === "certain" || certainty === "likely"))
    return `They depend if rows are independent (p${chanceIs(p)}, q${chanceIs(q)}); but ${rows}, and then chance does more.`;
  switch (certainty) {
    case "open":
      return "What this is worth against chance shows when all pairs are tested.";
    case "certain":
      return q <= SMALL
        ? `Certain: the two depend on each other (p${chanceIs(p)}, q${chanceIs(q)}).`
        : `Certain: none of ${record.permutations} shuffled tables shows as much, and MI is far above its error (p${chanceIs(p)}, q${chanceIs(q)}).`;
    case "likely":
      return `Likely: of pairs with q${chanceIs(q)} about ${Math.max(1, Math.round(100 * q))} in 100 are chance (p${chanceIs(p)}).`;
    case "hint":
      return `A hint, no more: p${chanceIs(p)}, but of ${plural(of, "pair")} chance makes about ${(p * of).toFixed(p * of < 1 ? 1 : 0)} so small (q${chanceIs(q)}).`;
    default:
      return `None found: ${share(record)} (p${chanceIs(p)}, q${chanceIs(q)}). A weak one may hide in so few rows.`;
  }
}

const share = ({ exceed, permutations }: PairRecord): string =>
  `${exceed} of ${permutations} shuffled tables show as much`;

/** Share of the MI that r stands for, above which a line says it all. */
const ALL = 0.9;

/** How much of the MI Pearson's r sees, for a pair that depends; empty where there is nothing to say. */
export function sees(mi: number, r: number): string {
  if (!(mi >= 0.02) || !Number.isFinite(mi)) return "";
  if (!Number.isFinite(r)) return "Pearson’s r has nothing to say of categories.";
  const share = seenBy(r) / mi;
  if (share >= ALL) return "Pearson’s r sees it all: a straight line tells what there is to tell.";
  const percent = 100 * share;
  return `Pearson’s r sees ${percent < 1 ? "less than 1" : `about ${percent.toFixed(0)}`} % of it.`;
}

type Check = EstimateResult["diagnostics"][number];

/** Checks of an estimate in a few words, where they failed. */
const FAILED: Record<string, string> = {
  rows: "there are too few rows for networks to learn from",
  learning: "training ended while the networks still learned",
  snapshot: "what was chosen on some rows did not hold on others",
  "log-partition": "the networks have not learned what they should",
  "effective-sample": "a few rows decide the number",
  outputs: "a network has exploded",
  explosion: "the networks learned single rows by heart",
  marginals: "so strong a dependence is beyond what so few pairs of rows can show",
  ceiling: "so strong a dependence is beyond what so few rows can show",
  determined: "one column seems to give the other away, and then MI has no finite value",
  overfitting: "the networks learned these rows by heart, and less of others",
  disagreement: "the networks disagree with each other",
  folds: "the networks of some rows say another thing than those of others",
  failure: "the networks learned nothing that holds",
  neighbors: "neighbours see structure too sharp for the networks",
  radius: "the networks miss how the columns’ scales move together",
  ties: "values repeat so often that neighbours cannot tell them apart",
};

/** Checks of the rows themselves: the number stands, but so many rows count for fewer. */
const OF_ROWS: Record<string, string> = {
  autocorrelation: "rows that follow each other are alike",
  time: "rows that follow each other are alike",
  groups: "rows come in groups that are alike",
  copies: "rows are copies of others",
};

type Checked = Pick<EstimateResult, "diagnostics">;

const failedOf = ({ diagnostics }: Checked): Check[] => diagnostics.filter(({ ok }) => !ok);
const faultsOf = (checked: Checked): Check[] => failedOf(checked).filter(({ name }) => !(name in OF_ROWS));

/** Why so many rows count for fewer, if they do. */
export const ofRows = (checked: Checked): string | undefined =>
  failedOf(checked)
    .map(({ name }) => OF_ROWS[name])
    .find((words) => words !== undefined);

/** Checks that leave the lower end as it is: where they fail there may be more, but not less. */
const BELOW_HOLDS = [
  ..."rows learning log-partition marginals ceiling determined overfitting disagreement neighbors radius ties".split(
    " ",
  ),
];

/** The interval in words; where a check failed there is none, but why, and what is known nevertheless. */
export function intervalWords(result: Checked & Pick<EstimateResult, "interval">): string {
  const [low, high] = result.interval;
  const [first, ...more] = faultsOf(result);
  const rows = ofRows(result);
  if (!first) {
    const interval = `95 % interval: ${nats(low)} to ${nats(high)}`;
    return rows ? `${interval}, too narrow for rows that are alike.` : interval;
  }
  const why = `No interval: ${FAILED[first.name] ?? "a check failed"}.`;
  const holds = low >= 0.0005 && !rows && [first, ...more].every(({ name }) => BELOW_HOLDS.includes(name));
  return holds ? `At least ${nats(low)}. ${why}` : why;
}

export const hasInterval = (result: Checked): boolean => faultsOf(result).length === 0;

/** Standard errors less than what neighbours say that they see for certain. */
const CERTAIN = 2;

/**
 * Whether neighbours plainly see more than networks do with all their interval. Counts of many cells say too much by about half a
 * row a cell.
 *
 * @param cells of a table of both, if they are categories
 */
export function isNeighborsOwn(
  { raw, standardError, rows }: PairRecord,
  result: Checked & Pick<EstimateResult, "mi" | "interval">,
  cells = 0,
): boolean {
  const most = hasInterval(result) ? result.interval[1] : result.mi;
  return raw - CERTAIN * standardError - cells / (2 * rows) > most;
}

/** What is said where neighbours have the number. */
export const byNeighbors = (result: Checked): string => {
  const [first] = faultsOf(result);
  return `By nearest neighbours; no interval: ${(first && FAILED[first.name]) ?? "networks see less than that"}.`;
};

/** The failed checks with their numbers; what only the command line has, this page need not propose. */
export const complaints = (result: Checked): string[] =>
  failedOf(result).map(({ message }) => sentence(message.replace(/ \(--[^)]*\)/g, "")));

const sentence = (message: string): string => `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;

/** Another number for the same pair. */
export interface Other {
  name: string;
  mi: number;
  /** What it sees, or why it differs. */
  remark: string;
}

const METHODS: Record<string, string> = {
  ksg: "Five nearest neighbours, by rank",
  "mixed-ksg": "Five nearest neighbours, where values repeat",
  "gaussian-copula": "A line, by rank",
  radius: "Distances from the middle",
};

const REMARKS: Record<string, string> = {
  ksg: "any shape, finer than the networks see, but not what is strong",
  "mixed-ksg": "any shape, if values that repeat have many rows",
  "gaussian-copula": "whatever rises or falls throughout",
  radius: "only how far both are from the middle: a part of the whole",
};

/** What others see in the same rows. */
export function others(record: PairRecord, result?: Pick<EstimateResult, "opinions" | "bound">): Other[] {
  const { pearson, estimator } = record;
  const line = Number.isFinite(pearson)
    ? [{ name: "A straight line, by r", mi: seenBy(pearson), remark: "lines alone" }]
    : [];
  const list = {
    name: "Three nearest neighbours, as in the list",
    mi: miOf(record),
    remark: estimator === "mixed-ksg" ? REMARKS["mixed-ksg"]! : "any shape, by the values themselves",
  };
  if (!result) return [...line, list];
  const held = {
    name: "Networks alone",
    mi: Math.max(0, result.bound),
    remark: "at least, by rows that they never saw",
  };
  const opinions = result.opinions.map(({ method, mi }) => ({
    ...{ name: METHODS[method] ?? method, mi: Math.max(0, mi), remark: REMARKS[method] ?? "a part of the columns" },
  }));
  return [held, ...opinions, list, ...line];
}

/** Which of several numbers to believe. */
export function believe(
  record: PairRecord,
  result: Pick<EstimateResult, "interval" | "diagnostics" | "bound" | "mi">,
): string {
  const [low, high] = result.interval;
  const neighbors = miOf(record);
  if (!hasInterval(result))
    return faultsOf(result).every(({ name }) => BELOW_HOLDS.includes(name))
      ? "The number above is the larger of what networks and neighbours see; there may be more."
      : "Take the number above for a rough one.";
  if (neighbors > high + 2 * record.standardError)
    return "The number above is the neighbours’: they see more than the networks’ interval holds, perhaps structure too sharp for these.";
  if (neighbors < low - 2 * record.standardError)
    return "Believe the number above: neighbours see too little of what is strong, and of categories with few rows.";
  if (result.mi - result.bound > 0.05 + result.bound / 4)
    return "Believe the number above: it takes from neighbours, or from the rows trained on, what the networks alone have not learned.";
  return "Believe the number above: rows that the networks never saw confirm it, and neighbours agree.";
}
