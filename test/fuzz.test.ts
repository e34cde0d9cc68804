/**
 * Hostile input to every parser: of cells, tables, lists of columns, options, saved bytes. Whatever comes in, there is a right
 * value or an InputError with a sentence, in bounded time. FUZZ_RUNS and FUZZ_SEED make it a long run with other cases
 * (CONTRIBUTING.md).
 */
import { isDeepStrictEqual } from "node:util";
import { Command, CommanderError } from "commander";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lagOptions } from "../src/cli/lags.ts";
import { type Header, partLines, partOf } from "../src/cli/matrix/checkpoint.ts";
import { criticOptions, csvOptions, fileOptions, integer, number, type TableOptions } from "../src/cli/options.ts";
import { cifarOf } from "../src/cli/paper/cifar.ts";
import { idxOf } from "../src/cli/paper/idx.ts";
import { type DateOrder, readDate } from "../src/data/dates.ts";
import { type ColumnsInput, tableColumns, toColumns } from "../src/data/input.ts";
import { readLags } from "../src/data/lagged.ts";
import { columnProblem, findColumns, pickColumns, splitList, type Table, toNumber } from "../src/data/table.ts";
import { InputError, RemineError } from "../src/errors.ts";
import { checkEstimateOptions } from "../src/estimate/options.ts";
import type { MatrixChunk } from "../src/matrix/records.ts";
import { type CsvOptions, CsvReader, parseCsv } from "../src/readers/csv.ts";
import { readSpelled } from "../src/readers/spelling.ts";
import { packed, unpacked } from "../src/saved.ts";
import { readingOptions } from "./reading-options.ts";

const runs = Number(process.env.FUZZ_RUNS ?? 1500);
const seed = Number(process.env.FUZZ_SEED ?? 1);

/** No case may take longer, also once more; what is quadratic takes minutes. */
const SECONDS = 5;

/** One property of so many cases for each that FUZZ_RUNS asks for; `check` throws, or returns false. */
function holds<T>(name: string, share: number, cases: fc.Arbitrary<T>, check: (value: T) => unknown): void {
  const numRuns = Math.max(10, Math.round(runs * share));
  const timed = (value: T) => {
    const began = performance.now();
    const ok = check(value);
    const seconds = () => (performance.now() - began) / 1000;
    if (seconds() < SECONDS) return ok !== false;
    // A busy machine, or a slow case: its second run tells.
    const used = process.cpuUsage();
    check(value);
    if (process.cpuUsage(used).user > 1e6 * SECONDS) throw new Error(`took over ${SECONDS} s`);
    return ok !== false;
  };
  it(name, () => fc.assert(fc.property(cases, timed), { numRuns, seed }), process.env.FUZZ_RUNS ? 1e8 : undefined);
}

/** What a call returns, or the sentence of its InputError; anything else it throws is a fault. */
function outcome<T>(call: () => T): { value: T } | { message: string } {
  try {
    return { value: call() };
  } catch (error) {
    if (!(error instanceof InputError) || !/^.{10,}/.test(error.message)) throw error;
    return { message: error.message };
  }
}

const textOf = (tokens: readonly string[], maxLength: number) =>
  fc.array(fc.constantFrom(...tokens), { maxLength }).map((list) => list.join(""));
const of = (letters: string) => [...letters];

const doubles = fc.double({ noNaN: true, noDefaultInfinity: true });

