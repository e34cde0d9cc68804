/** Values as Python writes them: what the header of an NPY file is made of. No names, no calls, nothing that runs. */

/** A value of {@link readLiteral}; tuples are lists. */
export type Literal = string | number | boolean | null | Literal[] | Map<string, Literal>;

/** Lists in lists in lists: more than any header has. */
const DEEPEST = 16;

const WORDS = new Map<string, Literal>([
  ["True", true],
  ["False", false],
  ["None", null],
]);

/** Letters that a backslash stands before, in a text. */
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\\": "\\", "'": "'", '"': '"' };

/** The value of a text; undefined where the text is none of strings, whole numbers, True, False, None, tuples, lists and dicts. */
export function readLiteral(text: string): Literal | undefined {
  const reader = new LiteralReader(text);
  const value = reader.value(0);
  return reader.isAtEnd ? value : undefined;
}

class LiteralReader {
  readonly #text: string;
  #at = 0;
  #failed = false;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    this.#skip();
    return !this.#failed && this.#at === this.#text.length;
  }

  value(depth: number): Literal {
    this.#skip();
    const letter = this.#text[this.#at];
    if (depth > DEEPEST) return this.#fail();
    if (letter === "(" || letter === "[") return this.#list(letter === "(" ? ")" : "]", depth);
    if (letter === "{") return this.#dict(depth);
    const quoted = this.#match(/[ub]?(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)")/y);
    if (quoted) return this.#unescaped(quoted[1] ?? quoted[2]!);
    const number = this.#match(/([+-]?\d{1,20})L?/y);
    if (number) return Number(number[1]);
    const word = WORDS.get(this.#match(/\w+/y)?.[0] ?? "");
    return word === undefined ? this.#fail() : word;
  }

  #list(end: string, depth: number): Literal[] {
    const list: Literal[] = [];
    this.#at++;
    while (!this.#failed && !this.#take(end)) {
      list.push(this.value(depth + 1));
      if (this.#take(",")) continue;
      if (!this.#take(end)) this.#fail();
      break;
    }
    return list;
  }

  #dict(depth: number): Map<string, Literal> {
    const dict = new Map<string, Literal>();
    this.#at++;
    while (!this.#failed && !this.#take("}")) {
      const key = this.value(depth + 1);
      if (typeof key !== "string" || !this.#take(":")) this.#fail();
      dict.set(String(key), this.value(depth + 1));
      if (this.#take(",")) continue;
      if (!this.#take("}")) this.#fail();
      break;
    }
    return dict;
  }

  #unescaped(text: string): string {
    return text.replace(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/g, (all, x, u, long, one) => {
      const code = Number.parseInt(x ?? u ?? long, 16);
      if (Number.isNaN(code)) return ESCAPES[one] ?? all;
      return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
    });
  }

  /** Whether the next letter that is no space is this one, which is then behind. */
  #take(letter: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== letter) return false;
    this.#at++;
    return true;
  }

  #skip(): void {
    this.#match(/\s*/y);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at += found[0].length;
    return found;
  }

  #fail(): null {
    this.#failed = true;
    this.#at = this.#text.length;
    return null;
  }
}
