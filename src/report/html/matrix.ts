/** The page of all pairs of columns. */
import type { Diagnostic } from "../../diagnostic.ts";
import { asCorrelation } from "../../math/scale.ts";
import { type HeatmapFigure, heatmapDrawing } from "../heatmap.ts";
import { formatDuration, formatNumber, plain, type Unit } from "../text.ts";
import { checkList, failedNames } from "./checks.ts";
import { type Html, html, inlined, list, named, shortened } from "./markup.ts";
import { howRead, pageOf } from "./page.ts";
import { repeatSection } from "./repeat.ts";
import type { Repeat } from "./told.ts";
import { chance, nats } from "./words.ts";

/** One pair, nats. A `MatrixPair` is one. */
export interface Pair {
  x: string;
  y: string;
  mi: number;
  standardError: number;
  asCorrelation: number;
  pearson: number;
  rows: number;
  estimator: string;
  p?: number | undefined;
  pFitted?: number | undefined;
  q?: number | undefined;
  pFamily?: number | undefined;
}

/** A pair that is drawn row by row. */
export interface PairPicture {
  x: string;
  y: string;
  svg: string;
  caption: string;
}

/** What {@link matrixPage} shows. */
export interface MatrixPage {
  unit: Unit;
  /** The strongest first. */
  pairs: readonly Pair[];
  permutations: number;
  /** Of how many pairs a first look chose these. */
  screened?: number | undefined;
  heatmap: HeatmapFigure;
  target: string | null;
  given: readonly string[];
  /** Of the strongest pairs. */
  pictures: readonly PairPicture[];
  /** What is to be said of the pictures: which rows, or why there are none. */
  pictured: string;
  /** What each column of the heatmap was mapped by. */
  transforms: readonly string[];
  leftOut: readonly { column: string; reason: string }[];
  leftOutPairs: readonly { x: string; y: string; reason: string }[];
  diagnostics: readonly Diagnostic[];
  notes: readonly string[];
  repeat: Repeat;
  version: string;
  adapter: string;
  seconds?: number | undefined;
}

/** Pairs that the table of a page has at most: a browser sorts and filters them at once. */
export const MOST_PAIRS = 2000;
/** Columns, and what was left out, that are listed at most. */
const MOST_LISTED = 300;

const keyOf = (x: string, y: string) => JSON.stringify([x, y]);
const idsOf = ({ pictures }: MatrixPage) => new Map(pictures.map(({ x, y }, i) => [keyOf(x, y), `pair-${i + 1}`]));

/** One self-contained HTML file of a matrix, of about 2 MB at most however many columns there are. */
export function matrixPage(page: MatrixPage): Promise<string> {
  const { heatmap, pairs, notes, repeat, version, adapter, seconds, diagnostics } = page;
  const { svg, ...places } = heatmapDrawing(heatmap);
  const ids = idsOf(page);
  const body = html`${head(page)}
<section><h2>All pairs at a glance</h2>
<p class="soft">Point at a square, or step in with the keyboard and walk with the arrow keys; Enter goes to the picture of the pair. Above the diagonal the mutual information, below what Pearson’s r alone would tell: where the halves differ, the dependence is no straight line.</p>
<figure><div class="wide" id="heat" tabindex="0" role="application" aria-label="Heatmap of all pairs: walk with the arrow keys">${inlined(svg)}<i></i><output aria-live="polite"></output></div></figure></section>
${pairTable(page, ids)}
${pictures(page)}
${meaning(page)}
${diagnostics.length > 0 && html`<section><h2>Can it be trusted?</h2>${checkList(diagnostics)}</section>`}
${columns(page)}
${howRead(notes)}
${repeatSection(repeat)}`;
  const foot = html`<p>remine ${version} on ${adapter}${seconds !== undefined && `, ${formatDuration(seconds)}`}.</p>`;
  const data = { "heat-data": heatData(page, places, ids) };
  return pageOf({
    title: `Mutual information of ${heatmap.columns.length} columns, ${pairs.length} pairs`,
    body,
    data,
    foot,
  });
}

