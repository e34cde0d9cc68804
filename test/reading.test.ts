/** Tables as people and programs write them: headers, separators, gaps, dates. The right value, or a word of what to change. */
import { describe, expect, it } from "vitest";
import { readDate } from "../src/data/dates.ts";
import { columnProblem, findColumns, pickColumns, placeNotes, type Table } from "../src/data/table.ts";
import { type CsvOptions, CsvReader, parseCsv } from "../src/readers/csv.ts";
import { messageOf } from "./refusals.ts";

const nan = Number.NaN;
const names = (table: Table) => table.columns.map(({ name }) => name);
const values = (table: Table, c = 0) => [...table.columns[c]!.values];
const lines = (header: string, rows: readonly string[]) => `${[header, ...rows].join("\n")}\n`;

/** One column, its cells in quotes where they need it, beside a column of texts that tells nothing of numbers. */
const column = (cells: readonly string[], options?: CsvOptions) =>
  parseCsv(
    lines(
      "c;t",
      cells.map((cell) => `${cell};a`),
    ),
    options,
  );

describe("the first line", () => {
  const fractions = ["1.5,2.25,0.5", "0.25,1.125,3"];

  it.each([
    ["counts up from 0", "0,1,2", fractions],
    ["counts up from 1 over whole numbers", "1,2,3", ["7,7,5", "9,4,4"]],
    ["years over whole numbers", "2019,2020,2021", ["7,7,5", "9,4,4"]],
    ["years with gaps over fractions", "2010,2015,2020", ["1.5,2.5,3.5", "4,5,6"]],
  ])("of numbers is names, and said to be: %s", (_, header, rows) => {
    const table = parseCsv(lines(header, rows));
    expect(names(table)).toEqual(header.split(","));
    expect(table).toMatchObject({
      rows: 2,
      notes: [`line 1 (${header.replaceAll(",", ", ")}) is read as names; --no-header makes it data`],
    });
    expect(parseCsv(lines(header, rows), { header: false })).toMatchObject({ rows: 3, notes: [] });
    expect(parseCsv(lines(header, rows), { header: true })).toMatchObject({ rows: 2, notes: [] });
  });

  it("of numbers may begin with the empty cell of an index", () => {
    const table = parseCsv(lines(",0,1,2", ["0,1.5,2.5,3.5", "1,1.25,2,3", "2,4.5,5.5,6.5"]));
    expect(names(table)).toEqual(["row", "0", "1", "2"]);
    expect(values(table, 1)).toEqual([1.5, 1.25, 4.5]);
  });

  it.each([
    ["whole numbers over whole numbers", "5,17,3", ["6,2,4"], true],
    ["a count that goes on below", "1,2,3", ["2,3,4"], true],
    ["the first two of a count", "1,2", ["3,4"], true],
    ["dates", "2024-01-01,2024-01-02", ["2024-01-03,2024-01-05"], true],
    ["a date beside a number", "2024-01-01,5", ["2024-01-03,5"], true],
    ["fractions", "0.5,1.5", ["2.5,1"], false],
    ["a number twice", "1,1,2", ["1.5,2.5,3.5"], false],
    ["a missing word", "1,NA,2", ["1.5,2.5,3.5"], false],
  ])("is data: %s", (_, first, rows, isOpen) => {
    const table = parseCsv(lines(first, rows));
    expect(table.rows).toBe(rows.length + 1);
    const note = `line 1 (${first.replaceAll(",", ", ")}) is read as data; --header makes it names`;
    expect(table.notes).toEqual(isOpen ? [note] : []);
  });

  it("is names whatever its cells when that is said", () => {
    expect(names(parseCsv("0.5,1.5\n2,3\n", { header: true }))).toEqual(["0.5", "1.5"]);
  });

  it("with one field less than all others lacks the name of the row names", () => {
    const table = parseCsv("dose\ty\ns0\t1.5\t2\ns1\t2.5\t3\n");
    expect(names(table)).toEqual(["row", "dose", "y"]);
    expect(values(table, 2)).toEqual([2, 3]);
    expect(table.notes).toEqual([
      'line 1 has 2 fields and the lines below it 3: a name for the first column is missing, which is called "row" (row names)',
    ]);
    expect(names(parseCsv('"y"\n"1",0.5\n"2",0.75\n'))).toEqual(["row", "y"]);
    expect(names(parseCsv("row,y\na,1,2\nb,3,4\n"))).toEqual(["row_", "row", "y"]);
  });

  it("may be the only one that does not end in the delimiter", () => {
    const table = parseCsv("a,b\n1,2,\n3,4,\n");
    expect(names(table)).toEqual(["a", "b"]);
    expect(values(table, 1)).toEqual([2, 4]);
    expect(names(parseCsv("a,b,\n1,2,\n3,4,\n"))).toEqual(["a", "b"]);
    expect(names(parseCsv("a,b,\n1,2,\n3,4,5\n"))).toEqual(["a", "b", "3"]);
    expect(messageOf(() => parseCsv("a,b\n1,2,\n3,4,\n5,6,7\n"))).toContain("line 4: expected 2 fields");
    // As spreadsheets write columns that were emptied, with and without them in the first line.
    for (const text of ["a,b,,,\n1,2,,,\n3,4,,,\n", "a,b\n1,2,,,\n3,4,,,\n"]) {
      expect(names(parseCsv(text))).toEqual(["a", "b"]);
      expect(values(parseCsv(text), 1)).toEqual([2, 4]);
    }
    const many = ",".repeat(30_000);
    expect(names(parseCsv(`a${many}\n1${many}\n2${many}\n`))).toEqual(["a"]);
  });

  it("is blamed where it is the odd one, and another line where that is", () => {
    const rows = Array.from({ length: 20 }, (_, i) => `${i},${i + 1},${i * i},r${i}`);
    expect(messageOf(() => parseCsv(lines("Weather, 2024", ["a,b,c,d", ...rows])))).toBe(
      "line 1: 2 fields, where 21 of the 21 lines below have 4. Give every column a name in it, or delete the lines above the header",
    );
    const odd = rows.toSpliced(11, 1, "1,2,3");
    expect(messageOf(() => parseCsv(lines("b,c,d", odd)))).toContain(
      "line 13: expected 4 fields as in line 1, found 3.",
    );
    expect(messageOf(() => parseCsv(lines("a,b,c,d", odd)))).toContain("line 13: expected 4 fields");
  });

  it("may say the delimiter, as Excel has it", () => {
    for (const first of ["sep=;", '"sep=;"', "\uFEFFsep=;\r"]) {
      const table = parseCsv(`${first}\nload;heat\n1,5;2\n2,25;3\n`);
      expect(names(table)).toEqual(["load", "heat"]);
      expect(values(table)).toEqual([1.5, 2.25]);
    }
    expect(names(parseCsv("sep=|\na;b|c\n1|2\n"))).toEqual(["a;b", "c"]);
    expect(messageOf(() => parseCsv("sep=;\na;b\n1;2\n3\n"))).toContain("line 4: expected 2 fields as in line 2");
  });

  it("gives the same table however the text is cut", () => {
    const texts = [
      lines("0,1,2", fractions),
      'sep=;\na;b\n"NA";1\nNA;"2"\n',
      "dose\ty\ns0\t1.5\t2\ns1\t2.5\t3\n",
      "a,b\n1,2,\n3,4,\n",
    ];
    for (const text of texts) {
      for (const size of [1, 2, 5]) {
        const reader = new CsvReader();
        for (let at = 0; at < text.length; at += size) reader.push(text.slice(at, at + size));
        expect(reader.finish()).toEqual(parseCsv(text));
      }
    }
  });
});

