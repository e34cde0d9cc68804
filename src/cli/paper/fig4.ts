import { remine } from "../../estimators/estimator.ts";
import { mean } from "../../math/statistics.ts";
import { panelsFigure } from "../../report/lines.ts";
import { sgd } from "../../training/optimizer.ts";
import { type Experiment, shown, verdict } from "./experiment.ts";
import {
  CATEGORIES,
  estimatesOf,
  levels,
  meanCurve,
  networkOf,
  type OneHotRun,
  outputCurves,
  TRUTH,
  trainOneHot,
} from "./one-hot.ts";

const TARGETS = [-5, -2, 0, 2, 5];

export const fig4: Experiment = {
  title: "Figure 4: ReMINE holds log E[e^T] at C, whatever C is, and e^T becomes the density ratio",
  why:
    "The penalty leaves one of MINE's equally good solutions, T = log density ratio + C: e^T is N = 16 for the pairs that occur " +
    "and 0 for those that do not.",
  live: "lab/#fig4",
  async run(bench) {
    const { settings } = bench;
    const steps = settings.steps ?? (settings.quick ? 800 : 1500);
    const runs = await trainOneHot(bench, {
      ...{ name: "one-hot-targets", estimator: remine({ lambda: 0.1, C: TARGETS }) },
      ...{ optimizer: sgd({ learningRate: 0.1 }), batch: TARGETS.map(() => 100), steps },
    });
    const late = Math.max(1, Math.floor(steps / 3));
    const verdicts = runs.map((run, r) => {
      const C = TARGETS[r]!;
      const partition = mean(run.logPartition.slice(-late));
      const joint = mean(run.joint.slice(-late));
      return verdict(settings, {
        holds: Math.abs(partition - C) < 0.1 && Math.abs(joint - TRUTH - C) < 0.2,
        claim: `C = ${shown(C, 0)}: the log-partition goes to C, the joint term to ln 16 + C = ${shown(TRUTH + C)}`,
        measured: `${shown(partition)} and ${shown(joint)} over the last ${late} steps; their difference ${shown(joint - partition)}`,
        needs: "full",
      });
    });
    const free = runs[TARGETS.indexOf(0)]!;
    const [ratio, rest] = [Math.exp(levels(free).joint.at(-1)!), Math.exp(levels(free).other.at(-1)!)];
    verdicts.push(
      verdict(settings, {
        holds: Math.abs(ratio / CATEGORIES - 1) < 0.15 && rest < 0.1,
        claim: "C = 0: e^T goes to N = 16 for joint pairs and to 0 for others",
        measured: `${shown(ratio, 2)} and ${shown(rest)}`,
        needs: "full",
      }),
    );
    return {
      setting: `one-hot 16, ${networkOf(bench)}, batch 100, SGD .1, λ .1, ${steps} steps`,
      verdicts,
      svg: picture(runs, networkOf(bench)),
      data: { steps, targets: TARGETS, runs: Object.fromEntries(runs.map((run, r) => [`C=${TARGETS[r]}`, run])) },
    };
  },
};

function picture(runs: OneHotRun[], network: string): string {
  const x = { label: "step", values: runs[0]!.joint.map((_, i) => i + 1) };
  const of = (values: (run: OneHotRun) => number[]) =>
    runs.map((run, r) => ({ name: `C = ${TARGETS[r]}`, values: values(run), smooth: 19 }));
  const free = runs[TARGETS.indexOf(0)]!;
  return panelsFigure({
    title: "ReMINE holds its outputs where C says",
    subtitle: `one-hot, 16 categories, ${network}, batch 100, SGD 0.1, lambda 0.1`,
    panels: [
      { title: "log-partition", x, y: { label: "nats" }, series: of((run) => run.logPartition) },
      {
        title: "estimate",
        x,
        y: { label: "nats", domain: [0, 4] },
        series: of(estimatesOf),
        references: [{ label: "ln 16", y: TRUTH }],
      },
      {
        title: "C = 0: exp of every output",
        x: { label: "step", values: free.at },
        y: { label: "e^T", domain: [0, 22] },
        series: [
          ...outputCurves(free, Math.exp),
          {
            name: "mean of joint pairs",
            ink: "ink",
            values: meanCurve(free.jointOutputs.map((curve) => curve.map(Math.exp))),
            width: 2,
            smooth: 9,
          },
        ],
        references: [{ label: "N = 16", y: CATEGORIES }],
      },
    ],
    columns: 3,
  });
}
