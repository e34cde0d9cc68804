import { separable } from "../../critics/separable.ts";
import * as make from "../../estimators/estimator.ts";
import { logMeanExp, mean } from "../../math/statistics.ts";
import { type LineSeries, panelsFigure } from "../../report/lines.ts";
import { rows, type TableSource } from "../../sources/table.ts";
import { adam } from "../../training/optimizer.ts";
import type { StepOptions } from "../../training/options.ts";
import { createTrainer, type Trainer } from "../../training/trainer.ts";
import { type Bench, compact, type Experiment, shown, verdict } from "./experiment.ts";
import { type ImageSet, readImages } from "./image-files.ts";
import { outputsOf } from "./outputs.ts";

const CLASSES = 10;
/** I(image; label) of classes that images tell without doubt. */
const CEILING = Math.log(CLASSES);
const LAMBDAS = [0, 0.001, 0.01, 0.1];
const BATCH = 100;

const losses: Record<string, (lambda: number[]) => make.Estimator> = {
  MINE: (lambda) => make.remine({ lambda }),
  SMILE: (lambda) => make.smile({ lambda }),
  InfoNCE: (lambda) => make.infonce({ lambda }),
  // NWJ's log-partition is 1 at its optimum, that of the others 0.
  NWJ: (lambda) => make.nwj({ lambda, C: 1 }),
  TUBA: (lambda) => make.tuba({ lambda, baseline: [] }),
  JS: (lambda) => make.js({ lambda, logBaseline: 1 }),
};

interface Measured {
  /** By λ: the value on training batches, mean of the last fifth, nats. */
  value: number[];
  /** By λ: Donsker-Varadhan's bound on test images, over all ten labels of each, nats. */
  test: number[];
  /** By λ: share of test images whose own label scores highest. */
  accuracy: number[];
  /** By λ: the value over the steps, in stretches. */
  curves: number[][];
}

export const uaiSlb: Experiment = {
  title: "UAI 2022, table 1, on MNIST: the supervised bound I(image; label), with λ beside without",
  why:
    "Trained as a bound on I(image; label), the critic is a classifier; the penalty pins its constant, which is free to drift otherwise, and so " +
    "the bound gets to ln 10, all that a label holds.",
  async run(bench) {
    const { settings } = bench;
    const { folder, steps } = { folder: settings.images, steps: settings.steps ?? (settings.quick ? 150 : 6000) };
    const train = await readImages("mnist", { folder, most: settings.quick ? 5000 : 60_000 });
    const test = await readImages("mnist", { folder, part: "test", most: settings.quick ? 500 : 2000 });
    const found: Record<string, Measured> = {};
    for (const [name, loss] of Object.entries(losses)) {
      const told = { steps, lambdas: LAMBDAS, train: train.count, test: test.count, loss: loss(LAMBDAS) };
      found[name] = await bench.part(`slb-${name}`, told, (step) =>
        measure(bench, { loss: loss(LAMBDAS), train, test, steps }, step),
      );
    }
    const capped = Object.keys(losses).filter((name) => name !== "JS");
    const verdicts = [
      ...capped.map((name) => {
        const { value, test: held, accuracy } = found[name]!;
        const best = Math.max(...value.slice(1));
        return verdict(settings, {
          holds: Math.abs(best - CEILING) < 0.03 * CEILING,
          claim: `${name} with λ reaches ln 10 = ${shown(CEILING)}`,
          measured: `${byLambda(value)} on training batches; ${byLambda(held)} on test images; accuracy there ${byLambda(accuracy)}`,
          needs: "full",
        });
      }),
      verdict(settings, {
        holds: Math.abs(found.JS!.value[0]! - (CEILING - 1 / Math.E)) < 0.12,
        claim: "JS as published stays 1 / e below",
        measured: `${byLambda(found.JS!.value)} (ln 10 − 1 / e = ${shown(CEILING - 1 / Math.E)})`,
        needs: "full",
      }),
    ];
    return {
      setting: `MNIST, ${train.count} images, separable 256-256 with 16 dimensions, batch ${BATCH}, all pairs, Adam 1e-3, ${steps} steps`,
      verdicts,
      svg: picture(found, steps),
      data: { steps, lambdas: LAMBDAS, found },
    };
  },
};

