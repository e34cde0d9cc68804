/** The parts of experiments that are finished, one file each, so that a command that was killed goes on where it was. */
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { unwritten, writeWhole } from "../files.ts";

interface Part<T> {
  /** All that the result depends on. */
  key: string;
  seconds: number;
  result: T;
}

export class Parts {
  readonly #folder: string;
  readonly #common: object;
  /** How many an earlier run had finished. */
  found = 0;
  /** That all which were taken took, whenever they were run. */
  seconds = 0;

  /**
   * @param folder is made once there is something to keep
   * @param common what all parts depend on: seed, adapter, version
   */
  constructor(folder: string, common: object) {
    this.#folder = folder;
    this.#common = common;
  }

  /**
   * The result of a part from its file, or from `work`, and then the file is written.
   *
   * @throws {RemineError} when the disk is full; parts that were finished before are kept
   */
  async take<T extends object>(name: string, told: object, work: () => Promise<T>): Promise<T> {
    const key = JSON.stringify({ ...this.#common, name, ...told });
    const hash = createHash("sha256").update(key).digest("hex").slice(0, 12);
    const path = join(this.#folder, `${name.replace(/[^\w+-]+/g, "-")}-${hash}.json`);
    let part = await read<T>(path, key);
    if (part) this.found++;
    else part = await this.#make(path, key, work);
    this.seconds += part.seconds;
    return part.result;
  }

  async #make<T extends object>(path: string, key: string, work: () => Promise<T>): Promise<Part<T>> {
    const began = performance.now();
    const result = await work();
    const text = JSON.stringify({ key, seconds: (performance.now() - began) / 1000, result });
    try {
      await mkdir(this.#folder, { recursive: true });
    } catch (error) {
      throw unwritten(this.#folder, error);
    }
    await writeWhole(path, text);
    return parsed<T>(text);
  }
}

/** JSON has no NaN and no infinities: it writes null. */
const parsed = <T>(text: string) => JSON.parse(text, (_, value) => (value === null ? Number.NaN : value)) as Part<T>;

/** Undefined for a file that is not there, not whole, or of something else. */
async function read<T>(path: string, key: string): Promise<Part<T> | undefined> {
  try {
    const part = parsed<T>(await readFile(path, "utf8"));
    return part.key === key ? part : undefined;
  } catch {
    return undefined;
  }
}