describe("cells", () => {
  const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
  const INFINITE = /^[+-]?inf(?:inity)?$/i;

  holds(
    "are numbers as Number() reads decimals, and nothing else is",
    10,
    textOf(of("00123456789..eE+-xXbo_,Infa"), 12),
    (cell) => {
      const value = toNumber(cell);
      if (DECIMAL.test(cell)) return Object.is(value, Number(cell));
      return INFINITE.test(cell) ? Math.abs(value) === Number.POSITIVE_INFINITY : Number.isNaN(value);
    },
  );

  holds("keep every double to the bit, however it is written", 5, doubles, (value) => {
    const texts = [String(value), value.toExponential(), value.toPrecision(17)];
    // String(-0) is "0".
    return (
      texts.every((text) => toNumber(text) === value) && Object.is(toNumber(`-${Math.abs(value)}`), -Math.abs(value))
    );
  });

  holds(
    "that spell a number in another way have a finite value",
    10,
    textOf(of("0123456789.,.,''  ’−+-$€£%\u00a0\u202f"), 14),
    (cell) => {
      const spelled = readSpelled(cell);
      return spelled === undefined || Number.isFinite(spelled.value);
    },
  );

  const grouped = fc.record({
    whole: fc.nat(999_999_999),
    fraction: fc.option(fc.nat(9999)),
    marks: fc.constantFrom(
      ...[
        [",", "."],
        [".", ","],
        [" ", "."],
        ["'", ","],
        ["\u202f", ","],
        ["’", "."],
      ],
    ),
    sign: fc.constantFrom("", "-", "−", "+"),
  });
  holds("with parted thousands are the number that was written", 4, grouped, ({ whole, fraction, marks, sign }) => {
    const [thousands, decimal] = marks as [string, string];
    const parted = String(whole).replace(/\B(?=(\d{3})+$)/g, thousands);
    const cell = `${sign}${parted}${fraction === null ? "" : `${decimal}0${fraction}`}`;
    const spelled = readSpelled(cell)!;
    const value = Number(`${whole}${fraction === null ? "" : `.0${fraction}`}`) * (/[-−]/.test(sign) ? -1 : 1);
    // One separator before three digits is open: it is kept with the point as the decimal mark.
    if (spelled.mark.startsWith("open"))
      return [value, 1000 * value, value / 1000].some((one) => Math.abs(one - spelled.value) < 1e-9);
    return spelled.value === value;
  });

  holds("that look like dates are days or nothing", 10, textOf(of("0123456789201-/.:T Z+UTC"), 26), (cell) => {
    const date = readDate(cell);
    // A zone is read by the pattern, where the most usual dates take a shorter way.
    const zoned = /[Z\d]$/.test(cell) ? readDate(`${cell.replace(/Z$/, "")}Z`) : undefined;
    if (date && zoned && /\d:\d\d$/.test(cell)) return date.days === zoned.days;
    return date === undefined || Number.isFinite(date.days);
  });

  const instants = fc.record({
    ms: fc.integer({ min: -62135596800000, max: 253402300799999 }),
    order: fc.constantFrom<DateOrder>("day-first", "month-first"),
  });
  holds("with a time are its days, in all ways to write it", 4, instants, ({ ms, order }) => {
    const iso = new Date(ms).toISOString();
    const [year, month, day] = iso.slice(0, 10).split("-") as [string, string, string];
    const other = order === "day-first" ? `${day}/${month}/${year}` : `${month}/${day}/${year}`;
    if (readDate(iso.slice(0, 10))!.days !== Math.floor(ms / 864e5)) return false;
    if (Math.abs(readDate(iso.slice(0, 19))!.days - Math.floor(ms / 1000) / 86400) > 1e-8) return false;
    const cells = [iso, iso.replace("T", " "), `${other}${iso.slice(10)}`, `${iso.slice(0, -1)}+00:00`];
    return cells.every((cell) => Math.abs(readDate(cell, order)!.days - ms / 864e5) < 1e-8);
  });
});

/** Parts of tables, and what has no place in one. */
const parts = [
  ...[",", ",", ";", "\t", "|", "\n", "\n", "\n", "\r\n", "\r", '"', '""', '"a\nb"', '"NA"', '"x",', " ", "\uFEFF"],
  ...["a", "b", "col", "é", "\u{1F600}", "\ud800", "\udc00", "\0", "\uffff", "NA", "None", "?", "-999", "true"],
  ...[
    "1",
    "2",
    "0",
    "10",
    "1.5",
    "-2.25",
    "1e3",
    "1,100",
    "1.100",
    "1.234.567",
    "0,5",
    "5 %",
    "$3",
    "1e400",
    "inf",
    "NaN",
  ],
  ...["2024-01-02", "03/04/2024", "31/12/2024", "2024-01-02T03:04:05Z", "12345678901234567890", "sep=;\n", "#", "0x1F"],
];

