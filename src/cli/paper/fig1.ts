import { panelsFigure } from "../../report/lines.ts";
import { type Experiment, shown, verdict } from "./experiment.ts";
import { estimatesOf, macroOf, mineRuns, networkOf, outputsPanel, reach, slope, TRUTH, termsPanel } from "./one-hot.ts";

export const fig1: Experiment = {
  title: "Figure 1: MINE on one-hot data drifts at batch 100 and explodes at batch 10",
  why:
    "Adding a constant to every output leaves MINE's objective as it is, so nothing stops one; a batch of 10 has no joint case " +
    "among its marginal pairs every other time, and then all of them are pushed apart without limit.",
  live: "lab/#fig1",
  async run(bench) {
    const { settings } = bench;
    const { steps, runs } = await mineRuns(bench);
    const [large, small] = runs;
    const late = Math.max(1, Math.floor(steps / 3));
    const macro = macroOf(large, late);
    const drift = { joint: 1000 * slope(large.joint), logPartition: 1000 * slope(large.logPartition) };
    const estimate = 1000 * slope(estimatesOf(large));
    const verdicts = [
      verdict(settings, {
        holds: Math.abs(macro - TRUTH) < 0.1,
        claim: "batch 100: the estimate converges to ln 16",
        measured: `${shown(macro)} over the last ${late} steps (ln 16 = ${shown(TRUTH)})`,
        needs: "full",
      }),
      verdict(settings, {
        holds: drift.joint * drift.logPartition > 0 && Math.abs(drift.joint) > 3 * Math.abs(estimate),
        claim: "batch 100: both terms go on together while the estimate stays",
        measured: `per 1000 steps of the second half the joint term moves by ${shown(drift.joint)}, the log-partition by ${shown(drift.logPartition)}, the estimate by ${shown(estimate)}`,
        needs: "full",
      }),
      verdict(settings, {
        holds: reach(small) > 10 * reach(large),
        claim: "batch 10: outputs explode",
        measured: `the largest is ${shown(reach(small), 0)} in size, at batch 100 ${shown(reach(large), 1)}`,
      }),
    ];
    return {
      setting: `one-hot 16, ${networkOf(bench)}, SGD .1, ${steps} steps, fresh marginal pairs`,
      verdicts,
      svg: panelsFigure({
        title: "MINE on one-hot data: drift and explosion",
        subtitle: `16 categories, ${networkOf(bench)}, SGD 0.1`,
        panels: [
          termsPanel("batch 100: terms", large),
          outputsPanel("batch 100: every output", large),
          termsPanel("batch 10: terms", small),
          outputsPanel("batch 10: every output", small, [-reach(small), reach(small)]),
        ],
        columns: 2,
      }),
      data: { steps, batch100: large, batch10: small },
    };
  },
};
