// What a type becomes, once for all formats: ColumnType to FileColumn.
import { describe, expect, it } from "vitest";
import { columnProblem, type FileColumn } from "../../src/data/table.ts";
import type { ColumnType } from "../../src/readers/column-type.ts";
import type { TableOptions } from "../../src/readers/table-options.ts";
import { TypedTable } from "../../src/readers/typed-table.ts";
import { messageOf } from "../refusals.ts";

const read = (type: ColumnType, values: readonly unknown[], options: TableOptions = {}): FileColumn => {
  const table = new TypedTable([{ name: "c", type }], options);
  table.columns[0]!.push(values);
  return table.finish(values.length).columns[0]!;
};
const problem = (column: FileColumn) => columnProblem({ columns: [column], rows: column.values.length }, 0);

describe("a typed column", () => {
  it("of numbers has them, with NaN where there is none, and says of which kind the gaps are", () => {
    const column = read({ is: "numbers" }, [1.5, null, undefined, Number.NaN, -2n, 7]);
    expect([...column.values]).toEqual([1.5, Number.NaN, Number.NaN, Number.NaN, -2, 7]);
    expect(column.missing).toEqual([
      { text: "null", rows: 2 },
      { text: "NaN", rows: 1 },
    ]);
    expect(column).toMatchObject({ kind: "numeric", name: "c" });
    expect(column.note).toBeUndefined();
  });

  it("takes -999 as missing by its value where that is asked", () => {
    const column = read({ is: "numbers" }, [1, -999, -999n], { missing: ["-999.0"] });
    expect(column.missing).toEqual([{ text: "-999", rows: 2 }]);
  });

  it("refuses an infinity when it is selected, unless it is listed as missing", () => {
    const values = [1, Number.NEGATIVE_INFINITY];
    expect(problem(read({ is: "numbers" }, values))).toBe(
      'row 2, column "c": "-inf" is not finite. Replace it by a number, or list it with --missing=-inf',
    );
    expect(read({ is: "numbers" }, values, { missing: ["-inf"] }).missing).toEqual([{ text: "-inf", rows: 1 }]);
  });

  it("says that whole numbers beyond 2^53 are rounded, only if one of them is", () => {
    expect(read({ is: "numbers" }, [2n ** 53n, 2n ** 60n]).note).toBeUndefined();
    const column = read({ is: "numbers" }, [1n, 2n ** 53n + 1n, 2n ** 53n]);
    expect([...column.values]).toEqual([1, 2 ** 53, 2 ** 53]);
    expect(column.note).toBe(
      'column "c": numbers of more than 15 digits are rounded, "9007199254740993" to 9007199254740992, so different ones may become equal; --categorical keeps their texts',
    );
    const kept = read({ is: "numbers" }, [2n ** 53n + 1n, 2n ** 53n], { categorical: ["c"] });
    expect(kept).toMatchObject({ kind: "category", forced: true, levels: ["9007199254740992", "9007199254740993"] });
    expect(read({ is: "any" }, [2 ** 53]).note).toContain("rounded");
    expect(read({ is: "numbers" }, [1e300]).note).toBeUndefined();
  });

  it("of decimals says so when they have more digits than a number", () => {
    expect(read({ is: "decimals", scale: 2 }, [12.34, 1e12]).note).toBeUndefined();
    expect(read({ is: "decimals", scale: 18 }, [12.34]).note).toContain("more than 15 digits are rounded");
  });

  it("of booleans and of texts is a category with sorted levels", () => {
    const flags = read({ is: "booleans" }, [true, false, null, true]);
    expect(flags).toMatchObject({ kind: "category", levels: ["false", "true"], forced: false });
    expect([...flags.values]).toEqual([1, 0, Number.NaN, 1]);
    const texts = read({ is: "texts" }, ["b", "a", null, "b"]);
    expect([...texts.values]).toEqual([1, 0, Number.NaN, 1]);
    expect(texts.levels).toEqual(["a", "b"]);
  });

  it("keeps numbers in texts as labels, and says what would make them numbers", () => {
    const column = read({ is: "texts" }, ["00501", "10001"]);
    expect(column).toMatchObject({ kind: "category", levels: ["00501", "10001"] });
    expect(column.note).toBe(
      'column "c": the file has texts here, such as "00501", so they are labels; written as numbers they would be numbers',
    );
  });

  it("keeps the text NA, which is no null, and says so, unless it is listed", () => {
    expect(read({ is: "texts" }, ["NA", "DE", "NA"])).toMatchObject({
      levels: ["DE", "NA"],
      note: 'column "c": words such as "NA" are labels (2), for the file has null where there is no value; --missing makes them none',
    });
    expect(read({ is: "texts" }, ["NA", "DE"], { missing: ["NA"] })).toMatchObject({
      levels: ["DE"],
      missing: [{ text: "NA", rows: 1 }],
    });
  });

  it("makes days of dates in any unit, and of texts that are dates throughout", () => {
    const days = Date.UTC(2024, 1, 29) / 864e5;
    const note = 'column "c": dates are numbers, days since 1970-01-01';
    expect(read({ is: "dates", perDay: 1 }, [days])).toMatchObject({ isDate: true, note });
    const nanos = read({ is: "dates", perDay: 864e11, isUtc: true }, [
      BigInt(days) * 86_400_000_000_000n + 43_200_000_000_000n,
    ]);
    expect(nanos.values[0]).toBe(days + 0.5);
    expect(nanos.note).toBe(`${note} in UTC`);
    const texts = read({ is: "texts" }, ["2024-02-29", null, "2024-03-01T12:00:00"]);
    expect([...texts.values]).toEqual([days, Number.NaN, days + 1.5]);
    expect(texts).toMatchObject({ kind: "numeric", isDate: true, note });
    expect(read({ is: "texts" }, ["2024-02-29", "03/01/2024"]).kind).toBe("category");
    expect(read({ is: "texts" }, ["2024-02-29", "2024-02-29T00:00Z"]).kind).toBe("category");
    const labels = read({ is: "dates", perDay: 864e5 }, [0, 864e5 * 1.5], { categorical: ["c"] });
    expect(labels.levels).toEqual(["1970-01-01", "1970-01-02T12:00:00.000Z"]);
  });

  it("makes seconds of times of day and of durations", () => {
    expect(read({ is: "times", perSecond: 1e6 }, [5_400_000_000n])).toMatchObject({
      values: Float64Array.of(5400),
      note: 'column "c": times of day are numbers, seconds since midnight',
    });
    expect(read({ is: "durations", perSecond: 1e3 }, [1500]).values[0]).toBe(1.5);
  });

  it("puts labels, booleans and numbers into the order that is asked", () => {
    const ordered = (levels: string[]) => ({ ordered: [{ columns: "c", levels }] });
    const sizes = read({ is: "texts" }, ["large", "small", "huge"], ordered(["small", "large"]));
    expect([...sizes.values]).toEqual([1, 0, Number.NaN]);
    expect(problem(sizes)).toContain('row 3, column "c": "huge" is none of the levels small, large');
    expect([...read({ is: "numbers" }, [3, 1], ordered(["3", "1"])).values]).toEqual([0, 1]);
  });

  it("of lists is a problem when it is selected, and keeps nothing", () => {
    const column = read({ is: "other", what: "lists" }, [[1], [2]]);
    expect(column.values).toHaveLength(0);
    expect(problem(column)).toBe(
      'column "c" holds lists, which are neither numbers nor labels. Leave it out, or write what matters of it as columns of single values',
    );
  });

  it("without a type is what its first value is", () => {
    expect(read({ is: "any" }, [null, 1, 2]).kind).toBe("numeric");
    expect(read({ is: "any" }, [null, true])).toMatchObject({ kind: "category", levels: ["true"] });
    expect(read({ is: "any" }, ["1776", 300]).levels).toEqual(["1776", "300"]);
    expect(problem(read({ is: "any" }, [1, { a: 1 }]))).toContain("holds objects");
    expect([...read({ is: "any" }, [1, "NA", ""]).values]).toEqual([1, Number.NaN, Number.NaN]);
    expect(problem(read({ is: "any" }, [1, "two"]))).toBe(
      'row 2, column "c": "two" is a text, unlike the numbers before it. Write all cells of the column alike, list it with --missing two, or treat the column as categories with --categorical c',
    );
    expect(read({ is: "any" }, [1, "two"], { categorical: ["c"] }).levels).toEqual(["1", "two"]);
  });

  it("that nobody asks for keeps nothing", () => {
    const fields = ["a", "b"].map((name) => ({ name, type: { is: "numbers" } as const }));
    const table = new TypedTable(fields, { columns: ["b"] });
    expect(table.columns.map(({ isRead }) => isRead)).toEqual([false, true]);
    table.columns[1]!.push([1, 2]);
    const { columns } = table.finish(2);
    expect(columns[0]).toMatchObject({ isUnread: true, values: new Float64Array() });
    expect([...columns[1]!.values]).toEqual([1, 2]);
  });

  it("is refused where two have one name, or none is there", () => {
    const fields = ["a", "b", "a"].map((name) => ({ name, type: { is: "numbers" } as const }));
    expect(messageOf(() => new TypedTable(fields, {}))).toBe('columns 1 and 3 are both named "a". Rename one');
    expect(messageOf(() => new TypedTable([], {}))).toContain("no columns");
    expect(messageOf(() => new TypedTable(fields.slice(1), {}).finish(0))).toContain("no rows");
  });
});
