/** The resident engine keeps the promises of the layered one, and agrees with it up to rounding. */
import { describe, expect, it as test } from "vitest";
import { mlp } from "../src/critics/mlp.ts";
import { InputError, NonFiniteError } from "../src/errors.ts";
import { donskerVaradhan, estimatorByName, infonce, remine } from "../src/estimators/estimator.ts";
import { profileOf } from "../src/gpu/profile.ts";
import type { EstimatorName } from "../src/gpu/shaders.gen.ts";
import { gaussian } from "../src/sources/gaussian.ts";
import { oneHot } from "../src/sources/one-hot.ts";
import { rows } from "../src/sources/table.ts";
import { chooseEngine } from "../src/training/engines/choose.ts";
import { oneStepMisfit } from "../src/training/engines/one-step.ts";
import { adam, sgd } from "../src/training/optimizer.ts";
import type { TrainerOptions } from "../src/training/options.ts";
import { createTrainer, type Trainer } from "../src/training/trainer.ts";
import { expectEachAlone, expectGoesOn, expectSameWay, largest, paramsOf } from "./engines.ts";
import { expectClose, gpu, it, normals } from "./gpu.ts";

const table = rows({ data: normals(1, 50 * 2), columns: 2 }, { data: normals(2, 50), columns: 1 });
const runs: Record<string, TrainerOptions> = {
  "gaussian, the default shape, Adam": {
    source: gaussian({ dims: 1, rho: [[0.2], [0.9]] }),
    critic: mlp([64, 64]),
    pairs: { joint: 128, negatives: "shuffle" },
    optimizer: adam({ learningRate: 1e-3 }),
  },
  "table, clipped momentum, independent pairs": {
    source: table,
    critic: mlp([13, 30], { activation: "silu", outputBias: false }),
    pairs: { joint: 20, negatives: "independent", perJoint: 2 },
    optimizer: sgd({ learningRate: 0.05, momentum: 0.9, clipNorm: 0.1 }),
    estimator: donskerVaradhan(),
  },
  "one-hot, all pairs, AdamW": {
    source: oneHot(4),
    critic: mlp([9, 5], { activation: "tanh" }),
    pairs: { joint: 9, negatives: "all" },
    optimizer: adam({ learningRate: 1e-2, weightDecay: 0.1, clipNorm: 1 }),
    estimator: estimatorByName("nwj"),
  },
};
const make = (options: TrainerOptions, more: Partial<TrainerOptions> = {}) =>
  createTrainer(gpu, { replicas: 2, seed: 5, engine: "resident", ...options, ...more });
const small = runs["one-hot, all pairs, AdamW"]!;

const fits = gpu?.profile.residentSteps === "one";

describe.skipIf(!fits)("the resident engine", () => {
  it.each(Object.keys(runs))("agrees with the layered one: %s", async (name) => {
    const options = runs[name]!;
    using layered = await make(options, { engine: "layered" });
    using resident = await make(options);
    expect([layered.engine, resident.engine]).toEqual(["layered", "resident"]);
    const before = await paramsOf(layered);
    expect(await paramsOf(resident)).toEqual(before);
    await layered.step(1);
    await resident.step(1);
    const read = (trainer: Trainer, name: "d_params" | "stats") => gpu.read(trainer.tensors.training[name]);
    const gradient = new Float32Array(await read(layered, "d_params"));
    expect(largest(gradient)).toBeGreaterThan(1e-3);
    // Sums of a few hundred f32 terms, each with an exp of 4e-6, in another order.
    const tolerance = 2e-5 * largest(gradient);
    expectClose(new Float32Array(await read(resident, "d_params")), gradient, { tolerance, what: "d_params" });
    const stats = new Float32Array(await read(layered, "stats"));
    expectClose(new Float32Array(await read(resident, "stats")), stats, { tolerance: 1e-5, what: "stats" });
    if (options.optimizer!.kind === "sgd") {
      const one = await paramsOf(layered);
      expectClose(await paramsOf(resident), one, { tolerance: 1e-5 * largest(one), what: "params after 1 step" });
    }

    await layered.step(9);
    await resident.step(9);
    await expectSameWay(resident, layered, before, 0.99);
  });

  // One for each of what an estimator may define: none, one or two terms, a moving average, a penalty.
  it.each(["mine", "js", "smile", "dime-kl"] as const)("takes the estimator %s", async (name) => {
    const options: TrainerOptions = {
      ...small,
      critic: mlp([6, 3]),
      optimizer: sgd({ learningRate: 0.1 }),
      estimator: estimatorByName(name),
    };
    using layered = await make(options, { engine: "layered" });
    using resident = await make(options);
    for (const trainer of [layered, resident]) await trainer.step(3);
    const want = await paramsOf(layered);
    expectClose(await paramsOf(resident), want, { tolerance: 2e-5 * largest(want), what: "params after 3 steps" });
  });

  it("trains replicas as it trains each alone, to the bit, however steps are chunked", async () => {
    const options = { ...small, source: table };
    await expectEachAlone((more) => make(options, more));
  });

  it("goes on from what was saved, to the bit; a layered trainer can go on too", async () => {
    await expectGoesOn((more) => make(small, more));
  });

  it("names step and replica of what is not finite", async () => {
    using trainer = await make({ ...small, optimizer: sgd({ learningRate: [0.01, 1e30] }) });
    await expect(trainer.step(8)).rejects.toThrow(NonFiniteError);
    await expect(trainer.step(1)).rejects.toThrow("replica 1");
  });

  it("trains a critic that its scorer scores", async () => {
    using trainer = await make({ ...small, source: table }, { replicas: 1 });
    await trainer.step(5);
    const scorer = await trainer.scorer({ batch: 4 });
    const [scores] = await scorer.score([Uint32Array.from([0, 0, 3, 9])]);
    scorer.dispose();
    expect(scores!.every(Number.isFinite)).toBe(true);
  });
});