function head(page: MatrixPage): Html {
  const { pairs, heatmap, target, given, permutations, screened, unit, diagnostics } = page;
  const first = pairs.reduce<Pair | undefined>((most, pair) => (most && most.mi >= pair.mi ? most : pair), undefined);
  const rows = pairs.reduce((most, pair) => Math.max(most, pair.rows), 0);
  const beyond = given.length > 0 && html` beyond what ${list(given)} tells`;
  const found = (limit: (pair: Pair) => number | undefined) => pairs.filter((pair) => limit(pair)! <= 0.05).length;
  return html`<header><p class="over">${heatmap.columns.length} columns · ${pairs.length.toLocaleString("en-US")} ${screened !== undefined && `of ${screened.toLocaleString("en-US")} `}pairs · ${rows.toLocaleString("en-US")} rows</p>
<h1>${target === null ? html`Which of ${heatmap.columns.length} columns depend on each other` : html`What tells about ${named(target)}`}${beyond}?</h1></header>
${
  first &&
  html`<p class="lede">The largest value is that of ${named(first.x)} and ${named(first.y)}: ${nats(first.mi, unit)} ${unit}, as much as two normals with a correlation of ${first.asCorrelation.toFixed(2)}.</p>`
}
${
  permutations > 0
    ? html`<div class="answer"><p class="big">${found(({ q }) => q)} <small>of ${pairs.length} pairs</small></p><p class="beside">depend on each other at q ≤ 0.05:<br><b>about 5 % of these are expected to be false</b></p><p class="beside">p family ≤ 0.05, all of them at once:<br><b>${found(({ pFamily }) => pFamily)} pairs</b></p></div>`
    : html`<p class="soft">No permutations were asked for, so nothing here says whether a small value is more than chance makes: --permutations 200 does.</p>`
}
${
  diagnostics.some(({ ok }) => !ok) && html`<p class="flag bad">! ${failedNames(diagnostics).join(", ")}: see below</p>`
}`;
}

/** A heading of the table: its words, whether it holds numbers, and whether large ones come first at the first click. */
const heading = (words: string, kind?: "n" | "most") =>
  html`<th scope="col"${kind && html` class="n"`}${kind === "most" && html` data-first="descending"`}>${words}</th>`;

const sortKey = (value: number | undefined) =>
  value === undefined || Number.isNaN(value) ? "" : String(Number(value.toPrecision(6)));
const cell = (value: number | undefined, text: string) => html`<td class="n" data-v="${sortKey(value)}">${text}</td>`;

function pairTable(page: MatrixPage, ids: ReadonlyMap<string, string>): Html {
  const { pairs, permutations, unit } = page;
  const shown = pairs.slice(0, MOST_PAIRS);
  const tested = permutations > 0;
  const differ = pairs.some(({ rows }) => rows !== pairs[0]!.rows);
  const lines = shown.map((pair, i) => {
    const id = ids.get(keyOf(pair.x, pair.y));
    return html`<tr><td class="n">${i + 1}</td><th scope="row">${named(pair.x, 40)}</th><th scope="row">${named(pair.y, 40)}</th>${cell(pair.mi, nats(pair.mi, unit))}${cell(pair.standardError, nats(1.96 * pair.standardError, unit))}${cell(pair.asCorrelation, pair.asCorrelation.toFixed(2))}${cell(pair.pearson, Number.isNaN(pair.pearson) ? "–" : pair.pearson.toFixed(2).replace("-", "−"))}${tested && [cell(pair.p, `${pair.pFitted === undefined ? "" : "≤ "}${chance(pair.p)}`), cell(pair.q, chance(pair.q)), cell(pair.pFamily, chance(pair.pFamily))]}${differ && cell(pair.rows, String(pair.rows))}<td class="go">${id && html`<a href="#${id}">picture</a>`}</td></tr>
`;
  });
  const more = pairs.length - shown.length;
  return html`<section><h2>The pairs</h2>
<div data-filters="pairs" hidden><label for="filter">Only pairs with</label><input id="filter" type="search" placeholder="a column’s name" autocomplete="off"><output aria-live="polite"></output></div>
<div class="tall" tabindex="0" role="region" aria-label="Table of pairs"><table class="sortable" id="pairs"><caption>${more > 0 ? `The ${shown.length} strongest of ${pairs.length} pairs; --output writes all` : "All pairs"}, by ${tested ? "the evidence against independence" : "their mutual information"}. A heading sorts.</caption>
<thead><tr>${[heading("#", "n"), heading("x"), heading("y"), heading(`MI (${unit})`, "most"), heading("±", "n"), heading("like r", "most"), heading("Pearson r", "most")]}${tested && [heading("p", "n"), heading("q", "n"), heading("p family", "n")]}${differ && heading("rows", "most")}<td></td></tr></thead>
<tbody>${lines}</tbody></table></div></section>`;
}

function pictures({ pictures, pictured }: MatrixPage): Html {
  return html`<section><h2>The strongest pairs, row by row</h2><p>${pictured}</p>
<div class="pairs">${pictures.map(
    (
      { x, y, svg, caption },
      i,
    ) => html`<article id="pair-${i + 1}" tabindex="-1"><h3>${named(x, 32)} × ${named(y, 32)}</h3><p>${caption}</p>${inlined(svg)}</article>
`,
  )}</div></section>`;
}

