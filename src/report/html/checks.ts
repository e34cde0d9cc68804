/** Diagnostics in words: what each one asks, which failed and what to do, which passed. */
import type { Diagnostic } from "../../diagnostic.ts";
import { type Html, html } from "./markup.ts";

/** What each check asks; those that failed say by themselves what to do. */
const QUESTIONS: Readonly<Record<Diagnostic["name"], string>> = {
  copies: "Is every row a sample of its own, and no copy of another?",
  groups: "Are there enough groups of rows?",
  autocorrelation: "Are rows independent of those before them?",
  time: "Are rows far enough apart in time to count as separate?",
  weights: "Are the weights even enough?",
  rows: "Are there enough rows for so many columns?",
  learning: "Had training come to its end?",
  snapshot: "Was the moment to stop chosen by more than luck?",
  "log-partition": "Did the critics learn a density ratio?",
  "effective-sample": "Do many pairs decide the value, and not a few?",
  outputs: "Are the critics’ outputs of a sensible size?",
  explosion: "Do the rows themselves show what the critics say?",
  marginals: "Are there enough pairs to show so much?",
  ceiling: "Are there enough rows to show so much?",
  determined: "Is no side given away by the other?",
  overfitting: "Do held-out rows say what rows seen in training say?",
  disagreement: "Do critics of other starts agree?",
  folds: "Do all parts of the rows say the same?",
  failure: "Did the critics learn anything that holds elsewhere?",
  neighbors: "Do nearest neighbours see no more than the critics?",
  radius: "Do the two sides’ scales say no more than the estimate?",
  pair: "Does one column of each side say no more than all?",
  triple: "Do three columns say no more than all?",
  ties: "Do values repeat seldom enough for neighbours?",
  width: "Are neighbours near enough?",
  levels: "Are there enough rows in each category?",
  scales: "Are the columns on comparable scales?",
  rotations: "Are there enough rotations for the p-value?",
  permuted: "Do shuffled rows share nothing?",
  halves: "Do both halves of the rows say the same?",
  bijection: "Does bending columns change nothing?",
  processing: "Does less of one side tell no more?",
};

/** Of these the message says what would be so if they had failed. */
const OF_FAILURE: ReadonlySet<Diagnostic["name"]> = new Set<Diagnostic["name"]>(["failure", "determined"]);

/** The figures of a check that passed: what its message says before it goes on to what a failure would mean. */
const factsOf = ({ name, message }: Diagnostic): string => (OF_FAILURE.has(name) ? "" : message.split(/[;:] /, 1)[0]!);

/** Words as a sentence, from a capital to a full stop. */
export const sentence = (text: string): string =>
  text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");

/** Checks that failed, open, and those that passed, folded. */
export function checkList(all: readonly Diagnostic[], noun = "check"): Html {
  const failed = all.filter(({ ok }) => !ok);
  const passed = all.filter(({ ok }) => ok);
  const count = `${passed.length} ${noun}${passed.length === 1 ? "" : "s"} passed`;
  return html`${failed.map(
    ({ name, message }) => html`<div class="warn"><p><b>${QUESTIONS[name]}</b> <span class="soft">(${name})</span></p>
<p>${sentence(message)}</p></div>
`,
  )}${
    passed.length > 0 &&
    html`<details><summary>${count}</summary>
<ul>${passed.map(
      (
        check,
      ) => html`<li><b>${QUESTIONS[check.name]}</b> Yes. <span class="soft">${sentence(factsOf(check) || check.name)}</span></li>
`,
    )}</ul></details>`
  }`;
}

/** The names of those that failed. */
export const failedNames = (all: readonly { name: string; ok: boolean }[]): string[] =>
  all.filter(({ ok }) => !ok).map(({ name }) => name);

/** Whether something failed, as one line. */
export function flag(all: readonly Diagnostic[]): Html {
  const failed = failedNames(all);
  if (all.length === 0) return html``;
  return failed.length === 0
    ? html`<p class="flag good">✓ all ${all.length} checks passed</p>`
    : html`<p class="flag bad">! ${failed.length} of ${all.length} checks failed: ${failed.join(", ")}</p>`;
}
