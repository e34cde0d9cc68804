/** Numbers and names as this page writes them. */

/** A name of a visitor's, in quotes; whatever direction its letters have, it turns none of the words around it. */
export const quoted = (name: string): string => `“${isolated(name)}”`;
export const isolated = (name: string): string => `\u2068${name}\u2069`;

/** p or q. */
export const chance = (value: number): string => (value < 0.001 ? "<0.001" : value.toFixed(3));

/** " = 0.012", or " < 0.001". */
export const chanceIs = (value: number): string => (value < 0.001 ? " < 0.001" : ` = ${chance(value)}`);

/** A correlation; never −0.00. */
export function correlation(r: number): string {
  if (!Number.isFinite(r)) return "–";
  const text = r.toFixed(2);
  return Number(text) === 0 ? "0.00" : text.replace("-", "−");
}

/** Two digits for a cell: .74, 1.3, 12. */
export function brief(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "∞";
  if (value < 0.995) return value.toFixed(2).slice(1);
  return value < 9.95 ? value.toFixed(1) : value.toFixed(0);
}

export const plural = (count: number, noun: string): string =>
  `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
