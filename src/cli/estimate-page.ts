/** `remine estimate --report`: what was found, as a page. */
import packageJson from "../../package.json" with { type: "json" };
import { valuesOf } from "../data/columns.ts";
import { isDiscrete } from "../data/kinds.ts";
import type { FileColumn } from "../data/table.ts";
import type { Comparison } from "../estimate/compare.ts";
import type { LagsOptions, LagsResult } from "../estimate/lags.ts";
import type { EstimateResult } from "../estimate/result.ts";
import { catalogue } from "../estimators/catalogue.ts";
import { estimators } from "../gpu/shaders.gen.ts";
import { shareAlong } from "../math/along.ts";
import { type EstimatePart, estimatePage, type Picture } from "../report/html/estimate.ts";
import { lagsPage } from "../report/html/lags.ts";
import { severalPage } from "../report/html/several.ts";
import type { Method, Repeat } from "../report/html/told.ts";
import { scatterFigure } from "../report/scatter.ts";
import type { Unit } from "../report/text.ts";
import { missingNote, type Selection } from "./files.ts";
import { failures, inWords, lagsDrawing } from "./lags.ts";
import { libraryCall, thisCommand } from "./library-call.ts";
import type { CommonOptions, FileOptions, TrainingOptions } from "./options.ts";
import { drawnRows, sideOf, takenFor } from "./rows-drawn.ts";

type PageOptions = CommonOptions & FileOptions & TrainingOptions & { permutations?: number; keepCopies?: boolean };

/** What the command knows already. */
interface Said {
  /** The picture of `--plot`. */
  figure: string;
  shareOfEntropy?: number | undefined;
  linear?: { r: number; mi: number } | undefined;
  /** What was trained. */
  effort: string;
}

const namesOf = (columns: readonly FileColumn[]) => columns.map(({ name }) => name);

const methodOf = (name: string): Method => catalogue.find((entry) => entry.name === name)!;

/** What is said of how the rows were read. */
function notesOf(s: Selection): string[] {
  const note = missingNote(s.dropped, s.rows.length, s.leftOut);
  return [...s.notes, ...(note === undefined ? [] : [note])];
}

/** What was set or chosen, by name. */
function settingsOf(
  file: string | undefined,
  s: Selection,
  options: PageOptions,
  r: { estimator: string; adapter: string },
): Repeat["settings"] {
  const some = (name: string, value: unknown): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]];
  return [
    ["file", file === "-" ? "standard input" : (file ?? "one for each side")],
    ["estimator", r.estimator],
    ...some("neighbours", options.k),
    ["seed", String(options.seed)],
    ["adapter", r.adapter],
    ["interval", `${100 * options.confidence} %`],
    ["transform", options.transform],
    ...some("permutations", options.permutations),
    ...some(
      "rows depend by",
      options.time ? "time" : (s.group?.name ?? (options.block && `blocks of ${options.block}`)),
    ),
    ...some("weights", s.weights?.name),
    ["remine", packageJson.version],
  ];
}

/** The page of one estimate. */
export function pageOfEstimate(
  { result, selection: s, file }: { result: EstimateResult; selection: Selection; file: string | undefined },
  options: PageOptions,
  said: (r: EstimateResult, s: Selection) => Said,
): Promise<string> {
  const { unit, confidence } = options;
  const { versus } = result;
  const of = (r: EstimateResult, selection: Selection) => ({
    ...partOf(r, selection, options),
    ...said(r, selection),
  });
  const { effort, ...part } = of(result, s);
  const [first, ...others] = settingsOf(file, s, options, result);
  return estimatePage({
    ...part,
    ...{ unit, confidence, method: methodOf(result.estimator), version: packageJson.version, notes: notesOf(s) },
    ...(versus && { versus: { ...versus, other: of(versus.other, { ...s, x: s.versus ?? [] }) } }),
    repeat: {
      command: thisCommand(),
      ...libraryCall(file, s, options),
      settings: [first!, ...others, ...(effort ? [["training", effort] as const] : [])],
    },
  });
}

/** The page of `--lag` and `--transfer`. */
export function pageOfLags(
  { result, selection: s, file }: { result: LagsResult; selection: Selection; file: string | undefined },
  options: PageOptions,
  { name, asked }: { name: string; asked: Pick<LagsOptions, "lags" | "history"> },
): Promise<string> {
  const { unit } = options;
  return lagsPage({
    names: { x: namesOf(s.x), y: namesOf(s.y), ...(s.given && { given: namesOf(s.given) }) },
    ...{
      unit,
      result,
      figure: lagsDrawing(result, name, unit),
      best: inWords(result, unit),
      failures: failures(result),
    },
    notes: s.notes,
    repeat: repeatOf(file, s, options, result, { call: "lags", more: asked }),
    version: packageJson.version,
  });
}