describe("numbers with separators", () => {
  it.each<[string, string[], number[], RegExp]>([
    ["decimal commas", ["1,5", "201", "1,100"], [1.5, 201, 1.1], /a comma is the decimal mark, as in "1,5"/],
    ["a leading zero", ["0,100", "2,500"], [0.1, 2.5], /a comma is the decimal mark/],
    [
      "thousands and millions",
      ["1,100", "201", "1,234,567"],
      [1100, 201, 1234567],
      /part thousands, as in "1,234,567"/,
    ],
    [
      "points and decimal commas",
      ["1.100,50", "999", "1.648"],
      [1100.5, 999, 1648],
      /a comma is the decimal mark.*thousands/,
    ],
    [
      "commas and decimal points",
      ["1,100.50", "999", "1,648"],
      [1100.5, 999, 1648],
      /part thousands, as in "1,100.50"/,
    ],
    ["points and millions", ["1.234.567", "1.648", "9"], [1234567, 1648, 9], /part thousands/],
    ["spaces", ["1 100", "-12 000", "20"], [1100, -12000, 20], /part thousands, as in "1 100"/],
    ["narrow spaces and decimal commas", ["1\u202f100,5", "2"], [1100.5, 2], /comma is the decimal mark/],
    ["apostrophes", ["1'100", "20", "1’000’000"], [1100, 20, 1e6], /part thousands/],
    ["a minus sign", ["−5", "3"], [-5, 3], /^$/],
    ["percent", ["5%", "7.5 %", "NA"], [5, 7.5, nan], /% is taken off all numbers/],
    ["a currency before", ["$5", "-$1,100.00", "$ 7"], [5, -1100, 7], /\$ is taken off/],
    ["a currency after", ["5 €", "1.100,25€"], [5, 1100.25], /€ is taken off/],
  ])("are read where they are plain, and said: %s", (_, cells, right, note) => {
    const table = column(cells);
    expect(columnProblem(table, 0)).toBeUndefined();
    expect(values(table)).toEqual(right);
    expect(table.columns[0]!.note ?? "").toMatch(note);
  });

  it("that can be two numbers are refused with both, and read when told", () => {
    const commas = ["1,100", "201", "3,250"];
    expect(columnProblem(column(commas), 0)).toBe(
      'row 1, column "c": "1,100" beside "201" can be two numbers. Say which is meant, the likelier first: 1100 with --thousands \',\', or 1.1 with --decimal \',\'',
    );
    expect(values(column(commas, { decimal: "." }))).toEqual([1100, 201, 3250]);
    expect(values(column(commas, { decimal: "," }))).toEqual([1.1, 201, 3.25]);
    const points = ["999", "1.648", "-2.001"];
    expect(columnProblem(column(points), 0)).toContain(
      "\"1.648\" beside \"999\" can be two numbers. Say which is meant, the likelier first: 1648 with --thousands '.', or 1.648 with --decimal '.'",
    );
    expect(values(column(points, { decimal: "," }))).toEqual([999, 1648, -2001]);
    expect(values(column(points, { decimal: "." }))).toEqual([999, 1.648, -2.001]);
  });

  it("of four digits may stand without one beside longer ones that have it", () => {
    expect(columnProblem(column(["9999", "12.345"]), 0)).toContain("first: 12345 with --thousands '.'");
    expect(columnProblem(column(["9999", "1.648"]), 0)).toBeUndefined();
    expect(values(column(["99999", "12.345"]))).toEqual([99999, 12.345]);
  });

  it("name the decimal comma first where whole numbers are not parted, or another column has one", () => {
    expect(columnProblem(column(["1,100", "20100"]), 0)).toContain("first: 1.1 with --decimal ','");
    const beside = parseCsv("a;b\n1,100;0,5\n201;1,5\n");
    expect(columnProblem(beside, 0)).toContain("first: 1.1 with --decimal ','");
  });

  it("mean the same in both readings where every cell has one, so they are read with a word", () => {
    expect(values(column(["1,100", "2,250"]))).toEqual([1100, 2250]);
    expect(column(["1,100", "2,250"]).columns[0]!.note).toContain('"1,100" is read as 1100, not as 1.1');
    expect(values(column(["1.100", "2.250"]))).toEqual([1.1, 2.25]);
  });

  it("are told by other columns what a point is", () => {
    expect(values(parseCsv("a,b\n999,0.5\n1.648,2.25\n"))).toEqual([999, 1.648]);
    const german = parseCsv("a;b\n999;0,5\n1.648;2,25\n");
    expect(values(german)).toEqual([999, 1648]);
    expect(german.columns[0]!.note).toContain('"1.648" is read as 1648, not as 1.648');
  });

  it("keep what is told beyond many rows", () => {
    const cells = [...Array(5000).fill("1.648"), "999", "0,5"];
    const read = values(column(cells));
    expect(read.slice(0, 5000).every((value) => value === 1648)).toBe(true);
    expect(read.slice(5000)).toEqual([999, 0.5]);
  });

  it.each([
    ["two decimal marks", ["0.5", "1,5"], /row 2.*"1,5" has another decimal mark than "0.5" in row 1/],
    ["a percent sign in some", ["5%", "6"], /row 2.*"6" is not written like "5%" in row 1/],
    ["two currencies", ["$5", "€5"], /"€5" is not written like "\$5"/],
    ["a text", ["1,5", "many"], /"many" is not a number/],
  ])("are refused where cells contradict each other: %s", (_, cells, message) => {
    expect(columnProblem(column(cells), 0)).toMatch(message);
  });

  it("are no texts that look a bit like them", () => {
    for (const cells of [
      ["192.168.0.1", "10.0.0.2"],
      ["1-2", "3-4"],
      ["12:30", "13:45"],
      ["1,2,3", "1,4,5"],
    ]) {
      expect(column(cells).columns[0]!.kind).toBe("category");
    }
  });
});

