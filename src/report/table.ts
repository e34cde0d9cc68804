/** Tables on a terminal. */
import stringWidth from "string-width";
import { plain } from "./text.ts";

type Align = "left" | "right";

/**
 * Rows as aligned columns, two spaces apart, one line per row. Without `align`, the first column goes left and a column
 * whose cells below the first row all look like numbers goes right. `indent` is the number of spaces before each row.
 */
export function table(
  rows: readonly (readonly string[])[],
  options: { align?: readonly Align[]; indent?: number } = {},
): string {
  const cells = rows.map((row) => row.map(plain));
  const columns = Array.from({ length: Math.max(0, ...cells.map((row) => row.length)) }, (_, c) => {
    const below = cells.slice(1).map((row) => row[c] ?? "");
    return {
      width: Math.max(...cells.map((row) => stringWidth(row[c] ?? ""))),
      align: options.align?.[c] ?? (c > 0 && below.length > 0 && below.every(isNumber) ? "right" : "left"),
    };
  });
  const line = (row: readonly string[]) =>
    columns.map(({ width, align }, c) => {
      const cell = row[c] ?? "";
      const gap = " ".repeat(width - stringWidth(cell));
      return align === "right" ? gap + cell : cell + gap;
    });
  const margin = " ".repeat(options.indent ?? 0);
  return cells.map((row) => margin + line(row).join("  ").trimEnd()).join("\n");
}

const isNumber = (cell: string) => /^$|^[-−+<>≤≥~]? ?[\d.]|^(nan|-?inf|[-–—?])$/i.test(cell);
