/** The page of the paper's figures and tables: each with its picture, and a verdict for each claim. */
import { formatDuration } from "../text.ts";
import { type Html, html, inlined } from "./markup.ts";
import { pageOf } from "./page.ts";
import { repeatSection } from "./repeat.ts";
import type { Repeat } from "./told.ts";

/** One figure or table. */
export interface PaperPart {
  name: string;
  title: string;
  why: string;
  setting: string;
  verdicts: readonly { status: "holds" | "fails" | "scale"; claim: string; measured: string }[];
  svg: string;
  /** Its data as a table, if it is one: the first row is the heading. */
  rows?: readonly (readonly string[])[] | undefined;
  seconds: number;
  adapter: string;
}

/** What {@link paperPage} shows. */
export interface PaperPage {
  parts: readonly PaperPart[];
  repeat: Repeat;
  version: string;
}

/** Rows of a part's table, at most; its own file has all. */
const MOST_ROWS = 60;

const WORDS = {
  holds: html`<span class="ok">✓ holds</span>`,
  fails: html`<span class="no">✗ does not hold</span>`,
  scale: html`<span class="un">– this run is too short</span>`,
} as const;

/** One self-contained HTML file of what was reproduced. */
export function paperPage({ parts, repeat, version }: PaperPage): Promise<string> {
  const all = parts.flatMap(({ verdicts }) => verdicts);
  const count = (status: keyof typeof WORDS) => all.filter((verdict) => verdict.status === status).length;
  const [holds, fails, short] = [count("holds"), count("fails"), count("scale")];
  const seconds = parts.reduce((sum, part) => sum + part.seconds, 0);
  const body = html`<header><p class="over">${parts.length} figures and tables of “Regularized Mutual Information Neural Estimation”</p>
<h1>Does it reproduce?</h1></header>
<div class="answer"><p class="big">${holds} <small>of ${all.length} claims hold</small></p>
<p class="beside">do not hold<br><b>${fails}</b></p><p class="beside">not to be expected of so short a run<br><b>${short}</b></p></div>
${parts.length > 1 && contents(parts)}
${parts.map(partOf)}
${repeatSection(repeat)}`;
  const adapters = [...new Set(parts.map(({ adapter }) => adapter))].join("; ");
  const foot = html`<p>remine ${version} on ${adapters}, ${formatDuration(seconds)}.</p>`;
  return pageOf({ title: `${holds} of ${all.length} claims of the paper hold`, body, foot });
}

function contents(parts: readonly PaperPart[]): Html {
  return html`<div class="scroll" tabindex="0"><table><caption>All parts</caption>
<thead><tr><th scope="col">part</th><th scope="col">claims</th></tr></thead>
<tbody>${parts.map(({ name, title, verdicts }) => {
    const holds = verdicts.filter(({ status }) => status === "holds").length;
    return html`<tr><th scope="row"><a href="#${name}">${title}</a></th><td>${holds} of ${verdicts.length} hold</td></tr>
`;
  })}</tbody></table></div>`;
}

function partOf({ name, title, why, setting, verdicts, svg, rows, seconds }: PaperPart): Html {
  return html`<section id="${name}"><h2>${title}</h2><p>${why}</p>
<figure class="wide" tabindex="0">${inlined(svg)}<figcaption>${setting}; ${formatDuration(seconds)}.</figcaption></figure>
<div class="scroll" tabindex="0"><table><caption>What the paper claims, and what was measured</caption>
<thead><tr><th scope="col">claim</th><th scope="col">measured</th><th scope="col">verdict</th></tr></thead>
<tbody>${verdicts.map(
    ({
      status,
      claim,
      measured,
    }) => html`<tr><td class="t">${claim}</td><td class="t">${measured}</td><td>${WORDS[status]}</td></tr>
`,
  )}</tbody></table></div>
${rows && rows.length > 1 && dataTable(rows)}</section>
`;
}

function dataTable(rows: readonly (readonly string[])[]): Html {
  const [heads = [], ...lines] = rows;
  const more = lines.length - MOST_ROWS;
  const isNumber = heads.map((_, c) =>
    lines.every((line) => (line[c] ?? "") === "" || Number.isFinite(Number(line[c]))),
  );
  return html`<details><summary>The data${more > 0 && `: the first ${MOST_ROWS} of ${lines.length} rows`}</summary>
<div class="scroll" tabindex="0"><table><caption>As its .csv file has it</caption><thead><tr>${heads.map((name, c) => html`<th scope="col"${isNumber[c] && html` class="n"`}>${name}</th>`)}</tr></thead>
<tbody>${lines.slice(0, MOST_ROWS).map(
    (line) => html`<tr>${line.map((value, c) => html`<td${isNumber[c] && html` class="n"`}>${value}</td>`)}</tr>
`,
  )}</tbody></table></div></details>`;
}
