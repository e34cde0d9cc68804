// How often the 95 % interval of `estimate` holds the true MI, over many data sets of a few tasks.
//
//   npm run coverage -- [--rows 300,1000] [--seeds 20] [--only TEXT] [--adapter NAME] [--options JSON] [--json FILE [--resume]] [--shard 2/8]
//   npm run coverage -- --report FILE ...   the table of earlier runs
import { parseArgs } from "node:util";
import { tasks } from "./tasks/index.mjs";
import { casesOf, recordsOf, runCases, settingsOf, sharedOptions } from "./tasks/run.mjs";
import { coverageReport } from "./tasks/summary.mjs";

/** Cheap tasks of every kind: smooth, curved, sharp, heavy-tailed, in several columns, discrete, and independent. */
const names = [
  ...[
    "1v1-normal-0.75",
    "multinormal-dense-5-5-0.5",
    "student-identity-2-2-1",
    "sine, 1 period",
    "mixture of 6 normals",
  ],
  ...["checkerboard 4 x 4", "3 classes, one column", "independent normals, 1 + 1", "independent normals, 5 + 5"],
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...sharedOptions,
    rows: { type: "string", default: "300,1000" },
    seeds: { type: "string", default: "20" },
  },
});

if (values.report) console.log(coverageReport(recordsOf(positionals)));
else {
  const settings = settingsOf(values);
  const some = tasks.filter(({ name }) => names.includes(name) && name.includes(values.only ?? ""));
  if (!some.length) throw new Error(`no task's name holds "${values.only}"; choose from ${names.join("; ")}`);
  const cases = casesOf(some, settings.rows, settings.seeds, settings.firstSeed);
  console.log(coverageReport(await runCases(cases, settings, () => {})));
}
