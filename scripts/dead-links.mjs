// Links of a built site that lead nowhere, and files that it would load from another host.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";

const TAG = /<(a|link|script|img|iframe|source)\b[^>]*>/g;
const ATTRIBUTE = /\b(href|src)="([^"]*)"/g;

/** Anchors that scripts of a live page read are no ids. */
const OWN_ANCHORS = /^(live|api)\//;

/**
 * @param site folder of the built site
 * @param base path that it will be served under
 * @returns every link of its HTML that has no file or no place on the page, and all that is loaded from elsewhere
 */
export function deadLinks(site, base = "/") {
  const pages = readdirSync(site, { recursive: true })
    .map((name) => String(name).replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".html"));
  const texts = new Map(pages.map((page) => [page, readFileSync(join(site, page), "utf8")]));
  return pages.flatMap((page) =>
    linksOf(texts.get(page)).flatMap(({ tag, link }) => {
      const why = problem(link, tag, page, { site, base, texts });
      return why ? [{ page, link, why }] : [];
    }),
  );
}

function linksOf(html) {
  const text = html.replace(/<script\b(?![^>]*\bsrc=)[^>]*>[\s\S]*?<\/script>/g, "");
  return [...text.matchAll(TAG)].flatMap(([whole, tag]) =>
    [...whole.matchAll(ATTRIBUTE)].map(([, , link]) => ({ tag, link: link.replaceAll("&amp;", "&") })),
  );
}

function problem(link, tag, page, { site, base, texts }) {
  if (/^(data|blob|mailto|javascript):/.test(link)) return undefined;
  if (/^(https?:)?\/\//.test(link)) return tag === "a" ? undefined : "is loaded from another host";
  const [path, anchor] = link.split("#");
  const file = path === "" ? page : target(decodeURI(path.split("?")[0]), page, base);
  if (file === undefined) return `is not below ${base}`;
  const found = [file, `${file}.html`, posix.join(file, "index.html")].find(
    (name) => existsSync(join(site, name)) && statSync(join(site, name)).isFile(),
  );
  if (found === undefined) return "no such file";
  if (!anchor || OWN_ANCHORS.test(found) || !texts.has(found)) return undefined;
  const id = decodeURIComponent(anchor);
  return texts.get(found).includes(`id="${id}"`) ? undefined : "no such place on that page";
}

/** The path within the site. */
function target(path, page, base) {
  if (!path.startsWith("/")) return posix.join(posix.dirname(page), path);
  return path.startsWith(base) ? path.slice(base.length) : undefined;
}
