/** The resident engine for many steps in one dispatch agrees with the layered engine and keeps its promises. */
import { describe, expect, it as test } from "vitest";
import { mlp } from "../src/critics/mlp.ts";
import { NonFiniteError } from "../src/errors.ts";
import { donskerVaradhan, estimatorByName, remine } from "../src/estimators/estimator.ts";
import type { Gpu } from "../src/gpu/device.ts";
import { profileOf } from "../src/gpu/profile.ts";
import { type EstimatorName, kernels, modules } from "../src/gpu/shaders.gen.ts";
import { gaussian } from "../src/sources/gaussian.ts";
import { oneHot } from "../src/sources/one-hot.ts";
import { rows } from "../src/sources/table.ts";
import { chooseEngine } from "../src/training/engines/choose.ts";
import { manyStepsMisfit, manyStepsPay } from "../src/training/engines/many-steps.ts";
import { adam, sgd } from "../src/training/optimizer.ts";
import type { TrainerOptions } from "../src/training/options.ts";
import { cosine } from "../src/training/schedule.ts";
import { createTrainer, type Trainer } from "../src/training/trainer.ts";
import { expectEachAlone, expectSameWay, largest, paramsOf } from "./engines.ts";
import { expectClose, gpu, it, normals } from "./gpu.ts";

const table = rows({ data: normals(1, 50 * 2), columns: 2 }, { data: normals(2, 50), columns: 1 });
const runs: Record<string, TrainerOptions> = {
  "gaussian, full width, every replica with parameters of its own, Adam": {
    source: gaussian({ dims: 1, rho: [[0.2], [0.9], [-0.5]] }),
    critic: mlp([64, 64]),
    pairs: { joint: 61, negatives: "shuffle" },
    optimizer: adam({ learningRate: [1e-3, 1e-2, 3e-3], schedule: cosine({ steps: 20, warmup: 3 }) }),
    // With lambda 0 the output bias has no gradient but rounding, along which Adam walks at full pace.
    estimator: remine({ lambda: [0.05, 0.1, 2] }),
  },
  "table, clipped momentum, independent pairs, no output bias": {
    source: table,
    critic: mlp([13, 33], { activation: "silu", outputBias: false }),
    pairs: { joint: 20, negatives: "independent", perJoint: 2 },
    optimizer: sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true, clipNorm: 0.1 }),
    estimator: donskerVaradhan(),
  },
  "one-hot, eight inputs, all pairs, AdamW": {
    source: oneHot(4),
    critic: mlp([3, 1], { activation: "tanh" }),
    pairs: { joint: 9, negatives: "all" },
    optimizer: adam({ learningRate: 1e-2, weightDecay: 0.1, clipNorm: 1 }),
    estimator: estimatorByName("nwj"),
  },
  "gaussian, six inputs, one tile with one score to spare, SGD": {
    source: gaussian({ dims: 3, mi: 1 }),
    critic: mlp([64, 17], { activation: "elu" }),
    pairs: { joint: 5, negatives: "shuffle", perJoint: 2 },
    optimizer: sgd({ learningRate: 0.1 }),
    estimator: estimatorByName("smile"),
  },
};

/** `portable` takes this form on lavapipe too. */
const make = (options: TrainerOptions, more: Partial<TrainerOptions> = {}) =>
  createTrainer(gpu, { replicas: 3, seed: 5, engine: "resident", tile: "portable", ...options, ...more });
const small = runs["one-hot, eight inputs, all pairs, AdamW"]!;

