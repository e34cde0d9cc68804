/** One number as people and programs write it: separators of thousands, decimal marks, signs of currency and percent. */

/**
 * What a cell says of the decimal mark: nothing, that it is a point or a comma, or that one of the two stands before three
 * digits, where it may also part thousands.
 */
export type Mark = "none" | "point" | "comma" | "open point" | "open comma";

export interface Spelled {
  /** Where the mark is open: with a point as the decimal mark, so a comma parts thousands. */
  value: number;
  /** The sign of a currency or of percent; "" where there is none. */
  affix: string;
  mark: Mark;
  /** Thousands are parted beyond doubt. */
  isGrouped: boolean;
}

/** Longer cells are no numbers, or such as `Number` reads. */
const LONGEST = 64;
const PARTS = /^([+\-−]?)([$€£¥]?)\s*([+\-−]?)([\d.,'’ \u00a0\u2009\u202f]*\d[.,]?)\s*([$€£¥%]?)$/;
const SPACED = /^\d{1,3}([ '’\u00a0\u2009\u202f])\d{3}(?:\1\d{3})*(?:([.,])\d+)?$/;
const OPEN = /^[1-9]\d{0,2}([.,])\d{3}$/;

/** The number that a cell spells, or undefined. What has an exponent is none of them: `Number` reads that. */
export function readSpelled(cell: string): Spelled | undefined {
  const parts = cell.length > LONGEST ? null : PARTS.exec(cell);
  if (parts === null) return undefined;
  const [, outer, before, inner, core, after] = parts as unknown as [string, string, string, string, string, string];
  if ((outer && inner) || (before && after)) return undefined;
  const mark = markOf(core);
  if (mark === undefined) return undefined;
  const parted = core.replace(/[ '’\u00a0\u2009\u202f]/g, "");
  const isComma = mark === "comma";
  const value = Number(isComma ? parted.replaceAll(".", "").replace(",", ".") : parted.replaceAll(",", ""));
  const sign = outer || inner;
  const isGrouped = parted !== core || (mark === "comma" ? core.includes(".") : mark === "point" && core.includes(","));
  return { value: sign === "-" || sign === "−" ? -value : value, affix: before || after, mark, isGrouped };
}

/** The mark of a cell that `Number` reads; without a pattern, for it is asked of most cells of a file. */
export function plainMark(cell: string): Mark {
  const point = cell.indexOf(".");
  if (point < 0) return "none";
  const first = isDigit(cell, 0) ? 0 : 1;
  const isThree = cell.length === point + 4 && point > first && point <= first + 3;
  const isOpen =
    isThree && cell[first] !== "0" && isDigit(cell, point + 1) && isDigit(cell, point + 2) && isDigit(cell, point + 3);
  return isOpen ? "open point" : "point";
}

function isDigit(cell: string, at: number): boolean {
  const code = cell.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** Undefined for what is no number. */
function markOf(core: string): Mark | undefined {
  if (/^\d+$/.test(core)) return "none";
  const open = OPEN.exec(core);
  if (open) return open[1] === "," ? "open comma" : "open point";
  const spaced = SPACED.exec(core);
  if (spaced) return spaced[2] === undefined ? "none" : spaced[2] === "," ? "comma" : "point";
  if (/^(?:[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|\d*\.\d*)$/.test(core)) return "point";
  if (/^(?:[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?|\d*,\d+)$/.test(core)) return "comma";
  return undefined;
}
