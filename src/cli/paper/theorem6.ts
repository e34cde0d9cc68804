import { logMeanExp, mean } from "../../math/statistics.ts";
import { type LinesPanel, panelsFigure } from "../../report/lines.ts";
import { type Bench, compact, type Experiment, shown, verdict } from "./experiment.ts";
import { INFORMATION, logRatio, RHO } from "./normal-pair.ts";
import { CATEGORIES, mineRuns, type OneHotRun } from "./one-hot.ts";
import { normals } from "./random.ts";

/** Pairs of each kind in a batch. */
const BATCH = 100;

interface Averages {
  /** Of the batches' own estimates, and of all outputs pooled; less the truth, nats. */
  macro: number;
  micro: number;
}

const drifts: Record<string, (share: number) => number> = {
  none: () => 0,
  "a line from 0 to −2": (share) => -2 * share,
  "a line from 0 to 4": (share) => 4 * share,
  "a sine of 1.5": (share) => 1.5 * Math.sin(6 * Math.PI * share),
  "a jump of 3 halfway": (share) => (share < 0.5 ? 0 : 3),
};

export const theorem6: Experiment = {
  title: "Theorem 6: what drift does to macro- and micro-averages",
  why:
    "A constant cancels within a batch, so the mean of batches has only the bias of the logarithm of a batch's mean, upwards; pooled " +
    "outputs lose mean C − log mean e^C, downwards, which is 0 only if nothing drifts. That is why ReMINE may pool and MINE may not.",
  async run(bench) {
    const { settings } = bench;
    const batches = settings.quick ? 1000 : 10_000;
    const { known } = await bench.part("theorem6-known", { batches, drifts: Object.keys(drifts) }, async () => ({
      known: simulate(batches, settings.seed),
    }));
    const real = await realRun(bench);
    const noise = 3 * Math.sqrt(RHO ** 2 / (BATCH * batches)) + 0.003;
    const verdicts = [
      verdict(settings, {
        holds: known.every(({ macro, predictedMacro }) => Math.abs(macro - predictedMacro) < noise),
        claim: "macro: whatever drifts, the bias is that of the logarithm, Var(e^T) / 2M upwards",
        measured: `predicted ${shown(known[0]!.predictedMacro, 4)}; measured ${known.map(({ macro }) => shown(macro, 4)).join(", ")} (${Object.keys(drifts).join("; ")})`,
      }),
      verdict(settings, {
        holds: known.every(({ micro, predictedMicro }) => Math.abs(micro - predictedMicro) < noise),
        claim: "micro: the bias is mean C − log mean e^C",
        measured: known
          .map(({ drift, micro, predictedMicro }) => `${drift}: ${shown(micro)} (predicted ${shown(predictedMicro)})`)
          .join("; "),
      }),
      verdict(settings, {
        holds: Math.abs(real.micro - real.predictedMicro) < 0.1,
        claim: "the same of a MINE run on one-hot data, by its measured drift",
        measured: `log E[e^T] goes from ${shown(real.from, 2)} to ${shown(real.to, 2)}; micro is off by ${shown(real.micro)} (predicted ${shown(real.predictedMicro)}), macro by ${shown(real.macro)} (predicted ${shown(real.predictedMacro)})`,
        needs: "full",
      }),
    ];
    return {
      setting: `known: normals with ρ = .75, ${batches} batches of ${BATCH}; the run: that of figure 1, batch 100`,
      verdicts,
      svg: panelsFigure({
        title: "Averages of outputs that drift: measured bias beside the predicted one",
        subtitle: `drifts: ${Object.keys(drifts)
          .map((name, i) => `${i + 1} ${name}`)
          .join(", ")}; ${batches} batches of ${BATCH}`,
        panels: [
          biasPanel(
            "pooled outputs (micro)",
            known.map(({ micro }) => micro),
            known.map((each) => each.predictedMicro),
          ),
          biasPanel(
            "mean of batches (macro)",
            known.map(({ macro }) => macro),
            known.map((each) => each.predictedMacro),
          ),
          {
            title: "a MINE run: its drift",
            x: { label: "step", values: real.at },
            y: { label: "nats" },
            series: [{ name: "log E[e^T], exact", values: real.drift }],
          },
        ],
        columns: 3,
      }),
      data: { batches, batch: BATCH, rho: RHO, known, real },
    };
  },
};