// lavapipe compiles this kernel for a quarter of a minute each time, and never trains with it: it is asked about one form alone.
describe.skipIf(!gpu || /llvmpipe/.test(gpu.name))("many steps in one dispatch", () => {
  it.each(Object.keys(runs))("agree with the layered engine: %s", async (name) => {
    const options = runs[name]!;
    using layered = await make(options, { engine: "layered" });
    using resident = await make(options);
    expect(resident.plan().map(({ kernel }) => kernel)).toEqual(["train_replica"]);
    const before = await paramsOf(layered);
    expect(await paramsOf(resident)).toEqual(before);
    await layered.step(1);
    await resident.step(1);
    const stats = new Float32Array(await gpu.read(layered.tensors.training.stats));
    // Sums of some dozen f32 terms, each with an exp of 4e-6, in another order.
    const got = new Float32Array(await gpu.read(resident.tensors.training.stats));
    expectClose(got, stats, { tolerance: 1e-5, what: "stats" });
    // The first moment is a tenth of the gradient; without moments the step is all of it, times the rate.
    const moved = async (trainer: Trainer) => {
      if (options.optimizer!.kind === "adam")
        return new Float32Array(await gpu.read(trainer.tensors.training.m_params));
      return (await paramsOf(trainer)).map((v, i) => v - before[i]!);
    };
    const step = await moved(layered);
    expect(largest(step)).toBeGreaterThan(1e-4);
    const rounding = 2 ** -23 * largest(before);
    expectClose(await moved(resident), step, { tolerance: 2e-5 * largest(step) + rounding, what: "first step" });

    await layered.step(9);
    await resident.step(9);
    await expectSameWay(resident, layered, before, 0.98);
  });

  // With those above, one for each of what an estimator may define: terms of joint or marginal pairs, a moving average.
  it.each(["mine", "dime-kl"] as const)("take the estimator %s", async (name) => {
    const options: TrainerOptions = {
      ...small,
      optimizer: sgd({ learningRate: 0.1 }),
      estimator: estimatorByName(name),
    };
    using layered = await make(options, { engine: "layered" });
    using resident = await make(options);
    const before = await paramsOf(layered);
    for (const trainer of [layered, resident]) await trainer.step(3);
    const want = await paramsOf(layered);
    expect(largest(want.map((v, i) => v - before[i]!))).toBeGreaterThan(1e-3);
    expectClose(await paramsOf(resident), want, { tolerance: 2e-5 * largest(want), what: "params after 3 steps" });
  });

  it("train replicas as they train each alone, to the bit, however many steps a dispatch takes", async () => {
    await expectEachAlone((more) => make(small, more));
  });

  it("are one dispatch for many steps", async () => {
    using trainer = await make(small);
    await trainer.step(1);
    let dispatched = 0;
    const submit = gpu.device.queue.submit.bind(gpu.device.queue);
    gpu.device.queue.submit = (buffers) => {
      dispatched++;
      return submit(buffers);
    };
    try {
      await trainer.step(4);
    } finally {
      gpu.device.queue.submit = submit;
    }
    expect(trainer.steps).toBe(5);
    // One that trains, and one for each buffer that is read: the clock and the history.
    expect(dispatched).toBe(3);
  });

  it("go on from what was saved, to the bit; a layered trainer can go on too, and they after it", async () => {
    using whole = await make(small);
    await whole.step(4);
    const state = await whole.save();
    await whole.step(4);
    using resumed = await make(small);
    resumed.load(state);
    await resumed.step(4);
    expect(await resumed.save()).toEqual(await whole.save());
    using layered = await make(small, { engine: "layered" });
    layered.load(state);
    await layered.step(2);
    using after = await make(small);
    after.load(await layered.save());
    await after.step(2);
    expect(after.steps).toBe(8);
    const want = await paramsOf(whole);
    expectClose(await paramsOf(after), want, { tolerance: 1e-3 * largest(want), what: "params" });
  });

  it("name step and replica of what is not finite, as the layered engine does", async () => {
    const options = { ...small, optimizer: adam({ learningRate: [0.01, 0.01, 1e30], weightDecay: 0.1, clipNorm: 1 }) };
    const errorOf = async (engine: "layered" | "resident") => {
      using trainer = await make(options, { engine });
      return await trainer.step(8).catch((error: unknown) => error);
    };
    const error = await errorOf("resident");
    expect(error).toBeInstanceOf(NonFiniteError);
    expect((error as Error).message).toMatch(/step \d in replica 2/);
    expect((error as Error).message).toBe(((await errorOf("layered")) as Error).message);
  });
});

