/** Images for the experiments of `remine paper`, read from the files of their data sets. */
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { InputError } from "../../errors.ts";
import { checkCounts } from "../../options.ts";
import { CIFAR_CHANNELS, CIFAR_SIDE, type CifarImages, cifarOf } from "./cifar.ts";
import { idxOf } from "./idx.ts";
import {
  type Folder,
  findFolder,
  type ImageSetName,
  type ImageSetPart,
  PLACES,
  type Place,
  pathOf,
} from "./image-places.ts";

export type { ImageSetName } from "./image-places.ts";

export interface ImageSet {
  name: ImageSetName;
  /** Pixels. */
  height: number;
  width: number;
  channels: number;
  count: number;
  /** (count, height, width, channels), 0 to 255, channels last. */
  pixels: Uint8Array;
  /** (count), 0 to 9. */
  labels: Uint8Array;
}

export interface ImageFilesOptions {
  /** Where the files are, or a folder of the set's name with them; default where a package of the set has put them. */
  folder?: string | undefined;
  /** Default "train". */
  part?: ImageSetPart | undefined;
  /** Images at the beginning that are kept, or as many as there are; default all. */
  most?: number | undefined;
}

/** Bytes that a gzip file may become; the largest file of these sets has 47 million. */
const MOST_BYTES = 1 << 30;

/**
 * Reads a data set, or the beginning of it; of CIFAR-10 no more files than that takes.
 *
 * @throws {InputError} naming the folder or the file, what was expected there, and how to get it
 */
export async function readImages(name: ImageSetName, options: ImageFilesOptions = {}): Promise<ImageSet> {
  const { folder, part = "train", most = Number.POSITIVE_INFINITY } = options;
  if (most !== Number.POSITIVE_INFINITY) checkCounts({ most });
  const place = PLACES[name];
  const found = await findFolder(place, folder, part);
  const images = await (name === "cifar-10" ? readCifar(place, found, most) : readIdx(place, found, most, part));
  return { name, ...images };
}

type Images = Omit<ImageSet, "name">;

async function readIdx(place: Place, folder: Folder, most: number, part: ImageSetPart): Promise<Images> {
  const [imagesPath, labelsPath] = folder.wanted.map((file) => pathOf(place, folder, file)) as [string, string];
  const labels = await parsed(place, labelsPath, (bytes) => {
    const { values } = idxOf(bytes, "labels");
    checkBeginning(place, values, part);
    return values;
  });
  const images = await parsed(place, imagesPath, (bytes) => idxOf(bytes, "images", most));
  const [count, height, width] = images.sizes as [number, number, number];
  if (count !== labels.length) {
    throw new InputError(
      `${place.title}: ${imagesPath} has ${count} images and ${labelsPath} has ${labels.length} labels, where one for each was expected. ${place.source}`,
    );
  }
  const kept = Math.min(count, most);
  return { height, width, channels: 1, count: kept, pixels: images.values, labels: labels.slice(0, kept) };
}

/** Files of another set that have the same names would be taken for this one. */
function checkBeginning(place: Place, labels: Uint8Array, part: ImageSetPart): void {
  const beginning = labels.subarray(0, 10).join("");
  const other = Object.values(PLACES).find((each) => each !== place && each.beginnings?.[part] === beginning);
  if (other)
    throw new InputError(`these are the labels of ${other.title}, where those of ${place.title} were expected`);
}

async function readCifar(place: Place, folder: Folder, most: number): Promise<Images> {
  const parts: CifarImages[] = [];
  let count = 0;
  for (const file of folder.wanted) {
    if (count >= most) break;
    const part = await parsed(place, pathOf(place, folder, file), (bytes) => cifarOf(bytes, most - count));
    parts.push(part);
    count += part.count;
  }
  const pixels = joined(parts.map((part) => part.pixels));
  const labels = joined(parts.map((part) => part.labels));
  return { height: CIFAR_SIDE, width: CIFAR_SIDE, channels: CIFAR_CHANNELS, count, pixels, labels };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** What a file holds; messages name it, and how to get another one. */
async function parsed<T>({ title, source }: Place, path: string, parse: (bytes: Uint8Array) => T): Promise<T> {
  try {
    const bytes = await bytesOf(path);
    return parse(bytes[0] === 0x1f && bytes[1] === 0x8b ? await unzipped(bytes) : bytes);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${title}: ${path}: ${error.message}. ${source}`, { cause: error });
  }
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(`the file cannot be read (${code ?? message}). Change its permissions, or copy it elsewhere`, {
      cause: error,
    });
  }
}

async function unzipped(bytes: Buffer): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    throw new InputError(`the gzip file is damaged (${(error as Error).message})`, { cause: error });
  }
}