const columnLists = fc.array(fc.constantFrom("a", "b", "1", "2", "1-2", "*", "a*", "?", "", '"a"', "col"), {
  maxLength: 2,
});
const words = fc.array(fc.constantFrom("NA", "-999", "a", "", "1", "x"), { maxLength: 3 });
const readings: fc.Arbitrary<CsvOptions> = fc.record(
  {
    delimiter: fc.constantFrom(",", ";", "\t", "|", "tab", "a", "1", ".", ""),
    header: fc.boolean(),
    missing: words,
    missingOnly: words,
    columns: columnLists,
    categorical: columnLists,
    ordered: fc.array(fc.record({ columns: fc.constantFrom("a", "1", "*"), levels: words }), { maxLength: 1 }),
    decimal: fc.constantFrom(".", ","),
    dates: fc.constantFrom("day-first", "month-first"),
  },
  { requiredKeys: [] },
);

function read(text: string, options: CsvOptions, cuts: readonly number[], head?: number): Table {
  const reader = new CsvReader(options, head);
  for (let at = 0, i = 0; at < text.length; i++) {
    const end = cuts.length === 0 ? text.length : at + cuts[i % cuts.length]!;
    reader.push(text.slice(at, end));
    at = end;
  }
  return reader.finish();
}

/** Everything that is asked of a table. */
function checkTable({ columns, rows }: Table): boolean {
  return columns.every((column, c) => {
    const { values, levels, kind, isUnread } = column;
    const problem = columnProblem({ columns, rows }, c);
    if (problem !== undefined && problem.length < 10) return false;
    if (isUnread) return problem !== undefined && values.length === 0;
    const most = kind === "category" ? levels!.length : Number.POSITIVE_INFINITY;
    return values.length === rows && values.every((v) => Number.isNaN(v) || (Number.isFinite(v) && v < most));
  });
}

