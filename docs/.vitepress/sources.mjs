// Links of a page that leave docs/: a plain Git view follows them to the file, the site to a copy of it under /source/.
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Files and folders of the repository that pages link to, by their paths from its root. */
const linked = new Set();

/** Where the live pages stand when `remine demo` serves them. */
const LIVE = "http://127.0.0.1:8080/";

/**
 * Where the site's link goes; undefined for a link that VitePress treats itself.
 *
 * @param href as the Markdown has it
 * @param page path of the page from docs/
 */
function siteLink(href, page, base) {
  if (href.startsWith(LIVE)) return `${base}live/${href.slice(LIVE.length)}`;
  if (/^([a-z]+:|#|\/)/.test(href)) return undefined;
  const [path, anchor] = href.split("#");
  const target = posix.join("docs", dirname(page), path).replace(/\/$/, "");
  const isPage = target.startsWith("docs/") && target.endsWith(".md");
  if (isPage || !existsSync(join(root, target))) return undefined;
  if (target === "README.md") return `${base}${anchor ? `#${anchor}` : ""}`;
  linked.add(target);
  return `${base}source/${target}${isShown(target) ? "" : ".txt"}`;
}

/** What a browser shows by itself; all else is given to it as plain text. */
const isShown = (path) => /\.(json|csv|svg|png|txt)$/.test(path);

/** For `markdown.config` of VitePress. */
export function rewriteLinks(md, base) {
  const usual = md.renderer.rules.link_open ?? ((tokens, at, options, _, self) => self.renderToken(tokens, at, options));
  md.renderer.rules.link_open = (tokens, at, options, env, self) => {
    const token = tokens[at];
    const to = siteLink(token.attrGet("href") ?? "", env.relativePath ?? "", base);
    if (to === undefined) return usual(tokens, at, options, env, self);
    token.attrSet("href", to);
    // The site's router knows its own pages alone.
    token.attrSet("target", "_self");
    return self.renderToken(tokens, at, options);
  };
}

/** A picture in Mermaid, which a plain Git view draws, as a list of its arrows: no drawing library has to come along. */
export function listArrows(md) {
  const usual = md.renderer.rules.fence;
  md.renderer.rules.fence = (tokens, at, ...rest) => {
    if (tokens[at].info.trim() !== "mermaid") return usual(tokens, at, ...rest);
    const arrows = new Map();
    for (const [, from, to] of tokens[at].content.matchAll(/(\w+) --> (\w+)/g)) {
      arrows.set(from, [...(arrows.get(from) ?? []), `<code>${to}</code>`]);
    }
    const items = [...arrows].map(([from, to]) => `<li><code>${from}</code> → ${to.join(", ")}</li>`);
    return `<ul>${items.join("")}</ul>\n`;
  };
}

/** Copies what was linked into the built site; a folder becomes the list of its files. */
export function copySources(site) {
  for (const path of linked) {
    const [from, to] = [join(root, path), join(site, "source", `${path}${isShown(path) ? "" : ".txt"}`)];
    mkdirSync(dirname(to), { recursive: true });
    if (statSync(from).isDirectory()) writeFileSync(to, `${readdirSync(from).sort().join("\n")}\n`);
    else copyFileSync(from, to);
  }
}
