/** Numbers of information in words. */
import { asCorrelation } from "../../math/scale.ts";
import { formatEstimate, formatNumber, fromNats, type Unit } from "../text.ts";
import { type Html, html, list, shortened } from "./markup.ts";
import type { Names } from "./told.ts";

/** "I(age; income | region)" of plain names. */
export const symbol = ({ x, y, given }: Names): Html =>
  html`I(${list(x, 3)}; ${list(y, 3)}${given && html` | ${list(given, 3)}`})`;

/** The same as text, of short names. */
export function symbolText({ x, y, given }: Names): string {
  const side = (names: readonly string[]) =>
    names.length > 3
      ? `${shortened(names[0]!, 40)}, … (${names.length})`
      : names.map((name) => shortened(name, 40)).join(", ");
  return `I(${side(x)}; ${side(y)}${given ? ` | ${side(given)}` : ""})`;
}

/** The question that an estimate answers. */
export function question({ x, y, given, versus }: Names): Html {
  const about = html`about ${list(y)}${given && html` beyond what ${list(given)} tells already`}`;
  if (versus) return html`Does ${list(x)} or ${list(versus)} tell more ${about}?`;
  return html`How much does ${list(x)} tell ${about}?`;
}

/** A number of nats in a unit, with its unit. */
export const amount = (nats: number, unit: Unit): string => formatEstimate(nats, undefined, unit);

/** The ends of an interval without brackets. */
export function ends(interval: readonly [number, number], unit: Unit): string {
  const text = formatEstimate(interval[0], interval, unit);
  const [, from, to] = /\[(.*), (.*)\]/.exec(text) ?? [];
  return from === undefined ? text : `${from} to ${to}`;
}

/** How many times as likely as by chance the other side becomes, geometric mean over rows. */
export function times(nats: number): string {
  const factor = Math.exp(nats);
  return `${formatNumber(factor, factor < 10 ? 2 : 3)} times`;
}

/** The correlation of two normals with as much information, with its interval. */
export function likeNormals(mi: number, interval: readonly [number, number]): string {
  const [low, high] = interval.map((nats) => asCorrelation(nats).toFixed(2));
  return `${asCorrelation(mi).toFixed(2)} [${low}, ${high}]`;
}

/** Whether there is dependence at all, as far as an interval and a p-value say. */
export function isThere(
  interval: readonly [number, number],
  independence: { p: number; permutations: number; permuted: string } | undefined,
): string {
  const above = interval[0] > 0;
  const byInterval = above
    ? "The interval lies above 0: there is dependence."
    : "The interval reaches 0: by it alone, independence is not ruled out.";
  if (!independence) return above ? byInterval : `${byInterval} --permutations 199 tests it.`;
  const { p, permutations, permuted } = independence;
  return `p = ${formatNumber(p, 2)} that nothing is there, by ${permutations} permutations (${permuted}). ${byInterval}`;
}

/** The sentence that says which of two tells more. */
export function whichTellsMore(
  names: Names,
  {
    more,
    difference,
    interval,
  }: { more: "x" | "versus" | "unclear"; difference: number; interval: readonly [number, number] },
  unit: Unit,
): Html {
  const { x, y, versus = [] } = names;
  const isX = more !== "versus";
  const sign = isX ? 1 : -1;
  const range = interval.map((end) => sign * end).sort((a, b) => a - b) as [number, number];
  const by = formatEstimate(sign * difference, range, unit);
  if (more === "unclear")
    return html`These rows cannot tell which of the two tells more about ${list(y)}: the difference is ${by}.`;
  const [winner, loser] = isX ? [x, versus] : [versus, x];
  return html`${list(winner)} tells more about ${list(y)} than ${list(loser)}: ${by} more.`;
}

/** A cell of a table for a number of nats. */
export const nats = (value: number, unit: Unit, digits = 3): string =>
  Number.isFinite(value) ? fromNats(value, unit).toFixed(digits) : value > 0 ? "∞" : "–";

/** A p-value for a table. */
export const chance = (value: number | undefined): string => (value === undefined ? "" : formatNumber(value, 2));