describe("tables", () => {
  const table = textOf(parts, 60);

  holds("of any text are read, or refused with a sentence", 0.2, fc.tuple(table, readings), ([text, options]) => {
    const found = outcome(() => parseCsv(text, options));
    return "message" in found || checkTable(found.value);
  });

  const cutting = fc.tuple(
    table,
    readings,
    fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 }),
    fc.nat(40),
  );
  holds("are the same however the text is cut", 0.2, cutting, ([text, options, cuts, head]) =>
    isDeepStrictEqual(
      outcome(() => read(text, options, cuts, head)),
      outcome(() => read(text, options, [], head)),
    ),
  );

  const lines = fc.array(
    fc.array(fc.constantFrom(...parts.filter((part) => !/[\n\r"]/.test(part)), "7", "8.5", "red"), {
      minLength: 1,
      maxLength: 3,
    }),
    { maxLength: 12 },
  );
  const choosing = fc.tuple(lines, fc.constantFrom("a", "b", "1", "2", "a,b"), readings);
  holds("have the same columns whether the others are read or not", 0.1, choosing, ([rows, spec, options]) => {
    const text = rows.map((row) => [...row, "1,5", "x"].slice(0, 3).join(";")).join("\n");
    const whole = outcome(() =>
      pickColumns(parseCsv(`a;b;c\n${text}`, { ...options, columns: undefined }), spec, "--x"),
    );
    const part = outcome(() => pickColumns(parseCsv(`a;b;c\n${text}`, { ...options, columns: [spec] }), spec, "--x"));
    return isDeepStrictEqual(whole, part);
  });

  const label = fc.constantFrom("red", "a,b", 'say "x"', "two\nlines", "ü", "x;y", "a\tb", "\u{1F600}", "-", "#1", "'");
  const written = fc.record({
    columns: fc.array(
      fc.oneof(
        fc.array(fc.option(doubles, { freq: 8 }), { minLength: 8, maxLength: 8 }),
        fc.array(fc.option(label, { freq: 8 }), { minLength: 8, maxLength: 8 }),
      ),
      { minLength: 1, maxLength: 5 },
    ),
    delimiter: fc.constantFrom(",", ";", "\t", "|"),
    end: fc.constantFrom("\n", "\r\n", "\r"),
    gap: fc.constantFrom("NA", "", "NaN"),
    mark: fc.constantFrom("", "\uFEFF"),
    quoted: fc.boolean(),
    cut: fc.integer({ min: 1, max: 50 }),
    last: fc.boolean(),
  });
  holds(
    "that were written are read to the bit",
    0.1,
    written,
    ({ columns, delimiter, end, gap, mark, quoted, cut, last }) => {
      const cellOf = (value: number | string | null) => {
        const text = value === null ? gap : Object.is(value, -0) ? "-0" : String(value);
        return (quoted && value !== null) || /[\n"]/.test(text) || text.includes(delimiter)
          ? `"${text.replaceAll('"', '""')}"`
          : text;
      };
      const rows = Array.from({ length: 8 }, (_, row) => columns.map((column) => cellOf(column[row]!)));
      const head = columns.map((_, c) => `c${c}`);
      // An empty line is no row of a table of several columns, and the last one of none.
      const isOne = columns.length === 1 && gap === "";
      const text = `${mark}${[head, ...rows].map((row) => row.join(delimiter)).join(end)}${last || isOne ? end : ""}`;
      const found = read(text, { delimiter, decimal: "." }, [cut], 20);
      return columns.every((column, c) => {
        const { values, levels, kind } = found.columns[c]!;
        const isText = column.some((value) => typeof value === "string");
        if (kind !== (isText ? "category" : "numeric")) return false;
        const back = [...values].map((v) => (Number.isNaN(v) ? null : isText ? levels![v]! : v));
        return (
          isOne ||
          isDeepStrictEqual(
            back,
            column.map((value) => (typeof value === "string" ? value.replace("\n", "\n") : value)),
          )
        );
      });
    },
  );

  holds(
    "take options of any type, or refuse them",
    0.1,
    fc.tuple(
      fc.anything(),
      fc.dictionary(
        fc.constantFrom(
          "delimiter",
          "header",
          "columns",
          "missing",
          "missingOnly",
          "categorical",
          "ordered",
          "decimal",
          "dates",
          "__proto__",
          "x",
        ),
        fc.anything(),
      ),
    ),
    ([any, some]) => {
      for (const options of [any, some]) outcome(() => parseCsv("a,b\n1,2\n", options as CsvOptions));
    },
  );
});

describe("lists of columns", () => {
  const names = fc.uniqueArray(
    textOf(of('abcab,"" *?-12:.h\'\\$(['), 6)
      .map((name) => name.trim())
      .filter((name) => name !== ""),
    { minLength: 1, maxLength: 8 },
  );

  holds("of quoted names are these columns", 1, names, (list) => {
    const spec = list.map((name) => `"${name.replaceAll('"', '""')}"`).join(",");
    const found = list.includes(spec) ? list.indexOf(spec) : undefined;
    return isDeepStrictEqual(findColumns(list, spec, "--x"), found === undefined ? [...list.keys()] : [found]);
  });

  holds(
    "of any text are places of columns, each once, or refused",
    1,
    fc.tuple(names, textOf(of('abc,,"" *?-123456789:hour'), 20)),
    ([list, spec]) => {
      splitList(spec);
      const found = outcome(() => findColumns(list, spec, "--x"));
      return (
        "message" in found || (new Set(found.value).size === found.value.length && found.value.every((j) => j in list))
      );
    },
  );

  /** Whether a pattern fits, by all choices of what its first star is. */
  const fits = (name: string, pattern: string): boolean => {
    if (pattern === "") return name === "";
    if (pattern[0] === "*") return fits(name, pattern.slice(1)) || (name !== "" && fits(name.slice(1), pattern));
    return name !== "" && (pattern[0] === "?" || pattern[0] === name[0]) && fits(name.slice(1), pattern.slice(1));
  };
  const globs = fc.tuple(
    fc.uniqueArray(
      textOf(of("aab"), 8).filter((name) => name !== ""),
      { minLength: 1, maxLength: 6 },
    ),
    textOf(of("aab*?"), 7),
  );
  holds("with stars and question marks are what these mean", 1, globs, ([list, glob]) => {
    const found = outcome(() => findColumns(list, `${glob}*`, "--x"));
    const right = [...list.keys()].filter((j) => fits(list[j]!, `${glob}*`));
    return "message" in found ? right.length === 0 : isDeepStrictEqual(found.value, right);
  });

  it("with many stars and many quotes take no time", () => {
    const long = "a".repeat(20_000);
    expect(outcome(() => findColumns([long, "b"], `${"*a".repeat(60)}*b`, "--x"))).toHaveProperty("message");
    expect(outcome(() => findColumns([long], `${'"'.repeat(50_001)}`, "--x"))).toHaveProperty("message");
    expect(optionsOf(["--ordered", '"'.repeat(5001)])).toHaveProperty("message");
  });
});

/** Options of the command line, read as it reads them. */
function optionsOf(args: readonly string[]): { value: TableOptions } | { message: string } {
  const command = lagOptions(
    criticOptions(fileOptions(new Command("estimate")), { folds: 5, restarts: 2, decay: "0" }),
  );
  command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
  try {
    command.parse(args, { from: "user" });
    return { value: command.opts<TableOptions>() };
  } catch (error) {
    if (error instanceof CommanderError) return { message: error.message };
    throw error;
  }
}

describe("options", () => {
  const texts = textOf(of("0123456789-+.,eE ax=\"'*"), 14);

  holds("that are whole numbers are digits", 4, texts, (text) => {
    const isWhole = /^\d+$/.test(text) && Number(text) <= Number.MAX_SAFE_INTEGER;
    try {
      return integer(text) === Number(text) && isWhole;
    } catch (error) {
      return error instanceof CommanderError && !isWhole;
    }
  });

  holds("that are numbers are finite", 4, texts, (text) => {
    try {
      return Number.isFinite(number(text));
    } catch (error) {
      return error instanceof CommanderError;
    }
  });

  const lists = fc.oneof(
    textOf(of("0123456789--,, "), 16),
    fc.array(fc.oneof(fc.integer(), fc.double())),
    fc.anything(),
  );
  holds("that are lags are whole numbers, rising, at most 1000", 3, lists, (lags) => {
    const found = outcome(() => readLags(lags as string, "lags"));
    if ("message" in found) return true;
    const list = found.value;
    return list.length <= 1000 && list.every((lag, i) => Number.isInteger(lag) && (i === 0 || lag > list[i - 1]!));
  });

  const flags = [
    "--x",
    "--y",
    "--given",
    ...readingOptions,
    "--time",
    "--group",
    "--block",
    "--lag",
    "--transfer",
    "--history",
    "--folds",
    "--hidden",
    "--steps",
    "--fast",
    "--",
    "-",
    "file.csv",
    "--nothing",
    "a=x,y",
    '"a"="b,c"',
    "1-2",
    ",",
    "''",
    "1e9",
    "99999999999999999999",
    "-1",
    "\u{1F600}",
    "__proto__",
    "none",
    "tab",
  ];
  holds(
    "of any command line are read, or refused with a sentence",
    0.05,
    fc.array(fc.oneof(fc.constantFrom(...flags), texts), { maxLength: 9 }),
    (args) => {
      const found = optionsOf(["f.csv", "--x", "a", "--y", "b", ...args]);
      if ("message" in found) return found.message.length > 10;
      return outcome(() => parseCsv("a,b\n1,x\n2,y\n", csvOptions(found.value))) !== undefined;
    },
  );
});

/** What a disk or a network may do to bytes. */
const changes = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  kind: fc.constantFrom("cut", "flip", "drop", "double", "zero"),
  bit: fc.nat(7),
});
function changed(bytes: Uint8Array, { at, kind, bit }: { at: number; kind: string; bit: number }): Uint8Array {
  const place = Math.min(bytes.length - 1, Math.floor(at * bytes.length));
  if (kind === "cut") return bytes.slice(0, place);
  if (kind === "flip") return bytes.with(place, bytes[place]! ^ (1 << bit));
  if (kind === "zero") return bytes.with(place, bytes[place] === 0 ? 1 : 0);
  const from = kind === "drop" ? place + 1 : place;
  return Uint8Array.from([...bytes.subarray(0, kind === "drop" ? place : place + 1), ...bytes.subarray(from)]);
}