describe("gaps", () => {
  const text = 'c,n\nNA,1\n"NA",2\nDE,NA\nNone,None\n,-999\n';
  const read = (options?: CsvOptions) => parseCsv(text, options);

  it("are the usual words, in quotes a text; None only among numbers", () => {
    const table = read({ missing: ["-999"] });
    expect(table.columns[0]).toMatchObject({ kind: "category", levels: ["DE", "NA", "None"] });
    expect(values(table)).toEqual([nan, 1, 0, 2, nan]);
    expect(table.columns[0]!.note).toBe(
      'column "c": cells in quotes that would mean "no value" without them are texts (1)',
    );
    expect(table.columns[0]!.missing).toEqual([
      { text: "NA", rows: 1 },
      { text: "", rows: 1 },
    ]);
    expect(values(table, 1)).toEqual([1, 2, nan, nan, nan]);
    expect(table.columns[1]!.missing).toEqual([
      { text: "NA", rows: 1 },
      { text: "None", rows: 1 },
      { text: "-999", rows: 1 },
    ]);
  });

  it("can be others in place of the usual, or none; among numbers those stay", () => {
    const only = read({ missingOnly: ["DE"] });
    expect(only.columns[0]!.levels).toEqual(["", "NA", "None"]);
    expect(values(only)).toEqual([1, 1, nan, 2, 0]);
    const none = read({ missingOnly: [] });
    expect(none.columns[0]!.levels).toEqual(["", "DE", "NA", "None"]);
    expect(values(none, 1)).toEqual([1, 2, nan, nan, -999]);
  });

  it("are counted where the numbers come late", () => {
    const table = parseCsv("a\nNone\nNA\n1\nNone\n");
    expect(columnProblem(table, 0)).toBeUndefined();
    expect(values(table)).toEqual([nan, nan, 1, nan]);
    expect(table.columns[0]!.missing).toEqual([
      { text: "None", rows: 2 },
      { text: "NA", rows: 1 },
    ]);
  });

  it("are in quotes like everything in a file that quotes everything", () => {
    const all = parseCsv('"c","n"\n"NA","1"\n"DE","2"\n');
    expect(values(all)).toEqual([nan, 0]);
  });

  it("leave a forced category its texts", () => {
    const table = read({ categorical: ["n"], missingOnly: [] });
    expect(table.columns[1]!.levels).toEqual(["-999", "1", "2", "NA", "None"]);
  });
});

