/** One HTML file that needs nothing else: its style and script are the only ones that its own policy allows. */
import { type Content, Html, html, shortened } from "./markup.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";

/** A whole page. */
export interface Page {
  /** Of the window; the page's own heading stands in `body`. */
  title: string;
  body: Content;
  /** For the script, by the ids of what it belongs to. */
  data?: Readonly<Record<string, unknown>>;
  foot: Content;
}

/** The part of a page that says what was said of its rows. */
export const howRead = (notes: readonly string[]): Content =>
  notes.length > 0 &&
  html`<section><h2>How the rows were read</h2><ul>${notes.map((note) => html`<li>${note}</li>`)}</ul></section>`;

/** The base64 SHA-256 of a text, as a policy names it. */
async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}

/** JSON that can stand in a script element: no text in it can end the element. */
const embedded = (value: unknown): Html => new Html(JSON.stringify(value).replace(/</g, "\\u003c"));

/**
 * The file. The same page gives the same bytes.
 *
 * @returns HTML in UTF-8 that opens from a disk without a network
 */
export async function pageOf({ title, body, data = {}, foot }: Page): Promise<string> {
  const [style, script] = await Promise.all([STYLE, SCRIPT].map(hashOf));
  const policy = `default-src 'none'; style-src ${style}; script-src ${script}; img-src data:; base-uri 'none'; form-action 'none'`;
  const values = Object.entries(data).map(
    ([id, value]) => html`<script type="application/json" id="${id}">${embedded(value)}</script>
`,
  );
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Html(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="remine">
<link rel="icon" href="data:,">
<title>${shortened(title, 120)}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
${body}
</main>
<footer>
${foot}
</footer>
${values}<script>${new Html(SCRIPT)}</script>
</body>
</html>
`.text;
}
