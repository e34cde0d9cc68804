/** What typed columns say of themselves, and how their values look as texts. */
import { readDate } from "../data/dates.ts";
import { clip, type FileColumn, toNumber } from "../data/table.ts";
import type { ColumnType } from "./column-type.ts";

/** What a value of a file without types is. */
export function typeOf(value: unknown): ColumnType {
  switch (typeof value) {
    case "number":
    case "bigint":
      return { is: "numbers" };
    case "boolean":
      return { is: "booleans" };
    case "string":
      return { is: "texts" };
    default:
      return { is: "other", what: Array.isArray(value) ? "lists" : "objects" };
  }
}

/** A column of a type that is no number and no label: refused when it is selected. */
export const unusable = (name: string, what: string): FileColumn => ({
  ...{ name, kind: "numeric", values: new Float64Array() },
  problem: `column "${name}" holds ${what}, which are neither numbers nor labels. Leave it out, or write what matters of it as columns of single values`,
});

/** How the values of a type became numbers, where that is not plain to see. */
export function unitNotes(type: ColumnType): string[] {
  if (type.is === "dates") return [`dates are numbers, days since 1970-01-01${type.isUtc ? " in UTC" : ""}`];
  if (type.is === "times") return ["times of day are numbers, seconds since midnight"];
  return type.is === "durations" ? ["durations are numbers, in seconds"] : [];
}

/**
 * What is to be said of labels: why numbers in texts are none (an identifier or a postcode is written as text on purpose,
 * for the file could have had numbers), and that words for "no value" are none either.
 *
 * @param words rows that hold such words
 */
export function textNotes(levels: readonly string[], words: number): string[] {
  const areNumbers = levels.every((level) => Number.isFinite(toNumber(level.trim())));
  const numbers = `the file has texts here, such as "${clip(levels[0]!)}", so they are labels; written as numbers they would be numbers`;
  const missing = `words such as "NA" are labels (${words}), for the file has null where there is no value; --missing makes them none`;
  return [...(areNumbers ? [numbers] : []), ...(words > 0 ? [missing] : [])];
}

/** Days since 1970-01-01 as a text: "2024-12-31", or with its time. */
export function dateText(days: number): string {
  const date = new Date(Math.round(days * 864e5));
  return Number.isNaN(date.getTime()) ? String(days) : date.toISOString().replace(/T00:00:00\.000Z$/, "");
}

/** Days of texts that are dates throughout, written with the year first and alike; undefined for others. */
export function datesOf(texts: readonly string[]): { days: number[]; isUtc: boolean } | undefined {
  const days: number[] = [];
  let isUtc: boolean | undefined;
  for (const text of texts) {
    const date = readDate(text);
    if (!date?.isYearFirst) return undefined;
    isUtc ??= date.hasZone;
    if (date.hasZone !== isUtc) return undefined;
    days.push(date.days);
  }
  return isUtc === undefined ? undefined : { days, isUtc };
}
