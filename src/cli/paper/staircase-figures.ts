/** Figures 6 and 10 and table 1: what `staircase.ts` measures, as curves and as a table. */
import { mean } from "../../math/statistics.ts";
import { type LinesPanel, panelsFigure } from "../../report/lines.ts";
import { type Bench, type Experiment, shown, type Verdict, verdict } from "./experiment.ts";
import { publishedStaircase } from "./published.ts";
import {
  estimatorNames,
  inWords,
  LEVELS,
  meanOf,
  neighborNames,
  type Runs,
  type StaircaseRun,
  scaleOf,
  staircase,
} from "./staircase.ts";
import { csvOf, tableFigure } from "./staircase-table.ts";

const MAIN = ["ReMINE", "ReMINE-J", "MINE", "NWJ", "InfoNCE", "JS", "SMILE", "I_α"];
const REST = estimatorNames.filter((name) => !MAIN.includes(name));
/** InfoNCE cannot exceed this, nats. */
const CEILING = Math.log(64);

export const fig6: Experiment = {
  title: "Figure 6: estimates on the 20-D Gaussian staircase, MI 2 to 10 nats",
  why:
    "At high MI the log-partition of a batch is ruled by its largest output: bounds that divide by it have a variance of e^I / N, those that " +
    "cap it a bias. ReMINE pins the log-partition near 0 and keeps both small; ReMINE-J does not look at it at all.",
  live: "lab/#data=gaussian&dims=20&a=mine&b=remine",
  async run(bench) {
    const runs = await staircase(bench, MAIN);
    const verdicts = [
      capped(bench, runs, "InfoNCE"),
      verdict(bench.settings, {
        holds: ["MINE", "SMILE"].every(
          (name) => !(meanOf(runs[name]!, "mse")[4]! < 3 * meanOf(runs.ReMINE!, "mse")[4]!),
        ),
        claim: "at 10 nats MINE and SMILE break down, ReMINE does not",
        measured: `MSE ${["MINE", "SMILE", "ReMINE"].map((name) => `${name} ${shown(meanOf(runs[name]!, "mse")[4]!, 2)}`).join(", ")}`,
        needs: "full",
      }),
      verdict(bench.settings, {
        holds: LEVELS.every(
          (_, l) => meanOf(runs["ReMINE-J"]!, "variance")[l]! <= 1.1 * meanOf(runs.ReMINE!, "variance")[l]!,
        ),
        claim: "ReMINE-J varies less than ReMINE",
        measured: `variance ${listed(meanOf(runs["ReMINE-J"]!, "variance"))} against ${listed(meanOf(runs.ReMINE!, "variance"))}`,
        needs: "full",
      }),
    ];
    return outcome(bench, "Estimates on the 20-D Gaussian staircase", runs, verdicts);
  },
};

export const fig10: Experiment = {
  title: "Figure 10: the other estimators on the staircase",
  why:
    "InfoNCE with the true conditional density (TNCE) stops at ln 64 as the trained one does, so that ceiling is not for want of training; " +
    "nearest neighbours see next to nothing of high MI in 20 dimensions.",
  live: "lab/#data=gaussian&dims=20&a=remine-l1&b=remine",
  async run(bench) {
    const runs = await staircase(bench, REST);
    const neighbors = neighborNames.map((name) => `${name} ${listed(meanOf(runs[name]!, "bias"))}`);
    const verdicts = [
      capped(bench, runs, "TNCE"),
      verdict(bench.settings, {
        holds: neighborNames.every((name) => meanOf(runs[name]!, "bias")[4]! < -2),
        claim: "nearest neighbours fall far short in 20 dimensions",
        measured: `bias at ${LEVELS.join(", ")} nats: ${neighbors.join("; ")}`,
      }),
    ];
    return outcome(bench, "The other estimators on the staircase", runs, verdicts);
  },
};

