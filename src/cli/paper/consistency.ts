/**
 * Self-consistency tests (Song and Ermon 2020, arXiv:1910.06222; figures 7 and 12 to 14): the MI of images is not known, but some
 * of it follows from other of it. h_t(X) keeps the top t rows of an image and zeroes the rest.
 *
 *   baseline         I(X; h_t X)                                       grows with t
 *   data processing  I([X, X]; [h_t X, h_t−3 X]) / I(X; h_t X)         1: the second part adds nothing
 *   additivity       I([X1, X2]; [h_t X1, h_t X2]) / I(X; h_t X)       2: X1 and X2 are independent images
 */

import type { ConvImages } from "../../critics/conv.ts";
import type { Critic } from "../../critics/critic.ts";
import * as make from "../../estimators/estimator.ts";
import { BYTES_AT_ONCE } from "../../gpu/profile.ts";
import { shuffled } from "../../math/random.ts";
import { mean } from "../../math/statistics.ts";
import type { TableSource } from "../../sources/table.ts";
import { everyRow, identityPairs } from "../../sources/table.ts";
import { adam } from "../../training/optimizer.ts";
import type { StepOptions } from "../../training/options.ts";
import { createTrainer } from "../../training/trainer.ts";
import { type Bench, compact } from "./experiment.ts";
import type { ImageSet } from "./image-files.ts";
import { uniforms } from "./random.ts";

export const TESTS = ["baseline", "data processing", "additivity"] as const;
export type Test = (typeof TESTS)[number];
/** Rows of which the second part of "data processing" has fewer. */
const FEWER = 3;

export const estimators: Readonly<Record<string, make.Estimator>> = {
  ReMINE: make.remine({ lambda: 0.1 }),
  MINE: make.mine({ emaRate: 1 }),
  SMILE: make.smile({ tau: 10 }),
  "SMILE+JS": make.smileJs({ tau: 10 }),
  // The published value, which is 1 / e too low even at the best critic.
  JS: make.js({ logBaseline: 1 }),
  I_α: make.iAlpha({ alpha: 0.01 }),
  InfoNCE: make.infonce(),
};

export interface Scale {
  /** Numbers of rows t. */
  rows: number[];
  /** Images of a batch. */
  batch: number;
  steps: number;
  runs: number;
  estimators: string[];
  tests: Test[];
}

export interface Task {
  images: ImageSet;
  critic: (sizes: ConvImages) => Critic;
  /** For the names of parts. */
  name: string;
  scale: Scale;
}

/** `[estimator][test][t][run]`: the mean of the estimate over the last steps, nats. */
export type Measured = Record<string, Partial<Record<Test, number[][]>>>;

export async function measure(bench: Bench, task: Task): Promise<Measured> {
  const measured: Measured = {};
  for (const name of task.scale.estimators) {
    measured[name] = {};
    for (const test of task.scale.tests) measured[name][test] = await measureOne(bench, task, name, test);
  }
  return measured;
}

/** One part has the runs that fit into memory side by side, of all t. */
async function measureOne(bench: Bench, task: Task, estimator: string, test: Test): Promise<number[][]> {
  const { rows, runs, batch } = task.scale;
  const replicas = rows.flatMap((t, i) => Array.from({ length: runs }, (_, run) => ({ t, run, at: i })));
  const atOnce = Math.max(1, Math.floor(BYTES_AT_ONCE / bytesOf(task.images, batch)));
  const values: number[][] = rows.map(() => []);
  for (let first = 0; first < replicas.length; first += atOnce) {
    const some = replicas.slice(first, first + atOnce);
    const { estimators: _, tests: __, ...told } = task.scale;
    const label = `${task.name}-${test}-${estimator}-${first + 1}`;
    const { count, height, width } = task.images;
    const more = {
      ...told,
      count,
      height,
      width,
      estimator: estimators[estimator],
      some,
      released: bench.settings.released,
    };
    const found = await bench.part(label, more, (step) => train(bench, task, estimator, test, some, step));
    for (const [i, { at }] of some.entries()) values[at]!.push(found.values[i]!);
  }
  return values;
}

/** Of the widest layer of the critics that are used, a replica. */
const bytesOf = ({ height, width }: ImageSet, batch: number) => 4 * batch * batch * height * width * 64;

interface Replica {
  t: number;
  run: number;
}

