/** What a file says of a column, and what its values are on their way to a `TypedColumn`. */
export type ColumnType =
  /** Numbers and bigints: numbers. Those of 64 bits beyond 2⁵³ are rounded, which is said. */
  | { is: "numbers" }
  /** Numbers that were so many digits after the point: numbers. */
  | { is: "decimals"; scale: number }
  /** Booleans: a category. */
  | { is: "booleans" }
  /** Strings: a category, or dates where all of them are dates that begin with the year. */
  | { is: "texts" }
  /** Numbers and bigints since 1970-01-01, so many to a day: days. In UTC where the file knows the time zone. */
  | { is: "dates"; perDay: number; isUtc?: boolean }
  /** Numbers and bigints since midnight, or that long, so many to a second: seconds. */
  | { is: "times" | "durations"; perSecond: number }
  /** Each value is what it is: number, bigint, boolean, string, null, list, object. */
  | { is: "any" }
  /** Lists, structs, maps, bytes: refused when the column is selected, by the plural that a message has for them. */
  | { is: "other"; what: string };
