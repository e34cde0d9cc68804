import { deviation } from "d3-array";
import { mine } from "../../estimators/estimator.ts";
import { mean } from "../../math/statistics.ts";
import { type LinesPanel, panelsFigure } from "../../report/lines.ts";
import { sgd } from "../../training/optimizer.ts";
import { type Experiment, shown, verdict } from "./experiment.ts";
import { histogram } from "./histogram.ts";
import { estimatesOf, levels, networkOf, type OneHotRun, TRUTH, trainOneHot } from "./one-hot.ts";

const BATCHES = [100, 200, 400, 800];

export const fig2: Experiment = {
  title: "Figure 2: MINE's estimates by batch size, and its marginal outputs in two clusters",
  why:
    "The estimate is a difference, in which the drifting constant cancels, so larger batches only narrow it; the outputs behind it " +
    "form two clusters, joint cases and others, that move on together.",
  live: "lab/#fig1",
  async run(bench) {
    const { settings } = bench;
    const { steps = settings.quick ? 300 : 3000 } = settings;
    const runs = await trainOneHot(bench, {
      ...{ name: "one-hot-mine-batches", estimator: mine({ emaRate: 1 }), optimizer: sgd({ learningRate: 0.1 }) },
      ...{ batch: settings.quick ? BATCHES.slice(0, 3) : BATCHES, steps },
    });
    const estimates = runs.map((run) => lateEstimates(run, steps));
    const spread = estimates.map((values) => deviation(values)!);
    const [first, last] = [Math.floor(runs[0]!.at.length / 3), runs[0]!.at.length - 1];
    const { joint, other } = levels(runs[0]!);
    const gap = (at: number) => joint[at]! - other[at]!;
    const clear = Math.min(...runs[0]!.jointOutputs.map((curve) => curve[last]!)) - runs[0]!.otherQuantiles[4]![last]!;
    const verdicts = [
      verdict(settings, {
        holds: spread.every((value, i) => i === 0 || value < spread[i - 1]!),
        claim: "the larger the batch, the narrower the estimates",
        measured: `standard deviation ${spread.map((v) => shown(v)).join(", ")} at batch ${BATCHES.slice(0, runs.length).join(", ")}`,
      }),
      verdict(settings, {
        holds: estimates.every((values) => Math.abs(mean(values) - TRUTH) < 0.1),
        claim: "at every batch size they lie around ln 16",
        measured: `mean ${estimates.map((values) => shown(mean(values))).join(", ")} (ln 16 = ${shown(TRUTH)})`,
        needs: "full",
      }),
      verdict(settings, {
        holds: clear > 0.5,
        claim: "marginal outputs form two clusters, joint cases and others",
        measured: `the lowest joint output is ${shown(clear)} above the highest other one; the clusters are ${shown(gap(last))} apart`,
        needs: "full",
      }),
      verdict(settings, {
        holds: joint[last]! < joint[first]! && other[last]! < other[first]!,
        claim: "both clusters move on",
        measured: `from step ${runs[0]!.at[first]} to ${runs[0]!.at[last]} by ${shown(joint[last]! - joint[first]!)} and ${shown(other[last]! - other[first]!)}`,
        needs: "full",
      }),
    ];
    return {
      setting: `one-hot 16, ${networkOf(bench)}, SGD .1, ${steps} steps`,
      verdicts,
      svg: panelsFigure({
        title: "MINE: estimates by batch size, and marginal outputs over time",
        subtitle: `16 categories, ${networkOf(bench)}, SGD 0.1`,
        panels: [estimatesPanel(estimates), clustersPanel(runs[0]!)],
        columns: 2,
      }),
      data: { steps, batches: BATCHES.slice(0, runs.length), spread, batch100: runs[0] },
    };
  },
};

/** Each batch's own estimate, in the second half of the run. */
const lateEstimates = (run: OneHotRun, steps: number) => estimatesOf(run).slice(Math.floor(steps / 2));

function estimatesPanel(estimates: number[][]): LinesPanel {
  const all = estimates.map((values) => histogram(values, [1.5, 4.5], 60));
  return {
    title: "estimates of the second half",
    x: { label: "nats", values: all[0]!.edges },
    y: { label: "share of batches" },
    series: all.map(({ shares }, i) => ({ name: `batch ${BATCHES[i]}`, values: shares, steps: true })),
  };
}

/** Histograms of all outputs, weighed as marginal pairs are, in sections of the run. */
function clustersPanel({ at, jointOutputs, otherOutputs, otherQuantiles }: OneHotRun): LinesPanel {
  const parts = 4;
  const ends = [Math.min(...otherQuantiles[0]!), Math.max(...jointOutputs.flat())] as const;
  const sections = Array.from({ length: parts }, (_, p) => {
    const [from, to] = [p, p + 1].map((q) => Math.floor((q * at.length) / parts)) as [number, number];
    const joint = jointOutputs.flatMap((curve) => curve.slice(from, to));
    const other = otherOutputs.flatMap((curve) => curve.slice(from, to));
    const weights = [...joint.map(() => 1 / 16), ...other.map(() => 15 / 16)];
    const name = `steps ${at[from]} to ${at[to - 1]}`;
    return { name, ...histogram([...joint, ...other], ends, 60, weights) };
  });
  return {
    title: "batch 100: marginal outputs",
    x: { label: "output T", values: sections[0]!.edges },
    y: { label: "share of marginal pairs" },
    series: sections.map(({ name, shares }) => ({ name, values: shares, steps: true })),
  };
}
