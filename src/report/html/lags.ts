/** The page of several distances in time. */
import { formatDuration, formatEstimate, formatNumber, type Unit } from "../text.ts";
import { failedNames, sentence } from "./checks.ts";
import { type Html, html, inlined, list } from "./markup.ts";
import { howRead, pageOf } from "./page.ts";
import { repeatSection } from "./repeat.ts";
import type { Names, Repeat } from "./told.ts";
import { chance, nats, symbolText } from "./words.ts";

/** What is known of one lag, nats. */
interface OneLag {
  lag: number;
  mi: number;
  interval: readonly [number, number];
  bound: number;
  p?: number | undefined;
  pFamily?: number | undefined;
  diagnostics: readonly { name: string; ok: boolean }[];
}

/** What {@link lagsPage} shows. A `LagsResult` has most of it. */
export interface LagsPage {
  names: Names;
  unit: Unit;
  result: {
    lags: readonly OneLag[];
    best: OneLag;
    history: number;
    rows: number;
    estimator: string;
    permutations: number;
    permuted?: string | undefined;
    seconds: number;
    adapter: string;
  };
  /** MI over lag, as `--plot` draws it. */
  figure: string;
  /** The best lag as a sentence. */
  best: string;
  /** What failed, each with its lags. */
  failures: readonly string[];
  notes: readonly string[];
  repeat: Repeat;
  version: string;
}

/** One self-contained HTML file of MI by lag, or of transfer entropy. */
export function lagsPage(page: LagsPage): Promise<string> {
  const { names, unit, result, figure, best, failures, notes, repeat, version } = page;
  const { history, rows, permutations, permuted } = result;
  const asks =
    history > 0 ? "how long before does it tell what the past of" : "at which distance in time does it tell about";
  const [value] = formatEstimate(result.best.mi, result.best.interval, unit).split(" ");
  const body = html`<header><p class="over">${history > 0 ? "Transfer entropy" : "Mutual information by lag"} · ${rows.toLocaleString("en-US")} rows in time</p>
<h1>${list(names.x)}: ${asks} ${list(names.y)}${history > 0 && " does not"}?</h1></header>
<div class="answer"><p class="big">${value} <small>${unit}</small></p>
<p class="beside">at lag<br><b>${result.best.lag}</b></p>${
    result.best.pFamily !== undefined &&
    html`<p class="beside">family p over ${result.lags.length} lags<br><b>${formatNumber(result.best.pFamily, 2)}</b></p>`
  }</div>
<p class="lede">${sentence(best.trim())}${(result.best.pFamily ?? 0) > 0.05 && " No lag is told from chance."}</p>
${failures.length === 0 ? html`<p class="flag good">✓ all checks passed at all lags</p>` : html`<p class="flag bad">! ${failures.length} ${failures.length === 1 ? "check" : "checks"} failed</p>`}
<figure class="wide" tabindex="0">${inlined(figure)}<figcaption>All lags have the same rows and the same folds, so that they can be compared. The band is the interval of each lag by itself; the largest of many is too large by chance, which only the family p takes into account.</figcaption></figure>
${lagTable(page)}
<section><h2>What the numbers mean</h2><dl>
<dt>lag</dt><dd>Rows from x to y. Below 0, y comes first.</dd>
<dt>MI</dt><dd>${history > 0 ? `What x tells of y beyond y’s own last ${history} values: transfer entropy. It is no evidence of a cause where both follow a third.` : "What x and y that many rows later tell of each other; 0 for independent ones. Both may go on from their own past, which --transfer takes out."}</dd>
${permutations > 0 && html`<dt>p</dt><dd>By ${permutations} permutations: ${permuted}. Family p holds for all lags together, so also for one that was chosen as the best.</dd>`}
</dl></section>
<section><h2>Can it be trusted?</h2>${
    failures.length === 0
      ? html`<p>No check failed at any lag.</p>`
      : failures.map(
          (line) => html`<div class="warn"><p>${sentence(line)}</p></div>
`,
        )
  }</section>
${howRead(notes)}
${repeatSection(repeat)}`;
  const foot = html`<p>remine ${version}, ${result.estimator}, on ${result.adapter}, ${formatDuration(result.seconds)}.</p>`;
  return pageOf({ title: `${symbolText(names)} by lag`, body, foot });
}

function lagTable({ result, unit }: LagsPage): Html {
  const tested = result.permutations > 0;
  const heads = ["lag", `MI (${unit})`, "from", "to", ...(tested ? ["p", "family p"] : [])];
  const cell = (value: string) => html`<td class="n">${value}</td>`;
  return html`<div class="scroll" tabindex="0"><table class="sortable"><caption>Each lag with its interval</caption>
<thead><tr>${heads.map((name) => html`<th scope="col" class="n">${name}</th>`)}<th scope="col">failed checks</th></tr></thead>
<tbody>${result.lags.map(
    (
      one,
    ) => html`<tr><th scope="row" class="n">${one.lag}${one.lag === result.best.lag && " ★"}</th>${[one.mi, ...one.interval].map((value) => cell(nats(value, unit)))}${tested && [one.p, one.pFamily].map((value) => cell(chance(value)))}<td>${failedNames(one.diagnostics).join(", ")}</td></tr>
`,
  )}</tbody></table></div>`;
}
