/** Dates and times as numbers: days since 1970, and their places on the circle of a day, a week, a year. */

/** Which comes first in 03/04/2024. */
export type DateOrder = "day-first" | "month-first";

interface Parsed {
  /** Days since 1970-01-01, in UTC where the cell has a zone and as it stands where it has none. */
  days: number;
  hasZone: boolean;
  /** Absent where day and month could be exchanged, or are written with the year first. */
  order?: DateOrder | undefined;
  isOpen: boolean;
  isYearFirst: boolean;
}

const TIME = String.raw`(?:[T ](\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?\s?(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?`;
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})([-/])(\d{1,2})\2(\d{1,2})${TIME}$`);
const YEAR_LAST = new RegExp(String.raw`^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})${TIME}$`);
const LONGEST = 48;

/** A date that may have a time, with the month first where that is open; undefined for other texts. */
export function readDate(cell: string, order: DateOrder = "month-first"): Parsed | undefined {
  const code = cell.charCodeAt(0);
  if (code < 48 || code > 57 || cell.length < 8 || cell.length > LONGEST) return undefined;
  const plain = readPlain(cell);
  if (plain !== undefined) return { days: plain, hasZone: false, isOpen: false, isYearFirst: true };
  const iso = YEAR_FIRST.exec(cell);
  if (iso) {
    const days = daysOf(Number(iso[1]), Number(iso[3]), Number(iso[4]));
    return withTime(days, iso.slice(5), { isOpen: false, isYearFirst: true });
  }
  const last = YEAR_LAST.exec(cell);
  if (!last) return undefined;
  const [a, b, year] = [Number(last[1]), Number(last[3]), Number(last[4])];
  // Points are written where the day comes first.
  const certain: DateOrder | undefined = last[2] === "." || a > 12 ? "day-first" : b > 12 ? "month-first" : undefined;
  const isDayFirst = (certain ?? order) === "day-first";
  const days = isDayFirst ? daysOf(year, b, a) : daysOf(year, a, b);
  return withTime(days, last.slice(5), {
    order: certain,
    isOpen: certain === undefined && a !== b,
    isYearFirst: false,
  });
}

/** Days of "2024-12-31" or "2024-12-31 23:59:59", as most programs write them, without a pattern. */
function readPlain(cell: string): number | undefined {
  const hasTime = cell.length === 19;
  if (!(hasTime || cell.length === 10) || cell[4] !== "-" || cell[7] !== "-") return undefined;
  const days = daysOf(100 * pairAt(cell, 0) + pairAt(cell, 2), pairAt(cell, 5), pairAt(cell, 8));
  if (Number.isNaN(days)) return undefined;
  if (!hasTime) return days;
  if ((cell[10] !== "T" && cell[10] !== " ") || cell[13] !== ":" || cell[16] !== ":") return undefined;
  return withClock(days, pairAt(cell, 11), pairAt(cell, 14), pairAt(cell, 17));
}

/** A number of two digits; NaN for what is none. */
function pairAt(cell: string, at: number): number {
  const [tens, ones] = [cell.charCodeAt(at) - 48, cell.charCodeAt(at + 1) - 48];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? 10 * tens + ones : Number.NaN;
}

/** Undefined for a time that no day has. */
function withClock(days: number, hours: number, minutes: number, seconds: number, offset = 0): number | undefined {
  if (!(days > -Infinity && hours <= 24 && minutes <= 59 && seconds < 61)) return undefined;
  return days + (3600 * hours + 60 * (minutes - offset) + seconds) / 86400;
}

/** Days since 1970-01-01 in the Gregorian calendar; NaN for a day that it does not have. No Date: a file may have millions. */
function daysOf(year: number, month: number, day: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const last = month === 2 ? 28 + Number(isLeap) : 30 + ((month + (month >> 3)) & 1);
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= last)) return Number.NaN;
  // Years that begin in March end with the day that only some have.
  const years = month > 2 ? year : year - 1;
  const ofYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return 365 * years + Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400) + ofYear - 719468;
}

function withTime(
  days: number,
  [hour = "0", minute = "0", second = "0", zone]: (string | undefined)[],
  rest: Omit<Parsed, "days" | "hasZone">,
): Parsed | undefined {
  const [, sign, east = "0", more = "0"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? "") ?? [];
  const offset = (sign === "-" ? -1 : 1) * (60 * Number(east) + Number(more));
  const all = withClock(days, Number(hour), Number(minute), Number(second), offset);
  return all === undefined ? undefined : { days: all, hasZone: zone !== undefined, ...rest };
}

/** What there is to say of a column of dates. */
interface DatesTold {
  problem?: string;
  note?: string;
  /** Nothing but a caller can say which comes first. */
  asks?: "dates";
}

/** Takes the dates of one column, in the order of its rows. */
export class Dates {
  #first: (Pick<Parsed, "hasZone" | "isYearFirst"> & { row: number; cell: string }) | undefined;
  #order: { order: DateOrder; row: number; cell: string } | undefined;
  /** The first that could have the day or the month first. */
  #open: { row: number; cell: string } | undefined;

  /** @returns days since 1970, or why the cell does not fit those before it */
  take(row: number, cell: string): number | string | undefined {
    const parsed = readDate(cell, this.#order?.order);
    if (!parsed) return undefined;
    const { hasZone, isYearFirst } = parsed;
    this.#first ??= { row, cell, hasZone, isYearFirst };
    if (isYearFirst !== this.#first.isYearFirst) {
      return `is not written like "${this.#first.cell}" in row ${this.#first.row}`;
    }
    if (hasZone !== this.#first.hasZone) {
      return `${hasZone ? "has a" : "has no"} time zone, unlike "${this.#first.cell}" in row ${this.#first.row}`;
    }
    if (parsed.isOpen) this.#open ??= { row, cell };
    if (parsed.order) this.#order ??= { order: parsed.order, row, cell };
    if (parsed.order && parsed.order !== this.#order!.order) {
      return `does not have day and month in the order of "${this.#order!.cell}" in row ${this.#order!.row}`;
    }
    return parsed.days;
  }

  /** Decides what the cells left open. */
  finish(name: string, values: Float64Array, asked: DateOrder | undefined): DatesTold {
    const order = this.#order?.order ?? asked;
    if (this.#open && order === undefined) {
      return { problem: ambiguous(name, this.#open.row, this.#open.cell), asks: "dates" };
    }
    // Cells before the one that told were read with the month first.
    if (this.#open && order === "day-first") exchange(values.subarray(0, (this.#order?.row ?? values.length + 1) - 1));
    const zone = this.#first?.hasZone ? " in UTC" : "";
    const told = this.#open ? `, ${order === "day-first" ? "the day" : "the month"} first` : "";
    return { note: `column "${name}": dates are numbers, days since 1970-01-01${zone}${told}` };
  }
}

function ambiguous(name: string, row: number, cell: string): string {
  const iso = (order: DateOrder) => new Date(readDate(cell, order)!.days * 864e5).toISOString().slice(0, 10);
  return `row ${row}, column "${name}": "${cell}" can be ${iso("day-first")} or ${iso("month-first")}, and no other cell tells. Say --dates day-first or --dates month-first`;
}

/** Day and month of each date that could have them exchanged. */
function exchange(values: Float64Array): void {
  const date = new Date(0);
  for (const [row, value] of values.entries()) {
    const day = Math.floor(value);
    if (Number.isNaN(day)) continue;
    date.setTime(day * 864e5);
    if (date.getUTCDate() <= 12) {
      values[row] = daysOf(date.getUTCFullYear(), date.getUTCDate(), date.getUTCMonth() + 1) + (value - day);
    }
  }
}

/** Turns of a circle since its start, for days since 1970. */
const turns = {
  hour: (days: number) => days - Math.floor(days),
  // 1970-01-01 was a Thursday; Monday is 0.
  weekday: (days: number) => ((((Math.floor(days) + 3) % 7) + 7) % 7) / 7,
  day_of_year: (days: number) => {
    const year = new Date(Math.floor(days) * 864e5).getUTCFullYear();
    const [from, to] = [daysOf(year, 1, 1), daysOf(year + 1, 1, 1)];
    return (Math.floor(days) - from) / (to - from);
  },
  month: (days: number) => new Date(Math.floor(days) * 864e5).getUTCMonth() / 12,
};

/** What can be asked of a date after a colon, as in date:hour. */
export const circles = Object.keys(turns) as Circle[];
export type Circle = keyof typeof turns;

/** Cosine and sine of where each date stands on a circle, so that its end is near its start. NaN stays NaN. */
export function onCircle(days: Float64Array, circle: Circle): [Float64Array, Float64Array] {
  const angles = days.map((day) => (Number.isNaN(day) ? Number.NaN : 2 * Math.PI * turns[circle](day)));
  return [angles.map(Math.cos), angles.map(Math.sin)];
}
