/** Columns that say the same as one before them. */
import { Copies } from "./copies.ts";
import { thinned } from "./drawn.ts";
import { quoted } from "./words.ts";

interface Marked {
  name: string;
  levels?: readonly string[] | undefined;
  values: Float64Array;
  /** What it is a copy of, in words. */
  copyOf?: string;
  usual: boolean;
  used: boolean;
}

/** Rows of a first look: few columns that differ are alike in all of them. */
const LOOK = 1000;

/** A copy of a column before it is left out, and says so: their MI has no finite value. */
export function markCopies(columns: readonly Marked[]): void {
  const used = columns.filter((column) => column.used);
  if (used.length < 2) return;
  const complete = Uint32Array.from(used[0]!.values.keys()).filter((row) =>
    used.every(({ values }) => !Number.isNaN(values[row]!)),
  );
  const over = (rows: Uint32Array, some: readonly Marked[]) =>
    new Copies(
      some.map(({ values, ...column }) => ({ ...column, values: Float64Array.from(rows, (i) => values[i]!) })),
    );
  const alike = over(thinned(complete, LOOK), used);
  for (const [y, copy] of used.entries()) {
    const x = used.findIndex((column, c) => c < y && column.used && alike.of(c, y) !== undefined);
    const same = x >= 0 ? over(complete, [used[x]!, copy]).of(0, 1) : undefined;
    if (!same) continue;
    const name = quoted(used[x]!.name);
    copy.copyOf = same === "equal" ? `the same numbers as ${name}` : `${name} on another scale`;
    copy.used = false;
    copy.usual = false;
  }
}
