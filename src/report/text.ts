/** The unit in which information is shown; every computation is in nats. */
export type Unit = "nats" | "bits";

/** Converts nats to the unit in which they are shown. */
export function fromNats(nats: number, unit: Unit): number {
  return unit === "bits" ? nats / Math.LN2 : nats;
}

/**
 * A number with a count of significant digits, without an exponent from 1e-4 up to 1e6; whole digits are never dropped.
 *
 * @example formatNumber(0.8123, 2) // "0.81"
 */
export function formatNumber(value: number, digits = 3): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return "0";
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  if (size < 1e-4 || size >= 1e6) return rounded.toExponential(digits - 1).replace("e+", "e");
  return value.toFixed(Math.max(0, digits - 1 - Math.floor(Math.log10(size))));
}

/**
 * An estimate with its unit and interval; how many decimals are shown follows from the width of the interval.
 * Takes nats.
 *
 * @example formatEstimate(0.8123, [0.779, 0.851], "nats") // "0.812 nats [0.78, 0.85]"
 */
export function formatEstimate(estimate: number, interval: readonly [number, number] | undefined, unit: Unit): string {
  const fixed = (x: number, decimals: number) => {
    const shown = Math.abs(x) < 1e6 ? x.toFixed(decimals) : formatNumber(x, 3);
    return Number(shown) === 0 ? shown.replace("-", "") : shown;
  };
  const bounds = (interval ?? []).map((bound) => fromNats(bound, unit));
  const width = Math.abs(bounds[1]! - bounds[0]!);
  const decimals =
    width > 0 && width < Number.POSITIVE_INFINITY ? Math.min(5, Math.max(1, Math.ceil(-Math.log10(width / 2.5)))) : 2;
  const range = bounds.every(Number.isFinite) ? bounds.map((bound) => fixed(bound, decimals)).join(", ") : "";
  return `${fixed(fromNats(estimate, unit), decimals + 1)} ${unit}${range ? ` [${range}]` : ""}`;
}

/**
 * A length of time in its two leading units.
 *
 * @example formatDuration(80) // "1 min 20 s"
 */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "?";
  const whole = Math.round(seconds);
  if (whole < 1) return "< 1 s";
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string) =>
    small ? `${big} ${bigUnit} ${small} ${smallUnit}` : `${big} ${bigUnit}`;
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(Math.floor(whole / 60), "min", whole % 60, "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return pair(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(seconds / 3600);
  return pair(Math.floor(hours / 24), "d", hours % 24, "h");
}

const UNPRINTABLE = /[^\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Text without control characters, so that a column's name can neither move a terminal's cursor nor reorder a line. */
export function plain(text: string): string {
  return text.replace(/[\t\n\r]/g, " ").replace(UNPRINTABLE, "\ufffd");
}

/** A curve as one line of block characters, at most `width` of them; each shows a mean, and gaps show as spaces. */
export function sparkline(values: ArrayLike<number>, width: number): string {
  const bins = Math.max(0, Math.min(Math.floor(width), values.length));
  const means = Array.from({ length: bins }, (_, bin) => {
    let [sum, count] = [0, 0];
    for (let i = Math.floor((bin * values.length) / bins); i < Math.floor(((bin + 1) * values.length) / bins); i++)
      if (Number.isFinite(values[i])) [sum, count] = [sum + values[i]!, count + 1];
    return sum / count;
  });
  const finite = means.filter(Number.isFinite);
  const [lo, hi] = [Math.min(...finite), Math.max(...finite)];
  const block = (mean: number) => "▁▂▃▄▅▆▇█"[hi > lo ? Math.round(((mean - lo) / (hi - lo)) * 7) : 3]!;
  return means.map((mean) => (Number.isFinite(mean) ? block(mean) : " ")).join("");
}

/** Escapes text for XML content and attributes, without what XML forbids. */
export function escapeText(text: string): string {
  return plain(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** An estimate of the width of text in pixels, on the safe side for common sans-serif fonts. */
export function textWidth(content: string, size: number): number {
  let em = 0;
  for (const c of content)
    em += /[il.,;:|!'()[\]tfrj ]/.test(c) ? 0.36 : /[A-Zmw%@=+]/.test(c) ? 0.75 : c > "\u2fff" ? 1 : 0.6;
  return em * size;
}

/** Shortens text in the middle until it fits a width. */
export function fitText(content: string, size: number, width: number): string {
  const chars = [...content];
  if (chars.length < 1e4 && textWidth(content, size) <= width) return content;
  let keep = Math.min(chars.length - 1, Math.ceil(width / (size * 0.3)));
  const cut = () =>
    `${chars.slice(0, Math.ceil(keep / 2)).join("")}…${chars.slice(chars.length - Math.floor(keep / 2)).join("")}`;
  while (keep > 1 && textWidth(cut(), size) > width) keep--;
  return cut();
}
