/** The code of README.md and docs/, as a reader would copy it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Block {
  /** "docs/start/node.md:12" */
  name: string;
  lang: string;
  code: string;
  /** From `<!-- not run: why -->` before it: `not run`, `browser` or `bundled`. */
  mark?: string;
  /** What stands in a block of text right after it: what it prints. */
  output?: string;
}

/** Names of all pages, from the root. */
export function pages(): string[] {
  const below = readdirSync("docs", { recursive: true }).map((name) => join("docs", String(name)));
  return ["README.md", ...below.filter((name) => name.endsWith(".md") && !name.includes(".vitepress"))].sort();
}

const RUNNABLE = ["ts", "js", "sh", "html"];
const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;
const MARK = /<!-- (not run|browser|bundled): [^>]+ -->\s*$/;

export function blocksOf(page: string): Block[] {
  const text = readFileSync(page, "utf8");
  const fences = [...text.matchAll(FENCE)];
  return fences.flatMap((fence, i) => {
    const [, lang, code] = fence as unknown as [string, string, string];
    if (!RUNNABLE.includes(lang)) return [];
    const mark = MARK.exec(text.slice(0, fence.index))?.[1];
    const next = fences[i + 1];
    const between = next && text.slice(fence.index + fence[0].length, next.index);
    const isOutput = next?.[1] === "text" && between?.trim() === "";
    const line = text.slice(0, fence.index).split("\n").length;
    return [{ name: `${page}:${line}`, lang, code, ...(mark && { mark }), ...(isOutput && { output: next[2]! }) }];
  });
}

const NUMBER = /[-−+]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?/g;

/**
 * How a printed text differs from the one that the page shows; undefined where they are alike. Words have to be the same; numbers
 * of another adapter or version may differ by a fifth, or by .1.
 */
export function difference(printed: string, shown: string): string | undefined {
  const [a, b] = [printed, shown].map((text) => text.trim().replace(/[ \t]+/g, " "));
  const words = (text: string) => text.replace(NUMBER, "#").replace(/[-─]{3,}/g, "-");
  if (words(a!) !== words(b!)) return `it prints\n${printed}\nand the page shows\n${shown}`;
  const numbers = (text: string) => (text.match(NUMBER) ?? []).map((number) => Number(number.replace("−", "-")));
  const [own, said] = [numbers(a!), numbers(b!)];
  const far = own.findIndex((value, i) => Math.abs(value - said[i]!) > Math.max(0.1, 0.2 * Math.abs(said[i]!)));
  return far < 0 ? undefined : `it prints ${own[far]} where the page shows ${said[far]}:\n${printed}`;
}
