// How far estimates lie from the truth, on tasks whose MI is known (see bench/tasks/README.md).
//
//   npm run accuracy -- [--rows 1000,10000] [--seeds 3] [--only TEXT] [--family NAME] [--half tune|confirm]
//     [--adapter NAME] [--options '{"steps":3000}'] [--json FILE [--resume]] [--shard 2/8]
//   npm run accuracy -- --report FILE ...   the tables of earlier runs
//   npm run accuracy -- --list              the tasks with their truths
import { parseArgs } from "node:util";
import { chosen } from "./tasks/index.mjs";
import { casesOf, recordsOf, runCases, settingsOf, sharedOptions } from "./tasks/run.mjs";
import { caseHead, caseRow, report } from "./tasks/summary.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...sharedOptions,
    rows: { type: "string", default: "10000" },
    seeds: { type: "string", default: "3" },
    family: { type: "string" },
    half: { type: "string" },
    list: { type: "boolean", default: false },
  },
});

/** Lets --only, --family and --half choose among records of earlier runs too. */
function matching(records) {
  const names = new Set(chosen(values).map((task) => task.name));
  return records.filter((record) => names.has(record.task));
}

if (values.report) console.log(report(matching(recordsOf(positionals))));
else if (values.list) {
  for (const { name, family, half, columns, truth } of chosen(values))
    console.log(
      `${family.padEnd(12)}${half.padEnd(9)}${columns.join("+").padEnd(9)}${truth.toFixed(4).padStart(7)}  ${name}`,
    );
} else {
  const settings = settingsOf(values);
  const cases = casesOf(chosen(values), settings.rows, settings.seeds, settings.firstSeed);
  console.log(caseHead);
  const records = await runCases(cases, settings, (record) => console.log(caseRow(record)));
  console.log(`\n${report(records)}`);
}
