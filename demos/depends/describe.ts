/** A picture of two columns in words, as it was measured: for those who do not see it. */
import { presentLevels, type Side } from "./axes.ts";
import { cellsOf } from "./scatter.ts";
import { isolated } from "./words.ts";

export function describe(x: Side, y: Side): string {
  const rows = x.values.length;
  const [a, b] = [isolated(x.name), isolated(y.name)];
  if (x.levels && y.levels) return `Counts of ${b} for each ${a}, ${rows} rows. ${furthest(x, y)}`;
  const plot = `Scatter plot of ${b} over ${a}, ${rows} rows.`;
  if (x.levels) return `${plot} ${medians(x, y)}`;
  if (y.levels) return `${plot} ${medians(y, x)}`;
  return `${plot} From low to high ${a}, in five parts of as many rows, the median of ${b} is ${fifths(x, y).map(short).join(", ")}.`;
}

const short = (value: number): string => String(Number(value.toPrecision(3))).replace("-", "−");

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

export function fifths(x: Side, y: Side): number[] {
  const rows = Array.from({ length: x.values.length }, (_, i) => i).sort((i, j) => x.values[i]! - x.values[j]!);
  const cut = (part: number) => Math.round((part * rows.length) / 5);
  return [0, 1, 2, 3, 4].map((part) => median(rows.slice(cut(part), cut(part + 1)).map((i) => y.values[i]!)));
}

const MOST_NAMED = 6;

function medians(category: Side, number: Side): string {
  const levels = presentLevels(category).map(({ code, text }) => {
    const values = Array.from(number.values).filter((_, i) => category.values[i] === code);
    return { text, count: values.length, middle: median(values) };
  });
  const named = levels.toSorted((a, b) => b.count - a.count).slice(0, MOST_NAMED);
  const list = named.map(({ text, middle }) => `${isolated(text)} ${short(middle)}`).join(", ");
  const more = levels.length > named.length ? ` and ${levels.length - named.length} rarer ones` : "";
  return `The median of ${isolated(number.name)}: ${list}${more}.`;
}

function furthest(x: Side, y: Side): string {
  const cells = cellsOf(x, y).toSorted((a, b) => b.count - b.expected - (a.count - a.expected));
  const name = ({ levels }: Side, code: number) => isolated(levels![code]!);
  const words = ({ x: a, y: b, count, expected }: (typeof cells)[number]) =>
    `${name(x, a)} with ${name(y, b)}, ${count} rows where chance would put ${expected.toFixed(0)}`;
  return `Furthest above chance: ${words(cells[0]!)}; furthest below: ${words(cells.at(-1)!)}.`;
}