describe("saved bytes", () => {
  const format = { kind: "remine estimate", version: 2 };
  const values = fc.record({
    name: fc.string({ unit: "binary" }),
    parts: fc.array(
      fc.oneof(fc.float64Array({ maxLength: 4 }), fc.float32Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 9 })),
    ),
    more: fc.dictionary(fc.constantFrom("a", "$array", "length"), fc.constantFrom(null, 1, "x"), { maxKeys: 1 }),
  });

  holds(
    "come back as they were, and changed in any place are refused",
    0.3,
    fc.tuple(
      values.filter(({ more }) => !("$array" in more)),
      changes,
    ),
    ([value, change]) => {
      const bytes = packed(format, value);
      const kept = { ...value, name: new TextDecoder().decode(new TextEncoder().encode(value.name)) };
      if (!isDeepStrictEqual(unpacked(format, bytes), { ...kept, more: { ...value.more } })) return false;
      const found = outcome(() => unpacked(format, changed(bytes, change)));
      return "message" in found;
    },
  );

  const heads = fc.oneof(
    fc.json(),
    fc
      .anything()
      .map((value) => `{"kind":"remine estimate","version":2,"bytes":${String(fc.stringify(value).length)},"sum":0}`),
    textOf(
      [
        '{"kind":',
        '"remine estimate"',
        ',"version":2',
        "}",
        "{",
        "\n",
        "1e999",
        '"$array":"__proto__"',
        "[",
        "null",
        "\0",
      ],
      12,
    ),
  );
  holds("that were never saved are refused", 0.5, heads, (text) => {
    const bytes = new TextEncoder().encode(`${text}\n`);
    return "message" in outcome(() => unpacked(format, bytes));
  });

  const records = fc.array(
    fc.record({
      x: fc.nat(5),
      y: fc.nat(9),
      rows: fc.nat(1000),
      estimator: fc.constant("ksg"),
      raw: doubles,
      standardError: doubles,
      pearson: fc.double(),
      evidence: doubles,
      exceed: fc.nat(20),
      permutations: fc.constant(20),
    }),
    { maxLength: 4 },
  );
  const header = {
    data: "0",
    columns: ["a", "b"],
    rows: 30,
    permutations: 0,
    shard: "1/1",
    adapter: "ü",
  } as unknown as Header;
  holds("of finished pairs are whole lines, or refused", 0.2, fc.tuple(records, changes), ([pairs, change]) => {
    const whole = Buffer.from([...partLines(header, [{ pairs, largest: [] } as MatrixChunk])].join(""));
    const right = partOf(whole, "p")!;
    const found = outcome(() => partOf(Buffer.from(changed(whole, change)), "p"));
    // A last line that was cut off is left out; all that is there is what was written.
    if ("message" in found || found.value === undefined) return true;
    return (
      isDeepStrictEqual(found.value.header, right.header) &&
      (found.value.chunks.length === 0 || isDeepStrictEqual(found.value.chunks, right.chunks))
    );
  });
});