function meaning({ permutations, given, pairs }: MatrixPage): Html {
  const estimators = [...new Set(pairs.map(({ estimator }) => estimator))].sort();
  return html`<section><h2>What the numbers mean</h2><dl>
<dt>MI</dt><dd>How much one column tells of the other${given.length > 0 && html`, beyond what ${list(given)} tells of both`}: 0 for independent ones, without an upper end. By ${estimators.join(", ")}. It has no direction, and is no evidence of a cause.</dd>
<dt>±</dt><dd>1.96 standard errors: how far so few rows may lie off. It knows nothing of an estimator’s bias.</dd>
<dt>like r</dt><dd>The correlation of two normals with as much information: 0 to 1, for comparing pairs.</dd>
<dt>Pearson r</dt><dd>What a straight line alone sees, −1 to 1; none of categories.</dd>
${
  permutations > 0 &&
  html`<dt>p</dt><dd>The chance of as much evidence if the two were independent, by ${permutations} permutations or more. It goes by evidence of many kinds, not by the MI alone.</dd>
<dt>q</dt><dd>Among all pairs with q ≤ 0.05 about 5 % are expected to be false (Benjamini and Hochberg).</dd>
<dt>p family</dt><dd>The chance of as much evidence in any pair at all. Pairs with p family ≤ 0.05 hold together with 95 % confidence.</dd>`
}
</dl></section>`;
}

function columns({ heatmap, transforms, leftOut, leftOutPairs }: MatrixPage): Html {
  const rest = heatmap.columns.length - MOST_LISTED;
  return html`<section><h2>The columns</h2>
<details><summary>How ${heatmap.columns.length} columns were mapped</summary><div class="scroll" tabindex="0"><table><caption>Mutual information does not change when a column is mapped one to one.</caption>
<thead><tr><th scope="col">column</th><th scope="col">map</th></tr></thead><tbody>${heatmap.columns
    .slice(0, MOST_LISTED)
    .map(
      (name, i) => html`<tr><th scope="row">${named(name)}</th><td class="t">${transforms[i]}</td></tr>
`,
    )}</tbody></table></div>${rest > 0 && html`<p class="soft">and ${rest} more</p>`}</details>
${leftOut.length > 0 && html`<h3>Left out</h3><ul>${leftOut.slice(0, MOST_LISTED).map(({ column, reason }) => html`<li>${named(column)}: ${reason}</li>`)}</ul>${leftOut.length > MOST_LISTED && html`<p class="soft">and ${leftOut.length - MOST_LISTED} more</p>`}`}
${leftOutPairs.length > 0 && html`<h3>Pairs left out</h3><ul>${leftOutPairs.slice(0, MOST_LISTED).map(({ x, y, reason }) => html`<li>${named(x)} × ${named(y)}: ${reason}</li>`)}</ul>${leftOutPairs.length > MOST_LISTED && html`<p class="soft">and ${leftOutPairs.length - MOST_LISTED} more</p>`}`}</section>`;
}

/** What the script says of each square of the heatmap, by the places of both columns in it. */
function heatData(
  { pairs, heatmap, unit }: MatrixPage,
  { order, left, top, cell }: { order: readonly number[]; left: number; top: number; cell: number },
  ids: ReadonlyMap<string, string>,
) {
  const place = new Map(order.map((column, i) => [heatmap.columns[column]!, i]));
  const [says, go]: [Record<string, string>, Record<string, string>] = [{}, {}];
  for (const pair of pairs) {
    const [x, y] = [place.get(pair.x), place.get(pair.y)];
    if (x === undefined || y === undefined) continue;
    const key = `${Math.min(x, y)} ${Math.max(x, y)}`;
    says[key] = inWords(pair, unit);
    const id = ids.get(keyOf(pair.x, pair.y));
    if (id) go[key] = id;
  }
  const names = order.map((column) => plain(shortened(heatmap.columns[column]!)));
  return { names, left, top, cell, says, go };
}

/** A pair in a few lines. */
export function inWords(pair: Pair, unit: Unit): string {
  const { mi, standardError, pearson, p, q, rows, estimator } = pair;
  const error = Number.isFinite(standardError) ? ` ± ${nats(1.96 * standardError, unit)}` : "";
  const r = Number.isNaN(pearson) ? "" : `; Pearson r = ${pearson.toFixed(2).replace("-", "−")}`;
  const tests = p === undefined ? [] : [`p = ${formatNumber(p, 2)}, q = ${chance(q)}`];
  return [
    `MI ${nats(mi, unit)}${error} ${unit}`,
    `like r = ${asCorrelation(mi).toFixed(2)}${r}`,
    ...tests,
    `${rows} rows, ${estimator}`,
  ].join("\n");
}
