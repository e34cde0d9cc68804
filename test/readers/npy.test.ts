import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { columnProblem } from "../../src/data/table.ts";
import { readLiteral } from "../../src/readers/python-literal.ts";
import { readTable } from "../../src/readers/read.ts";
import { bytesOf, expectColumns, expected, fileOf, read, refusal, valuesOf } from "./fixtures.ts";

const written = readdirSync(new URL("../fixtures/readers/", import.meta.url)).filter((name) => name.endsWith(".npy"));

describe("arrays that NumPy wrote", () => {
  const readable = written.filter((name) => Object.keys(expected[name]!).length > 0 && name !== "half-special.npy");

  it.each(readable)("%s has the same values", async (name) => {
    expectColumns(await read(name), name);
  });

  it("are all types of numbers in both orders of bytes, texts, dates, records, both orders of axes", () => {
    expect(readable.length).toBeGreaterThanOrEqual(45);
  });

  it("infinite values are refused when the column is selected, and NaN is missing", async () => {
    const table = await read("half-special.npy");
    expect(valuesOf(table.columns[0]!).slice(0, 4)).toEqual([1, 2, null, 4]);
    expect(columnProblem(table, 0)).toBe(
      'row 5, column "1": "inf" is not finite. Replace it by a number, or list it with --missing inf',
    );
  });

  it("only the columns that are asked for are kept", async () => {
    for (const name of ["c-order.npy", "fortran.npy"]) {
      const { columns } = await read(name, { columns: ["2"] });
      expect(columns.map(({ values }) => values.length)).toEqual([0, 24, 0]);
      expect(valuesOf(columns[1]!)).toEqual(expected[name]!["2"]);
    }
  });

  it("whole numbers beyond 2⁵³ are rounded, which is said; as categories they are kept", async () => {
    const [column] = (await read("larger.npy")).columns;
    expect(column!.note).toBe(
      'column "1": numbers of more than 15 digits are rounded, "18446744073709551615" to 18446744073709552000, so different ones may become equal; --categorical keeps their texts',
    );
    const kept = await read("larger.npy", { categorical: ["1"] });
    expect(kept.columns[0]!.levels).toEqual(["18446744073709551615", "7", "9007199254740993", "9223372036854775808"]);
  });

  it("elements of fields are one array by its name", async () => {
    const { columns } = await read("records.npy", { columns: ["xy"] });
    expect(columns.filter(({ isUnread }) => !isUnread).map(({ name }) => name)).toEqual(["xy[1]", "xy[2]"]);
  });
});

const OBJECTS =
  "the array holds Python objects, which are stored as a pickle, and to read one can run code. Save it with a plain type: numpy.save(path, array.astype(float))";

it.each([
  ["objects.npy", OBJECTS],
  ["objects-in-records.npy", OBJECTS],
  [
    "complex.npy",
    "the array holds complex numbers. Save their parts as two columns: numpy.save(path, numpy.stack([array.real, array.imag], axis=-1))",
  ],
  [
    "long-double.npy",
    "the array holds floats that no other program reads (long double or float128). Save them in double precision: numpy.save(path, array.astype(float))",
  ],
  [
    "cube.npy",
    "the array has 3 axes (4 × 6 × 3), and a table has rows and columns. Save array.reshape(len(array), -1)",
  ],
  [
    "number.npy",
    "the array is a single number, without an axis of rows. Give an array with one value or row per sample",
  ],
  ["empty.npy", "the array is empty (0 × 3). Give one with one value or row per sample"],
  ["nested.npy", 'field "a" has fields itself. Save its fields beside the others, or as arrays of an .npz file'],
  ["raw.npy", "the array holds raw bytes without a type. Save it with one: numpy.save(path, array.view(dtype))"],
])("%s is refused with the mend", async (name, message) => {
  expect(await refusal(fileOf(name))).toBe(`${name}: ${message}`);
});

/** A file of version 1.0 with this header. */
function fileWith(header: string, data = new Uint8Array(), version = [1, 0]): File {
  const text = new TextEncoder().encode(header);
  const length =
    version[0] === 1 ? [text.length & 255, text.length >> 8] : [0, 1, 2, 3].map((i) => (text.length >> (8 * i)) & 255);
  return new File([new Uint8Array([0x93, ...Buffer.from("NUMPY"), ...version, ...length]), text, data], "a.npy");
}

const header = (descr: string, shape: string, order = "False") =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