describe("files of images", () => {
  const bigEndian = (numbers: readonly number[]) =>
    numbers.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  /** Values that repeat after 251, a prime, so that no two places nearby have the same ones. */
  const madeBytes = (length: number, from: number, below: number) =>
    Uint8Array.from({ length }, (_, i) => ((from + 7 * i) % 251) % below);

  const size = fc.integer({ min: 1, max: 5 });
  const idxFiles = fc
    .record({
      kind: fc.constantFrom("images" as const, "labels" as const),
      sizes: fc.tuple(size, size, size),
      from: fc.nat(250),
    })
    .map(({ kind, sizes: all, from }) => {
      const sizes = kind === "images" ? all : all.slice(0, 1);
      const values = madeBytes(
        sizes.reduce((product, n) => product * n, 1),
        from,
        kind === "images" ? 256 : 10,
      );
      const head = 4 + 4 * sizes.length;
      return {
        kind,
        sizes,
        values,
        head,
        bytes: Uint8Array.from([...bigEndian([0x800 + sizes.length, ...sizes]), ...values]),
      };
    });
  const idxCases = fc.tuple(idxFiles, fc.integer({ min: 1, max: 6 }), changes);
  holds(
    "of idx come back as they were, and changed are refused or one value else",
    1,
    idxCases,
    ([file, most, change]) => {
      const { kind, sizes, values, head, bytes } = file;
      if (!isDeepStrictEqual(idxOf(bytes, kind), { sizes, values })) return false;
      const kept = values.subarray(0, (values.length / sizes[0]!) * Math.min(most, sizes[0]!));
      if (!isDeepStrictEqual([...idxOf(bytes, kind, most).values], [...kept])) return false;
      const found = outcome(() => idxOf(changed(bytes, change), kind));
      if ("message" in found) return true;
      const others = found.value.values.filter((value, i) => value !== values[i]).length;
      return isDeepStrictEqual(found.value.sizes, sizes) && others === 1 && change.at * bytes.length >= head;
    },
  );

  const anyIdx = fc.tuple(
    fc.constantFrom([], [0x801], [0x803], [0x801, 2], [0x803, 1, 2, 2], [0x803, 2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1]),
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom("images" as const, "labels" as const),
  );
  holds("of idx from any bytes are as many values as they say, or refused", 1, anyIdx, ([head, rest, kind]) => {
    const found = outcome(() => idxOf(Uint8Array.from([...bigEndian(head), ...rest]), kind));
    return "message" in found || found.value.values.length === found.value.sizes.reduce((product, n) => product * n, 1);
  });

  const batches = fc.record({ labels: fc.array(fc.nat(9), { minLength: 1, maxLength: 3 }), from: fc.nat(250) });
  const cifarCases = fc.tuple(batches, fc.integer({ min: 1, max: 4 }), changes);
  holds(
    "of CIFAR-10 come back as they were, and changed are refused or one value else",
    0.02,
    cifarCases,
    ([made, most, change]) => {
      const bytes = madeBytes(3073 * made.labels.length, made.from, 256);
      for (const [i, label] of made.labels.entries()) bytes[3073 * i] = label;
      /** The records again, from what was read. */
      const written = ({ count, pixels, labels }: ReturnType<typeof cifarOf>) =>
        Uint8Array.from({ length: 3073 * count }, (_, at) => {
          const [i, place] = [Math.floor(at / 3073), (at % 3073) - 1];
          return place < 0 ? labels[i]! : pixels[3072 * i + 3 * (place % 1024) + Math.floor(place / 1024)]!;
        });
      const kept = bytes.subarray(0, 3073 * most);
      if (
        Buffer.compare(written(cifarOf(bytes)), bytes) !== 0 ||
        Buffer.compare(written(cifarOf(bytes, most)), kept) !== 0
      )
        return false;
      const other = changed(bytes, change);
      const found = outcome(() => cifarOf(other));
      // A cut between two records cannot be seen.
      return "message" in found || Buffer.compare(written(found.value), other) === 0;
    },
  );

  holds("of CIFAR-10 from any bytes are refused", 1, fc.uint8Array({ maxLength: 40 }), (bytes) => {
    return "message" in outcome(() => cifarOf(bytes));
  });
});

