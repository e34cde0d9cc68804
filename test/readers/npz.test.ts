import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { columnProblem, pickColumns } from "../../src/data/table.ts";
import { bytesOf, expectColumns, expected, fileOf, read, refusal, valuesOf } from "./fixtures.ts";

describe("archives that NumPy wrote", () => {
  it.each(["stored.npz", "packed.npz", "zip64.npz"])("%s has the same values", async (name) => {
    expectColumns(await read(name), name);
  });

  it("an array of two axes is all its columns by its name", async () => {
    const table = await read("packed.npz", { columns: ["x", "y"] });
    expect(pickColumns(table, "x", "--x").map(({ name }) => name)).toEqual(["x[1]", "x[2]", "x[3]"]);
    expect(pickColumns(table, "x[2],y", "--x").map(({ name }) => name)).toEqual(["x[2]", "y"]);
    expect(table.columns.filter(({ isUnread }) => !isUnread).map(({ name }) => name)).toEqual([
      "x[1]",
      "x[2]",
      "x[3]",
      "y",
    ]);
    expect(valuesOf(table.columns.find(({ name }) => name === "x[3]")!)).toEqual(expected["packed.npz"]!["x[3]"]);
  });

  it("arrays of other rows, single numbers and objects harm only those who ask for them", async () => {
    const table = await read("stored.npz");
    const problem = (name: string) =>
      columnProblem(
        table,
        table.columns.findIndex((column) => column.name === name),
      );
    expect(problem("short")).toBe('array "short" has 5 rows, and "x" has 24. Name only arrays of equally many rows');
    expect(problem("n")).toBe(
      'array "n": the array is a single number, without an axis of rows. Give an array with one value or row per sample',
    );
    expect(problem("objects")).toContain('array "objects": the array holds Python objects');
    expect(problem("x[1]")).toBeUndefined();
    const message = await refusal(fileOf("stored.npz"), { columns: ["x", "short"] });
    expect(message).toBe(
      'stored.npz: array "short" has 5 rows, and "x" has 24. Columns of one table need equally many rows',
    );
    expect((await read("stored.npz", { columns: ["short"] })).rows).toBe(5);
  });
});

/** One of the archives, with a number of two or four bytes after a signature changed. */
function patched(signature: number, offset: number, value: number, size: 2 | 4, name = "packed.npz"): File {
  const bytes = bytesOf(name);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 4 <= bytes.length; at++) {
    if (view.getUint32(at, true) !== signature) continue;
    if (size === 2) view.setUint16(at + offset, value, true);
    else view.setUint32(at + offset, value, true);
  }
  return new File([bytes], "a.npz");
}

const ENTRY = 0x02014b50;
const only = { columns: ["x"] };
const zipOf = (files: Record<string, Uint8Array>) => new File([zipSync(files) as Uint8Array<ArrayBuffer>], "a.npz");

describe("broken archives", () => {
  const again = "Write it again, or download it again";

  it("encrypted members are refused", async () => {
    expect(await refusal(patched(ENTRY, 8, 1, 2))).toBe(
      'a.npz: array "x": "x.npy" in the archive is encrypted. Unpack it with its password, and save it without',
    );
  });

  it("other ways to pack are refused", async () => {
    expect(await refusal(patched(ENTRY, 10, 12, 2), { columns: ["x"] })).toContain(
      'array "x": "x.npy" in the archive is packed in a way (12) that is not read. Save it with numpy.savez or numpy.savez_compressed',
    );
  });

  it("a wrong checksum is found", async () => {
    expect(await refusal(patched(ENTRY, 16, 0, 4), only)).toBe(
      `a.npz: a broken zip archive (the checksum of "x.npy" is wrong). ${again}`,
    );
  });

  it("a size that does not fit the shape is found", async () => {
    expect(await refusal(patched(ENTRY, 24, 900, 4), only)).toContain(
      `array "x": a broken NPY file (its shape does not fit the bytes that follow)`,
    );
  });

  it("bytes that became others are found in either way to store them", async () => {
    const bytes = bytesOf("stored.npz");
    bytes[200]! ^= 1;
    expect(await refusal(new File([bytes], "a.npz"), only)).toContain('(the checksum of "x.npy" is wrong)');
    const packed = bytesOf("packed.npz");
    packed[300]! ^= 255;
    expect(await refusal(new File([packed], "a.npz"), only)).toMatch(/a broken zip archive \(.*"x.npy"/);
  });

  it("an archive that is cut off says so", async () => {
    const message =
      "a.npz: the archive is cut off or no zip file: its directory, which stands at the end, is not there. Copy or download it again";
    for (const length of [4, 30, 900]) {
      expect(await refusal(new File([bytesOf("stored.npz").subarray(0, length)], "a.npz"))).toBe(message);
    }
  });

  it("archives of something else say what they are", async () => {
    expect(await refusal(fileOf("no-arrays.npz"))).toBe(
      "no-arrays.npz: a zip archive without NumPy arrays (1 file). Unpack it, and name the table in it",
    );
    expect(await refusal(zipOf({ "[Content_Types].xml": new Uint8Array(3) }))).toBe(
      "a.npz: a workbook or document in a zip archive, and not a table. Save the sheet as CSV",
    );
  });

  it("two members of one name are refused", async () => {
    const bytes = new TextDecoder("latin1").decode(bytesOf("stored.npz")).replaceAll("label.npy", "short.npy");
    const message = await refusal(new File([Uint8Array.from(bytes, (letter) => letter.charCodeAt(0))], "a.npz"));
    expect(message).toMatch(/^a.npz: columns 5 and 6 are both named "short". Rename one/);
  });
});

describe("bombs", () => {
  /** An array of zeros, which deflate makes a thousandth of. */
  const zeros = (bytes: number): Uint8Array => {
    const header = `{'descr': '|u1', 'fortran_order': False, 'shape': (${bytes},), }\n`;
    const start = new Uint8Array([0x93, ...Buffer.from("NUMPY"), 1, 0, header.length, 0, ...Buffer.from(header)]);
    const all = new Uint8Array(start.length + bytes);
    all.set(start);
    return all;
  };

  /** The directory of an archive of one array says other sizes. */
  async function patchedEntry({ size, packed }: { size: number; packed?: number }): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(await zipOf({ "x.npy": zeros(2 ** 20) }).arrayBuffer());
    const view = new DataView(bytes.buffer);
    const entry = bytes.length - 22 - 46 - 5;
    expect(view.getUint32(entry, true)).toBe(ENTRY);
    view.setUint32(entry + 24, size, true);
    if (packed !== undefined) view.setUint32(entry + 20, packed, true);
    return bytes;
  }

  it("past 64 MiB more than 200 times the bytes of the archive are not unpacked", async () => {
    const bytes = await patchedEntry({ size: 65 * 2 ** 20, packed: 70_000 });
    expect(await refusal(new File([bytes], "a.npz"))).toBe(
      'a.npz: array "x": "x.npy" in the archive would become 65 MiB out of 69 KiB, as only bombs and constants do: past 64 MiB at most 200 times as much is unpacked. If it is to be trusted, save it with numpy.savez, which does not pack',
    );
  });

  it("a member that claims more than deflate can hold is broken", async () => {
    expect(await refusal(patched(ENTRY, 24, 2 ** 30, 4), only)).toMatch(/"x.npy" claims 1073741824 bytes out of \d+\)/);
  });

  it("a member that holds more than it says is stopped there", async () => {
    const bytes = await patchedEntry({ size: 5000 });
    expect(await refusal(new File([bytes], "a.npz"))).toMatch(/"x.npy" holds more than the 5000 bytes that it says/);
  });
});