/** Trains replicas that differ in t and in the images that they see; each image is seen about once. */
async function train(
  bench: Bench,
  { images, critic, scale }: Task,
  estimator: string,
  test: Test,
  replicas: Replica[],
  step: StepOptions,
) {
  const { batch, steps } = scale;
  const { height, width, channels } = images;
  const parts = test === "baseline" ? 1 : 2;
  using trainer = await createTrainer(bench.gpu, {
    source: tableOf(images, { ...scale, test, replicas, released: bench.settings.released, seed: bench.settings.seed }),
    pairs: { joint: batch, negatives: "all" },
    critic: critic({ height, width, channels: [parts * channels, parts * channels] }),
    ...{ estimator: estimators[estimator]!, optimizer: adam({ learningRate: 1e-4 }), seed: bench.settings.seed },
    ...{ replicas: replicas.length, streams: replicas.map(({ t, run }) => 1000 * run + t) },
    ...{ trace: true, window: 1, nonFinite: "skip", expectedSteps: steps },
  });
  await trainer.step(steps, step);
  // Which steps the authors averaged is not said: here the last fifth.
  const late = Math.max(1, Math.floor(steps / 5));
  return { values: compact(trainer.trace.map(({ value }) => mean(value.subarray(steps - late)))) };
}

interface TableOptions {
  batch: number;
  steps: number;
  test: Test;
  replicas: Replica[];
  released: boolean;
  seed: number;
}

/**
 * A row has two images that were drawn apart, each mirrored at random, and a zero. What a replica sees of it (which image, how
 * many of its rows) is a choice of columns, so replicas of all t and tests share the table.
 */
export function tableOf(images: ImageSet, { batch, steps, test, replicas, released, seed }: TableOptions): TableSource {
  const pixels = images.height * images.width * images.channels;
  const runs = [...new Set(replicas.map(({ run }) => run))];
  const each = batch * steps;
  const columns = 2 * pixels + 1;
  const data = new Float32Array(runs.length * each * columns);
  const order = shuffled(images.count, seed);
  runs.forEach((run, r) => {
    const mirrors = uniforms(4 * each, [seed, run]);
    for (let i = 0; i < 2 * each; i++) {
      const image = order[(2 * run * each + i) % images.count]!;
      const to = (r * each + (i >> 1)) * columns + (i % 2) * pixels;
      writeImage(images, image, [mirrors[2 * i]! < 0.5, mirrors[2 * i + 1]! < 0.5], data.subarray(to, to + pixels));
    }
  });
  const picks = replicas.map(({ t }) => picksOf(images, test, t, released));
  const pairs = replicas.map(({ run }) => {
    const first = runs.indexOf(run) * each;
    return identityPairs(everyRow(each).map((row) => first + row));
  });
  const inputs = picks[0]!.length / 2;
  return { kind: "table", xWidth: inputs, yWidth: inputs, data, rows: runs.length * each, columns, picks, pairs };
}

/** An image in [0, 1], mirrored left to right or upside down. */
function writeImage(images: ImageSet, image: number, [leftRight, upsideDown]: [boolean, boolean], to: Float32Array) {
  const { height, width, channels, pixels } = images;
  const from = image * height * width * channels;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = (upsideDown ? height - 1 - row : row) * width + (leftRight ? width - 1 - column : column);
      for (let c = 0; c < channels; c++) {
        to[(row * width + column) * channels + c] = pixels[from + at * channels + c]! / 255;
      }
    }
  }
}

/** Columns of x and then of y, as images with the parts side by side in their channels. */
export function picksOf({ height, width, channels }: ImageSet, test: Test, t: number, released: boolean): number[] {
  const pixels = height * width * channels;
  const [first, second, zero] = [0, pixels, 2 * pixels];
  const side = (parts: { image: number; rows: number }[]) =>
    Array.from({ length: height * width }, (_, p) =>
      parts.flatMap(({ image, rows }) =>
        Array.from({ length: channels }, (_, c) => (Math.floor(p / width) < rows ? image + p * channels + c : zero)),
      ),
    ).flat();
  const whole = (image: number) => ({ image, rows: height });
  const top = (image: number, rows: number) => ({ image, rows });
  switch (test) {
    case "baseline":
      return [...side([whole(first)]), ...side([top(first, t)])];
    case "data processing":
      return [...side([whole(first), whole(first)]), ...side([top(first, t), top(first, t - FEWER)])];
    case "additivity":
      // The released script has y = [h_t X2, h_t X2], which makes the ideal ratio 1.
      return [...side([whole(first), whole(second)]), ...side([top(released ? second : first, t), top(second, t)])];
  }
}

/** Every block of 2 x 2 pixels as one, for runs that have to be short. */
export function halved(images: ImageSet): ImageSet {
  const { count, channels } = images;
  const [height, width] = [images.height >> 1, images.width >> 1];
  const pixels = new Uint8Array(count * height * width * channels);
  for (let i = 0; i < pixels.length; i++) {
    const c = i % channels;
    const [column, row] = [Math.floor(i / channels) % width, Math.floor(i / channels / width) % height];
    const image = Math.floor(i / (channels * width * height));
    const at = (y: number, x: number) =>
      images.pixels[((image * images.height + y) * images.width + x) * channels + c]!;
    const sum =
      at(2 * row, 2 * column) +
      at(2 * row, 2 * column + 1) +
      at(2 * row + 1, 2 * column) +
      at(2 * row + 1, 2 * column + 1);
    pixels[i] = Math.round(sum / 4);
  }
  return { ...images, height, width, pixels };
}
