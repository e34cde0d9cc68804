/** The resident engine's form for categories keeps the promises of the layered engine, and agrees with it up to rounding. */
import { describe, expect, it as test } from "vitest";
import { mlp } from "../src/critics/mlp.ts";
import { NonFiniteError } from "../src/errors.ts";
import { estimatorByName, infonce, remine } from "../src/estimators/estimator.ts";
import { kernels } from "../src/gpu/shaders.gen.ts";
import { gaussian, oneHot, type Source } from "../src/sources/source.ts";
import { cellsMisfit } from "../src/training/engines/cells.ts";
import { chooseEngine, paysResident } from "../src/training/engines/choose.ts";
import { adam, sgd } from "../src/training/optimizer.ts";
import { cosine } from "../src/training/schedule.ts";
import { createTrainer, type Trainer, type TrainerOptions } from "../src/training/trainer.ts";
import { expectEachAlone, expectGoesOn, expectSameWay, paramsOf } from "./engines.ts";
import { gpu, it } from "./gpu.ts";
import { bits } from "./outcome.ts";

const few: Source = { kind: "one_hot", xWidth: 3, yWidth: 5 };
const runs: Record<string, TrainerOptions> = {
  "the published shape, every replica with parameters of its own": {
    source: oneHot(16),
    critic: mlp([256], { outputBias: false }),
    pairs: { joint: 100, negatives: "independent" },
    optimizer: sgd({ learningRate: [0.1, 0.5, 2] }),
    estimator: remine({ lambda: 0.1, C: [-2, 0, 2] }),
  },
  "shuffled pairs, clipped AdamW on a schedule, terms of joint and of marginal pairs": {
    source: few,
    critic: mlp([100], { activation: "silu" }),
    pairs: { joint: 21, negatives: "shuffle", perJoint: 2 },
    optimizer: adam({
      learningRate: 1e-2,
      weightDecay: 0.1,
      clipNorm: 0.1,
      schedule: cosine({ steps: 20, warmup: 3 }),
    }),
    estimator: estimatorByName("js"),
  },
  "all pairs, momentum, a moving average": {
    source: oneHot(2),
    critic: mlp([1], { activation: "elu" }),
    pairs: { joint: 9, negatives: "all" },
    optimizer: sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
    estimator: estimatorByName("mine", { emaRate: 0.1 }),
  },
};
const make = (options: TrainerOptions, more: Partial<TrainerOptions> = {}) =>
  createTrainer(gpu, { replicas: 3, seed: 5, engine: "resident", ...options, ...more });
const small = runs["all pairs, momentum, a moving average"]!;
const diverging = { ...small, optimizer: sgd({ learningRate: [0.1, 0.1, 1e30], momentum: 0.9, nesterov: true }) };

describe.skipIf(gpu?.subgroupSize !== kernels.train_cells.variants["one_hot/remine"]!.constants.CELL_LANES)(
  "steps on categories",
  () => {
    it.each(Object.keys(runs))("agree with the layered engine: %s", async (name) => {
      const options = runs[name]!;
      using layered = await make(options, { engine: "layered" });
      using resident = await make(options);
      expect(resident.plan().map(({ kernel }) => kernel)).toEqual(["train_cells"]);
      const before = await paramsOf(layered);
      expect(await paramsOf(resident)).toEqual(before);
      for (const trainer of [layered, resident]) await trainer.step(10);
      await expectSameWay(resident, layered, before, 0.98);
    });

    it("train replicas as they train each alone, to the bit, however many steps a dispatch takes", async () => {
      await expectEachAlone((more) => make(small, more));
    });

    it("go on from what was saved, to the bit; a layered trainer can go on too", async () => {
      await expectGoesOn((more) => make(small, more));
    });

    it("have the same bits with a norm that clips nothing, which takes a turn more", async () => {
      const saved = async (clipNorm: number) => {
        using trainer = await make({ ...small, optimizer: sgd({ learningRate: 0.1, momentum: 0.9, clipNorm }) });
        await trainer.step(3);
        return await trainer.save();
      };
      expect(await saved(1e30)).toEqual(await saved(0));
      expect(await saved(1e-3)).not.toEqual(await saved(0));
    });

    it("name step and replica of what is not finite, as the layered engine does, or skip it", async () => {
      const errorOf = async (engine: "layered" | "resident") => {
        using trainer = await make(diverging, { engine });
        return (await trainer.step(8).catch((error: unknown) => error)) as Error;
      };
      const error = await errorOf("resident");
      expect(error).toBeInstanceOf(NonFiniteError);
      expect(error.message).toMatch(/step \d in replica 2/);
      expect(error.message).toBe((await errorOf("layered")).message);

      using skipping = await make(diverging, { nonFinite: "skip" });
      await skipping.step(8);
      const before = await bits(skipping);
      await skipping.step(1);
      const after = await bits(skipping);
      expect(after[2]).toEqual(before[2]);
      expect(after[1]).not.toEqual(before[1]);
      expect(new Float32Array(after[2]!.buffer).every(Number.isFinite)).toBe(true);
    });
  },
);

describe("where categories are trained by the cell", () => {
  const shape = { joint: 100, marginals: 1, xWidth: 16, yWidth: 16, replicas: 1 };

  test("what fits, up to its limits, and why not beyond", () => {
    expect(cellsMisfit("one_hot", "remine", shape)).toBeUndefined();
    expect(cellsMisfit("one_hot", "js", { ...shape, joint: 4096, marginals: 4095 })).toBeUndefined();
    expect(cellsMisfit("gaussian", "remine", shape)).toContain('one-hot source alone, not on "gaussian"');
    expect(cellsMisfit("one_hot", "remine", { ...shape, yWidth: 17 })).toContain("at most 16 categories, not 17");
    expect(cellsMisfit("one_hot", "remine", { ...shape, joint: 4097, marginals: 4096 })).toContain("16777216 scores");
    expect(cellsMisfit("one_hot", "infonce", shape)).toContain("looks at rows");
    expect(cellsMisfit("one_hot", "tuba", shape)).toContain("baseline");
  });

  test("unasked from 200 000 scores on, on an adapter whose subgroups have 8 lanes", () => {
    expect([1, 999, 1000].map((steps) => paysResident("cells", shape, steps))).toEqual([false, false, true]);
    const choose = (subgroupSize: number, expectedSteps: number, source = oneHot(16), estimator = remine()) =>
      chooseEngine(
        { isSoftware: true, subgroupSize, device: { limits: {} } } as Trainer["gpu"],
        { source, expectedSteps },
        mlp([256]),
        estimator,
        shape as Trainer["shape"],
      );
    expect([choose(8, 999), choose(8, 1000), choose(4, 1e9)]).toEqual(["layered", "resident", "layered"]);
    expect(choose(8, 1e9, gaussian({ dims: 16, mi: 1 }))).toBe("layered");
    expect(choose(8, 1e9, oneHot(16), infonce())).toBe("layered");
  });
});
