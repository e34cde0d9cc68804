/** `remine estimate --lag` and `--transfer`: MI at several distances in time, as a table, JSON or a picture. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { readLags } from "../data/lagged.ts";
import { InputError } from "../errors.ts";
import type { LagEstimate, LagsOptions, LagsResult } from "../estimate/lags.ts";
import { linesFigure } from "../report/lines.ts";
import { table } from "../report/table.ts";
import { formatDuration, formatEstimate, formatNumber, fromNats, type Unit } from "../report/text.ts";
import { missingNote, type Selection } from "./files.ts";
import { integer } from "./options.ts";

/** What is asked of time. */
export interface LagOptions {
  lag?: number[];
  transfer?: number[];
  history?: number;
}

/** Options that are of one estimate of independent rows. */
interface Beside {
  check?: boolean;
  rows?: number | "all";
  group?: string;
  block?: number;
  versus?: string;
  weights?: string;
  estimator: string;
}

const list = (text: string): number[] => {
  try {
    return readLags(text, "lags");
  } catch (error) {
    throw error instanceof InputError ? new InvalidArgumentError(error.message) : error;
  }
};

export const lagOptions = (command: Command): Command =>
  command
    .option("--lag <lags>", "I(x; y so many rows later) for each of a list or range, 0-20; rows are in time", list)
    .addOption(
      new Option(
        "--transfer <lags>",
        "transfer entropy: what x so many rows before, 1-5, tells of y beyond y's own past",
      ).argParser(list),
    )
    .option("--history <rows>", "how much of its past that is (default: 1)", integer);

/**
 * What the library is asked for; undefined where no lags were named.
 *
 * @throws {InputError} for options that contradict each other
 */
export function askedLags(options: LagOptions & Beside): Pick<LagsOptions, "lags" | "history"> | undefined {
  const { lag, transfer, history } = options;
  if (history !== undefined && !transfer)
    throw new InputError("--history is for --transfer. Give both, or leave it out");
  const lags = lag ?? transfer;
  if (!lags) return undefined;
  if (lag && transfer) throw new InputError("--lag and --transfer are two questions. Give one of them");
  if (history === 0) throw new InputError("--history must be at least 1; without the past of y it is --lag");
  const option = lag ? "--lag" : "--transfer";
  for (const name of ["check", "rows", "group", "block", "versus", "weights"] as const) {
    if (options[name] === undefined) continue;
    throw new InputError(`--${name} is not for rows in time, which ${option} is about. Leave one of the two out`);
  }
  if (options.estimator === "all" || options.estimator.includes(",")) {
    throw new InputError(`${option} is of one estimator, and --estimator names several. Name one, such as ksg`);
  }
  return { lags, ...(transfer && { history: history ?? 1 }) };
}

const namesOf = (columns: readonly { name: string }[]) => columns.map(({ name }) => name);

/** Makes the values of a lag, in nats, ones of a unit. */
const lagIn = (unit: Unit) => (found: LagEstimate) => {
  const inUnit = (nats: number) => fromNats(nats, unit);
  return {
    ...found,
    ...{ mi: inUnit(found.mi), bound: inUnit(found.bound), interval: found.interval.map(inUnit) },
    ...{ raw: inUnit(found.raw), standardError: inUnit(found.standardError) },
  };
};

/** What is there of the lags where not all are, for `--json` or as a table. */
export function finishedLags(done: readonly LagEstimate[], { unit, json }: { unit: Unit; json?: boolean }): string {
  const lags = done.toSorted((a, b) => a.lag - b.lag);
  if (json) return JSON.stringify({ unit, lags: lags.map(lagIn(unit)) });
  return `${lags.length} finished, MI in ${unit}\n${table(rowsOf({ lags, permutations: 0 }, unit), { indent: 2 })}`;
}

/** The JSON of `--json`. */
export function lagsReport(r: LagsResult, s: Selection, unit: Unit) {
  const one = lagIn(unit);
  return {
    ...{ ...r, unit, lags: r.lags.map(one), best: one(r.best) },
    ...{ x: namesOf(s.x), y: namesOf(s.y), ...(s.given && { given: namesOf(s.given) }) },
    ...(r.dropped > 0 && { droppedBy: s.leftOut }),
    ...(s.notes.length > 0 && { notes: s.notes }),
  };
}

