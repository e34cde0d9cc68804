/** HTML in which no text of a user's can be anything but text. */
import { escapeText } from "../text.ts";

/** Markup that may stand in a page as it is. Only {@link html} and {@link trusted} make it. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What stands between the parts of {@link html}: markup as it is, texts escaped, lists one after the other. */
export type Content = Html | string | number | undefined | false | readonly Content[];

const rendered = (content: Content): string => {
  if (content === undefined || content === false) return "";
  if (content instanceof Html) return content.text;
  return typeof content === "object" ? content.map(rendered).join("") : escapeText(String(content));
};

/**
 * Markup with values in it, also in quoted attributes; texts are escaped.
 *
 * @example html`<td title="${name}">${name}</td>`
 */
export function html(parts: TemplateStringsArray, ...values: Content[]): Html {
  return new Html(parts.map((part, i) => part + rendered(values[i])).join(""));
}

/** Markup that this package made, such as a picture. Never a user's text. */
export const trusted = (text: string): Html => new Html(text);

/** Of a name of more characters the middle is left out. */
const MOST_LETTERS = 60;

/** A text of at most `most` characters; of a longer one the middle is left out. */
export function shortened(text: string, most = MOST_LETTERS): string {
  // A text of 10 000 characters is not split where some of each end will do.
  const chars = [...(text.length > 8 * most ? text.slice(0, 2 * most) + text.slice(-2 * most) : text)];
  if (chars.length <= most) return text;
  return `${chars.slice(0, Math.ceil(most / 2)).join("")}…${chars.slice(-Math.floor(most / 2)).join("")}`;
}

/** A user's name for something: short, in its own direction of writing. */
export const named = (name: string, most = MOST_LETTERS): Html => html`<bdi>${shortened(name, most)}</bdi>`;

/** Names one after the other; of many the first ones and how many more there are. */
export function list(names: readonly string[], most = 8): Html {
  const more = names.length - most;
  const shown = more > 1 ? names.slice(0, most) : names;
  const parts = shown.map((name, i) => html`${i > 0 && ", "}${named(name)}`);
  return html`${parts}${more > 1 && ` and ${more} more`}`;
}

/** A picture of this package as a part of a page, whose style sheet has its rules, with its description as its label. */
export function inlined(svg: string): Html {
  const [, title = "", description = ""] = /<title>(.*?)<\/title><desc>(.*?)<\/desc>/s.exec(svg) ?? [];
  const bare = svg.replace(/<title>.*?<\/title><desc>.*?<\/desc><style>.*?<\/style>/s, "");
  return trusted(bare.replace(' role="img"', ` role="img" aria-label="${title}. ${description}"`));
}