export const table1: Experiment = {
  title: "Table 1: bias, variance and MSE of all estimators on the staircase",
  why:
    "MSE is what counts: estimators with little variance (InfoNCE, JS) pay in bias, those without bias (NWJ, MINE) in variance, and ReMINE-J " +
    "pays least where MI is high.",
  async run(bench) {
    const runs = await staircase(bench, estimatorNames);
    const mse = (name: string) =>
      meanOf(runs[name]!, "mse").map((value) => (Number.isFinite(value) ? value : Number.POSITIVE_INFINITY));
    const trained = estimatorNames.filter((name) => !["TNCE", ...neighborNames].includes(name));
    const verdicts = [
      ...[3, 4].map((l) => {
        const order = trained.toSorted((a, b) => mse(a)[l]! - mse(b)[l]!);
        return verdict(bench.settings, {
          holds: order.slice(0, 2).some((name) => name.startsWith("ReMINE")),
          claim: `at ${LEVELS[l]} nats ReMINE or ReMINE-J is among the two with the least MSE of those that train`,
          measured: order.map((name) => `${name} ${shown(mse(name)[l]!, 2)}`).join(", "),
          needs: "full",
        });
      }),
      ...Object.keys(publishedStaircase).map((name) => asPublished(bench, name, runs[name]!)),
    ];
    const scale = scaleOf(bench);
    return {
      setting: `${inWords(scale)}; neighbours k = 5, ${scale.rows} rows a level`,
      verdicts,
      svg: tableFigure(runs, inWords(scale)),
      csv: csvOf(runs),
      data: { levels: LEVELS, ...scale, published: publishedStaircase, runs: withoutCurves(runs) },
    };
  },
};

/** A bias is as published if it is off by no more than .15 nats and a tenth, at every level where both are below 10. */
function asPublished(bench: Bench, name: string, runs: StaircaseRun[]): Verdict {
  const [ours, theirs] = [meanOf(runs, "bias"), publishedStaircase[name]!.bias];
  const near = LEVELS.every((_, l) => {
    const [a, b] = [ours[l]!, theirs[l]!];
    return b === null || Math.abs(b) >= 10 || Math.abs(a - b) <= 0.15 + 0.1 * Math.abs(b);
  });
  return verdict(bench.settings, {
    holds: near,
    claim: `${name}: bias as published, ${listed(theirs)}`,
    measured: `bias ${listed(ours)}, variance ${listed(meanOf(runs, "variance"))}, MSE ${listed(meanOf(runs, "mse"))} (published ${listed(publishedStaircase[name]!.mse)})`,
    needs: "full",
  });
}

function capped(bench: Bench, runs: Runs, name: string): Verdict {
  const values = meanOf(runs[name]!, "bias").map((bias, l) => bias + LEVELS[l]!);
  return verdict(bench.settings, {
    holds: values.every((value) => value <= CEILING),
    claim: `${name} stays below ln 64 = ${shown(CEILING)}`,
    measured: `${listed(values)} at ${LEVELS.join(", ")} nats`,
  });
}

const listed = (values: readonly (number | null)[]) =>
  values.map((value) => (value === null ? "–" : shown(value, 2))).join(", ");

const withoutCurves = (runs: Runs) =>
  Object.fromEntries(
    Object.entries(runs).map(([name, all]) => [name, all.map(({ bias, variance, mse }) => ({ bias, variance, mse }))]),
  );

function outcome(bench: Bench, title: string, runs: Runs, verdicts: Verdict[]) {
  const scale = scaleOf(bench);
  return {
    setting: inWords(scale),
    verdicts,
    svg: panelsFigure(
      {
        title,
        subtitle: `${inWords(scale)}; the mean of runs, and their range`,
        panels: Object.entries(runs).map(([name, all]) => panel(name, all, scale.steps)),
        columns: 4,
      },
      { width: 1280, panelHeight: 250 },
    ),
    csv: csvOf(runs),
    data: { levels: LEVELS, ...scale, runs },
  };
}

function panel(name: string, runs: StaircaseRun[], steps: number): LinesPanel {
  const points = runs[0]!.curve.length;
  const each = (of: (values: number[]) => number) =>
    Array.from({ length: points }, (_, i) => of(runs.map(({ curve }) => curve[i]!)));
  const at = Array.from({ length: points }, (_, i) => Math.round(((i + 0.5) * steps * LEVELS.length) / points));
  return {
    title: name,
    x: { label: "step", values: at },
    y: { label: "nats", domain: [0, 14] },
    series: [
      {
        name: "estimate",
        values: each(mean),
        band: { lo: each((v) => Math.min(...v)), hi: each((v) => Math.max(...v)) },
      },
      { name: "truth", values: at.map((_, i) => LEVELS[Math.floor((i * LEVELS.length) / points)]!), dashed: true },
    ],
  };
}
