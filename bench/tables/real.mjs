// Tables of npm's vega-datasets as CSV: at most so many rows, drawn by a seed, of which none lacks a value.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Papa from "papaparse";
import { randomOf } from "./planted.mjs";

const FILES = [
  ..."barley.json birdstrikes.csv cars.json co2-concentration.csv driving.json flights-2k.json gapminder.json".split(
    " ",
  ),
  ..."gapminder-health-income.csv income.json movies.json ohlc.json penguins.json seattle-weather.csv windvectors.csv sp500-2000.csv".split(
    " ",
  ),
];

/** Columns with more missing values than this are left out: rows would be few. */
const MOST_MISSING = 0.1;
const isMissing = (value) => value === null || value === undefined || value === "";

function read(path) {
  const text = readFileSync(path, "utf8");
  return path.endsWith(".json") ? JSON.parse(text) : Papa.parse(text, { header: true, skipEmptyLines: true }).data;
}

/** @param folder the package's data */
export function realTables(folder, rows) {
  return FILES.map((file, f) => {
    const all = read(join(folder, file));
    const names = Object.keys(all[0]).filter(
      (name) => all.filter((row) => isMissing(row[name])).length <= MOST_MISSING * all.length,
    );
    const complete = all.filter((row) => names.every((name) => !isMissing(row[name])));
    const { uniform } = randomOf(2001 + f);
    const chosen = complete
      .map((row, i) => ({ row, i, at: uniform() }))
      .sort((a, b) => a.at - b.at)
      .slice(0, rows)
      .sort((a, b) => a.i - b.i)
      .map(({ row }) => Object.fromEntries(names.map((name) => [name, row[name]])));
    return { name: file.replace(/\.\w+$/, ""), csv: Papa.unparse(chosen, { newline: "\n" }) };
  });
}
