// The README's first command: one question about real data, answered by the command line itself.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";

mkdirSync("output", { recursive: true });
const picture = "output/seattle-weather.svg";
const args = ["estimate", "data/seattle-weather.csv", "--x", "day_of_year", "--y", "temp_max", "--plot", picture];
console.log("How much does the day of the year tell about the warmest hour of that day in Seattle?");
console.log(`$ remine ${args.join(" ")}`);
const { status, signal } = spawnSync(process.execPath, ["dist/cli.js", ...args], { stdio: "inherit" });
if (status === 0)
  console.log(`The picture is ${picture}. Try your own file: npx remine estimate data.csv --x a,b --y c`);
process.exitCode = signal ? 130 : (status ?? 1);