const biasPanel = (title: string, measured: number[], predicted: number[]): LinesPanel => ({
  title,
  x: { label: "drift", values: measured.map((_, i) => i + 1) },
  y: { label: "bias, nats", domain: [Math.min(-0.01, ...measured) * 1.1, 0.1] },
  series: [
    { name: "measured", values: measured, marks: true },
    { name: "predicted", values: predicted, dashed: true, marks: true },
  ],
});

/** The best critic's outputs on fresh batches, with each drift added. */
function simulate(batches: number, seed: number) {
  const own = Array.from({ length: batches }, (_, i) => batchTerms([seed, i]));
  // E_q[r²] = 1 / (1 − ρ²), so that the variance of r = e^T among marginal pairs is ρ² / (1 − ρ²).
  const predictedMacro = RHO ** 2 / (1 - RHO ** 2) / (2 * BATCH);
  return Object.entries(drifts).map(([drift, constant]) => {
    const C = own.map((_, i) => constant((i + 0.5) / batches));
    const joint = own.map((terms, i) => terms.joint + C[i]!);
    const partition = own.map((terms, i) => terms.logPartition + C[i]!);
    const { macro, micro } = averagesOf(joint, partition, INFORMATION);
    return { drift, macro, micro, predictedMacro, predictedMicro: mean(C) - logMeanExp(C) };
  });
}

function averagesOf(joint: number[], logPartition: number[], truth: number): Averages {
  return {
    macro: mean(joint) - mean(logPartition) - truth,
    micro: mean(joint) - logMeanExp(logPartition) - truth,
  };
}

function batchTerms(seed: number[]) {
  const [x, noise, apart] = [1, 2, 3].map((k) => normals(BATCH, [...seed, k])) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const y = x.map((value, i) => RHO * value + Math.sqrt(1 - RHO * RHO) * noise[i]!);
  return {
    joint: mean(x.map((value, i) => logRatio(value, y[i]!))),
    logPartition: logMeanExp(x.map((value, i) => logRatio(value, apart[i]!))),
  };
}

/** Figure 1's MINE run, whose log E[e^T] is known exactly at the recorded steps: its 256 outputs are. */
async function realRun(bench: Bench) {
  const { steps, runs } = await mineRuns(bench);
  const [run] = runs;
  const first = Math.floor(steps / 6);
  const drift = Array.from({ length: steps }, (_, i) => between(run, i));
  const joint = run.joint.slice(first);
  const partition = run.logPartition.slice(first);
  const C = drift.slice(first);
  // With the exact log-partition in place of the batch's, the estimate has neither bias.
  const exact = mean(joint) - mean(C);
  const variance = mean(partition.map((g, i) => (Math.exp(g - C[i]!) - 1) ** 2));
  return {
    ...averagesOf(joint, partition, exact),
    predictedMacro: variance / 2,
    predictedMicro: mean(C) - logMeanExp(C),
    ...{ from: C[0]!, to: C.at(-1)!, at: run.at, drift: compact(run.exactLogPartition), categories: CATEGORIES },
  };
}

/** log E[e^T] before step i, on a line between the steps at which it was recorded. */
function between({ at, exactLogPartition }: OneHotRun, i: number): number {
  const next = at.findIndex((step) => step >= i);
  if (next <= 0) return exactLogPartition[0]!;
  const share = (i - at[next - 1]!) / (at[next]! - at[next - 1]!);
  return exactLogPartition[next - 1]! + share * (exactLogPartition[next]! - exactLogPartition[next - 1]!);
}
