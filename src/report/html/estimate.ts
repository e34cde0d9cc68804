/** The page of one estimate, or of two that are compared. */
import { rangesFigure } from "../ranges.ts";
import { formatDuration, formatEstimate, fromNats, type Unit } from "../text.ts";
import { checkList, flag } from "./checks.ts";
import { type Content, type Html, html, inlined, named, shortened } from "./markup.ts";
import { howRead, pageOf } from "./page.ts";
import { repeatSection } from "./repeat.ts";
import type { Method, Names, Repeat, Told } from "./told.ts";
import { amount, ends, isThere, likeNormals, question, symbol, symbolText, times, whichTellsMore } from "./words.ts";

/** A picture of rows, and what is to be said below it. */
export interface Picture {
  svg: string;
  caption: string;
}

/** What one estimate's part of a page shows. */
export interface EstimatePart {
  names: Names;
  result: Told;
  /** The curve and the histogram of pointwise MI. */
  figure: string;
  /** What the columns are taken for, by side. */
  kinds: { x: readonly string[]; y: readonly string[]; given?: readonly string[] | undefined };
  scatter?: Picture | undefined;
  /** Of two categories, the share of the smaller entropy. */
  shareOfEntropy?: number | undefined;
  /** Of one number on each side: Pearson's r, and what would be there if both were normal, nats. */
  linear?: { r: number; mi: number } | undefined;
  /** Of several columns, how much of the pointwise MI's variance goes along with each, 0 to 1. */
  along?: readonly { name: string; share: number }[] | undefined;
}

/** What {@link estimatePage} shows. */
export interface EstimatePage extends EstimatePart {
  unit: Unit;
  confidence: number;
  method: Method;
  /** With X′: the difference and its own part. */
  versus?:
    | { more: "x" | "versus" | "unclear"; difference: number; interval: readonly [number, number]; other: EstimatePart }
    | undefined;
  /** What was said of the rows: how cells were read, what was left out. */
  notes: readonly string[];
  repeat: Repeat;
  version: string;
}

/** One self-contained HTML file of an estimate. */
export function estimatePage(page: EstimatePage): Promise<string> {
  const { names, result, unit, versus, repeat, version, notes } = page;
  const body = html`${head(page)}
${versus ? comparison(page, versus) : answer(page)}
${meaning(page)}
${picture(page)}
${versus && html`<h2>${symbol(versus.other.names)}</h2>${answer({ ...page, ...versus.other })}${picture({ ...page, ...versus.other })}`}
${trust(page)}
${opinions(page)}
${columns(page)}
${howRead(notes)}
${repeatSection(repeat)}`;
  const foot = html`<p>remine ${version}, ${result.estimator}, on ${result.adapter}, ${formatDuration(result.seconds)}.</p>`;
  return pageOf({ title: `${symbolText(names)} = ${formatEstimate(result.mi, result.interval, unit)}`, body, foot });
}

const head = ({ names, result }: EstimatePage): Html => html`<header>
<p class="over">Mutual information${result.terms && ", conditional"} · ${result.rows.toLocaleString("en-US")} rows</p>
<h1>${question(names)}</h1>
</header>`;

const percentOf = (share: number) => String(Number((100 * share).toPrecision(4)));

/** The number large, with its interval. */
export function answer({
  names,
  result,
  unit,
  confidence,
  linear,
}: Pick<EstimatePage, "names" | "result" | "unit" | "confidence" | "linear">): Html {
  const { mi, interval, bound, diagnostics } = result;
  const [value] = formatEstimate(mi, interval, unit).split(" ");
  const svg = rangesFigure({
    title: `${symbolText(names)} on an axis`,
    ...{ unit, ranges: [{ name: "", value: mi, interval, bound }] },
    ...(linear &&
      Number.isFinite(linear.mi) && {
        reference: { name: `by Pearson’s r = ${linear.r.toFixed(2)} alone`, value: linear.mi },
      }),
  });
  return html`<div class="answer"><p class="big">${value} <small>${unit}</small></p>
<p class="beside">${percentOf(confidence)} % interval<br><b>${ends(interval, unit)} ${unit}</b></p>
<p class="beside">as two normals with correlation<br><b>${likeNormals(mi, interval)}</b></p></div>
${flag(diagnostics)}
<figure>${inlined(svg)}</figure>`;
}

