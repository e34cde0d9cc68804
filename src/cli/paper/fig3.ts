import { mine, remine } from "../../estimators/estimator.ts";
import { mean } from "../../math/statistics.ts";
import { type LinesPanel, panelsFigure } from "../../report/lines.ts";
import { adam, type Optimizer, sgd } from "../../training/optimizer.ts";
import { type Bench, type Experiment, shown, verdict } from "./experiment.ts";
import {
  estimatesOf,
  macroOf,
  networkOf,
  type OneHotRun,
  reach,
  slidingMicro,
  TRUTH,
  termsPanel,
  trainOneHot,
} from "./one-hot.ts";

/** Outputs that are pooled: 100 batches of 10. */
const POOLED = 1000;

export const fig3: Experiment = {
  title: "Figure 3: ReMINE at batch 10, with SGD, Adam and micro-averaging over a sliding window",
  why:
    "ReMINE's outputs are those of one function at every step, so those of many small batches can be pooled as if they were one " +
    "large batch; MINE's differ by a constant from step to step, and cannot.",
  live: "lab/#fig3",
  async run(bench) {
    const { settings } = bench;
    const steps = settings.steps ?? (settings.quick ? 1200 : 3000);
    const [faithful, calm, free] = await threeRuns(bench, steps);
    const micro = [faithful, calm, free].map((run) => slidingMicro(run, POOLED / 10));
    const late = Math.max(1, Math.floor(steps / 3));
    const lateMicro = micro.map((values) => mean(values.slice(-late)));
    const said = (i: number, run: OneHotRun) =>
      `${shown(lateMicro[i]!)} over the last ${late} steps (ln 16 = ${shown(TRUTH)}); the mean of the batches' own estimates is ${shown(macroOf(run, late))}`;
    const verdicts = [
      verdict(settings, {
        holds: reach(faithful) < 100,
        claim: "ReMINE, SGD: outputs stay bounded at batch 10",
        measured: `the largest is ${shown(reach(faithful), 1)} in size`,
      }),
      verdict(settings, {
        holds: Math.abs(lateMicro[1]! - TRUTH) < 0.15,
        claim: "ReMINE, Adam: pooled outputs estimate ln 16 within .15",
        measured: said(1, calm),
        needs: "full",
      }),
      verdict(settings, {
        holds: Math.abs(lateMicro[0]! - TRUTH) < 0.15,
        claim: "ReMINE, SGD .1: the same",
        measured: said(0, faithful),
        needs: "full",
      }),
      verdict(settings, {
        holds: Math.abs(lateMicro[2]! - TRUTH) > 2 * Math.abs(lateMicro[1]! - TRUTH),
        claim: "MINE, Adam: pooling does not help it",
        measured: said(2, free),
        needs: "full",
      }),
    ];
    const estimates = (title: string, i: number, run: OneHotRun): LinesPanel => ({
      title,
      x: { label: "step", values: run.joint.map((_, step) => step + 1) },
      y: { label: "nats", domain: [-2, 8] },
      series: [
        { name: "each batch's estimate", values: estimatesOf(run), smooth: 19 },
        { name: `pooled over ${POOLED} outputs`, values: micro[i]! },
      ],
      references: [{ label: "ln 16", y: TRUTH }],
    });
    const names = ["ReMINE, SGD 0.1", "ReMINE, Adam 5e-4", "MINE, Adam 5e-4"];
    const runs = [faithful, calm, free];
    return {
      setting: `one-hot 16, ${networkOf(bench)}, batch 10, λ .1, ${steps} steps`,
      verdicts,
      svg: panelsFigure({
        title: "Batch 10: ReMINE pools what MINE cannot",
        subtitle: `16 categories, ${networkOf(bench)}, lambda 0.1`,
        panels: [
          ...runs.map((run, i) => termsPanel(`${names[i]}: terms`, run)),
          ...runs.map((run, i) => estimates(`${names[i]}: estimates`, i, run)),
        ],
        columns: 3,
      }),
      data: { steps, pooled: POOLED, lateMicro, remineSgd: faithful, remineAdam: calm, mineAdam: free },
    };
  },
};

async function threeRuns(bench: Bench, steps: number): Promise<[OneHotRun, OneHotRun, OneHotRun]> {
  const train = async (name: string, estimator: ReturnType<typeof remine | typeof mine>, optimizer: Optimizer) => {
    const options = { name: `one-hot-batch10-${name}`, estimator, optimizer, batch: [10] };
    return (await trainOneHot(bench, { ...options, steps }))[0]!;
  };
  const slow = adam({ learningRate: 5e-4 });
  return [
    await train("remine-sgd", remine({ lambda: 0.1 }), sgd({ learningRate: 0.1 })),
    await train("remine-adam", remine({ lambda: 0.1 }), slow),
    await train("mine-adam", mine({ emaRate: 1 }), slow),
  ];
}
