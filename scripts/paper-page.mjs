// docs/paper/README.md and README.md's count of claims, from docs/paper/*.json, which `remine paper` wrote.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";

const folder = new URL("../docs/paper/", import.meta.url);
const cli = new URL("../dist/cli.js", import.meta.url).pathname;

/** In the order of the paper. */
export function paperRecords() {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  const records = names.map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")));
  const place = ({ name }) => {
    const number = Number(name.match(/^fig(\d+)$/)?.[1] ?? Number.NaN);
    return Number.isNaN(number) ? 100 + ["table1", "theorem6", "uai-slb"].indexOf(name) : number;
  };
  return records.sort((a, b) => place(a) - place(b));
}

/**
 * Takes what `remine paper` left in a folder into docs/paper: pictures, tables, and records with the commit that made them.
 *
 * @param {string} from a folder; parts stay where they are
 */
export function takePaper(from, commit) {
  for (const name of readdirSync(from)) {
    if (name.endsWith(".svg") || name.endsWith(".csv")) copyFileSync(`${from}/${name}`, new URL(name, folder));
    if (!name.endsWith(".json")) continue;
    const record = JSON.parse(readFileSync(`${from}/${name}`, "utf8"));
    writeFileSync(new URL(name, folder), `${JSON.stringify({ ...record, commit })}\n`);
  }
}

const cell = (text) => text.replaceAll("|", "\\|");
const marks = { holds: "✓", fails: "✗", scale: "–" };
const counted = (records, status) =>
  records.flatMap(({ verdicts }) => verdicts).filter((v) => v.status === status).length;

/** "`--steps 400 --runs 3`" of what differs from the paper. */
const options = (changed) =>
  Object.entries(changed)
    .map(([name, value]) => (value === true ? `--${name}` : `--${name} ${value}`))
    .join(" ");

const time = (seconds) => (seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`);

function section(record) {
  const { name, title, why, live, setting, seed, changed, adapter, commit, date, seconds, verdicts } = record;
  const differs = Object.keys(changed).length > 0;
  const command = `remine paper ${[name, options(changed), seed === 0 ? "" : `--seed ${seed}`].filter(Boolean).join(" ")}`;
  const scale = differs ? " The scale is smaller than the paper's." : "";
  const csv = existsSync(new URL(`${name}.csv`, folder)) ? `, [CSV](${name}.csv)` : "";
  const page = live ? ` Live: \`remine demo\`, then [${live}](http://127.0.0.1:8080/${live}).` : "";
  return [
    `<a id="${name}"></a>\n\n## ${title}`,
    why,
    `![${title}](${name}.svg)`,
    "| | the paper's claim | measured |\n| --- | --- | --- |",
    verdicts
      .map(({ status, claim, measured }) => `| ${marks[status]} | ${cell(claim)} | ${cell(measured)} |`)
      .join("\n"),
    `\`${command}\`: ${setting}.${scale} Seed ${seed}, ${adapter}, commit ${commit}, ${date.slice(0, 10)}, ${time(seconds)}. ` +
      `[Data](${name}.json)${csv}.${page}`,
  ]
    .join("\n\n")
    .replace("| --- | --- | --- |\n\n|", "| --- | --- | --- |\n|");
}

/** Those of which there is no record. */
function notRun() {
  const { stdout } = spawnSync(process.execPath, [cli, "paper", "--list", "--json"], { encoding: "utf8" });
  const known = new Set(paperRecords().map(({ name }) => name));
  return JSON.parse(stdout).filter(({ name }) => !known.has(name));
}

const missing = ({ name, title, why }) =>
  `<a id="${name}"></a>\n\n## ${title}\n\n${why}\n\nNot run here: it needs a data set that no package ships, or more time than two cores have. ` +
  `\`remine paper ${name}\` runs it.`;

/** How many claims hold, in a sentence. */
export function paperCount(records) {
  const all = records.flatMap(({ verdicts }) => verdicts).length;
  return (
    `Of ${all} claims ${counted(records, "holds")} hold (✓), ${counted(records, "fails")} do not (✗), and ` +
    `${counted(records, "scale")} fail in a run that is shorter than the paper's (–).`
  );
}

const HOW =
  "`npx remine paper fig4` takes a quarter of a minute on two cores without a GPU, `remine paper all --quick` some minutes, and " +
  "what is killed goes on where it was.";

const SCALE =
  "The staircase of figure 6 and table 1 is here at 64 units and 1500 steps a level. At the paper's own scale (256 units, 4000 steps " +
  "a level) two rows were run by an earlier version, one run each: the bias of ReMINE came out as −.16, −.27, −.48, −.63, −.63 " +
  "(published −.15, −.27, −.50, −.66, −.58), that of ReMINE-J as −.16, −.27, −.49, −.64, −.65 (published −.16, −.29, −.51, −.64, −.39).";

export function paperPage(records) {
  return [
    "# The paper, figure by figure",
    "_Regularized Mutual Information Neural Estimation_ (Choi and Lee: ICLR 2021 submission; UAI 2022, arXiv 2011.07932) says why " +
      "MINE fails, and what one added term does about it. Here is each of its figures and tables as `remine paper` makes it: the " +
      "picture, the paper's claim, and what came out, whichever way.",
    `${paperCount(records)} One-hot data has 16 categories, so I = ln 16 = 2.773 nats. ` +
      `This page is written by \`node scripts/readme.mjs\` from the data beside it. ${HOW}`,
    paperTable(records),
    SCALE,
    ...records.map(section),
    ...notRun().map(missing),
    "",
  ].join("\n\n");
}

/** A line for each figure and table: how many of its claims hold, and the first of them. */
function paperTable(records) {
  const lines = records.map(({ name, title, verdicts }) => {
    const { status, claim, measured } = verdicts[0];
    const cells = [
      `[${title.split(":")[0]}](#${name})`,
      `${counted([{ verdicts }], "holds")} of ${verdicts.length}`,
      `${marks[status]} ${cell(claim)}`,
      cell(measured),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return ["| | claims that hold | the first of them | measured |", "| --- | --- | --- | --- |", ...lines].join("\n");
}