describe("dates", () => {
  const day = (text: string) => Date.parse(text) / 864e5;

  it.each([
    ["days", ["2024-02-29", "1969-12-31"], [day("2024-02-29"), -1]],
    ["days with slashes", ["2024/02/29", "2024/3/1"], [day("2024-02-29"), day("2024-03-01")]],
    ["times", ["2024-02-29 06:00", "2024-02-29T12:00:30"], [day("2024-02-29") + 0.25, day("2024-02-29T12:00:30Z")]],
    [
      "times with zones",
      ["2024-02-29T06:00:00Z", "2024-02-29 06:00+02:00"],
      [day("2024-02-29T06:00Z"), day("2024-02-29T04:00Z")],
    ],
    ["the day first, by points", ["03.04.2024", "01.12.2024"], [day("2024-04-03"), day("2024-12-01")]],
    [
      "the day first, by a later cell",
      ["03/04/2024", "31/01/2024", "02/01/2024"],
      [day("2024-04-03"), day("2024-01-31"), day("2024-01-02")],
    ],
    ["the month first, by a later cell", ["03/04/2024", "01/31/2024"], [day("2024-03-04"), day("2024-01-31")]],
    ["with gaps", ["2024-02-29", "NA", "None"], [day("2024-02-29"), nan, nan]],
  ])("are days since 1970: %s", (_, cells, right) => {
    const table = column(cells);
    expect(columnProblem(table, 0)).toBeUndefined();
    expect(table.columns[0]).toMatchObject({ kind: "numeric", isDate: true });
    for (const [i, value] of values(table).entries()) expect(Math.abs(value - right[i]!) > 1e-9).toBe(false);
    expect(table.columns[0]!.note).toContain("days since 1970-01-01");
  });

  it("agree with the calendar over some centuries", () => {
    for (let days = -200_000; days < 200_000; days += 97) {
      const text = new Date(days * 864e5).toISOString().slice(0, 10);
      expect(readDate(text)?.days).toBe(days);
    }
    for (const text of ["1900-02-29", "2024-04-31", "2024-13-01", "2024-00-10", "2024-08-32", "2024-01-00"]) {
      expect(readDate(text)).toBeUndefined();
    }
    expect(readDate("2000-02-29")?.days).toBe(Date.UTC(2000, 1, 29) / 864e5);
    for (const month of ["01", "03", "05", "07", "08", "10", "12"]) expect(readDate(`2023-${month}-31`)).toBeDefined();
  });

  it("that can be two are refused with both, and read when told", () => {
    const cells = ["01/01/2024", "03/04/2024 06:00", "12/05/2024"];
    expect(columnProblem(column(cells), 0)).toBe(
      'row 2, column "c": "03/04/2024 06:00" can be 2024-04-03 or 2024-03-04, and no other cell tells. Say --dates day-first or --dates month-first',
    );
    const days = (dates: "day-first" | "month-first") => values(column(cells, { dates }));
    expect(days("day-first")[1]).toBeCloseTo(day("2024-04-03T06:00Z"), 9);
    expect(days("day-first")[2]).toBe(day("2024-05-12"));
    expect(days("month-first")[2]).toBe(day("2024-12-05"));
  });

  it.each([
    ["a day that no calendar has", ["2024-02-28", "2024-02-30"], /row 2.*"2024-02-30" is not a date/],
    ["a text", ["2024-02-28", "unknown"], /"unknown" is not a date.*--missing unknown/],
    ["a number", ["2024-02-28", "5"], /"5" is not a date/],
    ["a date among numbers", ["5", "2024-02-28"], /"2024-02-28" is not a number/],
    ["another zone", ["2024-02-28 05:00", "2024-02-28 05:00Z"], /has a time zone, unlike "2024-02-28 05:00" in row 1/],
    ["another order", ["31/01/2024", "01/31/2024"], /does not have day and month in the order of "31\/01\/2024"/],
    ["another spelling", ["2024-02-28", "01/31/2024"], /is not written like "2024-02-28"/],
  ])("are refused where cells contradict each other: %s", (_, cells, message) => {
    expect(columnProblem(column(cells), 0)).toMatch(message);
  });

  it("stand on circles on request", () => {
    const table = column(["2024-01-01 06:00", "2024-07-01 18:00", "NA"]);
    const [cos, sin] = pickColumns(table, "c:hour", "--x");
    expect([cos!.name, sin!.name]).toEqual(["c:hour (cos)", "c:hour (sin)"]);
    expect(sin!.values[0]).toBeCloseTo(1, 9);
    expect(sin!.values[1]).toBeCloseTo(-1, 9);
    expect(cos!.values[2]).toBeNaN();
    // Both days were Mondays.
    const [weekday] = pickColumns(table, "c:weekday", "--x");
    expect([...weekday!.values.slice(0, 2)]).toEqual([1, 1]);
    const [, month] = pickColumns(table, "c:month,c:day_of_year", "--x");
    expect(month!.values[1]).toBeCloseTo(0, 9);
    const year = pickColumns(table, "c:month,c:day_of_year", "--x")[2]!;
    expect(year.values[1]).toBeCloseTo(Math.cos((2 * Math.PI * 182) / 366), 9);
    expect(messageOf(() => pickColumns(column(["1", "2"]), "c:hour", "--x"))).toContain('column "c" holds no dates');
    expect(messageOf(() => pickColumns(table, "c:minute", "--x"))).toContain('no column "c:minute"');
  });
});

