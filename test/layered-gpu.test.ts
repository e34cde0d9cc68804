/**
 * The layered engine's plan for a GPU, on an adapter taken for one: it agrees with the plan for software adapters up to rounding,
 * and keeps its promises. What a card would gain by it, only a card can tell.
 */
import { describe, expect, it as test } from "vitest";
import { mlp } from "../src/critics/mlp.ts";
import { NonFiniteError } from "../src/errors.ts";
import { estimatorByName } from "../src/estimators/estimator.ts";
import { gaussian } from "../src/sources/gaussian.ts";
import { oneHot } from "../src/sources/one-hot.ts";
import { rows } from "../src/sources/table.ts";
import { gradientGroups } from "../src/training/engines/groups.ts";
import { adam, sgd } from "../src/training/optimizer.ts";
import type { TrainerOptions } from "../src/training/options.ts";
import { createTrainer, type Trainer } from "../src/training/trainer.ts";
import { expectSameWay, largest, paramsOf } from "./engines.ts";
import { asCard, expectClose, gpu, it, normals, range } from "./gpu.ts";
import { outcome } from "./outcome.ts";

const table = rows({ data: normals(1, 50 * 2), columns: 2 }, { data: normals(2, 50), columns: 1 });
const make = (where: "card" | "default", options: TrainerOptions) =>
  createTrainer(where === "card" ? asCard() : gpu, { seed: 5, ...options, engine: "layered" });
const kernelsOf = (trainer: Trainer) => trainer.plan().map(({ kernel }) => kernel);

const runs: Record<string, { options: TrainerOptions; parts: number; end: readonly string[] }> = {
  "many parameters, in parts": {
    options: {
      source: gaussian({ dims: 5, rho: [[0.3]] }),
      critic: mlp([160, 130]),
      pairs: { joint: 64, negatives: "shuffle", perJoint: 7 },
      optimizer: adam({ learningRate: 1e-3, clipNorm: 0.1 }),
    },
    parts: 4,
    end: ["sum_gradient", "take_step"],
  },
  "all pairs, five replicas, momentum": {
    options: {
      source: oneHot(4),
      critic: mlp([9, 12], { activation: "silu" }),
      pairs: { joint: 17, negatives: "all" },
      optimizer: sgd({ learningRate: 0.02, momentum: 0.9 }),
      replicas: 5,
    },
    parts: 2,
    end: ["finish_replica"],
  },
  "rows and a baseline network, a batch size for each replica": {
    options: {
      source: table,
      critic: mlp([12, 8]),
      pairs: { joint: 40, negatives: "shuffle", perJoint: 6, batch: [40, 7] },
      optimizer: sgd({ learningRate: 0.02 }),
      estimator: estimatorByName("tuba", { baseline: [6] }),
      replicas: 2,
    },
    parts: 2,
    end: ["finish_replica"],
  },
};

describe("the plan for a GPU", () => {
  it.each(Object.keys(runs))("agrees with that for software adapters: %s", async (name) => {
    const { options, parts, end } = runs[name]!;
    using plain = await make("default", options);
    using card = await make("card", options);
    expect([plain.shape.parts, card.shape.parts]).toEqual([1, parts]);
    expect(kernelsOf(card).slice(-end.length)).toEqual(end);
    expect(kernelsOf(card).length).toBeLessThan(kernelsOf(plain).length);
    const before = await paramsOf(plain);
    for (const trainer of [plain, card]) await trainer.step(1);
    const read = async (trainer: Trainer, name: "d_params" | "stats") =>
      new Float32Array(await gpu.read(trainer.tensors.training[name]));
    const gradient = await read(plain, "d_params");
    expect(largest(gradient)).toBeGreaterThan(1e-3);
    // Sums of a few hundred f32 terms, each with an exp of 4e-6, in another order.
    const tolerance = 2e-5 * largest(gradient);
    expectClose((await read(card, "d_params")).subarray(0, gradient.length), gradient, { tolerance, what: "gradient" });
    expectClose(await read(card, "stats"), await read(plain, "stats"), { tolerance: 1e-5, what: "stats" });
    for (const trainer of [plain, card]) await trainer.step(9);
    await expectSameWay(card, plain, before, 0.99);

    // The same bits in every run.
    using again = await make("card", options);
    await again.step(10);
    for (const r of range(options.replicas ?? 1)) expect(await outcome(again, r)).toEqual(await outcome(card, r));
  });

  it("gives a replica the same bits whoever trains beside it", async () => {
    // A layer of 96 inputs has the tile's spare row in tiles of one size and not of the other.
    const options: TrainerOptions = {
      source: oneHot(4),
      critic: mlp([96, 64]),
      pairs: { joint: 24, negatives: "all" },
      optimizer: adam({ learningRate: 1e-3 }),
    };
    using alone = await make("card", { ...options, streams: [20] });
    using together = await make("card", { ...options, replicas: 34, trace: true });
    for (const trainer of [alone, together]) await trainer.step(3);
    expect(await outcome(alone, 0)).toEqual(await outcome(together, 20));
  });

  it("lets another dispatch differentiate where scores are many", async () => {
    const options: TrainerOptions = {
      source: oneHot(4),
      critic: mlp([5]),
      pairs: { joint: 91, negatives: "all" },
      optimizer: sgd({ learningRate: 0.1 }),
    };
    using plain = await make("default", options);
    using card = await make("card", options);
    expect(kernelsOf(card)).toEqual(expect.arrayContaining(["evaluate_scores", "differentiate_scores"]));
    for (const trainer of [plain, card]) await trainer.step(2);
    const want = await paramsOf(plain);
    expectClose(await paramsOf(card), want, { tolerance: 2e-5 * largest(want), what: "params" });
  });

  it.each(["many parameters, in parts", "all pairs, five replicas, momentum"])(
    "names what is not finite, or skips it: %s",
    async (name) => {
      const wild: TrainerOptions = {
        ...runs[name]!.options,
        replicas: 2,
        optimizer: sgd({ learningRate: [0.01, 1e30] }),
      };
      using trainer = await make("card", wild);
      await expect(trainer.step(8)).rejects.toThrow(NonFiniteError);
      await expect(trainer.step(1)).rejects.toThrow("replica 1");
      using skipping = await make("card", { ...wild, nonFinite: "skip" });
      using tame = await make("card", { ...wild, optimizer: sgd({ learningRate: 0.01 }) });
      for (const each of [skipping, tame]) await each.step(4);
      expect(await outcome(skipping, 0)).toEqual(await outcome(tame, 0));
    },
  );
});

describe("workgroups that share the end of a step", () => {
  const groups = (count: number, parts: number, fullAt = 256) =>
    gradientGroups(fullAt, { parts, layout: { count } } as Trainer["shape"]);

  test("none where one is enough, or on a software adapter", () => {
    expect(groups(76545, 1, 1)).toBe(0);
    expect(groups(4417, 1)).toBe(0);
    expect(groups(4417, 8)).toBe(0);
  });

  test("one for each 64 vectors, by fours, and no more than fill the GPU four times", () => {
    expect(groups(76545, 4)).toBe(300);
    expect(groups(1e6, 1)).toBe(1024);
  });
});