const byLambda = (values: number[]) => values.map((value, i) => `${shown(value)} (λ ${shown(LAMBDAS[i]!)})`).join(", ");

interface Task {
  loss: make.Estimator;
  train: ImageSet;
  test: ImageSet;
  steps: number;
}

async function measure(bench: Bench, { loss, train, test, steps }: Task, step: StepOptions): Promise<Measured> {
  using trainer = await createTrainer(bench.gpu, {
    source: tableOf(train),
    pairs: { joint: BATCH, negatives: "all" },
    critic: separable({ hidden: [256, 256], embed: 16 }),
    ...{ estimator: loss, optimizer: adam({ learningRate: 1e-3 }), seed: bench.settings.seed },
    // One stream: λ alone differs.
    ...{ replicas: LAMBDAS.length, streams: LAMBDAS.map(() => 0), trace: true, window: 1, nonFinite: "skip" },
    expectedSteps: steps,
  });
  await trainer.step(steps, step);
  const late = Math.ceil(steps / 5);
  const stretch = Math.max(1, Math.floor(steps / 100));
  const held = await onTest(trainer, test);
  return {
    value: compact(trainer.trace.map(({ value }) => mean(value.subarray(steps - late)))),
    test: compact(held.map(({ bound }) => bound)),
    accuracy: compact(held.map(({ accuracy }) => accuracy)),
    curves: trainer.trace.map(({ value }) =>
      compact(
        Array.from({ length: Math.floor(steps / stretch) }, (_, i) =>
          mean(value.subarray(i * stretch, (i + 1) * stretch)),
        ),
      ),
    ),
  };
}

const imagesOf = ({ pixels, height, width }: ImageSet) => ({
  data: Float32Array.from(pixels, (v) => v / 255),
  columns: height * width,
});

function tableOf(images: ImageSet): TableSource {
  const labels = new Float32Array(images.count * CLASSES);
  images.labels.forEach((label, i) => {
    labels[i * CLASSES + label] = 1;
  });
  return rows(imagesOf(images), { data: labels, columns: CLASSES });
}

/** Every test image with each of the ten labels: the bound takes all of them as marginal pairs. */
async function onTest(trainer: Trainer, test: ImageSet) {
  const { data, columns } = imagesOf(test);
  const x = new Float32Array(test.count * CLASSES * columns);
  const y = new Float32Array(test.count * CLASSES * CLASSES);
  for (let i = 0; i < test.count * CLASSES; i++) {
    x.set(data.subarray(Math.floor(i / CLASSES) * columns, (Math.floor(i / CLASSES) + 1) * columns), i * columns);
    y[i * CLASSES + (i % CLASSES)] = 1;
  }
  using outputs = await outputsOf(trainer, { data: x, columns }, { data: y, columns: CLASSES });
  return (await outputs.score()).map((scores) => {
    const own = Array.from(test.labels, (label, i) => scores[i * CLASSES + label]!);
    const best = Array.from(test.labels, (_, i) => Math.max(...scores.subarray(i * CLASSES, (i + 1) * CLASSES)));
    return {
      bound: mean(own) - logMeanExp(scores),
      accuracy: mean(own.map((value, i) => (value === best[i] ? 1 : 0))),
    };
  });
}

function picture(found: Record<string, Measured>, steps: number): string {
  const points = found.MINE!.curves[0]!.length;
  return panelsFigure({
    title: "The supervised bound on MNIST, by λ",
    subtitle: `I(image; label), ln 10 = ${CEILING.toFixed(3)} nats; separable 256-256, batch ${BATCH}, Adam 1e-3`,
    panels: Object.entries(found).map(([name, { curves }]) => ({
      title: name,
      x: { label: "step", values: Array.from({ length: points }, (_, i) => Math.round(((i + 0.5) * steps) / points)) },
      y: { label: "nats", domain: [1, 2.6] as const },
      series: curves.map((values, i): LineSeries => ({ name: `λ = ${LAMBDAS[i]}`, values })),
      references: [{ label: "ln 10", y: CEILING }],
    })),
    columns: 3,
  });
}