describe("labels", () => {
  it("with an order become its numbers", () => {
    const ordered = [{ columns: "c", levels: ["small", "medium", "large"] }];
    const table = column(["large", "NA", "small", "medium"], { ordered });
    expect(table.columns[0]).toMatchObject({ kind: "numeric", note: 'column "c": small < medium < large are 0 to 2' });
    expect(values(table)).toEqual([2, nan, 0, 1]);
    expect(columnProblem(column(["large", "huge"], { ordered }), 0)).toBe(
      'row 2, column "c": "huge" is none of the levels small, medium, large. Add it to --ordered, or list it with --missing huge',
    );
    expect(messageOf(() => column(["large"], { ordered, categorical: ["c"] }))).toContain("named twice");
  });

  it.each([["true,false"], ["TRUE,FALSE"], ["yes,no"]])("of two values are a category: %s", (cells) => {
    expect(column([...cells.split(","), ...cells.split(",")]).columns[0]).toMatchObject({
      kind: "category",
      levels: cells.split(",").sort(),
    });
  });
});

describe("lists of columns", () => {
  const all = ["Temperature, outside", "Temperature, inside", "3", "y"];

  it("may be a name with commas as a whole, or have it in quotes", () => {
    expect(findColumns(all, "Temperature, outside", "--x")).toEqual([0]);
    expect(findColumns(all, '"Temperature, inside",y', "--x")).toEqual([1, 3]);
    expect(messageOf(() => findColumns(all, "Temperature, outside,y", "--x"))).toBe(
      '--x: no column "Temperature" among 4 columns. A name with a comma is given in double quotes: --x \'"Temperature, outside"\'',
    );
    const table = parseCsv('"a, b",c\n1,2\n2,3\n', { categorical: ['"a, b"'] });
    expect(table.columns[0]!.kind).toBe("category");
    expect(parseCsv('"a, b",c\n1,2\n2,3\n', { categorical: ["a, b"] }).columns[0]!.kind).toBe("category");
  });

  it("say so where a number is one column's name and another's place", () => {
    expect(placeNotes(all, "3,y", "--x")).toEqual([]);
    expect(placeNotes(["0", "1", "2"], "1,0", "--x")).toEqual([
      '--x 1: the column named "1", number 2; column number 1 is "0"',
    ]);
    expect(placeNotes(["0", "1", "2"], '"1"', "--x")).toEqual([]);
  });
});

