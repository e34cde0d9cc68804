import { deviation } from "d3-array";
import { mean } from "../../math/statistics.ts";
import { type LineSeries, type LinesPanel, panelsFigure } from "../../report/lines.ts";
import { METHODS, type Model, measure, type Point, runsOf, TRUTH, type Values } from "./conditional.ts";
import { type Bench, type Experiment, shown, verdict } from "./experiment.ts";
import { publishedConditional } from "./published.ts";

export const fig15: Experiment = {
  title: "Figure 15: conditional MI on the CCMI paper's Models I and II, by rows and by the width of Z",
  why:
    "I(X;Y|Z) = I(X;Y,Z) − I(X;Z), each by a critic of its own. Nearest neighbours lose the one column of Z that matters among the others; " +
    "critics find it, and need rows for it.",
  async run(bench) {
    const { settings } = bench;
    const sweeps = sweepsOf(bench);
    const found = new Map<string, Found>();
    for (const point of sweeps.flatMap(({ points }) => points)) {
      // The sweeps over rows and widths cross.
      if (!found.has(inWords(point))) found.set(inWords(point), { point, values: await measure(bench, point) });
    }
    const all = [...found.values()];
    const last = all.at(-1)!;
    const error = (values: Values, method: string) => Math.abs(mean(values[method]!) - TRUTH);
    const verdicts = [
      ...all.map(({ point, values }) =>
        verdict(settings, {
          holds: error(values, "ReMINE") < error(values, "KSG"),
          claim: `${inWords(point)}: ReMINE is nearer to ${shown(TRUTH)} than nearest neighbours`,
          measured: METHODS.map((method) => `${method} ${said(values[method]!)}`).join(", ") + publishedAt(point),
          needs: "full",
        }),
      ),
      verdict(settings, {
        holds: error(last.values, "ReMINE") <= error(last.values, "MINE") + 0.02,
        claim: `${inWords(last.point)}: ReMINE is as near as MINE or nearer`,
        measured: `off by ${shown(error(last.values, "ReMINE"))} and ${shown(error(last.values, "MINE"))}`,
        needs: "full",
      }),
    ];
    return {
      setting: `critics 64 (MINE, ReMINE λ .1: 200 epochs, batch 128, Adam 1e-4) and 64-64 (CCMI: 20 epochs, batch 64, Adam 1e-3, no weight decay), two thirds of the rows to train and a third to measure, ${runsOf(bench)} runs; KSG with k = 5`,
      verdicts,
      svg: panelsFigure({
        title: "Conditional MI by critics and by nearest neighbours",
        subtitle:
          "I(X;Y|Z) of the CCMI paper's models; the mean of runs, and one standard deviation; dashed: published",
        panels: sweeps.map((sweep) => panel(sweep, found)),
        columns: Math.min(2, sweeps.length),
      }),
      data: { truth: TRUTH, found: all },
    };
  },
};

interface Found {
  point: Point;
  values: Values;
}

interface Sweep {
  title: string;
  points: Point[];
  by: "rows" | "width";
}

/** Numbers of rows that are asked for leave out Model II and the sweep over widths. */
function sweepsOf({ settings: { quick, rows } }: Bench): Sweep[] {
  const models: Model[] = quick || rows ? ["I"] : ["I", "II"];
  return models.flatMap((model): Sweep[] => {
    const width = quick ? 5 : 20;
    const counts = rows ?? (quick ? [1500] : [5000, 10_000, 20_000, 50_000]);
    const byRows = {
      title: `Model ${model}, Z of ${width}`,
      by: "rows" as const,
      points: counts.map((count) => ({ model, rows: count, width })),
    };
    if (quick || rows) return [byRows];
    const points = [1, 10, 20, 50, 100].map((each) => ({ model, rows: 20_000, width: each }));
    return [byRows, { title: `Model ${model}, 20 000 rows`, by: "width", points }];
  });
}

const inWords = ({ model, rows, width }: Point) => `Model ${model}, ${rows} rows, Z of ${width}`;
const said = (values: number[]) =>
  `${shown(mean(values))}${values.length > 1 ? ` ± ${shown(deviation(values)!)}` : ""}`;

const publishedOf = ({ model, rows, width }: Point) =>
  model === "I" ? publishedConditional.find((each) => each.rows === rows && each.width === width) : undefined;

function publishedAt(point: Point): string {
  const published = publishedOf(point);
  return published ? ` (published: CCMI ${published.CCMI}, its MINE ${published.MINE})` : "";
}

function panel({ title, points, by }: Sweep, found: ReadonlyMap<string, Found>): LinesPanel {
  const at = points.map((point) => found.get(inWords(point))!.values);
  const ours = METHODS.map((method): LineSeries => {
    const center = at.map((values) => mean(values[method]!));
    const spread = at.map((values) => deviation(values[method]!) ?? 0);
    return {
      ...{ name: method, values: center, marks: true },
      band: { lo: center.map((v, i) => v - spread[i]!), hi: center.map((v, i) => v + spread[i]!) },
    };
  });
  const published = points.map((point) => publishedOf(point)?.CCMI ?? Number.NaN);
  const theirs: LineSeries[] = published.every(Number.isNaN)
    ? []
    : [{ name: "CCMI, published", values: published, dashed: true, marks: true }];
  return {
    title,
    x: { label: by === "rows" ? "rows" : "width of Z", values: points.map((point) => point[by]), log: true },
    y: { label: "nats", domain: [0, 2.6] },
    series: [...ours, ...theirs],
    references: [{ label: "truth", y: TRUTH }],
  };
}