describe("where many steps in one dispatch are taken", () => {
  const limits = {
    maxComputeWorkgroupStorageSize: 32768,
    maxComputeInvocationsPerWorkgroup: 256,
    maxStorageBuffersPerShaderStage: 10,
  };
  const shape = { joint: 128, marginals: 1, xWidth: 4, yWidth: 4, replicas: 64 };
  type Some = { on?: object; critic?: ReturnType<typeof mlp>; name?: EstimatorName; of?: object };
  const fit = ({ on, critic, name, of }: Some = {}) =>
    manyStepsMisfit(
      { device: { limits: { ...limits, ...on } } } as unknown as Gpu,
      critic ?? mlp([64, 64]),
      name ?? "remine",
      { ...shape, ...of },
    );

  test("what fits, up to its limits, and why not beyond", () => {
    expect(fit()).toBeUndefined();
    expect(fit({ critic: mlp([1, 64]), of: { joint: 8192 } })).toBeUndefined();
    for (const [some, why] of [
      [
        { on: { maxComputeWorkgroupStorageSize: 16384 } },
        "workgroup memory for its weights, and this device gives 16384",
      ],
      [{ on: { maxComputeInvocationsPerWorkgroup: 32 } }, "workgroups of 128 threads"],
      [{ on: { maxStorageBuffersPerShaderStage: 8 } }, "binds 10 buffers, and this device takes 8"],
      [{ critic: { ...mlp([8, 8]), perceptron: undefined } as unknown as ReturnType<typeof mlp> }, "mlp() critic"],
      [{ critic: mlp([64]) }, "two hidden layers"],
      [{ critic: mlp([64, 65]) }, "at most 64 units"],
      [{ of: { xWidth: 5 } }, "at most 8 inputs"],
      [{ of: { joint: 8193 } }, "at most 16384 scores"],
      [{ name: "infonce" }, "looks at rows"],
      [{ name: "tuba" }, "baseline"],
    ] as const) {
      expect(fit(some)).toContain(why);
    }
  });

  test("the bytes that it asks for are those of its workgroup memory", () => {
    const { files, constants } = kernels.train_replica.variants["table/remine"]!;
    const sizes: Record<string, number> = { f32: 4, vec2f: 8, vec4f: 16 };
    // A variable that the kernel does not reach takes no memory: those of lib/monoids.
    const text = modules[files.find((file) => file.endsWith("train_replica.wgsl"))!]!;
    expect(text).not.toContain("block_reduce");
    const declared = [...text.matchAll(/var<workgroup> \w+: (?:array<(\w+), (\d+)>|f32);/g)];
    const bytes = declared.map(([, type = "f32", count = "1"]) => sizes[type]! * Number(count));
    expect(bytes.reduce((sum, b) => sum + b)).toBe(constants.REPLICA_BYTES);
  });

  const adapter = (isSoftware: boolean, subgroupSize: number) =>
    ({ profile: profileOf({ isSoftware, subgroupSize }), device: { limits } }) as unknown as Gpu;
  const choose = (gpu: Gpu, asked: Parameters<typeof chooseEngine>[1], replicas = 64) =>
    chooseEngine(gpu, asked, mlp([8, 8]), remine(), { ...shape, replicas } as Parameters<typeof chooseEngine>[4]);

  test("not on software adapters with subgroups of 8, but everywhere else", () => {
    const resident = (gpu: Gpu, tile?: string) => choose(gpu, { engine: "resident", ...(tile && { tile }) });
    expect(resident(adapter(true, 8))).toBe("one step");
    expect(resident(adapter(true, 8), "portable")).toBe("many steps");
    expect(resident(adapter(true, 4))).toBe("many steps");
    expect(resident(adapter(false, 8))).toBe("many steps");
  });

  test("by itself on a GPU, where replicas are many or steps short, and only for auto", () => {
    const pays = (replicas: number, joint: number) => manyStepsPay({ replicas, joint, marginals: 1 });
    expect([pays(128, 4096), pays(16384, 64), pays(127, 256)]).toEqual([true, true, true]);
    expect(pays(127, 257)).toBe(false);
    expect(choose(adapter(false, 32), { engine: "auto", expectedSteps: 1e9 })).toBe("many steps");
    expect(choose(adapter(false, 32), { engine: "auto" }, 4096)).toBe("many steps");
    expect(choose(adapter(true, 32), { engine: "auto", expectedSteps: 1e9 })).toBe("layered");
    expect(choose(adapter(false, 32), { expectedSteps: 1e9 })).toBe("layered");
  });
});
