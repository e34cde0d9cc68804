/** Two numbers for one pair: what to say where neighbours and the interval of the networks disagree. */
import type { PairRecord } from "../../src/index.ts";
import { nats } from "../kit/format.ts";

/** Empty where the interval holds what neighbours say. */
export function besideNeighbors(
  { raw, standardError, estimator }: Pick<PairRecord, "raw" | "standardError" | "estimator">,
  [low, high]: readonly [number, number],
): string {
  const mi = Math.max(0, raw);
  if (mi >= low && mi <= high) return "";
  const [distance, words] =
    mi > high
      ? [
          mi - high,
          "more than the interval holds: there may be structure too sharp for the networks to learn from so few rows",
        ]
      : [
          low - mi,
          `less than the interval holds: ${estimator === "mixed-ksg" ? MIXED : SMOOTH}, so the interval is the likelier`,
        ];
  const noise = distance < 2 * standardError ? ", or chance: their own sampling error is as large" : "";
  return `Neighbours say ${nats(distance)} nats ${words}${noise}.`;
}

const SMOOTH =
  "where dependence is strong or changes within the distance of a few neighbours, they see too little of it";
const MIXED = "where few rows share a category, they see too little of what it tells";
