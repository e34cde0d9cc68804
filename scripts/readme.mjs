// Writes the generated parts of README.md and docs/, and docs/paper/README.md: node scripts/readme.mjs, or --check to only compare.
// They come from the built package, so that the table of estimators says what their files say, from bench/results and
// bench/predicted.json, and from docs/paper. `node scripts/readme.mjs --paper FOLDER COMMIT` first takes there what `remine paper` left in a folder.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { predictedSection } from "../bench/predicted-tables.mjs";
import { readmeSection } from "../bench/table.mjs";
import { readmeTable, shortTable } from "../bench/tasks/summary.mjs";
import { paperCount, paperPage, paperRecords, takePaper } from "./paper-page.mjs";

const { catalogue } = await import(new URL("../dist/node.js", import.meta.url).href);

const cell = (text) => text.replaceAll("|", "\\|");
const takes = (parameters) =>
  Object.entries(parameters)
    .map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
    .join(", ");
const estimators = [
  "| name | bound | what its value is | use it | takes | paper |",
  "| --- | --- | --- | --- | --- | --- |",
  ...catalogue.map((e) => {
    const cells = [`\`${e.name}\``, e.bound, e.statement, e.use, takes(e.parameters), e.paper];
    return `| ${cells.map(cell).join(" | ")} |`;
  }),
].join("\n");

// One part per adapter that `npm run bench` was run on.
const results = new URL("../bench/results/", import.meta.url);
const measured = existsSync(results) ? readdirSync(results).filter((name) => name.endsWith(".json")) : [];
const bench = measured.sort().map((name) => readmeSection(JSON.parse(readFileSync(new URL(name, results), "utf8"))));

// What `node bench/predict.mjs` counted.
const predicted = JSON.parse(readFileSync(new URL("../bench/predicted.json", import.meta.url), "utf8"));

// Every case of `npm run accuracy -- --json bench/results/accuracy/NAME.jsonl`.
const cases = new URL("../bench/results/accuracy/", import.meta.url);
const records = (existsSync(cases) ? readdirSync(cases).sort() : []).flatMap((name) =>
  readFileSync(new URL(name, cases), "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line)),
);
if (process.argv[2] === "--paper") takePaper(process.argv[3], process.argv[4]);
const paper = paperRecords();

/** By file, its parts by their marks. */
const files = {
  "README.md": {
    ...(records.length > 0 && { "accuracy-short": shortTable(records) }),
    ...(paper.length > 0 && { paper: paperCount(paper) }),
  },
  "docs/accuracy.md": records.length > 0 && { accuracy: readmeTable(records) },
  "docs/estimators.md": { estimators },
  "docs/performance.md": {
    ...(bench.length > 0 && { bench: bench.join("\n\n") }),
    predicted: predictedSection(predicted),
  },
};

/** A file with its parts written anew. */
function written([name, sections]) {
  const file = new URL(`../${name}`, import.meta.url);
  const before = readFileSync(file, "utf8");
  let after = before;
  for (const [part, text] of Object.entries(sections)) {
    const mark = new RegExp(`(<!-- ${part}: node scripts/readme\\.mjs -->\n)[\\s\\S]*?(<!-- end -->)`);
    if (!mark.test(before)) throw new Error(`${name} has lost the marks around its part "${part}"`);
    after = after.replace(mark, (_, from, to) => `${from}\n${text}\n\n${to}`);
  }
  return { file, before, after };
}

const page = new URL("../docs/paper/README.md", import.meta.url);
const all = [
  ...Object.entries(files)
    .filter(([, sections]) => sections)
    .map(written),
  { file: page, before: existsSync(page) ? readFileSync(page, "utf8") : "", after: paperPage(paper) },
];
for (const { file, before, after } of all) {
  if (after === before) continue;
  if (process.argv.includes("--check")) {
    console.error(`${file.pathname} is not what registry, bench and paper say: run node scripts/readme.mjs`);
    process.exitCode = 1;
  } else writeFileSync(file, after);
}
