/** Table 1 as a picture and as CSV. */
import { figure, path, text } from "../../report/svg.ts";
import { shown } from "./experiment.ts";
import { publishedStaircase } from "./published.ts";
import { LEVELS, meanOf, type Runs } from "./staircase.ts";

const FIGURES = ["bias", "variance", "mse"] as const;
const TITLES = { bias: "bias", variance: "variance", mse: "MSE" } as const;

const [LEFT, TOP, NAME, CELL, ROW] = [20, 116, 100, 66, 36] as const;

/** One row an estimator: ours, and the published figure below it. */
export function tableFigure(runs: Runs, setting: string): string {
  const names = Object.keys(runs);
  const width = LEFT + NAME + FIGURES.length * LEVELS.length * CELL + 20;
  const height = TOP + names.length * ROW + 16;
  const title = "Bias, variance and MSE on the 20-D Gaussian staircase";
  const at = (f: number, l: number) => LEFT + NAME + (f * LEVELS.length + l + 1) * CELL - 8;
  const head = FIGURES.flatMap((what, f) => [
    text(TITLES[what], at(f, 0) - CELL + 20, 84, { size: 13, weight: 600 }),
    ...LEVELS.map((mi, l) => text(`${mi}`, at(f, l), 102, { size: 11, anchor: "end", ink: "muted" })),
  ]);
  const rows = names.flatMap((name, row) => {
    const top = TOP + row * ROW;
    const published = publishedStaircase[name];
    const cells = FIGURES.flatMap((what, f) =>
      LEVELS.flatMap((_, l) => [
        text(cell(meanOf(runs[name]!, what)[l]!), at(f, l), top + 14, { anchor: "end" }),
        ...(published
          ? [text(cell(published[what][l]!), at(f, l), top + 28, { size: 11, anchor: "end", ink: "muted" })]
          : []),
      ]),
    );
    const line = path(`M${LEFT} ${top - 2}H${width - 20}`, { stroke: "grid", width: 1 });
    return [line, text(name, LEFT, top + 14, { weight: 600 }), ...cells];
  });
  return figure(
    { width, height, title, description: `${title}: ${names.join(", ")}.` },
    [
      text(title, LEFT, 33, { size: 18, weight: 600 }),
      text(`${setting}; below, in grey: the authors' printout`, LEFT, 53, { size: 12.5, ink: "muted" }),
      ...head,
      ...rows,
    ].join("\n"),
  );
}

/** The paper blanks what reaches 100. */
const cell = (value: number | null) => (value === null || !(Math.abs(value) < 100) ? "–" : shown(value, 2));

/** A line for each estimator, level and run. */
export function csvOf(runs: Runs): string {
  const lines = Object.entries(runs).flatMap(([name, all]) =>
    all.flatMap((run, r) =>
      LEVELS.map((mi, l) => [name, mi, r + 1, run.bias[l], run.variance[l], run.mse[l]].join(",")),
    ),
  );
  return ["estimator,mi,run,bias,variance,mse", ...lines, ""].join("\n");
}
