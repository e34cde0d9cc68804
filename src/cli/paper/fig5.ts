import { remine } from "../../estimators/estimator.ts";
import { mean } from "../../math/statistics.ts";
import { type FieldPanel, fieldsFigure } from "../../report/fields.ts";
import { sgd } from "../../training/optimizer.ts";
import { compact, type Experiment, shown, verdict } from "./experiment.ts";
import { CATEGORIES, levels, networkOf, TRUTH, trainOneHot } from "./one-hot.ts";

const LAMBDAS = [0, 0.01, 0.1, 1];
const [LEAST_J, MOST_J, LEAST_OTHER, MOST_OTHER] = [-5, 5, -10, 5];
const GRID = 61;

/** log E[e^T] where joint pairs have the output j and all others j̄. */
const logPartition = (j: number, other: number): number => {
  const top = Math.max(j, other);
  return top + Math.log(Math.exp(j - top) / CATEGORIES + (1 - 1 / CATEGORIES) * Math.exp(other - top));
};

/** ReMINE's loss there, nats: −(j − g − λ g²), g the log-partition. */
const loss = (lambda: number, j: number, other: number): number => {
  const g = logPartition(j, other);
  return g - j + lambda * g * g;
};

export const fig5: Experiment = {
  title: "Figure 5: the loss over (j, j̄) for λ = 0, .01, .1 and 1, with a training run on each",
  why:
    "Without λ the loss is the same along every line j − j̄ = constant, and a run wanders along the valley; the penalty bends the valley " +
    "into a basin around log E[e^T] = 0.",
  live: "surface/#fig5",
  async run(bench) {
    const { settings } = bench;
    const steps = settings.steps ?? (settings.quick ? 1000 : 3000);
    const runs = await trainOneHot(bench, {
      ...{ name: "one-hot-lambdas", estimator: remine({ lambda: LAMBDAS }), optimizer: sgd({ learningRate: 0.1 }) },
      // One stream: all start at the same weights and see the same batches.
      ...{ batch: LAMBDAS.map(() => 100), streams: LAMBDAS.map(() => 0), steps, records: 150 },
    });
    const paths = runs.map(levels);
    const late = runs.map(({ exactLogPartition }) =>
      exactLogPartition.slice(-Math.floor(exactLogPartition.length / 3)),
    );
    const wandering = late.map((values) => Math.abs(mean(values)));
    const verdicts = LAMBDAS.map((lambda, r) => {
      const at = `j = ${shown(paths[r]!.joint.at(-1)!, 2)}, j̄ = ${shown(paths[r]!.other.at(-1)!, 2)} (ln 16 = ${shown(TRUTH)})`;
      const measured = `over the last third the log-partition is ${shown(mean(late[r]!))}; the run ends at ${at}`;
      return lambda === 0
        ? verdict(settings, {
            holds: wandering[0]! > 3 * wandering[2]!,
            claim: "λ = 0: nothing holds the run at log E[e^T] = 0",
            measured,
            needs: "full",
          })
        : verdict(settings, {
            holds: wandering[r]! < 0.15,
            claim: `λ = ${shown(lambda, 2)}: the run ends where log E[e^T] = 0`,
            measured,
            needs: "full",
          });
    });
    const panels = LAMBDAS.map(
      (lambda, r): FieldPanel => ({
        title: `λ = ${lambda}`,
        x: { label: "j, output of joint pairs", domain: [LEAST_J, MOST_J] },
        y: { label: "j̄, output of others", domain: [LEAST_OTHER, MOST_OTHER] },
        field: { columns: GRID, rows: GRID, values: surface(lambda) },
        paths: [{ name: "the run: mean joint output, median of the others", x: paths[r]!.joint, y: paths[r]!.other }],
      }),
    );
    return {
      setting: `one-hot 16, ${networkOf(bench)}, batch 100, SGD .1, ${steps} steps`,
      verdicts,
      svg: fieldsFigure({
        title: "The loss that ReMINE descends, and a run on it",
        subtitle: `one-hot, 16 categories, ${networkOf(bench)}, batch 100, SGD 0.1, ${steps} steps`,
        panels,
        columns: 2,
        scale: "loss, nats",
        domain: [-3, 6],
      }),
      data: {
        ...{ steps, lambdas: LAMBDAS, at: runs[0]!.at },
        runs: runs.map((run, r) => ({ ...paths[r], exactLogPartition: run.exactLogPartition })),
      },
    };
  },
};

function surface(lambda: number): number[] {
  const values: number[] = [];
  for (let row = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) {
      const j = LEAST_J + ((MOST_J - LEAST_J) * column) / (GRID - 1);
      const other = LEAST_OTHER + ((MOST_OTHER - LEAST_OTHER) * row) / (GRID - 1);
      values.push(loss(lambda, j, other));
    }
  }
  return compact(values);
}