describe("hostile files", () => {
  const used = () => process.memoryUsage().arrayBuffers;

  it("of 100 000 columns are read in bounded memory, also with row names and without names", () => {
    const width = 100_000;
    const row = (first: string, cell: (c: number) => string) =>
      `${first}${Array.from({ length: width }, (_, c) => cell(c)).join(",")}\n`;
    const body = ["r1,", "r2,", "r3,", "r4,"].map((first, r) => row(first, (c) => String(r + c / 4)));
    const before = used();
    const table = parseCsv([row("", (c) => `g${c}`), ...body].join(""));
    expect(used() - before).toBeLessThan(100e6);
    expect(table.columns).toHaveLength(width + 1);
    expect(names(table).slice(0, 2)).toEqual(["row", "g0"]);
    expect(values(table, width)).toEqual([0, 1, 2, 3].map((r) => r + (width - 1) / 4));
    const unnamed = parseCsv(`a${",".repeat(width)}b\n${`1${",".repeat(width)}2\n`.repeat(3)}`);
    expect(names(unnamed).slice(-2)).toEqual([String(width), "b"]);
  });

  it("without a line end, or with a quote that nobody closes, are refused while they are read", () => {
    const reader = new CsvReader();
    reader.push('a,b\n1,"');
    const piece = "x".repeat(1 << 20);
    const endless = () => {
      for (let i = 0; i < 200; i++) reader.push(piece);
    };
    expect(messageOf(endless)).toMatch(/^line 2 has more than 64 million characters\. Close the quote/);
  });

  it("keep in memory the columns that are asked for alone", () => {
    const head = Array.from({ length: 60 }, (_, c) => `c${c}`);
    const rows = Array.from({ length: 200 }, (_, r) =>
      head.map((_, c) => (c % 10 === 9 ? `site ${r}` : (Math.sin(r + c) * 100).toFixed(12))).join(","),
    );
    const piece = `${rows.join("\n")}\n`;
    const read = (columns?: string[]) => {
      const before = used();
      const reader = new CsvReader({ columns });
      reader.push(`${head.join(",")}\n`);
      for (let bytes = 0; bytes < 40e6; bytes += piece.length) reader.push(piece);
      return { grown: used() - before, table: reader.finish() };
    };
    const { grown, table } = read(["c0", "c9"]);
    // 8 bytes a cell of two columns, twice as much while they grow; all 60 columns would be 20 MB.
    expect(grown).toBeLessThan(5e6);
    expect(table.rows).toBeGreaterThan(40_000);
    expect(columnProblem(table, 1)).toContain("was not read");
    expect([...table.columns[0]!.values.slice(0, 200)]).toEqual(rows.map((row) => Number(row.split(",")[0])));
    expect(table.columns[9]!.levels).toHaveLength(200);
  });

  it("may hold this reader's own marks", () => {
    const { columns } = parseCsv('a,b\n\uffffNA,1\nNA,2\n"NA",3\n');
    expect(columns[0]!.levels).toEqual(["NA", "\ufffdNA"]);
  });

  it.each<[string, object, RegExp]>([
    ["a delimiter in a list", { delimiter: [","] }, /^delimiter \[","\] must be one character/],
    ["a text for a list", { missing: "NA" }, /^"missing" must be a list of texts, got "NA"/],
    ["an order that is none", { ordered: [{ columns: "a" }] }, /^"ordered" must be a list such as/],
    ["an unknown key", { decimals: "," }, /^parseCsv has no option "decimals"/],
    ["a key that cannot be told", { header: Object.create(null) }, /^"header" must be true or false, got \{\}/],
  ])("and options of another type are refused: %s", (_, options, message) => {
    expect(messageOf(() => parseCsv("a,b\n1,2\n", options as CsvOptions))).toMatch(message);
  });
});