describe("which engine trains", () => {
  const shape = { joint: 1024, marginals: 3, xWidth: 4, yWidth: 4 };
  const fit = (some: { critic?: ReturnType<typeof mlp>; name?: EstimatorName; of?: object } = {}) =>
    oneStepMisfit(some.critic ?? mlp([64, 64]), some.name ?? "remine", { ...shape, ...some.of });

  test("the resident one fits up to its limits", () => {
    expect(fit()).toBeUndefined();
    expect(fit({ critic: mlp([1, 64]) })).toBeUndefined();
    for (const [some, why] of [
      [{ critic: { ...mlp([8, 8]), perceptron: undefined } as unknown as ReturnType<typeof mlp> }, "mlp() critic"],
      [{ critic: mlp([64]) }, "two hidden layers"],
      [{ critic: mlp([64, 65]) }, "at most 64 units"],
      [{ critic: mlp([8, 8, 8]) }, "two hidden layers"],
      [{ of: { xWidth: 5 } }, "at most 8 inputs"],
      [{ of: { marginals: 4 } }, "4096 scores"],
      [{ name: "infonce" }, "looks at rows"],
      [{ name: "tuba" }, "baseline"],
    ] as const) {
      expect(fit(some)).toContain(why);
    }
  });

  test("the resident one pays from 4 million scores", () => {
    const gpu = { profile: profileOf({ isSoftware: true, subgroupSize: 8 }) } as Trainer["gpu"];
    const chosen = (asked: Parameters<typeof chooseEngine>[1], replicas = 10) => {
      const of = { ...shape, joint: 100, replicas } as Trainer["shape"];
      return chooseEngine(gpu, asked, mlp([64, 64]), remine(), of);
    };
    expect(chosen({ expectedSteps: 999 })).toBe("layered");
    expect(chosen({ expectedSteps: 1000 })).toBe("one step");
    expect(chosen({})).toBe("one step");
    expect(chosen({}, 9)).toBe("layered");
    expect(chosen({ engine: "auto", expectedSteps: 1 }, 1)).toBe("one step");
  });

  it("is chosen by what fits and by the steps to come", async () => {
    const enough = Math.floor(4e6 / (9 * 9));
    using few = await createTrainer(gpu, { ...small, expectedSteps: enough - 1 });
    expect(few.engine).toBe("layered");
    using many = await createTrainer(gpu, { ...small, expectedSteps: enough + 1 });
    expect(many.engine).toBe(fits ? "resident" : "layered");
    using auto = await createTrainer(gpu, { ...small, engine: "auto", expectedSteps: 1 });
    expect(auto.engine).toBe(many.engine);
    using rowwise = await createTrainer(gpu, { ...small, estimator: infonce(), expectedSteps: 1e9 });
    expect(rowwise.engine).toBe("layered");
    await expect(createTrainer(gpu, { ...small, estimator: infonce(), engine: "resident" })).rejects.toThrow(
      "the resident engine ",
    );
    await expect(createTrainer(gpu, { ...small, estimator: remine(), engine: "fast" as "auto" })).rejects.toThrow(
      InputError,
    );
  });
});