describe("what callers hand in", () => {
  const numbers = fc.array(fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, Number.NaN)), { maxLength: 6 });
  const inputs = fc.oneof(
    fc.anything({
      withTypedArray: true,
      withNullPrototype: true,
      withBigInt: true,
      withDate: true,
      withSparseArray: true,
    }),
    fc.array(fc.oneof(numbers, fc.anything()), { maxLength: 4 }),
    fc.record({
      data: fc.oneof(fc.float64Array({ maxLength: 6 }), fc.anything()),
      columns: fc.oneof(fc.nat(3), fc.anything()),
    }),
    fc.array(
      fc.record(
        { name: fc.anything(), values: fc.oneof(numbers, fc.anything()), kind: fc.anything() },
        { requiredKeys: [] },
      ),
      { maxLength: 3 },
    ),
    fc.dictionary(fc.constantFrom("a", "b", "__proto__", "constructor", "values"), fc.oneof(numbers, fc.anything())),
  );
  const missing = fc.constantFrom("throw" as const, "drop" as const);

  holds("becomes columns of numbers, equally long, or is refused", 0.5, fc.tuple(inputs, missing), ([input, told]) => {
    const isColumn =
      (rows: number) =>
      ({ values }: { values: Float64Array }) =>
        values.length === rows && values.every((v) => Number.isFinite(v) || told === "drop");
    const side = outcome(() => toColumns(input as ColumnsInput, "x", { missing: told }));
    if ("value" in side && !side.value.columns.every(isColumn(side.value.rows))) return false;
    const table = outcome(() => tableColumns(input as ColumnsInput, told));
    return "message" in table || table.value.every(isColumn(table.value[0]?.values.length ?? 0));
  });

  holds(
    "as options has known keys, or is refused",
    0.3,
    fc.anything({ withNullPrototype: true, withBigInt: true }),
    (options) => {
      const found = outcome(() => checkEstimateOptions("estimate", options as object));
      return "message" in found || RemineError !== undefined;
    },
  );
});