describe("broken arrays", () => {
  const again = "Write it again with numpy.save, or download it again";

  it.each([
    [
      "whose header is no dictionary",
      fileWith("__import__('os').system('true')"),
      `a broken NPY file (its header is no dictionary). ${again}`,
    ],
    [
      "with a negative size",
      fileWith(header("'<f8'", "(-3,)")),
      `a broken NPY file (its shape is no list of sizes). ${again}`,
    ],
    [
      "with a size beyond all files",
      fileWith(header("'<f8'", `(${2 ** 52},)`)),
      `a broken NPY file (its shape is larger than any file). ${again}`,
    ],
    [
      "of a type that there is not",
      fileWith(header("'<f3'", "(3,)")),
      "the array holds floats that no other program reads (long double or float128). Save them in double precision: numpy.save(path, array.astype(float))",
    ],
    [
      "of a type that is none",
      fileWith(header("'hello'", "(3,)")),
      `a broken NPY file (the type "hello" is not known). ${again}`,
    ],
    [
      "without a type",
      fileWith("{'fortran_order': False, 'shape': (3,)}"),
      `a broken NPY file (the type that its header says is not known). ${again}`,
    ],
    [
      "without an order",
      fileWith("{'descr': '<f8', 'shape': (3,)}"),
      `a broken NPY file (its header does not say the order of its values). ${again}`,
    ],
    [
      "of lists in lists",
      fileWith(`${"(".repeat(30_000)}`, undefined, [2, 0]),
      `a broken NPY file (its header is no dictionary). ${again}`,
    ],
    [
      "of an unknown version",
      fileWith(header("'<f8'", "(3,)"), undefined, [9, 0]),
      "NPY version 9.0 is not known; 1.0, 2.0 and 3.0 are. Save it again with numpy.save",
    ],
    [
      "of two fields of one name",
      fileWith(header("[('a', '<f8'), ('a', '<f8')]", "(1,)"), new Uint8Array(16)),
      `a broken NPY file (two fields are named "a"). ${again}`,
    ],
    [
      "that end in the data",
      fileWith(header("'<f8'", "(3, 2)"), new Uint8Array(40)),
      "the file is cut off: its array of 3 × 2 takes 118 bytes, and there are 110. Copy or download it again",
    ],
    [
      "that end in the header",
      new File([bytesOf("c-order.npy").subarray(0, 60)], "a.npy"),
      "the file is cut off: its header takes 128 bytes, and there are 60. Copy or download it again",
    ],
    [
      "of a magic alone",
      new File([bytesOf("c-order.npy").subarray(0, 6)], "a.npy"),
      "the file is cut off: its header takes 8 bytes, and there are 6. Copy or download it again",
    ],
  ])("%s", async (_, file, message) => {
    expect(await refusal(file)).toBe(`a.npy: ${message}`);
  });

  it("a header that claims 4 GB reserves nothing", async () => {
    const bomb = new File([new Uint8Array([0x93, ...Buffer.from("NUMPY"), 2, 0, 255, 255, 255, 255])], "a.npy");
    expect(await refusal(bomb)).toBe(`a.npy: a broken NPY file (its header claims 4294967295 bytes). ${again}`);
  });

  it("a stream that ends too early says so, where its length is not known", async () => {
    const pieces = new Response(bytesOf("c-order.npy").subarray(0, 400));
    await expect(readTable(pieces)).rejects.toThrow(
      "the file is cut off: its array of 24 × 3 takes 704 bytes, and there are 400. Copy or download it again",
    );
  });

  it("what follows the array is said", async () => {
    const { notes } = await readTable(new Blob([bytesOf("c-order.npy"), new Uint8Array(7)]));
    expect(notes).toEqual(["after the array stand 7 more bytes, which are not read"]);
  });

  it("options about text are refused", async () => {
    const message = await refusal(fileOf("c-order.npy"), { header: false });
    expect(message).toContain("--header (or --no-header) is about text, and this is a NPY file");
  });
});

it("literals of Python are read, and nothing that runs", () => {
  expect(readLiteral(`{"a": (1, -2L, 'x\\'y\\x41'), b'k': [None, True,], }`)).toEqual(
    new Map<string, unknown>([
      ["a", [1, -2, "x'yA"]],
      ["k", [null, true]],
    ]),
  );
  for (const text of ["f()", "1 + 1", "[1", "{1: 2}", "'a", "1, 2", ""])
    expect(readLiteral(text), text).toBeUndefined();
});