function comparison(page: EstimatePage, versus: NonNullable<EstimatePage["versus"]>): Html {
  const { names, result, unit } = page;
  const { other } = versus;
  const nameOf = (columns: readonly string[]) => shortened(columns.join(", "), 40);
  const svg = rangesFigure({
    title: "Both values and their difference",
    unit,
    ranges: [
      { name: nameOf(names.x), value: result.mi, interval: result.interval },
      { name: nameOf(names.versus ?? []), value: other.result.mi, interval: other.result.interval },
      { name: "difference", value: versus.difference, interval: versus.interval },
    ],
  });
  return html`<p class="lede">${whichTellsMore(names, versus, unit)}</p>
<figure class="wide">${inlined(svg)}<figcaption>Both were estimated on the same rows with the same folds, so the difference has an interval of its own, which knows what the two have in common.</figcaption></figure>
<h2>${symbol({ x: names.x, y: names.y, given: names.given })}</h2>
${answer(page)}`;
}

const row = (term: string, words: Content) => html`<dt>${term}</dt><dd>${words}</dd>
`;

/** What each number means here. */
function meaning(page: EstimatePage): Html {
  const { result, unit, confidence, method, linear, shareOfEntropy } = page;
  const { mi, bound, interval, upperFrom, independence, weights, units, sample } = result;
  const beyond = result.terms ? ", beyond what Z says of both" : "";
  const certain = result.kind === "trained" && method.bound === "lower";
  return html`<section><h2>What the number means</h2><dl>
${row("value", `${formatEstimate(mi, interval, unit).replace(/ \[.*/, "")}: knowing X makes the Y of a row ${times(mi)} as likely as it would be by chance${beyond} (geometric mean over rows). 0 means that the two are independent. It has no direction, and it is no evidence of a cause.`)}
${row("is it there?", isThere(interval, independence))}
${certain && row("bound", `At least ${amount(bound, unit)}, by rows that no critic was trained on: up to sampling error the true value is not below. The value may be higher than the bound, by what critics are seen to miss.`)}
${row("interval", `${ends(interval, unit)} ${unit}: made this way, about ${percentOf(confidence)} of 100 intervals hold the true value, where the checks below pass. Its upper end: ${upperFrom}.`)}
${row("like normals", `Two jointly normal columns with a correlation of ${likeNormals(mi, interval)} share as much. That can be compared between columns.`)}
${linear && row("straight line", `Pearson’s r is ${linear.r.toFixed(2)}: if the two were jointly normal, that would be ${amount(linear.mi, unit)}. What is above it is no straight line.`)}
${shareOfEntropy !== undefined && row("share", `${(100 * shareOfEntropy).toFixed(0)} % of what there is to know of the side that has less to tell.`)}
${Object.entries(result.terms ?? {}).map(([name, { raw }]) => row(name, `${amount(raw, unit)}; the value is the difference of the two.`))}
${row("estimator", `${method.title}: ${method.statement}. ${method.paper}.`)}
${weights && row("weights", `Worth ${Math.round(weights.effective)} rows of equal weight${weights.unused > 0 ? `; ${weights.unused} rows of weight 0 are not used` : ""}.`)}
${units && row("dependent rows", `${units.count} units of rows count as one each in the interval${units.correlationTime === undefined ? "" : `; rows are correlated over ${units.correlationTime}`}.`)}
${sample && row("rows", sample.reason)}
</dl></section>`;
}

function picture({ figure, scatter, along, result }: EstimatePart): Html {
  const isTrained = result.kind === "trained";
  const means =
    "How much more likely than by chance each row’s pair is, as a logarithm: rows below 0 are pairs that chance makes more often.";
  const words = isTrained
    ? `Left, the critics’ training, looked at on rows that they do not learn from. Right, pointwise MI of rows that no critic had seen, whose mean is the bound. ${means}`
    : `${means} Their mean is the estimate.`;
  return html`<section><h2>The picture</h2>
${scatter && html`<figure>${inlined(scatter.svg)}<figcaption>${scatter.caption}</figcaption></figure>`}
<figure${isTrained && html` class="wide" tabindex="0"`}>${inlined(figure)}<figcaption>${words}</figcaption></figure>
${along && along.length > 0 && alongTable(along)}
</section>`;
}

function alongTable(along: NonNullable<EstimatePart["along"]>): Html {
  return html`<div class="scroll" tabindex="0"><table><caption>Where the information lies: the share of the pointwise MI’s variance that goes along with a column (between tenths of its rows, less what chance makes). Shares of columns overlap.</caption>
<thead><tr><th scope="col">column</th><th scope="col" class="n">share</th></tr></thead>
<tbody>${along.map(
    ({
      name,
      share,
    }) => html`<tr><th scope="row">${named(name)}</th><td class="n">${(100 * share).toFixed(0)} %</td></tr>
`,
  )}</tbody></table></div>`;
}

function trust({ result, versus }: EstimatePage): Html {
  const { diagnostics, checks } = result;
  const known = new Set(diagnostics.map(({ message }) => message));
  const others = (versus?.other.result.diagnostics ?? []).filter((check) => !check.ok && !known.has(check.message));
  return html`<section><h2>Can it be trusted?</h2>
${diagnostics.length === 0 ? html`<p>This estimator has no checks of its own.</p>` : checkList(diagnostics)}
${others.length > 0 && html`<h3>Of ${versus && symbol(versus.other.names)} alone</h3>${checkList(others)}`}
${checks && html`<h3>Tried on these rows</h3><p>What must hold of any mutual information, whoever estimates it.</p>${checkList(checks)}`}
</section>`;
}

/** What second opinions are called, and what they look at. */
const METHODS: Readonly<Record<string, string>> = {
  ksg: "nearest neighbours (KSG)",
  "mixed-ksg": "nearest neighbours (Mixed KSG)",
  "gaussian-copula": "ranks, as if jointly normal",
  radius: "distances from the centres alone",
  pair: "one column of each side",
  triple: "two columns of one side, one of the other",
};

function opinions({ result, unit }: EstimatePage): Html | undefined {
  if (result.opinions.length === 0) return undefined;
  return html`<section><h2>Second opinions</h2>
<div class="scroll" tabindex="0"><table><caption>What other methods see in the same rows</caption>
<thead><tr><th scope="col">method</th><th scope="col" class="n">MI (${unit})</th><th scope="col" class="n">± standard error</th><th scope="col">remark</th></tr></thead>
<tbody>${result.opinions.map(
    ({
      method,
      mi,
      standardError,
      remark,
    }) => html`<tr><th scope="row">${METHODS[method] ?? method}</th><td class="n">${fromNats(mi, unit).toFixed(3)}</td><td class="n">${Number.isFinite(standardError) ? fromNats(standardError, unit).toFixed(3) : "–"}</td><td class="t">${remark ?? "no objection"}</td></tr>
`,
  )}</tbody></table></div></section>`;
}

/** Columns of a side that the table names; of more it says how many. */
const MOST_COLUMNS = 100;

function columns({ names, kinds, result, versus }: EstimatePage): Html {
  const { transforms } = result;
  const sides = [
    { side: "X", names: names.x, kinds: kinds.x, maps: transforms.x },
    { side: "Y", names: names.y, kinds: kinds.y, maps: transforms.y },
    ...(names.given ? [{ side: "Z", names: names.given, kinds: kinds.given ?? [], maps: transforms.given ?? [] }] : []),
    ...(names.versus && versus
      ? [{ side: "X′", names: names.versus, kinds: versus.other.kinds.x, maps: versus.other.result.transforms.x }]
      : []),
  ];
  const rows = sides.flatMap(({ side, names, kinds }) =>
    names.slice(0, MOST_COLUMNS).map((name, i) => ({ side, name, kind: kinds[i] ?? "" })),
  );
  const hidden = sides.reduce((sum, { names }) => sum + Math.max(0, names.length - MOST_COLUMNS), 0);
  return html`<section><h2>The columns</h2>
<div class="scroll" tabindex="0"><table><caption>What each column was taken for</caption>
<thead><tr><th scope="col">side</th><th scope="col">column</th><th scope="col">taken for</th></tr></thead>
<tbody>${rows.map(
    ({ side, name, kind }) => html`<tr><td>${side}</td><th scope="row">${named(name)}</th><td>${kind}</td></tr>
`,
  )}</tbody></table></div>
${hidden > 0 && html`<p class="soft">${hidden} more columns are not listed.</p>`}
<p>How they were mapped; mutual information does not change when a column is mapped one to one:</p>
<dl>${sides.map(({ side, maps }) => {
    const different = [...new Set(maps)];
    return row(
      side,
      html`${different.slice(0, MOST_MAPS).map((map, i) => html`${i > 0 && html`<br>`}${map}`)}${different.length > MOST_MAPS && html`<br>and ${different.length - MOST_MAPS} more`}`,
    );
  })}</dl></section>`;
}

const MOST_MAPS = 12;
