/** What finds dead links of a built site. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";

const script = new URL("../scripts/dead-links.mjs", import.meta.url).href;
const { deadLinks } = (await import(script)) as {
  deadLinks: (site: string, base?: string) => { page: string; link: string; why: string }[];
};
const site = mkdtempSync(join(tmpdir(), "remine-links-"));
afterEach(() => rmSync(site, { recursive: true, force: true }));

function found(files: Record<string, string>, base?: string): string[] {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(site, name)), { recursive: true });
    writeFileSync(join(site, name), text);
  }
  return deadLinks(site, base).map(({ page, link, why }) => `${page} ${link}: ${why}`);
}

test("files, folders and places that are there are fine", () => {
  const links =
    '<a href="b.html#there">b</a><a href="/live/">live</a><a href="https://arxiv.org">far</a><a href="#own">own</a>';
  const files = { "b.html": '<h2 id="there">b</h2>', "live/index.html": "live" };
  expect(found({ "index.html": `${links}<p id="own"><img src="data:image/png;base64,AA">`, ...files })).toEqual([]);
});

test("what leads nowhere is named, and what comes from elsewhere", () => {
  const links =
    '<a href="c.html">c</a><a class="x" href="/b.html#gone">b</a><img src="https://example.org/a.png"><a href="/other/">o</a>';
  expect(found({ "index.html": links, "b.html": "" })).toEqual([
    "index.html c.html: no such file",
    "index.html /b.html#gone: no such place on that page",
    "index.html https://example.org/a.png: is loaded from another host",
    "index.html /other/: no such file",
  ]);
});

test("links are below the path that the site stands under", () => {
  const links = '<a href="/remine/b.html">b</a><a href="/b.html">b</a>';
  expect(found({ "index.html": links, "b.html": "" }, "/remine/")).toEqual([
    "index.html /b.html: is not below /remine/",
  ]);
});
