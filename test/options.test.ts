/** What every public call refuses at its door: keys that it does not have, seeds that are none, two estimators in one. */
import { describe, expect, it as test } from "vitest";
import { conditional } from "../src/critics/conditional.ts";
import { conv, resnet18, selfConsistencyNet, stridedNet } from "../src/critics/conv.ts";
import { mlp } from "../src/critics/mlp.ts";
import { separable } from "../src/critics/separable.ts";
import { towers } from "../src/critics/towers.ts";
import { InputError } from "../src/errors.ts";
import { compare } from "../src/estimate/compare.ts";
import { estimate } from "../src/estimate/estimate.ts";
import { type EstimateOptions, estimateKeys } from "../src/estimate/options.ts";
import { nameOf } from "../src/estimators/choice.ts";
import { demine } from "../src/estimators/demine.ts";
import { dime, nwj, parameterNames, remine, tuba } from "../src/estimators/estimator.ts";
import { kl, ksg, ksg2, mixedKsg } from "../src/estimators/neighbors.ts";
import { open } from "../src/gpu/device.ts";
import { type MatrixOptions, matrix } from "../src/matrix/matrix.ts";
import { neighborsBatch } from "../src/neighbors/local-values.ts";
import { neighbors } from "../src/neighbors/neighbors.ts";
import { gaussian } from "../src/sources/gaussian.ts";
import { oneHot } from "../src/sources/one-hot.ts";
import { rows } from "../src/sources/table.ts";
import { adam, sgd } from "../src/training/optimizer.ts";
import type { TrainerOptions } from "../src/training/options.ts";
import { constant, cosine, exponential, linear, staircase } from "../src/training/schedule.ts";
import { createTrainer } from "../src/training/trainer.ts";
import { gpu, it, normals } from "./gpu.ts";

const x = normals(1, 60);
const y = normals(2, 60).map((e, i) => 0.8 * x[i]! + 0.6 * e);
const images = { height: 4, width: 4, channels: [1, 1] as const };
const small = (): TrainerOptions => ({
  source: gaussian({ dims: 1, mi: 0.5 }),
  pairs: { joint: 8, negatives: "all" },
  critic: mlp([4]),
});
const pair = { data: normals(3, 30), columns: 1 };

const rowsOf = (set: Parameters<typeof rows>[2]) => createTrainer(gpu, { ...small(), source: rows(pair, pair, set) });

/** What a caller without types may write. */
const any = (value: object) => value as never;

