// What steps take on paper, on machines that are not at hand: counts of the plans as they are, and predictions from them.
//
//   node build.mjs && node bench/predict.mjs [--before FOLDER COMMIT] && node scripts/readme.mjs
//
// It needs no adapter, and writes bench/predicted.json, from which scripts/readme.mjs makes tables of docs/performance.md.
// --before counts the plans of another build of the repository too, to stand beside; else those in the file stay.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import * as library from "./dist/library.js";
import {
  countsOf,
  h100,
  laptop,
  lavapipe,
  peers,
  plansOf,
  predict,
  predictMatrix,
  predictPeer,
  predictStep,
  steps,
} from "./dist/library.js";
import { matrixWork } from "./workloads.mjs";

const mapped = (object, of) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, of(value, key)]));

/** Everything about one machine. */
function predicted(plans, kind, machine) {
  const of = (plan, name) => ({
    ...predictStep(plan, steps[name], machine),
    ...(kind === "gpu" &&
      steps[name].source !== "images" && {
        peers: mapped(peers, (_, peer) => predictPeer(peer, steps[name], machine)),
      }),
  });
  return {
    steps: mapped(plans[kind], of),
    matrices: mapped(matrixWork, (work) => predictMatrix(work, machine)),
  };
}

const line = (name) => (dispatch) => ({
  ...{ kernel: dispatch.kernel, workgroups: dispatch.workgroups.join(" × ") },
  ...predict(dispatch, steps[name], h100),
});

const { values: options, positionals } = parseArgs({ options: { before: { type: "string" } }, allowPositionals: true });
const file = new URL("predicted.json", import.meta.url);
const earlier = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
const plans = await plansOf(library);
const before = options.before
  ? {
      commit: positionals[0],
      counts: countsOf(await plansOf(await import(pathToFileURL(`${options.before}/bench/dist/library.js`).href))),
    }
  : earlier.before;
const machines = { [h100.name]: h100, [laptop.name]: laptop, [lavapipe.name]: lavapipe };
const predictions = {
  machines: mapped(machines, (machine) => predicted(plans, machine === lavapipe ? "software" : "gpu", machine)),
  kernels: Object.fromEntries(["W1", "W2"].map((name) => [name, plans.gpu[name].map(line(name))])),
};
const rounded = (_, value) => (typeof value === "number" ? Number(value.toPrecision(4)) : value);
const result = { before, counts: countsOf(plans), ...JSON.parse(JSON.stringify(predictions, rounded)) };
writeFileSync(file, `${JSON.stringify(result, null, 1)}\n`);
const shown = ({ dispatches, bytes }) => `[${dispatches}, ${Number((bytes / 1e6).toPrecision(3))}]`;
for (const [kind, ofKind] of Object.entries(result.counts)) {
  console.log(`${kind}: dispatches and MB of a step, at ${before.commit} and now`);
  for (const [name, now] of Object.entries(ofKind))
    console.log(`  ${name}: ${shown(before.counts[kind][name])} ${shown(now)}`);
}
console.log(`${file.pathname} is written; node scripts/readme.mjs makes tables of it`);
process.exit(); // a paper device has nothing to wait for
