import { mine, remine } from "../../estimators/estimator.ts";
import { logMeanExp, mean } from "../../math/statistics.ts";
import { type LinesPanel, panelsFigure } from "../../report/lines.ts";
import { sgd } from "../../training/optimizer.ts";
import { type Bench, type Experiment, shown, verdict } from "./experiment.ts";
import {
  levels,
  networkOf,
  type OneHotRun,
  oneHotTrainer,
  outputsPanel,
  reach,
  TRUTH,
  trainOneHot,
  widthOf,
} from "./one-hot.ts";

const LAMBDA = 0.01;
/** Outputs that are pooled at the end. */
const POOLED = 1000;

export const fig8: Experiment = {
  title: "Figure 8: batch size 1, and the estimate by λ and batch size",
  why:
    "With one pair of each kind a batch tells nothing of log E[e^T], yet the penalty's slope does not vanish: joint outputs settle " +
    "at 0 and others at −1 / (2 λ), from which all outputs together give −ln p = ln 16.",
  live: "lab/#fig8",
  async run(bench) {
    const { settings } = bench;
    const steps = settings.steps ?? (settings.quick ? 2000 : 5000);
    const [pinned, free] = await atBatchOne(bench, steps);
    const sweep = await sweepOf(bench);
    const pooled = pooledEstimate(pinned, POOLED);
    const { joint, other } = levels(pinned);
    const verdicts = [
      verdict(settings, {
        holds: Math.abs(joint.at(-1)!) < 2 && Math.abs(other.at(-1)! + 1 / (2 * LAMBDA)) < 5,
        claim: `ReMINE, λ = .01: joint outputs go to 0, others to −1 / (2 λ) = −${1 / (2 * LAMBDA)}`,
        measured: `${shown(joint.at(-1)!, 2)} and ${shown(other.at(-1)!, 2)} after ${steps} steps`,
        needs: "full",
      }),
      verdict(settings, {
        // Of 1000 marginal pairs 62.5 ± 7.7 are joint cases, which is ± .12 in the logarithm.
        holds: Math.abs(pooled - TRUTH) < 0.3,
        claim: "ReMINE: pooled outputs of batches of one estimate ln 16, as far as 1000 outputs can (± .12)",
        measured: `${shown(pooled)} from the last ${POOLED} outputs (ln 16 = ${shown(TRUTH)})`,
        needs: "full",
      }),
      verdict(settings, {
        holds: reach(free) > 20 * reach(pinned),
        claim: "MINE: outputs run away at batch size 1",
        measured: `the largest is ${shown(reach(free), 0)} in size, of ReMINE ${shown(reach(pinned), 0)}`,
      }),
      ...sweepVerdicts(bench, sweep),
    ];
    return {
      setting: `one-hot 16, ${networkOf(bench)}, SGD .1, ${steps} steps; the sweep ${sweep.steps} steps, ${sweep.tries} ${sweep.tries === 1 ? "try" : "tries"} each`,
      verdicts,
      svg: panelsFigure({
        title: "Batch size 1, and the estimate by lambda and batch size",
        subtitle: `one-hot, 16 categories, ${networkOf(bench)}, SGD 0.1`,
        panels: [
          outputsPanel("ReMINE, λ = .01, batch 1: every output", pinned),
          outputsPanel("MINE, batch 1: every output", free, [-reach(free), reach(free)]),
          sweepPanel(sweep),
        ],
        columns: 3,
      }),
      data: { steps, remine: pinned, mine: free, sweep },
    };
  },
};

async function atBatchOne(bench: Bench, steps: number): Promise<[OneHotRun, OneHotRun]> {
  const shared = { optimizer: sgd({ learningRate: 0.1 }), batch: [1], steps };
  const train = async (name: string, estimator: ReturnType<typeof mine | typeof remine>) =>
    (await trainOneHot(bench, { name: `one-hot-batch1-${name}`, estimator, ...shared }))[0]!;
  return [await train("remine", remine({ lambda: LAMBDA })), await train("mine", mine({ emaRate: 1 }))];
}

/** One estimate of the newest outputs, however many batches they come from. */
function pooledEstimate({ joint, logPartition }: Pick<OneHotRun, "joint" | "logPartition">, batches: number): number {
  return mean(joint.slice(-batches)) - logMeanExp(logPartition.slice(-batches));
}

interface Sweep {
  steps: number;
  tries: number;
  lambdas: number[];
  batches: number[];
  /** `[lambda][batch][try]`: the pooled estimate at the end, nats. */
  pooled: number[][][];
}

/** Every λ with every batch size, several times, as replicas of one trainer. */
function sweepOf(bench: Bench): Promise<Sweep> {
  const { quick, runs } = bench.settings;
  const lambdas = quick ? [0.01, 0.1, 1] : [0.01, 0.1, 1, 10];
  const batches = quick ? [1, 10, 32] : [1, 2, 5, 10, 20, 50, 100];
  const [steps, tries] = [quick ? 800 : 10_000, runs ?? (quick ? 1 : 10)];
  const all = lambdas.flatMap((lambda) => batches.flatMap((batch) => Array(tries).fill({ lambda, batch })));
  const told = { steps, tries, lambdas, batches };
  return bench.part("one-hot-lambda-batch", { ...told, width: widthOf(bench) }, async (step) => {
    const batch = all.map((each) => each.batch);
    using trainer = await oneHotTrainer(bench, {
      ...{ batch, estimator: remine({ lambda: all.map((each) => each.lambda) }) },
      optimizer: sgd({ learningRate: 0.1 }),
    });
    await trainer.step(steps, step);
    const values = trainer.trace.map(({ joint, logPartition }, r) =>
      pooledEstimate(
        { joint: Array.from(joint), logPartition: Array.from(logPartition) },
        Math.ceil(POOLED / batch[r]!),
      ),
    );
    const pooled = lambdas.map((_, l) =>
      batches.map((_, b) => values.slice((l * batches.length + b) * tries, (l * batches.length + b + 1) * tries)),
    );
    return { ...told, pooled };
  });
}

function sweepVerdicts(bench: Bench, { lambdas, batches, pooled }: Sweep) {
  const error = (l: number, b: number) => mean(pooled[l]![b]!.map((value) => Math.abs(value - TRUTH)));
  const largest = batches.length - 1;
  const said = (b: number) => lambdas.map((lambda, l) => `${shown(error(l, b))} (λ ${shown(lambda, 2)})`).join(", ");
  return [
    verdict(bench.settings, {
      holds: error(0, 0) < error(lambdas.length - 1, 0),
      claim: "batch 1: a small λ estimates better than a large one",
      measured: `mean |error| ${said(0)}`,
      needs: "full",
    }),
    verdict(bench.settings, {
      holds: error(1, largest) < 0.15,
      claim: `batch ${batches[largest]}: λ = .1 estimates ln 16`,
      measured: `mean |error| ${said(largest)}`,
      needs: "full",
    }),
  ];
}

const sweepPanel = ({ lambdas, batches, pooled }: Sweep): LinesPanel => ({
  title: `estimate from the last ${POOLED} outputs`,
  x: { label: "batch size", values: batches, log: true },
  y: { label: "nats", domain: [0, 4] },
  series: lambdas.map((lambda, l) => ({
    name: `λ = ${lambda}`,
    values: pooled[l]!.map((tries) => mean(tries)),
    band: {
      lo: pooled[l]!.map((tries) => Math.min(...tries)),
      hi: pooled[l]!.map((tries) => Math.max(...tries)),
    },
    marks: true,
  })),
  references: [{ label: "ln 16", y: TRUTH }],
});
