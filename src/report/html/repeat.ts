/** Commands and calls that repeat a result, quoted so that they can be pasted. */
import { type Html, html } from "./markup.ts";
import type { Repeat } from "./told.ts";

/**
 * A command with its arguments as a POSIX shell takes them; those with control characters as bash, zsh and ksh do.
 *
 * @example shellCommand(["remine", "estimate", "my file.csv"]) // "remine estimate 'my file.csv'"
 */
export const shellCommand = (words: readonly string[]): string => words.map(quoted).join(" ");

function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (!/[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/.test(word))
    return `'${word.replace(/'/g, "'\\''")}'`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is written otherwise.
  const seen = word.replace(/[\\'\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (char) => {
    const code = char.charCodeAt(0).toString(16);
    return char === "\\" || char === "'"
      ? `\\${char}`
      : char < "\x80"
        ? `\\x${code.padStart(2, "0")}`
        : `\\u${code.padStart(4, "0")}`;
  });
  return `$'${seen}'`;
}

/** A value as JavaScript; keys without quotes where they need none. */
export function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return visible(JSON.stringify(value));
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  const keyOf = (key: string) => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : visible(JSON.stringify(key)));
  return entries.length === 0
    ? "{}"
    : `{ ${entries.map(([key, part]) => `${keyOf(key)}: ${literal(part)}`).join(", ")} }`;
}

/** Characters that a page does not show as they are, as escapes. */
const visible = (json: string): string =>
  json.replace(
    /[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]|[\ud800-\udfff](?<![\ud800-\udbff][\udc00-\udfff])(?![\udc00-\udfff])/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** The part of a page that says how to have the same again. */
export const repeatSection = ({ command, library, why, settings }: Repeat): Html => html`<section>
<h2>The same again</h2>
<dl>${settings.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<p>On a command line:</p>
<pre tabindex="0"><code>${command}</code></pre>
${
  library !== undefined &&
  html`<p>From JavaScript:</p>
<pre tabindex="0"><code>${library.split("\n").flatMap((line, i) => (i > 0 ? [newline, line] : [line]))}</code></pre>`
}
${why !== undefined && html`<p class="soft">${why}</p>`}
<p class="soft">The same seed on the same adapter gives the same numbers to the last bit; another adapter rounds otherwise.</p>
</section>`;

const newline = html`
`;
