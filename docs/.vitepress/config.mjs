// The site: node scripts/docs.mjs builds it into site/. DOCS_BASE is the path it will stand under, "/" by default.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { copySources, listArrows, rewriteLinks } from "./sources.mjs";

/** The usual theme without its fonts, which are half of a site that shows the system's letters. */
const theme = "../../tools/node_modules/vitepress/dist/client/theme-default/without-fonts.js";

const base = process.env.DOCS_BASE ?? "/";

/** A page of the sidebar; one that is not there is left out. */
const page = (text, file) => (existsSync(new URL(`../${file}.md`, import.meta.url)) ? [{ text, link: `/${file}` }] : []);
/** What stands in the site beside the pages of Markdown. */
const beside = (text, link) => ({ text, link: `/${link}`, target: "_self", rel: "" });

const sidebar = [
  {
    text: "Start",
    items: [
      ...page("On the command line", "start/cli"),
      ...page("In Node", "start/node"),
      ...page("In a browser", "start/browser"),
    ],
  },
  {
    text: "Use",
    items: [
      ...page("Reading a result", "result"),
      ...page("Choosing an estimator", "estimators"),
      ...page("All pairs of columns", "matrix"),
      ...page("Conditions, time, groups, weights", "questions"),
      ...page("Files", "files"),
      ...page("Reports", "reports"),
      ...page("More than one machine", "cluster"),
      ...page("Training by hand", "research"),
    ],
  },
  {
    text: "Recipes",
    items: [
      ...page("Feature screening", "recipes/feature-screening"),
      ...page("Conditional dependence", "recipes/conditional-dependence"),
      ...page("Representation learning", "recipes/representation-learning"),
      ...page("Gene networks", "recipes/gene-networks"),
      ...page("Time series", "recipes/time-series"),
    ],
  },
  {
    text: "Understand",
    items: [
      ...page("How it works", "how-it-works"),
      ...page("The maths", "maths"),
      ...page("Accuracy", "accuracy"),
      ...page("Limits", "limits"),
      ...page("Numerics and speed", "performance"),
      ...page("The paper, figure by figure", "paper/README"),
      ...page("Live pages", "live"),
    ],
  },
  {
    text: "Look up",
    items: [
      beside("API reference", "api/index.html"),
      ...page("Architecture", "architecture"),
      ...page("Faults", "faults"),
      ...page("Platforms", "platforms"),
      ...page("Sizes", "sizes"),
    ],
  },
];

export default {
  base,
  title: "remine",
  description: "Mutual information, estimated on the GPU: in Node and in the browser",
  outDir: "../site",
  lastUpdated: false,
  head: [["link", { rel: "icon", type: "image/svg+xml", href: `${base}icon.svg` }]],
  markdown: {
    config(md) {
      rewriteLinks(md, base);
      listArrows(md);
    },
  },
  vite: { resolve: { alias: { "vitepress/theme-without-fonts": fileURLToPath(new URL(theme, import.meta.url)) } } },
  themeConfig: {
    nav: [
      { text: "Start", link: "/start/cli" },
      { text: "Recipes", link: "/recipes/feature-screening" },
      beside("Live", "live/index.html"),
      beside("API", "api/index.html"),
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: "local" },
    footer: { message: "MIT licence. Nothing on this site is loaded from elsewhere, and nothing is sent." },
  },
  buildEnd: ({ outDir }) => copySources(outDir),
};
