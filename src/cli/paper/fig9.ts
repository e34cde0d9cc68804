import { mlp } from "../../critics/mlp.ts";
import { remine } from "../../estimators/estimator.ts";
import { mean } from "../../math/statistics.ts";
import { type FieldPanel, fieldsFigure } from "../../report/fields.ts";
import { gaussian } from "../../sources/gaussian.ts";
import { adam } from "../../training/optimizer.ts";
import { createTrainer } from "../../training/trainer.ts";
import { type Bench, compact, type Experiment, shown, verdict } from "./experiment.ts";
import { INFORMATION, logRatio, RHO } from "./normal-pair.ts";
import { outputsOf } from "./outputs.ts";

/** The plane is looked at where |x| and |y| are at most this. */
const SIDE = 3;
const GRID = 49;

interface Measured {
  /** T on the grid, row after row of y. */
  field: number[];
  /** The last batches' pairs and outputs. */
  joint: { x: number[]; y: number[]; T: number[] };
  marginal: { x: number[]; y: number[]; T: number[] };
  macro: number;
  micro: number;
  logPartition: number;
}

export const fig9: Experiment = {
  title: "Figure 9: the critic's output over the plane is the log density ratio",
  why:
    "Where MINE's critic is the log density ratio up to a constant that drifts, ReMINE's is the ratio itself: its output at a pair is " +
    "that pair's pointwise mutual information.",
  live: "field/",
  async run(bench) {
    const { settings } = bench;
    const steps = settings.steps ?? (settings.quick ? 1000 : 2000);
    const measured = await train(bench, steps);
    const { joint, marginal, macro, micro, logPartition, field } = measured;
    const off = (of: Measured["joint"]) => of.T.map((T, i) => T - logRatio(of.x[i]!, of.y[i]!));
    const [offJoint, offMarginal] = [off(joint), off(marginal)];
    const rms = (values: number[]) => Math.sqrt(mean(values.map((v) => v * v)));
    const verdicts = [
      verdict(settings, {
        holds: Math.abs(mean(offJoint)) < 0.05 && rms(offJoint) < 0.2,
        claim: "at joint samples the output is the true log density ratio, with no constant between them",
        measured: `off by ${shown(mean(offJoint))} on average, ${shown(rms(offJoint))} in root mean square; at marginal samples by ${shown(mean(offMarginal))} and ${shown(rms(offMarginal))}`,
        needs: "full",
      }),
      verdict(settings, {
        holds: Math.abs(macro - INFORMATION) < 0.05,
        claim: `the estimate is I = ${shown(INFORMATION)}`,
        measured: `${shown(macro)} (mean of batches), ${shown(micro)} (pooled), log-partition ${shown(logPartition)}`,
      }),
    ];
    return {
      setting: `normals with ρ = .75, 2-256-1, batch 64, Adam 5e-4, λ .1, ${steps} steps`,
      verdicts,
      svg: picture(measured),
      data: { steps, rho: RHO, truth: INFORMATION, side: SIDE, grid: GRID, field, joint, marginal, macro, micro },
    };
  },
};

function train(bench: Bench, steps: number): Promise<Measured> {
  return bench.part("gaussian-plane", { steps }, async (step) => {
    using trainer = await createTrainer(bench.gpu, {
      source: gaussian({ dims: 1, rho: RHO }),
      pairs: { joint: 64, negatives: "independent" },
      ...{ critic: mlp([256]), estimator: remine({ lambda: 0.1 }), optimizer: adam({ learningRate: 5e-4 }) },
      ...{ seed: bench.settings.seed, window: Math.floor(steps / 2), engine: "layered" },
    });
    await trainer.step(steps, step);
    const { macro, micro, logPartition } = (await trainer.read()).averages[0]!;
    const sides = gridSides();
    using outputs = await outputsOf(trainer, { data: sides.x, columns: 1 }, { data: sides.y, columns: 1 });
    const field = compact((await outputs.score())[0]!);
    const samples = { joint: { x: [], y: [], T: [] }, marginal: { x: [], y: [], T: [] } } as Record<
      "joint" | "marginal",
      { x: number[]; y: number[]; T: number[] }
    >;
    for (let i = 0; i < 5; i++) {
      await trainer.step(1);
      const { batch_x, batch_y, scores } = trainer.tensors.batch;
      const [x, y, T] = [await read(batch_x), await read(batch_y), await read(scores)];
      // Rows of the batch: the joint pairs, then the marginal ones; of the scores: each joint pair, then its marginal pair.
      for (let pair = 0; pair < 64; pair++) {
        push(samples.joint, x[pair]!, y[pair]!, T[2 * pair]!);
        push(samples.marginal, x[64 + pair]!, y[64 + pair]!, T[2 * pair + 1]!);
      }
    }
    return { field, ...samples, macro, micro, logPartition };

    async function read(tensor: Parameters<typeof bench.gpu.read>[0]) {
      return new Float32Array(await bench.gpu.read(tensor));
    }
  });
}

function push(to: Measured["joint"], x: number, y: number, T: number): void {
  const [a, b, c] = compact([x, y, T]) as [number, number, number];
  to.x.push(a);
  to.y.push(b);
  to.T.push(c);
}

const coordinate = (i: number) => -SIDE + (2 * SIDE * i) / (GRID - 1);

function gridSides() {
  const [x, y] = [new Float32Array(GRID * GRID), new Float32Array(GRID * GRID)];
  for (let i = 0; i < GRID * GRID; i++) {
    x[i] = coordinate(i % GRID);
    y[i] = coordinate(Math.floor(i / GRID));
  }
  return { x, y };
}

function picture({ field, joint, marginal }: Measured): string {
  const { x, y } = gridSides();
  const truth = compact(Array.from(x, (value, i) => logRatio(value, y[i]!)));
  const axes = {
    x: { label: "x", domain: [-SIDE, SIDE] as const },
    y: { label: "y", domain: [-SIDE, SIDE] as const },
  };
  const points: FieldPanel["points"] = [
    { name: "joint samples", x: joint.x, y: joint.y, ink: "ink" },
    { name: "marginal samples", x: marginal.x, y: marginal.y, ink: "orange" },
  ];
  const panel = (title: string, values: number[]): FieldPanel => ({
    ...{ title, ...axes, field: { columns: GRID, rows: GRID, values }, points },
  });
  return fieldsFigure({
    title: "The critic's output is the log density ratio",
    subtitle: "two normals with correlation 0.75; 2-256-1, batch 64, Adam 5e-4, lambda 0.1",
    panels: [panel("critic T(x, y)", field), panel("true log density ratio", truth)],
    columns: 2,
    scale: "nats",
    domain: [-8, 2],
    middle: 0,
  });
}