describe("an option that a call does not have is refused, with the nearest that it has", () => {
  const calls: [string, () => unknown, RegExp][] = [
    ["estimate", () => estimate(x, y, any({ gpu, lamda: 1 })), /^estimate has no option "lamda".* "lambda"$/],
    ["its names", () => estimate(x, y, any({ names: { X: [] } })), /^"names" of estimate has no option "X".* "x"$/],
    ["compare", () => compare(x, y, any({ estimator: "ksg" })), /^compare has no option "estimator".* "estimators"$/],
    ["neighbors", () => neighbors(x, y, any({ K: 3 })), /^neighbors has no option "K".* "k"$/],
    ["neighborsBatch", () => neighborsBatch(gpu, rows(pair, pair), any({ metrik: 1 })), /^neighborsBatch.* "metric"$/],
    ["matrix", () => matrix({ a: x, b: y }, any({ permutation: 9 })), /^matrix has no option.* "permutations"$/],
    ["its training", () => matrix({ a: x, b: y }, any({ training: { step: 9 } })), /^"training" of matrix.* "steps"$/],
    ["its shard", () => matrix({ a: x, b: y }, any({ shard: { of: 1 } })), /^"shard" of matrix.*; it has index, count/],
    ["createTrainer", () => createTrainer(gpu, any({ ...small(), sead: 1 })), /^createTrainer.*"sead".* "seed"$/],
    [
      "its pairs",
      () => createTrainer(gpu, { ...small(), pairs: any({ joint: 8, negatives: "all", perJoin: 2 }) }),
      /^"pairs" of createTrainer has no option "perJoin"; it has joint, negatives, perJoint.* "perJoint"$/,
    ],
    [
      "no pairs",
      () => createTrainer(gpu, any({ source: small().source })),
      /^"pairs" of createTrainer takes an object/,
    ],
    [
      "a source",
      () => createTrainer(gpu, { ...small(), source: any({ ...rows(pair, pair), pick: 1 }) }),
      /^a source of kind "table" has no option "pick".* "picks"$/,
    ],
    [
      "no source",
      () => createTrainer(gpu, any({ pairs: small().pairs })),
      /^"source" must be made by one of sources.gaussian,/,
    ],
    [
      "another source",
      () => createTrainer(gpu, { ...small(), source: any({ kind: "tabel" }) }),
      /^"source" must be made/,
    ],
    ["open", () => open(any({ adaptor: "x" })), /^open has no option "adaptor"; it has adapter.* "adapter"$/],
    ["mlp", () => mlp([4], any({ activations: "relu" })), /^mlp has no option.* "activation"$/],
    ["separable", () => separable(any({ embedding: 4 })), /^separable has no option.* "embed"$/],
    ["towers", () => towers(any({ towers: [4] })), /^towers has no option.* "tower"$/],
    ["conditional", () => conditional(any({ widths: [4] })), /^conditional has no option "widths"/],
    ["conv", () => conv(any({ ...images, layers: [], bias: 1 })), /^conv has no option "bias"/],
    [
      "a layer of conv",
      () => conv({ ...images, layers: [any({ kind: "conv", channels: 2, size: 3, strides: 1 })] }),
      /^layers\[0\] \(conv\) has no option "strides".* "stride"$/,
    ],
    ["selfConsistencyNet", () => selfConsistencyNet(any({ ...images, depth: 1 })), /^selfConsistencyNet/],
    ["resnet18", () => resnet18(any({ ...images, stems: 3 })), /^resnet18 has no option "stems".* "stem"$/],
    ["stridedNet", () => stridedNet(any({ ...images, depth: 1 })), /^stridedNet has no option "depth"/],
    ["adam", () => adam(any({ lr: 1 })), /^adam has no option "lr"; it has .*learningRate/],
    ["sgd", () => sgd(any({ Momentum: 1 })), /^sgd has no option "Momentum".* "momentum"$/],
    ["constant", () => constant(any({ steps: 1 })), /^constant has no option "steps"; it has warmup/],
    ["cosine", () => cosine(any({ steps: 9, warmUp: 1 })), /^cosine has no option "warmUp".* "warmup"$/],
    ["linear", () => linear(any({ steps: 9, factor: 1 })), /^linear has no option "factor"; it has steps, warmup/],
    ["exponential", () => exponential(any({ steps: 9, gamma: 1 })), /^exponential has no option "gamma"/],
    ["staircase", () => staircase(any({ steps: 9, factors: 1 })), /^staircase.* "factor"$/],
    ["gaussian", () => gaussian(any({ dim: 2, mi: 1 })), /^gaussian has no option "dim".* "dims"$/],
    ["rows", () => rows(pair, pair, any({ pick: [] })), /^rows has no option "pick".* "picks"$/],
    ["ksg", () => ksg(any({ neighbors: 3 })), /^ksg has no option "neighbors"; it has k, metric/],
    ["demine", () => demine(any({ confidense: 0.9 })), /^demine has no option.* "confidence"$/],
    ["remine", () => remine(any({ lamda: 1 })), /^"lamda" is no parameter of an estimator.* "lambda"$/],
  ];
  it.each(calls)("%s", async (_, call, message) => {
    const error = await (async () => call())().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(message);
  });

  it("of a trainer, between steps", async () => {
    using trainer = await createTrainer(gpu, small());
    expect(() => trainer.set(any({ optimiser: {} }))).toThrow(/^trainer.set has no option "optimiser".* "optimizer"$/);
    await expect(trainer.step(1, any({ signals: 1 }))).rejects.toThrow(/^trainer.step has no option "signals"/);
    await expect(trainer.scorer(any({ bach: 1 }))).rejects.toThrow(/^trainer.scorer has no option "bach".* "batch"$/);
  });

  test("one that is undefined is none at all", () => {
    expect(adam(any({ learningRate: undefined, lr: undefined }))).toEqual(adam());
  });

  test("estimate has every parameter of an estimator", () => {
    expect(estimateKeys).toEqual(expect.arrayContaining(parameterNames));
  });
});

