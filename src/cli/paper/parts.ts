/** The parts of experiments that are finished, one file each, so that a command that was killed goes on where it was. */
import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeWhole } from "../files.ts";

export class Parts {
  readonly #folder: string;
  readonly #common: object;
  /** Parts that an earlier run had finished. */
  found = 0;

  /**
   * @param folder is made once there is something to keep
   * @param common what all parts depend on: seed, adapter, version
   */
  constructor(folder: string, common: object) {
    this.#folder = folder;
    this.#common = common;
  }

  /** The result of a part from its file, or from `work`, and then the file is written. */
  async take<T extends object>(name: string, told: object, work: () => Promise<T>): Promise<T> {
    const key = JSON.stringify({ ...this.#common, name, ...told });
    const hash = createHash("sha256").update(key).digest("hex").slice(0, 12);
    const path = join(this.#folder, `${name}-${hash}.json`);
    const found = await read<T>(path, key);
    if (found) {
      this.found++;
      return found;
    }
    const text = JSON.stringify({ key, result: await work() });
    await mkdir(dirname(path), { recursive: true });
    await writeWhole(path, text);
    return parsed<T>(text).result;
  }
}

/** JSON has no NaN and no infinities: it writes null. */
const parsed = <T>(text: string) =>
  JSON.parse(text, (_, value) => (value === null ? Number.NaN : value)) as { key: string; result: T };

/** Undefined for a file that is not there, not whole, or of something else. */
async function read<T>(path: string, key: string): Promise<T | undefined> {
  try {
    const { key: its, result } = parsed<T>(await readFile(path, "utf8"));
    return its === key ? result : undefined;
  } catch {
    return undefined;
  }
}
