// What figures are of: the adapter, its limits and features, its profile, the self-test.
//
//   node bench/gpu-day/machine.mjs FILE.json      adds "machine" and "profile" to the file
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import * as m from "../dist/library.js";
import { figuresOf, sourcesOf } from "./figures.mjs";

/** The card's own name; on NVIDIA the adapter is called by its driver. */
function cardOf(gpu) {
  const name = gpu.name.split(/[:(]/)[0].trim();
  if (gpu.isSoftware || !/nvidia/i.test(`${gpu.device.adapterInfo.vendor} ${gpu.name}`)) return name;
  try {
    const args = ["--query-gpu=name", "--format=csv,noheader"];
    return execFileSync("nvidia-smi", args, { encoding: "utf8" }).split("\n")[0].trim() || name;
  } catch {
    return name;
  }
}

const gpu = await m.open({ quiet: true });
const machine = { ...m.machineOf(gpu), card: cardOf(gpu), sources: sourcesOf(), subgroupSize: gpu.subgroupSize };
// JSON has no infinity.
const profile = Object.fromEntries(
  Object.entries(gpu.profile).map(([key, value]) => [key, value === Number.POSITIVE_INFINITY ? "Infinity" : value]),
);
const file = process.argv[2];
writeFileSync(file, `${JSON.stringify({ ...figuresOf(file), machine, profile }, null, 1)}\n`);
const { adapterInfo, limits, features } = gpu.device;
const named = (object, keys) => Object.fromEntries(keys.map((key) => [key, object[key]]));
const listed = Object.keys(Object.getPrototypeOf(limits)).filter((key) => /Compute|Storage|Buffer/.test(key));
const facts = {
  ...{ machine, profile, features: [...features].sort() },
  info: named(adapterInfo, ["vendor", "architecture", "device", "description", "subgroupMinSize", "subgroupMaxSize"]),
  limits: named(limits, listed),
};
console.log(JSON.stringify(facts, null, 1));
gpu.dispose();
