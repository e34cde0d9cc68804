// Writes the generated parts of README.md: node scripts/readme.mjs, or --check to only compare.
// They come from the built package, so that the table of estimators says what their files say.
import { readFileSync, writeFileSync } from "node:fs";

const { catalogue } = await import(new URL("../dist/node.js", import.meta.url).href);
const file = new URL("../README.md", import.meta.url);

const cell = (text) => text.replaceAll("|", "\\|");
const bounds = { lower: "lower", upper: "upper", none: "none" };
const estimators = [
  "| name | bound | what its value is | use it | paper |",
  "| --- | --- | --- | --- | --- |",
  ...catalogue.map(
    (e) => `| \`${e.name}\` | ${bounds[e.bound]} | ${cell(e.statement)} | ${cell(e.use)} | ${cell(e.paper)} |`,
  ),
].join("\n");

const before = readFileSync(file, "utf8");
const mark = /(<!-- estimators: node scripts\/readme\.mjs -->\n)[\s\S]*?(\n<!-- end -->)/;
if (!mark.test(before)) throw new Error("README.md has lost the marks around its table of estimators");
const after = before.replace(mark, `$1\n${estimators}\n$2`);
if (process.argv.includes("--check")) {
  if (after !== before) {
    console.error("README.md is not what the registry says: run node scripts/readme.mjs");
    process.exitCode = 1;
  }
} else if (after !== before) writeFileSync(file, after);