/** @param name such as "I(x; y)" */
export function printLags(r: LagsResult, s: Selection, name: string, { unit, quiet }: { unit: Unit; quiet?: boolean }) {
  console.log(`${headline(r, name)} in ${unit}, ${r.rows} rows, ${r.estimator}`);
  console.log(table(rowsOf(r, unit), { indent: 2 }));
  console.log(inWords(r, unit));
  if (quiet) return;
  console.log(`  ${formatDuration(r.seconds)} on ${r.adapter}`);
  if (r.permuted) console.log(`  p by ${r.permutations} permutations: ${r.permuted}, by as many rows at all lags`);
  const note = missingNote(r.dropped, r.rows, s.leftOut);
  if (note) console.log(`  ${note}`);
  for (const line of failures(r)) console.log(`  ! ${line}`);
}

const count = (rows: number) => `${rows} ${rows === 1 ? "row" : "rows"}`;

const headline = ({ history }: LagsResult, name: string): string =>
  history > 0 ? `${name} by lag, given the last ${count(history)} of y: transfer entropy` : `${name} by lag`;

function rowsOf(
  { lags, best, permutations }: Pick<LagsResult, "lags" | "permutations"> & { best?: LagEstimate },
  unit: Unit,
): string[][] {
  const fixed = (nats: number) => fromNats(nats, unit).toFixed(3);
  const p = (value: number | undefined) => formatNumber(value!, 2);
  return [
    ["lag", "MI", "interval", ...(permutations > 0 ? ["p", "family p"] : []), ""],
    ...lags.map((found) => [
      ...[String(found.lag), fixed(found.mi), `[${found.interval.map(fixed).join(", ")}]`],
      ...(permutations > 0 ? [p(found.p), p(found.pFamily)] : []),
      found === best ? "*" : "",
    ]),
  ];
}

/** The best lag as a sentence. */
export function inWords({ best, lags, history }: LagsResult, unit: Unit): string {
  const { lag, mi, interval, pFamily } = best;
  const side = lag < 0 ? "after" : "before";
  const when = lag === 0 ? "x at the same time" : `x of ${count(Math.abs(lag))} ${side}`;
  const beyond = history > 0 ? ` beyond its last ${count(history)}` : "";
  const sure = pFamily === undefined ? "" : `; family p = ${formatNumber(pFamily, 2)} over ${lags.length} lags`;
  return `  best lag ${lag}: ${when} tells ${formatEstimate(mi, interval, unit)} of y${beyond}${sure}`;
}

/** Each failed diagnostic once, with the lags at which it failed. */
export function failures({ lags, diagnostics }: LagsResult): string[] {
  const at = new Map<string, { lags: number[]; message: string }>();
  for (const { lag, diagnostics } of lags) {
    for (const { name, message } of diagnostics.filter(({ ok }) => !ok)) {
      const known = at.get(name) ?? { lags: [], message };
      known.lags.push(lag);
      at.set(name, known);
    }
  }
  const ofAll = diagnostics.filter(({ ok }) => !ok).map(({ name, message }) => `${name}: ${message}`);
  const ofEach = [...at].map(([name, { lags, message }]) => `${name} at lag ${lags.join(", ")}: ${message}`);
  return [...ofAll, ...ofEach];
}

/** The picture of `--plot`: MI over lag with its interval. */
export function lagsDrawing(r: LagsResult, name: string, unit: Unit): string {
  const inUnit = (of: (found: LagEstimate) => number) => r.lags.map((found) => fromNats(of(found), unit));
  const [lo, hi] = [inUnit(({ interval }) => interval[0]), inUnit(({ interval }) => interval[1])];
  const most = Math.max(...hi, ...inUnit(({ mi }) => mi));
  const family = r.best.pFamily === undefined ? "" : `, family p = ${formatNumber(r.best.pFamily, 2)}`;
  return linesFigure({
    title: headline(r, name),
    subtitle: `${r.estimator}, ${r.rows} rows; best lag ${r.best.lag}${family}`,
    x: { label: "lag, rows from x to y", values: r.lags.map(({ lag }) => lag) },
    y: { label: `MI, ${unit}`, domain: [0, 1.06 * most || 1] },
    series: [{ name: "MI and its interval", values: inUnit(({ mi }) => mi), band: { lo, hi } }],
  });
}
