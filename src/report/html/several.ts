/** The page of several estimators side by side. */
import { rangesFigure } from "../ranges.ts";
import { formatDuration, type Unit } from "../text.ts";
import { failedNames, sentence } from "./checks.ts";
import { type Html, html, inlined } from "./markup.ts";
import { howRead, pageOf } from "./page.ts";
import { repeatSection } from "./repeat.ts";
import type { Method, Names, Repeat, Told } from "./told.ts";
import { nats, question, symbolText } from "./words.ts";

/** What one estimator said, or why it could not. */
export interface Side {
  estimator: string;
  method: Method;
  result?: Told | undefined;
  reason?: string | undefined;
}

/** What {@link severalPage} shows. */
export interface SeveralPage {
  names: Names;
  unit: Unit;
  rows: number;
  sides: readonly Side[];
  notes: readonly string[];
  repeat: Repeat;
  version: string;
  adapter: string;
}

/** One self-contained HTML file of a table of estimators. */
export function severalPage(page: SeveralPage): Promise<string> {
  const { names, unit, rows, sides, notes, repeat, version, adapter } = page;
  const answered = sides.flatMap(({ estimator, result }) => (result ? [{ estimator, result }] : []));
  const svg = rangesFigure({
    title: "All estimators on one axis",
    unit,
    ranges: answered.map(({ estimator, result }) => ({ name: estimator, value: result.mi, interval: result.interval })),
  });
  const seconds = answered.reduce((sum, { result }) => sum + result.seconds, 0);
  const body = html`<header><p class="over">${answered.length} estimators · ${rows.toLocaleString("en-US")} rows</p>
<h1>${question(names)}</h1></header>
<p class="lede">The same rows through each of them, with the same folds. A lower bound and an upper bound should lie on either side of the truth, and those without a bound between them; where they disagree by more than their intervals, look at the checks that failed.</p>
<figure class="wide" tabindex="0">${inlined(svg)}</figure>
${sideTable(sides, unit)}
<section><h2>Which is what</h2><dl>${sides.map(
    ({
      estimator,
      method,
    }) => html`<dt>${estimator}</dt><dd>${method.title}: ${method.statement}. <span class="soft">${method.paper}.</span></dd>
`,
  )}</dl></section>
<section><h2>Failed checks</h2>${failed(answered)}</section>
${howRead(notes)}
${repeatSection(repeat)}`;
  const foot = html`<p>remine ${version} on ${adapter}, ${formatDuration(seconds)}.</p>`;
  return pageOf({ title: `${symbolText(names)} by ${answered.length} estimators`, body, foot });
}

function sideTable(sides: readonly Side[], unit: Unit): Html {
  return html`<div class="scroll" tabindex="0"><table class="sortable"><caption>Each estimator with its interval</caption>
<thead><tr><th scope="col">estimator</th><th scope="col" class="n" data-first="descending">MI (${unit})</th><th scope="col" class="n">from</th><th scope="col" class="n">to</th><th scope="col">bound</th><th scope="col">failed checks</th></tr></thead>
<tbody>${sides.map(({ estimator, method, result, reason }) => {
    const cell = (value: number | undefined) =>
      html`<td class="n">${value === undefined ? "" : nats(value, unit)}</td>`;
    const fails = failedNames(result?.diagnostics ?? []);
    return html`<tr><th scope="row">${estimator}</th>${[result?.mi, ...(result?.interval ?? [undefined, undefined])].map(cell)}<td>${method.bound}</td><td class="t">${result ? fails.join(", ") || "none" : reason}</td></tr>
`;
  })}</tbody></table></div>`;
}

/** Each failed check once, with those of whom it is said. */
function failed(answered: readonly { estimator: string; result: Told }[]): Html {
  const by = new Map<string, { name: string; message: string; of: string[] }>();
  for (const { estimator, result } of answered) {
    for (const { name, message } of result.diagnostics.filter(({ ok }) => !ok)) {
      const known = by.get(message) ?? { name, message, of: [] };
      known.of.push(estimator);
      by.set(message, known);
    }
  }
  if (by.size === 0) return html`<p>None.</p>`;
  return html`${[...by.values()].map(
    ({
      name,
      message,
      of,
    }) => html`<div class="warn"><p><b>${name}</b> <span class="soft">${of.length === answered.length ? "all of them" : of.join(", ")}</span></p><p>${sentence(message)}</p></div>
`,
  )}`;
}
