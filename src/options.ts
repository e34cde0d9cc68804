/** What every public call asks of its options first: that it knows each of them, and that a seed is one. */
import { InputError } from "./errors.ts";
import { nearestName } from "./math/nearest.ts";

type Words<Line extends string, Found = never> = Line extends `${infer Word} ${infer Rest}`
  ? Words<Rest, Found | Word>
  : Found | Line;

type Exactly<T, Given> = [Given] extends [keyof T]
  ? [keyof T] extends [Given]
    ? unknown
    : { missing: Exclude<keyof T, Given> }
  : { unknown: Exclude<Given, keyof T> };

/** The keys of T, written as lines of words: `keysOf<Point>()("x y")`. A key too few or too many does not compile. */
export const keysOf =
  <T>() =>
  <Line extends string>(...lines: (Line & Exactly<T, Words<Line>>)[]): readonly string[] =>
    lines.flatMap((line) => line.split(" "));

/** So many characters of a value can be told in a message. */
const SHORT = 60;

/** A value that a caller gave, for a message, whatever it is. */
export function inWords(value: unknown): string {
  if (typeof value === "function" || typeof value === "symbol" || typeof value === "bigint") return `a ${typeof value}`;
  if (typeof value !== "object" && typeof value !== "string") return String(value);
  try {
    const text = JSON.stringify(value) ?? typeof value;
    return text.length > SHORT ? `${text.slice(0, SHORT)}…` : text;
  } catch {
    return "an object that is no data";
  }
}

/** So many keys can be told in a message. */
const FEW = 12;

/**
 * The options of a call, none of which it does not have.
 *
 * @param call what messages name
 * @throws {InputError} for a key that the call does not have, with the nearest one that it has
 */
export function checkOptions<T extends object>(call: string, options: T, keys: readonly string[]): T {
  if (typeof options !== "object" || options === null) {
    throw new InputError(`${call} takes an object of options, got ${inWords(options)}`);
  }
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || keys.includes(key)) continue;
    const all = keys.length > FEW ? "" : `; it has ${keys.join(", ")}`;
    throw new InputError(`${call} has no option "${key}"${all}. Nearest name: "${nearestName(key, keys)!.name}"`);
  }
  return options;
}

/** @throws {InputError} naming the first that is not a whole number of at least 1 */
export function checkCounts(counts: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isInteger(value) || value < 1) {
      throw new InputError(`"${name}" must be a positive integer, got ${inWords(value)}`);
    }
  }
}

/** @throws {InputError} for what is no key of random numbers, an integer of 32 bits */
export function checkSeed(seed: number): void {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new InputError(`"seed" must be an integer from 0 to 4294967295, got ${inWords(seed)}`);
  }
}

/** @throws {InputError} for what is no coverage of an interval */
export function checkConfidence(confidence: number): void {
  if (typeof confidence !== "number" || !(confidence > 0 && confidence < 1)) {
    throw new InputError(`"confidence" must lie between 0 and 1, got ${inWords(confidence)}`);
  }
}
