// What all live pages have in their head, before their content, and at the end of their footer, as text of HTML.
import { readFileSync } from "node:fs";

/** The pages by folder, in the order in which one reads them, named by what one sees, in words that fit one line. */
export const PAGES = [
  ["", "Draw a shape"],
  ["depends", "Your own table"],
  ["lab", "Drift"],
  ["field", "The learned map"],
  ["surface", "The landscape"],
  ["bench", "Speed"],
  ["about", "About"],
];

export const PAPER = "https://openreview.net/forum?id=Lvb2BKqL49a";
const { homepage, repository } = JSON.parse(readFileSync("package.json", "utf8"));

const POLICY = [
  "default-src 'none'",
  ...["script-src", "worker-src", "style-src", "img-src"].map((what) => `${what} 'self'`),
  ...["base-uri", "form-action"].map((what) => `${what} 'none'`),
].join("; ");

const up = (folder) => (folder === "" ? "./" : "../");

export function head(folder, html, files) {
  const to = up(folder);
  const title = /<title>(.*?) · remine<\/title>/.exec(html)[1];
  const description = /<meta name="description" content="(.*?)">/.exec(html)[1];
  // A preview's picture needs a whole address, which only who publishes the pages knows.
  const picture = homepage ? new URL("og.png", homepage).href : `${to}og.png`;
  return `${[
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="color-scheme" content="light dark">',
    `<meta property="og:title" content="${title}">`,
    `<meta property="og:description" content="${description}">`,
    '<meta property="og:type" content="website">',
    `<meta property="og:image" content="${picture}">`,
    '<meta property="og:image:width" content="1200">',
    '<meta property="og:image:height" content="630">',
    '<meta name="twitter:card" content="summary_large_image">',
    `<link rel="icon" href="${to}icon.svg" type="image/svg+xml">`,
    `<link rel="stylesheet" href="${to}kit.css">`,
    ...(files.includes("style.css") ? ['<link rel="stylesheet" href="style.css">'] : []),
    ...(files.includes("main.ts")
      ? [`<script src="${to}shared.js" defer></script>`, '<script src="main.js" defer></script>']
      : []),
  ]
    .map((line) => `    ${line}`)
    .join("\n")}\n`;
}

export function navigation(folder, files) {
  const to = up(folder);
  const links = PAGES.map(([other, name]) => {
    const here = other === folder ? ' aria-current="page"' : "";
    return `      <a href="${to}${other && `${other}/`}"${here}>${name}</a>`;
  });
  const picture = files.includes("still.png") ? ' A picture of it:<br><img src="still.png" alt="">' : "";
  return `    <a class="skip" href="#demo">To the page’s content</a>
    <nav class="pages" aria-label="Pages">
      <a class="mark" href="${to}" aria-label="remine, first page"><svg viewBox="0 0 32 32" width="20" height="20" aria-hidden="true"><circle cx="12" cy="16" r="9"/><circle cx="20" cy="16" r="9"/></svg> remine</a>
${links.join("\n")}
    </nav>
${files.includes("main.ts") ? `    <noscript><p class="without">This page computes in your browser, for which it needs JavaScript.${picture}</p></noscript>\n` : ""}`;
}

export function footer(folder) {
  const to = up(folder);
  const source = repository?.url ?? repository;
  const links = [
    `<a href="${to}about/">What remine is, and how to use it</a>`,
    ...(source ? [`<a href="${source.replace(/^git\+|\.git$/g, "")}">Source</a>`] : []),
    `<a href="${PAPER}">The paper</a>`,
    `<a href="${to}LICENSE.txt">Licence: MIT</a>`,
  ];
  return `      <p>remine estimates mutual information on the GPU. Everything happens in this page: it loads nothing and sends nothing.</p>
      <p>${links.join(" · ")}</p>
`;
}