/** The page of several estimators. */
export function pageOfSeveral(
  { done, selection: s, file }: { done: readonly Comparison[]; selection: Selection; file: string | undefined },
  options: PageOptions,
): Promise<string> {
  const estimators = options.estimator === "all" ? "all" : done.map(({ estimator }) => estimator);
  const { adapter = "" } = done.find(({ result }) => result)?.result ?? {};
  const { estimator: _, ...rest } = options;
  return severalPage({
    names: { x: namesOf(s.x), y: namesOf(s.y), ...(s.given && { given: namesOf(s.given) }) },
    ...{ unit: options.unit, rows: s.rows.length, notes: notesOf(s), version: packageJson.version, adapter },
    sides: done.map((side) => ({ ...side, method: methodOf(side.estimator) })),
    repeat: repeatOf(
      file,
      s,
      { ...rest, estimator: "remine" },
      { estimator: options.estimator, adapter },
      { call: "compare", more: { estimators } },
    ),
  });
}

const repeatOf = (
  file: string | undefined,
  s: Selection,
  options: PageOptions,
  r: { estimator: string; adapter: string },
  call: Parameters<typeof libraryCall>[3],
): Repeat => ({
  command: thisCommand(),
  ...libraryCall(file, s, options, call),
  settings: settingsOf(file, s, options, r),
});

function partOf(r: EstimateResult, s: Selection, options: PageOptions): Omit<EstimatePart, keyof Omit<Said, "effort">> {
  const { x, y, given, versus } = s;
  const kinds = (columns: readonly FileColumn[]) => columns.map((column) => takenFor(column, s.rows));
  const along = alongOf(r, s);
  return {
    names: {
      x: namesOf(x),
      y: namesOf(y),
      ...(given && { given: namesOf(given) }),
      ...(versus && { versus: namesOf(versus) }),
    },
    result: r,
    kinds: { x: kinds(x), y: kinds(y), ...(given && { given: kinds(given) }) },
    scatter: scatterOf(r, s, along, options),
    ...(along && { along: along.slice(0, MOST_ALONG) }),
  };
}

/** Columns that a table of shares names, and that are looked at. */
const MOST_ALONG = 20;
const MOST_LOOKED_AT = 400;

/** Whether a row's value of an estimator is its pointwise MI. */
const isPointwise = ({ estimator }: EstimateResult): boolean =>
  (estimators as Record<string, { output: string }>)[estimator]?.output !== "other";

/** The rows that have a pointwise value. */
const scoredRows = ({ pointwise }: EstimateResult, { rows }: Selection): Uint32Array =>
  rows.filter((row) => Number.isFinite(pointwise[row]));

interface Along {
  name: string;
  share: number;
  column: FileColumn;
}

/** With which of several columns pointwise MI goes along, the first one most. */
function alongOf(r: EstimateResult, s: Selection): Along[] | undefined {
  const columns = [...s.x, ...s.y];
  const rows = scoredRows(r, s);
  if (columns.length < 3 || columns.length > MOST_LOOKED_AT || rows.length < 20 || !isPointwise(r)) return undefined;
  const scores = valuesOf(r.pointwise, rows);
  return columns
    .map((column) => {
      const values = valuesOf(column.values, rows);
      return {
        name: column.name,
        column,
        share: shareAlong(values, scores, isDiscrete({ kind: column.kind, values })),
      };
    })
    .sort((a, b) => b.share - a.share);
}

/** The rows of one column of each side; of several those with which pointwise MI goes along most. */
function scatterOf(
  r: EstimateResult,
  s: Selection,
  along: Along[] | undefined,
  { seed, unit }: { seed: number; unit: Unit },
): Picture {
  const first = (side: readonly FileColumn[]) => along?.find(({ column }) => side.includes(column))?.column ?? side[0]!;
  const [x, y] = [first(s.x), first(s.y)];
  const scored = isPointwise(r) ? scoredRows(r, s) : new Uint32Array();
  const all = scored.length > 0 ? scored : s.rows;
  const discrete = [x, y].every(({ kind, values }) => isDiscrete({ kind, values: valuesOf(values, s.rows) }));
  const rows = discrete ? all : drawnRows(all, seed);
  const [across, up] = [sideOf(x, rows, s.rows), sideOf(y, rows, s.rows)];
  const pointwise = scored.length > 0 ? valuesOf(r.pointwise, rows) : undefined;
  const svg = scatterFigure({
    title: `${x.name} and ${y.name}`,
    x: across,
    y: up,
    pointwise,
    unit,
    width: 620,
    height: 460,
  });
  const what = discrete
    ? `Rows by both categories: the area is their number${pointwise ? ", the colour their mean pointwise MI" : ""}.`
    : `Each dot is a row${pointwise ? ", coloured by its pointwise MI: warm where the pair is likelier than by chance, cold where chance makes it more often" : ""}.`;
  const sampled =
    rows.length < all.length ? ` ${rows.length} of ${all.length} rows are drawn, chosen by the seed ${seed}.` : "";
  const spread = !discrete && (across.levels || up.levels) ? " Points of a category are spread over its band." : "";
  const chosen = along ? " Of several columns those are shown with which pointwise MI goes along most." : "";
  return { svg, caption: `${what}${spread}${sampled}${chosen}` };
}
