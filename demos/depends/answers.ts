/** What a page asks of its reader, which answers from a worker, or from the page itself where there is none. */
import type { PairRecord } from "../../src/index.ts";
import { isForFiles, readFile } from "./file.ts";
import { type TestedColumn, type Told, testPairs } from "./independence.ts";
import { readColumn, readSheet } from "./sheet.ts";
import type { Choice, Reading, Sheet } from "./table.ts";
import { decode, refuseSize } from "./text.ts";

/** A table as it comes: a file, or text that was pasted or dropped. */
export type Source = { name: string; file: Blob } | { name: string; text: string };

export interface Asks {
  /** Reads a table. */
  read: { ask: Source; answer: Sheet };
  /** Reads one column of it in another way. */
  column: { ask: { at: number; reading: Reading }; answer: Choice };
  /** Tests all pairs by neighbours, and tells records as they are finished. */
  pairs: { ask: { columns: TestedColumn[]; known: PairRecord[] }; answer: undefined };
}
export type Kind = keyof Asks;

/** Milliseconds of work between two turns of whoever else is in this thread, and between two reports. */
const TURN = 40;
const REPORT = 200;

export const turn = () => new Promise<void>((resolve) => setTimeout(resolve));

export class Answerer {
  #sheet: Pick<Sheet, "name" | "columns"> = { name: "", columns: [] };
  #again: (at: number, reading: Reading) => Choice | Promise<Choice> = () => {
    throw new Error("no table was read");
  };

  async read(source: Source): Promise<Sheet> {
    const file = "file" in source ? source.file : new Blob([source.text]);
    refuseSize(file.size, source.name);
    if (await isForFiles(file)) {
      const { sheet, again } = await readFile(file, source.name);
      this.#keep(sheet, (at, reading) => again(this.#sheet.columns[at]!, at, reading));
      return sheet;
    }
    const { text, note = "" } = "text" in source ? { text: source.text } : await textOf(source);
    const sheet = readSheet(text, source.name);
    if (note) sheet.notes.push(note);
    this.#keep(sheet, (at, reading) => readColumn(text, this.#sheet, at, reading));
    return sheet;
  }

  #keep({ name, columns }: Sheet, again: (at: number, reading: Reading) => Choice | Promise<Choice>): void {
    this.#sheet = { name, columns: [...columns] };
    this.#again = again;
  }

  async column({ at, reading }: Asks["column"]["ask"]): Promise<Choice> {
    const choice = await this.#again(at, reading);
    this.#sheet.columns[at] = choice;
    return choice;
  }

  async pairs(
    { columns, known }: Asks["pairs"]["ask"],
    tell: (told: Told[]) => void,
    isStopped: () => boolean,
  ): Promise<undefined> {
    let [began, reported] = [performance.now(), performance.now()];
    let some: Told[] = [];
    for (const told of testPairs(columns, known)) {
      some.push(told);
      const now = performance.now();
      if (now - began < TURN) continue;
      if (now - reported > REPORT) {
        tell(some);
        [some, reported] = [[], now];
      }
      await turn();
      if (isStopped()) return undefined;
      began = performance.now();
    }
    tell(some);
    return undefined;
  }
}

const textOf = async ({ name, file }: { name: string; file: Blob }) =>
  decode(new Uint8Array(await file.arrayBuffer()), name);
