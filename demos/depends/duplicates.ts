/** Columns of numbers that are one and the same: in the same order in every row, or in the reverse one. */
import type { Choice } from "./table.ts";
import { quoted } from "./text.ts";

/** Columns of fewer values may well be in one order and tell something by it. */
const LEAST_VALUES = 20;

/** Each copy of a column before it is left out, and says so. */
export function markCopies(choices: readonly Choice[]): void {
  const known: { choice: Choice; places: Uint32Array; most: number }[] = [];
  for (const choice of choices) {
    if (!choice.used || choice.kind === "category") continue;
    const { places, most } = placesOf(choice.values);
    if (most <= LEAST_VALUES) continue;
    const first = known.find((other) => other.most === most && isSame(places, other.places, most));
    if (!first) {
      known.push({ choice, places, most });
      continue;
    }
    const { name, values } = first.choice;
    const isEqual = values.every((value, i) => Object.is(value, choice.values[i]));
    choice.copyOf = isEqual
      ? `the same numbers as ${quoted(name)}`
      : `in the order of ${quoted(name)}, or its reverse, in every row`;
    choice.used = false;
    choice.usual = false;
  }
}

/** The place of each value among the different ones, from 1 on; 0 where it is missing. */
export function placesOf(values: Float64Array): { places: Uint32Array; most: number } {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const different = sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
  const placeOf = (value: number): number => {
    let [low, high] = [0, different.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (different[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
  const places = Uint32Array.from(values, (value) => (Number.isNaN(value) ? 0 : placeOf(value)));
  return { places, most: different.length };
}

/** Whether two columns of as many values are in one order, or in the reverse one. */
export function isSame(a: Uint32Array, b: Uint32Array, most: number): boolean {
  const isOne = (map: (place: number) => number) => a.every((place, i) => map(place) === b[i]);
  return isOne((place) => place) || isOne((place) => (place === 0 ? 0 : most + 1 - place));
}
