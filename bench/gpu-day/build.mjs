// Builds dist/ and bench/dist/: all of it where all packages are here, else what Node runs.
//
//   node bench/gpu-day/build.mjs
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { bundles } from "../../scripts/bundles.mjs";
import { standIns } from "./missing.mjs";

const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
const whole = Object.keys(devDependencies).every((name) => existsSync(`node_modules/${name}`));
execFileSync(process.execPath, ["build.mjs", ...(whole ? [] : ["--shaders"])], { stdio: "inherit" });
if (whole) console.log("built, with all packages");
else {
  const { build } = await import("esbuild");
  const missing = new Set();
  const settings = { bundle: true, format: "esm", target: "es2022", logLevel: "warning", plugins: [standIns(missing)] };
  for (const options of bundles().filter(({ platform }) => platform === "node"))
    await build({ ...settings, ...options });
  console.log(`built for Node, without ${[...missing].join(", ")}`);
}
