/** A JSON text in pieces, cut anywhere, to the texts of its rows. */
import { InputError } from "../errors.ts";

/** Characters of one row. Longer ones are broken files, and one object around everything. */
const MOST = 1 << 26;

const [QUOTE, BACKSLASH, COMMA, NEWLINE] = [34, 92, 44, 10];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];

const isBlank = (code: number): boolean => code === 32 || code === 9 || code === 13 || code === 0xfeff;

export interface JsonRow {
  text: string;
  /** Where it begins. */
  line: number;
}

/** Rows stand one after the other, or within one list. */
export class JsonValues {
  #text = "";
  /** Where to go on, and where the row that is open begins; −1 where none is. */
  #at = 0;
  #start = -1;
  #depth = 0;
  #isString = false;
  #line = 1;
  #startLine = 1;
  /** Of a list around all rows. */
  #list: "unknown" | "none" | "open" | "closed" = "unknown";

  /** @returns the rows that are whole now */
  push(piece: string): JsonRow[] {
    this.#text += piece;
    if (this.#list === "unknown" && !this.#begin(false)) return [];
    const rows = this.#scan();
    this.#forget();
    return rows;
  }

  /** @returns the rest, of a text that ended before it could be told what it is */
  finish(): JsonRow[] {
    const rows = this.#list === "unknown" && this.#begin(true) ? this.#scan() : [];
    if (this.#start >= 0 || this.#list === "open") {
      const [what, line] = this.#start >= 0 ? ["row", this.#startLine] : ["list", 1];
      throw new InputError(
        `line ${line}: the JSON ${what} that begins here does not end. The file is cut off: write or download it again`,
      );
    }
    return rows;
  }

  /** Finds a list around all rows: its first value is a list or an object. False where that is not told yet. */
  #begin(isLast: boolean): boolean {
    const [blank, bracket, after = ""] = /^[\s\uFEFF]*(\[?)\s*(.?)/s.exec(this.#text)!;
    if (after === "" && !isLast) return false;
    const isList = bracket !== "" && /[[{\]]/.test(after);
    this.#list = isList ? "open" : "none";
    if (isList) {
      this.#at = this.#text.indexOf("[") + 1;
      this.#line += blank.slice(0, this.#at).split("\n").length - 1;
    }
    return true;
  }

  #scan(): JsonRow[] {
    const rows: JsonRow[] = [];
    const text = this.#text;
    let at = this.#at;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (this.#isString) {
        if (code === BACKSLASH) at++;
        else if (code === QUOTE) this.#isString = false;
        else if (code === NEWLINE) this.#refuse("a text in quotes that does not end in its line");
      } else if (code === NEWLINE) this.#line++;
      else if (code === OPEN_LIST || code === OPEN_OBJECT) {
        if (this.#depth++ === 0) this.#open(at);
      } else if (this.#depth === 0) this.#between(code);
      else if (code === QUOTE) this.#isString = true;
      else if ((code === CLOSE_LIST || code === CLOSE_OBJECT) && --this.#depth === 0) {
        rows.push({ text: text.slice(this.#start, at + 1), line: this.#startLine });
        this.#start = -1;
      }
    }
    // A backslash at the end passes over a character that is yet to come.
    this.#at = at;
    return rows;
  }

  #open(at: number): void {
    if (this.#list === "closed") this.#refuse("a row after the end of the list");
    this.#start = at;
    this.#startLine = this.#line;
  }

  /** What may stand between rows. */
  #between(code: number): void {
    if (isBlank(code) || (this.#list === "open" && code === COMMA)) return;
    if (this.#list === "open" && code === CLOSE_LIST) this.#list = "closed";
    else this.#refuse("a value that is neither an object nor a list");
  }

  #refuse(what: string): never {
    throw new InputError(`line ${this.#line}: ${what}. Write each row as one object: {"x": 1.5, "y": 2}`);
  }

  /** What is whole need not be kept. */
  #forget(): void {
    const from = this.#start >= 0 ? this.#start : Math.min(this.#at, this.#text.length);
    this.#text = this.#text.slice(from);
    this.#at -= from;
    if (this.#start >= 0) this.#start = 0;
    if (this.#text.length > MOST) {
      throw new InputError(
        `line ${this.#startLine}: a row of more than ${MOST >> 20} million characters. Write one object a line for each sample`,
      );
    }
  }
}