describe("a seed", () => {
  it.each([-1, 1.5, 2 ** 32, Number.NaN])("of %d is refused by every call in the same words", async (seed) => {
    const message = `"seed" must be an integer from 0 to 4294967295, got ${seed}`;
    await expect(estimate(x, y, { gpu, seed })).rejects.toThrow(message);
    await expect(matrix({ a: x, b: y }, { gpu, seed })).rejects.toThrow(message);
    await expect(createTrainer(gpu, { ...small(), seed })).rejects.toThrow(message);
  });
});

describe("an estimator as a value", () => {
  test("has its name and all its parameters", () => {
    expect(remine({ lambda: 0.2 })).toEqual({ name: "remine", lambda: 0.2, C: 0 });
    expect(tuba()).toEqual({ name: "tuba", lambda: 0, C: 0, logBaseline: 0, baseline: [64, 64] });
    expect(dime("kl")).toEqual({ name: "dime-kl" });
    expect([ksg({ k: 5 }), ksg2(), mixedKsg({ metric: "euclidean" }), kl()]).toEqual([
      { name: "ksg", k: 5, metric: "max" },
      { name: "ksg2", k: 3, metric: "max" },
      { name: "mixed-ksg", k: 3, metric: "euclidean" },
      { name: "kl", k: 3, metric: "max" },
    ]);
    expect(demine({ confidence: 0.9 })).toEqual({ name: "demine", confidence: 0.9 });
    expect([nameOf("kl"), nameOf(nwj())]).toEqual(["kl", "nwj"]);
  });

  const brief: EstimateOptions = { gpu, folds: 2, restarts: 1, steps: 60, hidden: [8] };

  it("says what its name with the same parameters beside it says", async () => {
    const raw = async (options: EstimateOptions) => (await estimate(x, y, options)).raw;
    expect(await raw({ gpu, estimator: ksg({ k: 5 }) })).toBe(await raw({ gpu, estimator: "ksg", k: 5 }));
    const named = await raw({ ...brief, estimator: "nwj", lambda: 0.2, k: 5 });
    expect(await raw({ ...brief, estimator: nwj({ lambda: 0.2 }) })).toBe(named);
    expect(await raw({ ...brief, estimator: "nwj" })).not.toBe(named);
  });

  it("stands in a matrix as its name does", async () => {
    const raw = async (options: MatrixOptions) => (await matrix({ a: x, b: y }, { gpu, ...options })).pairs[0]!.raw;
    expect(await raw({ estimator: ksg({ k: 5 }) })).toBe(await raw({ k: 5 }));
    const { gpu: _, ...training } = brief;
    const named = await raw({ estimator: "nwj", training: { ...training, lambda: 0.2 } });
    expect(await raw({ estimator: nwj({ lambda: 0.2 }), training })).toBe(named);
    expect(await raw({ estimator: "nwj", training })).not.toBe(named);
  });

  it("is compared with names, and trains", async () => {
    const found = await compare(x, y, { gpu, estimators: [ksg({ k: 5 }), "kl"] });
    expect(found.map(({ estimator }) => estimator)).toEqual(["ksg", "kl"]);
    expect(found[0]!.result!.raw).toBe((await estimate(x, y, { gpu, estimator: "ksg", k: 5 })).raw);
    using trainer = await createTrainer(gpu, { ...small(), estimator: "nwj" });
    expect(trainer.options.estimator).toEqual(nwj());
  });

  const refused: [string, () => unknown, RegExp][] = [
    [
      "parameters beside it",
      () => estimate(x, y, { gpu, estimator: remine({ lambda: 0.2 }), lambda: 0.1 }),
      /^estimate was given "lambda" beside an estimator.*estimator: remine\(\{ … \}\)$/,
    ],
    ["neighbours beside it", () => estimate(x, y, { gpu, estimator: mixedKsg(), k: 5 }), /"k" beside.*mixedKsg\(/],
    ["two confidences", () => estimate(x, y, { gpu, estimator: demine(), confidence: 0.9 }), /"confidence" beside/],
    ["a matrix's k", () => matrix({ a: x, b: y }, { gpu, estimator: ksg(), k: 5 }), /^matrix was given "k" beside/],
    [
      "a matrix's training",
      () => matrix({ a: x, b: y }, { gpu, estimator: nwj(), training: { C: 1 } }),
      /^matrix was given "C" beside/,
    ],
    ["a compared one", () => compare(x, y, { gpu, estimators: ["nwj", nwj()], C: 1 }), /^compare was given "C" beside/],
    ["an unlike metric", () => matrix({ a: x, b: y }, { gpu, estimator: ksg({ metric: "euclidean" }) }), /"max"/],
    [
      "a list for one value",
      () => estimate(x, y, { gpu, estimator: remine({ C: [0, 1] }) }),
      /"C" of remine: one value/,
    ],
    ["such a list beside", () => estimate(x, y, any({ lambda: [0.1, 0.2] })), /"lambda" of remine: one value.*got 2/],
    [
      "such a list in a matrix",
      () => matrix({ a: x, b: y }, any({ estimator: "remine", training: { lambda: [1] } })),
      /"lambda" of remine: one value.*got 1/,
    ],
    ["what a hand wrote", () => estimate(x, y, { gpu, estimator: { ...remine(), lambda: -1 } }), /at least 0, got -1/],
    ["a stray key of it", () => estimate(x, y, { gpu, estimator: any({ ...nwj(), tau: 1 }) }), /"nwj" has no "tau"/],
    [
      "a matrix's training",
      () => matrix({ a: x, b: y }, { training: { steps: 9 } }),
      /"ksg" trains nothing.*no "steps"/,
    ],
    ["its budget", () => estimate(x, y, { gpu, estimator: "ksg", embed: 8 }), /trains nothing.*no "embed"/],
    ["a parameter of none", () => estimate(x, y, { gpu, estimator: "ksg", lambda: 1 }), /trains nothing.*no "lambda"/],
    ["one that no trainer has", () => createTrainer(gpu, { ...small(), estimator: any(ksg()) }), /no estimator "ksg"/],
    ["a trainer's, of a hand", () => createTrainer(gpu, { ...small(), estimator: { ...nwj(), C: NaN } }), /finite/],
    ["no estimator", () => matrix({ a: x, b: y }, any({ estimator: null })), /"estimator" must be.*got null/],
    ["what JSON has not", () => estimate(x, y, any({ permutations: 10n })), /"permutations" must be.*got a bigint/],
    ["what is no text", () => estimate(x, y, any({ time: Symbol("t") })), /"time" must be.*got a symbol/],
    ["what hides it", () => estimate(x, y, any({ rows: { toString: 1 } })), /"rows" must be.*got \{"toString":1\}/],
    ["a number for a name", () => matrix({ a: x, b: y }, any({ target: 5 })), /"target" must name columns, got 5/],
    ["a text for pairs", () => matrix({ a: x, b: y }, any({ pairs: "ab" })), /"pairs" must be a list.*got "ab"/],
    [
      "a column that is not there",
      () => rowsOf({ picks: [[0, 99]] }),
      /^"picks" has 99, and the table's 2 columns are 0 to 1/,
    ],
    ["too few columns", () => rowsOf({ picks: [[0]] }), /^"picks" names 1 columns for 2/],
    [
      "a row that is not there",
      () => rowsOf({ pairs: [Uint32Array.of(0, 0, 1, 50)] }),
      /^"pairs" has 50, and.* 30 rows/,
    ],
    ["half a pair", () => rowsOf({ pairs: [Uint32Array.of(0, 0, 1)] }), /^"pairs" has 3 row numbers. Give two/],
    ["no pair", () => rowsOf({ pairs: [new Uint32Array()] }), /^"pairs" has 0 row numbers/],
    [
      "a column of neighbours that is not there",
      () => neighborsBatch(gpu, rows(pair, pair, { picks: [[0, 2]] })),
      /^"picks" has 2, and/,
    ],
    [
      "a table of another size",
      () => createTrainer(gpu, { ...small(), source: { ...rows(pair, pair), rows: 300 } }),
      /^a table of 300 rows and 2 columns has 600 values, got 60/,
    ],
    ["stairs of two lengths", () => gaussian({ dims: 1, rho: [[0.1, 0.2], [0.3]] }), /as many levels.*got 2 and 1/],
    ["a stair of no step", () => gaussian({ dims: 1, mi: [1, 2], levelSteps: 0 }), /"levelSteps" must be a positive/],
    [
      "a correlation of a hand",
      () => createTrainer(gpu, { ...small(), source: { ...gaussian({ dims: 1, mi: 1 }), rho: [[2]] } }),
      /^a correlation must lie between -1 and 1, got 2/,
    ],
    [
      "categories that differ",
      () => createTrainer(gpu, { ...small(), source: { ...oneHot(4), yWidth: 5 } }),
      /^x has 4 categories and y 5/,
    ],
    [
      "no input",
      () => createTrainer(gpu, { ...small(), source: { ...rows(pair, pair), xWidth: 0 } }),
      /^"xWidth" must be a positive integer, got 0/,
    ],
    ["a confidence of 1", () => demine({ confidence: 1 }), /"confidence" must lie between 0 and 1, got 1/],
    ["half a neighbour", () => ksg({ k: 0.5 }), /"k" must be a positive integer, got 0.5/],
    [
      "a metric that is none",
      () => kl({ metric: "min" as "max" }),
      /"metric" must be one of max, euclidean, got "min"/,
    ],
  ];
  it.each(refused)("is refused with %s", async (_, call, message) => {
    const error = await (async () => call())().catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(message);
  });
});

it("a trainer changes all that it is told, or nothing", async () => {
  using trainer = await createTrainer(gpu, {
    ...small(),
    replicas: 2,
    estimator: tuba({ lambda: 0.3, baseline: [4] }),
  });
  const { estimator, optimizer } = trainer.options;
  const hyper = async () => new Uint32Array(await gpu.read(trainer.tensors.training.hyper));
  const before = await hyper();
  const bad: [object, RegExp][] = [
    [{ estimator: { lambda: -5 } }, /"lambda" of tuba must be a number of at least 0, got -5/],
    [{ estimator: { lamda: 2 } }, /"lamda" is no parameter of an estimator.*Nearest name: "lambda"/],
    [{ estimator: { tau: 2 } }, /"tuba" has no "tau"/],
    [{ estimator: { lambda: [1, 2, 3] } }, /"lambda" has 3 values for 2 replicas/],
    [{ estimator: { baseline: [8] } }, /"baseline" cannot change/],
    [{ estimator: { lambda: 1 }, optimizer: { learningRate: -1 } }, /"learningRate" and "weightDecay" must be/],
    [{ estimator: { lambda: 1 }, rho: 2 }, /"rho" must lie between -1 and 1, got 2/],
    [{ rho: 0.5, table: new Float32Array(2) }, /only a table source/],
    [{ estimator: { lambda: 1 }, momentum: 0.9 }, /trainer.set has no option "momentum"/],
  ];
  for (const [changes, message] of bad) {
    expect(() => trainer.set(changes)).toThrow(message);
    expect(trainer.options).toMatchObject({ estimator, optimizer });
    expect(await hyper()).toEqual(before);
  }
  trainer.set({ estimator: { lambda: [1, 2] } });
  expect(trainer.options.estimator).toEqual(tuba({ lambda: [1, 2], baseline: [4] }));
  expect(await hyper()).not.toEqual(before);
});
