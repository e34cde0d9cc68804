/** The code that gives a pair's very number: the call of the library, with the rows that are shown. */
import type { Side } from "./scatter.ts";

/** What the networks are told of a pair here, beside its rows. */
export interface Training {
  fast?: true;
  batch?: number;
  steps?: number;
}

export const categoriesOf = (x: Side, y: Side) => ({ x: [x.levels !== undefined], y: [y.levels !== undefined] });

export function pairCode(x: Side, y: Side, training: Training): string {
  const options = JSON.stringify({ ...training, categories: categoriesOf(x, y) }, undefined, 1);
  const inLine = options
    .replace(/"(\w+)":/g, "$1:")
    .replace(/\s+/g, " ")
    .replace(/\[ (\w+) \]/g, "[$1]");
  return `import { estimate } from "remine";
const { mi, interval } = await estimate(x(), y(), ${inLine});
console.log(mi.toFixed(4), interval);

${columnCode("x", x)}
${columnCode("y", y)}
`;
}

const columnCode = (name: string, side: Side): string =>
  `function ${name}() { // ${JSON.stringify(side.name)}
  return new Float64Array([${Array.from(side.values).join(", ")}]);
}`;

/** What to know of it. */
export const codeNote = (mi: number, shown: number): string =>
  mi.toFixed(3) === shown.toFixed(3)
    ? "These are the rows that are shown, and on this adapter this number. Nothing of them has left the page."
    : "These are the rows that are shown. It gives what the networks found; the page shows what neighbours plainly see.";
