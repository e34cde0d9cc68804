/** The trainer's promises: the same bits however it is run, averages that are what they say, and errors that name the cause. */
import { describe, expect, it as test } from "vitest";
import { conditional } from "../src/critics/conditional.ts";
import { mlp } from "../src/critics/mlp.ts";
import {
  DeviceLostError,
  InputError,
  InterruptedError,
  LimitError,
  NonFiniteError,
  type RemineError,
} from "../src/errors.ts";
import { donskerVaradhan, estimatorByName, estimatorNames, mine, nwj, remine } from "../src/estimators/estimator.ts";
import { open } from "../src/gpu/device.ts";
import { estimators } from "../src/gpu/shaders.gen.ts";
import type { Tensor } from "../src/gpu/tensor.ts";
import { gaussian } from "../src/sources/gaussian.ts";
import { oneHot } from "../src/sources/one-hot.ts";
import { rows } from "../src/sources/table.ts";
import { adam, sgd } from "../src/training/optimizer.ts";
import type { TrainerOptions } from "../src/training/options.ts";
import { constant, cosine, exponential, linear, staircase } from "../src/training/schedule.ts";
import { createTrainer } from "../src/training/trainer.ts";
import { EPS, EXP, expectClose, gpu, it, normals, prng, range } from "./gpu.ts";
import { logMeanExp, mean } from "./oracle/estimators.ts";
import { adamStep, clipScale, momentumStep, norm, rateAt } from "./oracle/optimizer.ts";
import { bits, outcome } from "./outcome.ts";

const critic = mlp([5, 4]);
const pairs = { joint: 6, negatives: "shuffle" } as const;
const small = { source: oneHot(4), critic, pairs } satisfies TrainerOptions;

const bound = (own: object, key: string | symbol) => {
  const value: unknown = Reflect.get(own, key);
  return typeof value === "function" ? value.bind(own) : value;
};

const table = (options: Parameters<typeof rows>[2] = {}) =>
  rows({ data: normals(1, 30 * 3), columns: 3 }, { data: normals(2, 30 * 2), columns: 2 }, options);

describe("the same bits", () => {
  const next = prng(3);
  const eight = <T>(make: (r: number) => T): T[] => range(8).map(make);
  const rho = eight((r) => [0.1 * r, 0.8 - 0.1 * r]);
  const lambda = eight((r) => 0.05 * (r + 1));
  const C = eight((r) => r - 4);
  const learningRate = eight((r) => 0.003 * (r + 1));
  const emaRate = eight((r) => 0.1 * (r + 1));
  const picks = eight((r) => [r % 5, 1, 2, 3, (r + 2) % 5]);
  const rowPairs = eight((r) => Uint32Array.from({ length: 20 + 2 * r }, () => 30 * next()));

  /** What each run of eight replicas gives to replica r, or to all. */
  const runs: Record<string, (r?: number) => Partial<TrainerOptions> & Pick<TrainerOptions, "source">> = {
    "gaussian, ReMINE, Adam": (r) => ({
      source: gaussian({ dims: 2, rho: r === undefined ? rho : [rho[r]!], levelSteps: 5 }),
      pairs: { joint: 6, negatives: "all" },
      estimator: remine(r === undefined ? { lambda, C } : { lambda: lambda[r]!, C: C[r]! }),
      optimizer: adam({
        learningRate: r === undefined ? learningRate : learningRate[r]!,
        weightDecay: 0.1,
        schedule: cosine({ steps: 20 }),
      }),
    }),
    "table, MINE, gradient ascent": (r) => ({
      source: table(r === undefined ? { picks, pairs: rowPairs } : { picks: [picks[r]!], pairs: [rowPairs[r]!] }),
      pairs: { joint: 7, negatives: "independent", perJoint: 2 },
      estimator: mine({ emaRate: r === undefined ? emaRate : emaRate[r]! }),
      optimizer: sgd({ learningRate: r === undefined ? learningRate : learningRate[r]!, clipNorm: 0.5 }),
    }),
    "gaussian, Donsker-Varadhan, momentum": (r) => ({
      source: gaussian({ dims: 2, rho: r === undefined ? rho : [rho[r]!], levelSteps: 5 }),
      critic: mlp([9, 5], { activation: "tanh", initialisation: "he-normal" }),
      estimator: donskerVaradhan(),
      optimizer: sgd({
        learningRate: r === undefined ? learningRate : learningRate[r]!,
        momentum: 0.9,
        nesterov: true,
        schedule: linear({ steps: 11, warmup: 3 }),
      }),
    }),
    "one-hot, Donsker-Varadhan, Adam": () => ({
      source: oneHot(5),
      estimator: donskerVaradhan(),
      optimizer: adam({ learningRate: 0.01 }),
    }),
  };
  for (const [name, options] of Object.entries(runs)) {
    it(`eight replicas are eight single runs: ${name}`, async () => {
      using together = await createTrainer(gpu, { pairs, critic, seed: 9, ...options(), replicas: 8 });
      await together.step(12);
      for (const r of range(8)) {
        using single = await createTrainer(gpu, { pairs, critic, seed: 9, ...options(r), streams: [r] });
        await single.step(12);
        expect(await outcome(single, 0)).toEqual(await outcome(together, r));
      }
      const distinct = new Set((await bits(together)).map((words) => words.join()));
      expect(distinct.size).toBe(8);
    });
  }

  it.each([[[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]], [[5, 1, 6]], [[1, 11]]])(
    "chunks of %j steps are 12 at once",
    async (chunks) => {
      using whole = await createTrainer(gpu, { ...small, replicas: 2 });
      using parts = await createTrainer(gpu, { ...small, replicas: 2 });
      await whole.step(12);
      for (const size of chunks) await parts.step(size);
      expect(parts.steps).toBe(12);
      for (const r of [0, 1]) expect(await outcome(parts, r)).toEqual(await outcome(whole, r));
    },
  );

  it("a replica that differs in lambda, C or learning rate alone goes its own way", async () => {
    // The same stream throughout: the same first weights and the same batches.
    using trainer = await createTrainer(gpu, {
      ...small,
      replicas: 5,
      streams: [3, 3, 3, 3, 3],
      estimator: remine({ lambda: [0.1, 0.1, 0.5, 0.1, 0.1], C: [0, 0, 0, 2, 0] }),
      optimizer: sgd({ learningRate: [0.1, 0.1, 0.1, 0.1, 0.2] }),
    });
    await trainer.step(2);
    const [first, same, ...others] = (await bits(trainer)).map((words) => words.join());
    expect(same).toBe(first);
    expect(new Set([first, ...others]).size).toBe(4);
  });
});

describe("the optimizer", () => {
  const schedule = linear({ steps: 6, warmup: 2 });
  const asOracle = { kind: "linear", steps: 6, warmup: 2, factor: 1 } as const;
  const kinds = {
    sgd: sgd({ learningRate: 0.5, weightDecay: 0.1, clipNorm: 0.2, schedule }),
    momentum: sgd({ learningRate: 0.5, weightDecay: 0.1, clipNorm: 0.2, schedule, momentum: 0.8 }),
    nesterov: sgd({ learningRate: 0.5, clipNorm: 0.2, schedule, momentum: 0.8, nesterov: true }),
    adam: adam({ learningRate: 0.02, weightDecay: 0.1, clipNorm: 0.2, schedule, betas: [0.5, 0.9], epsilon: 1e-3 }),
  };

  it.each(Object.keys(kinds) as (keyof typeof kinds)[])("%s follows the gradient as the oracle does", async (kind) => {
    const optimizer = kinds[kind];
    using trainer = await createTrainer(gpu, { ...small, critic: mlp([9, 5], { activation: "elu" }), optimizer });
    const { training } = trainer.tensors;
    const { count } = trainer.shape.layout;
    const read = async (tensor: Tensor) => new Float32Array(await gpu.read(tensor)).subarray(0, count);
    const state = range(count).map(() => ({ m: 0, v: 0 }));
    let params = await read(training.params);
    let moved = 0;
    for (const step of range(7)) {
      await trainer.step(1);
      const gradient = await read(training.d_params);
      const clip = clipScale(norm(gradient), 0.2);
      const rate = (optimizer.learningRate as number) * rateAt(step, asOracle);
      const settings = { rate, weightDecay: optimizer.weightDecay as number };
      const want = range(count).map((i) => {
        const old = { p: params[i]!, ...state[i]! };
        const d = clip * gradient[i]!;
        const next =
          optimizer.kind === "adam"
            ? adamStep(old, d, step + 1, { ...optimizer, ...settings })
            : { v: 0, ...momentumStep(old, d, { ...optimizer, ...settings }) };
        state[i] = { m: next.m, v: next.v };
        return next.p;
      });
      const before = params;
      params = await read(training.params);
      // Adam's quotient of moments is good to 1e-5 of the rate, also where a moment cancels; the rest is rounding.
      const tolerance = 1e-5 * rate + 4 * EPS * Math.max(...before.map(Math.abs));
      expectClose(params, want, { tolerance, what: `params after step ${step}` });
      moved = Math.max(moved, ...params.map((p, i) => Math.abs(p - before[i]!)));
    }
    expect(moved).toBeGreaterThan(1e-3);
  });
});

describe("save and load", () => {
  const kinds = {
    adam: adam({ learningRate: 0.01, schedule: cosine({ steps: 30 }) }),
    momentum: sgd({ learningRate: 0.1, momentum: 0.9, schedule: linear({ steps: 30, warmup: 4 }) }),
    sgd: sgd({ learningRate: 0.1 }),
  };

  it.each(["adam", "momentum", "sgd"] as const)("a new trainer goes on to the same bits: %s", async (kind) => {
    const options = { ...small, replicas: 3, estimator: mine(), optimizer: kinds[kind] };
    using whole = await createTrainer(gpu, options);
    await whole.step(8);
    const state = await whole.save();
    await whole.step(7);
    using resumed = await createTrainer(gpu, options);
    await resumed.step(2); // whatever it did before is forgotten
    resumed.load(state);
    expect(resumed.steps).toBe(8);
    await resumed.step(7);
    expect(await resumed.save()).toEqual(await whole.save());
    // The averages look back to before the save; the trace begins with the load.
    const [now, before] = [await resumed.read(), await whole.read()];
    expect(now.averages).toEqual(before.averages);
    expect(now.trace[0]!.value.subarray(8)).toEqual(before.trace[0]!.value.subarray(8));
    expect(now.trace[0]!.value.subarray(0, 8).every(Number.isNaN)).toBe(true);
  });

  it("refuses a state that is not its own", async () => {
    using trainer = await createTrainer(gpu, { ...small, optimizer: kinds.adam });
    const own = await trainer.save();
    const foreign: [Partial<TrainerOptions>, RegExp][] = [
      [{ critic: mlp([5, 5]) }, /its critic is mlp \(.*5x5.*\), and here it is mlp/],
      [{ estimator: nwj() }, /its estimator is nwj, and here it is remine/],
      [{ replicas: 2 }, /its replicas is 2, and here it is 1/],
      [{ optimizer: kinds.sgd }, /its optimizer is sgd, and here it is adam/],
      [{ optimizer: kinds.momentum }, /its optimizer is momentum, and here it is adam/],
      [{ window: 5000 }, /its window is 5000/],
    ];
    for (const [options, message] of foreign) {
      using other = await createTrainer(gpu, { ...small, optimizer: kinds.adam, ...options });
      const state = await other.save();
      expect(() => trainer.load(state)).toThrow(InputError);
      expect(() => trainer.load(state)).toThrow(message);
    }
    const older = new TextEncoder().encode(new TextDecoder("latin1").decode(own).replace('"version":3', '"version":2'));
    const bad: [Uint8Array, RegExp][] = [
      [new Uint8Array(), /no saved remine trainer/],
      [new Uint8Array(7), /no saved remine trainer/],
      [own.map((byte, i) => (i === 0 ? byte + 1 : byte)), /no saved remine trainer/],
      [own.slice(0, -4), /bytes and should have .*cut off/],
      [own.slice(0, 60), /no saved remine trainer/],
      [older, /in version 2, and this remine reads version 3/],
    ];
    for (const [state, message] of bad) {
      expect(() => trainer.load(state)).toThrow(InputError);
      expect(() => trainer.load(state)).toThrow(message);
    }
    expect(await trainer.save()).toEqual(own);
  });
});

it("refuses a step after its steps were ended, and scores rows still", async () => {
  const x = { data: normals(1, 40), columns: 1 };
  using trainer = await createTrainer(gpu, { source: rows(x, x), pairs: { joint: 8, negatives: "all" }, critic });
  await trainer.step(1);
  trainer.endSteps();
  await expect(trainer.step(1)).rejects.toThrow(/steps of this trainer were ended/);
  const scorer = await trainer.scorer({ batch: 4 });
  const [scores] = await scorer.score([Uint32Array.of(0, 0, 1, 1)]);
  scorer.dispose();
  expect(scores!.every(Number.isFinite)).toBe(true);
});

it("replicas of several batch sizes use the first pairs of what is drawn", async () => {
  const batch = [1, 4, 6];
  using trainer = await createTrainer(gpu, {
    ...small,
    replicas: 3,
    streams: [5, 5, 5],
    pairs: { joint: 6, negatives: "independent", perJoint: 2, batch },
  });
  await trainer.step(1);
  const scores = new Float32Array(await gpu.read(trainer.tensors.batch.scores));
  const { trace } = await trainer.read();
  for (const [r, size] of batch.entries()) {
    const own = range(size).map((i) => Array.from(scores.subarray(18 * r + 3 * i, 18 * r + 3 * i + 3)));
    expectClose([trace[r]!.joint[0]!], [mean(own.map(([t]) => t!))], { tolerance: 8 * EPS, what: "joint" });
    const marginal = own.flatMap(([, ...rest]) => rest);
    expectClose([trace[r]!.logPartition[0]!], [logMeanExp(marginal)], { tolerance: 16 * EXP, what: "partition" });
  }
  await trainer.step(20);
  const params = new Float32Array(await gpu.read(trainer.params));
  expect(params.every(Number.isFinite)).toBe(true);
});

describe("averages", () => {
  it.each([
    { window: 20, steps: 7 },
    { window: 20, steps: 50 },
    { window: 1000, steps: 1100 }, // the history of 1024 steps has turned over
  ])("are those of the last $window of $steps steps in the trace", async ({ window, steps }) => {
    using trainer = await createTrainer(gpu, { ...small, critic: mlp([4]), replicas: 2, window });
    await trainer.step(steps);
    const { averages, trace } = await trainer.read();
    averages.forEach((average, r) => {
      const last = (list: Float32Array) => Array.from(list.subarray(-window));
      const { joint, logPartition, value, objective } = trace[r]!;
      expect([joint, logPartition, value, objective].map((list) => list.length)).toEqual([steps, steps, steps, steps]);
      // 1000 numbers below 3 in f32, summed by 64 lanes; exp and log for what is pooled.
      const tolerance = 1e-5 + 20 * EXP;
      const pooled = logMeanExp(last(logPartition));
      expect(average.steps).toBe(Math.min(window, steps));
      expectClose([average.macro], [mean(last(value))], { tolerance, what: "macro" });
      expectClose([average.joint], [mean(last(joint))], { tolerance, what: "joint" });
      expectClose([average.logPartition], [pooled], { tolerance, what: "log partition" });
      expectClose([average.micro], [mean(last(joint)) - pooled], { tolerance, what: "micro" });
    });
  });

  it("need no trace", async () => {
    using kept = await createTrainer(gpu, small);
    using bare = await createTrainer(gpu, { ...small, trace: false });
    for (const trainer of [kept, bare]) await trainer.step(5);
    expect(await bare.read()).toEqual({ averages: (await kept.read()).averages, trace: [] });
  });
});

describe("values that are not finite", () => {
  const wild = { ...small, replicas: 3, optimizer: sgd({ learningRate: [0.1, 1e30, 0.1] }) };

  it("end the run, by step and replica", async () => {
    using trainer = await createTrainer(gpu, wild);
    const failure = trainer.step(20);
    await expect(failure).rejects.toThrow(NonFiniteError);
    // Step 0 is fine and throws the parameters to 1e30; step 1 overflows.
    await expect(failure).rejects.toThrow(/not finite at step 1 in replica 1/);
  });

  it("are skipped on request, and no other replica notices", async () => {
    using trainer = await createTrainer(gpu, { ...wild, nonFinite: "skip" });
    using tame = await createTrainer(gpu, { ...wild, optimizer: sgd({ learningRate: 0.1 }) });
    for (const each of [trainer, tame]) await each.step(10);
    expect(trainer.steps).toBe(10);
    for (const r of [0, 2]) expect(await outcome(trainer, r)).toEqual(await outcome(tame, r));
  });

  it.each(estimatorNames)("leave nothing behind: after a batch that overflows, %s trains on", async (name) => {
    const fitting = estimators[name].critic === "density" ? conditional({ hidden: [5] }) : critic;
    const options = { ...small, critic: fitting, estimator: estimatorByName(name) };
    using trainer = await createTrainer(gpu, { ...options, nonFinite: "skip" });
    await trainer.step(3);
    const before = await bits(trainer);
    const huge = new Float32Array(before[0]!.length).fill(1e30);
    gpu.write(trainer.params, huge);
    await trainer.step(1);
    expect(new Float32Array(await gpu.read(trainer.params)), "a bad batch moved the critic").toEqual(huge);
    gpu.write(trainer.params, before[0]!);
    await trainer.step(3);
    expect(await bits(trainer)).not.toEqual(before);
    const { value } = (await trainer.read()).trace[0]!;
    expect([...value].map(Number.isFinite)).toEqual([true, true, true, false, true, true, true]);
  });
});

describe("pipelines", () => {
  it("are created once however many trainers want them, and those of the averages when these are read", async () => {
    using own = await open();
    const created: string[] = [];
    const create = own.device.createComputePipelineAsync;
    own.device.createComputePipelineAsync = (descriptor) => {
      created.push(`${descriptor.label} ${JSON.stringify(descriptor.compute.constants)}`);
      return create.call(own.device, descriptor);
    };
    using first = await createTrainer(own, { ...small, engine: "layered" });
    using second = await createTrainer(own, { ...small, engine: "layered", replicas: 3 });
    await first.step(1);
    await second.step(1);
    expect(created).toContain("mi/step_adam/only {}");
    expect(created).not.toContain("mi/average_window/remine {}");
    await Promise.all([first.read(), first.read(), second.read()]);
    expect(created).toContain("mi/average_window/remine {}");
    expect(created).toHaveLength(new Set(created).size);
  });
});

describe("what is owned is freed", () => {
  /** Counts the buffers that `body` leaves alive. */
  async function leaked(body: () => Promise<void>): Promise<string[]> {
    const alive = new Set<GPUBuffer>();
    const { device } = gpu;
    const create = device.createBuffer;
    let created = 0;
    device.createBuffer = (descriptor) => {
      const buffer = create.call(device, descriptor);
      const destroy = buffer.destroy;
      alive.add(buffer);
      created++;
      buffer.destroy = () => {
        alive.delete(buffer);
        return destroy.call(buffer);
      };
      return buffer;
    };
    try {
      await body();
    } finally {
      device.createBuffer = create;
    }
    expect(created).toBeGreaterThan(0);
    return [...alive].map(({ label }) => label);
  }

  it("after a life of training, scoring, saving and loading", async () => {
    const left = await leaked(async () => {
      using trainer = await createTrainer(gpu, { ...small, source: table(), replicas: 2 });
      await trainer.step(5);
      await trainer.read();
      trainer.load(await trainer.save());
      const scorer = await trainer.scorer({ batch: 8 });
      await scorer.score([Uint32Array.of(0, 1, 2, 3), Uint32Array.of(4, 5, 6, 7)]);
      scorer.dispose();
    });
    expect(left).toEqual([]);
  });

  it("of a trainer that is given up while its step's kernels are still compiled", async () => {
    const left = await leaked(async () => {
      const trainer = await createTrainer(gpu, { ...small, critic: mlp([7, 3]), estimator: mine() });
      const stepped = trainer.step(1);
      trainer.dispose();
      await expect(stepped).rejects.toThrow(/disposed/);
    });
    expect(left).toEqual([]);
  });

  it.each<[string, TrainerOptions, typeof RemineError, RegExp]>([
    [
      "a buffer is too large",
      { ...small, engine: "layered", pairs: { joint: 200_000, negatives: "shuffle" }, critic: mlp([4096]) },
      LimitError,
      /"part_x" would take 3125 MiB.*at most \d+ MiB \(maxStorageBufferBindingSize\).*fit with 1\/\d+ of/,
    ],
    [
      "a dispatch is too large",
      { ...small, engine: "layered", pairs: { joint: 70_000, negatives: "shuffle" }, critic: mlp([1]) },
      LimitError,
      /70000 workgroups.*allows 65535.*2 times smaller/,
    ],
    [
      "lists do not fit the replicas",
      { ...small, replicas: 3, estimator: remine({ C: [0, 1] }) },
      InputError,
      /"C" has 2 values for 3 replicas/,
    ],
  ])("when createTrainer fails because %s", async (_, options, type, message) => {
    const left = await leaked(async () => {
      const failure = createTrainer(gpu, options);
      await expect(failure).rejects.toThrow(type);
      await expect(failure).rejects.toThrow(message);
    });
    expect(left).toEqual([]);
  });

  it("after dispose, calls throw", async () => {
    const trainer = await createTrainer(gpu, { ...small, source: table() });
    const state = await trainer.save();
    trainer.dispose();
    trainer.dispose(); // twice is fine
    const disposed = /this trainer was disposed/;
    for (const call of [trainer.step(1), trainer.read(), trainer.save(), trainer.scorer({ batch: 1 })]) {
      await expect(call).rejects.toThrow(disposed);
    }
    expect(() => trainer.load(state)).toThrow(disposed);
    expect(() => trainer.set({})).toThrow(disposed);
  });

  it("a device that was passed in is never destroyed", async () => {
    const guest = await open({ device: gpu.device });
    const trainer = await createTrainer(guest, small);
    await trainer.step(1);
    guest.dispose();
    await expect(trainer.step(1)).rejects.toThrow("this GPU was disposed");
    trainer.dispose();
    const tensor = gpu.tensor("alive", Float32Array.of(7));
    expect(new Float32Array(await gpu.read(tensor))).toEqual(Float32Array.of(7));
    tensor.buffer.destroy();
  });
});

describe("what ends a run early", () => {
  it("a device lost in the middle of a step", async () => {
    const own = await open();
    const trainer = await createTrainer(own, small);
    const running = trainer.step(1e9);
    setTimeout(() => own.device.destroy(), 50);
    await expect(running).rejects.toThrow(DeviceLostError);
    await expect(running).rejects.toThrow(/device was lost.*Open it again/);
    await expect(trainer.step(1)).rejects.toThrow(DeviceLostError);
    await expect(trainer.read()).rejects.toThrow(DeviceLostError);
    await expect(createTrainer(own, small)).rejects.toThrow(DeviceLostError);
    trainer.dispose();
    own.dispose();
  });

  it("the caller's signal, and training can go on to the same bits", async () => {
    using whole = await createTrainer(gpu, small);
    await whole.step(30);
    using trainer = await createTrainer(gpu, small);
    const controller = new AbortController();
    const running = trainer.step(30, { signal: controller.signal, onProgress: () => controller.abort() });
    await expect(running).rejects.toThrow(InterruptedError);
    const done = trainer.steps;
    await expect(running).rejects.toThrow(`interrupted after ${done} steps`);
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(30);
    await trainer.step(30 - done);
    expect(await outcome(trainer, 0)).toEqual(await outcome(whole, 0));
  });

  it("keeps the GPU at work longer than its answer takes, however late that comes", async () => {
    const { device } = gpu;
    const late = async <T>(answer: Promise<T>) => {
      await answer;
      await new Promise((resolve) => setTimeout(resolve, 100));
    };
    // As Firefox, which looks for answers every 100 ms.
    const queue = new Proxy(device.queue, {
      get: (own, key) => (key === "onSubmittedWorkDone" ? () => late(own.onSubmittedWorkDone()) : bound(own, key)),
    });
    let waits = 0;
    const slow = new Proxy(device, {
      get(own, key) {
        if (key === "queue") return queue;
        if (key !== "createBuffer") return bound(own, key);
        return (descriptor: GPUBufferDescriptor) => {
          const buffer = own.createBuffer(descriptor);
          const mapAsync = buffer.mapAsync.bind(buffer);
          waits += 1;
          return Object.assign(buffer, { mapAsync: (mode: GPUMapModeFlags) => late(mapAsync(mode)) });
        };
      },
    });
    using guest = await open({ device: slow });
    expect(guest.latency).toBeGreaterThan(90);
    using trainer = await createTrainer(guest, { ...small, trace: false });
    await trainer.step(20);
    waits = 0;
    await trainer.step(1000);
    expect(waits).toBeLessThan(20); // of 150 ms each; by the time with the waits, one step each
  });

  it("reports its progress", async () => {
    using trainer = await createTrainer(gpu, small);
    const seen: number[] = [];
    await trainer.step(25, {
      onProgress({ done, total, stepsPerSecond }) {
        seen.push(done);
        expect(total).toBe(25);
        expect(stepsPerSecond).toBeGreaterThan(0);
      },
    });
    expect(seen.at(-1)).toBe(25);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});

describe("set", () => {
  it("changes what the next step uses", async () => {
    const options = { ...small, source: gaussian({ dims: 2, rho: 0.2 }) };
    using changed = await createTrainer(gpu, { ...options, optimizer: sgd({ learningRate: 0 }) });
    using plain = await createTrainer(gpu, { ...options, optimizer: sgd({ learningRate: 0.1 }) });
    const before = await bits(changed);
    await changed.step(1);
    expect(await bits(changed)).toEqual(before); // a learning rate of 0
    changed.set({ optimizer: { learningRate: 0.1 }, rho: 0.9 });
    plain.set({ rho: 0.9 });
    await changed.step(1);
    expect(await bits(changed)).not.toEqual(before);
    await plain.step(1);
    expect(await bits(plain)).not.toEqual(await bits(changed)); // of another step's batch
  });

  it("changes the optimizer's options, but not what it keeps of past gradients", async () => {
    using trainer = await createTrainer(gpu, { ...small, optimizer: sgd({ momentum: 0.5 }) });
    await trainer.step(1);
    trainer.set({ optimizer: { momentum: 0.9, nesterov: true, schedule: staircase({ steps: 2, factor: 0.5 }) } });
    expect(trainer.options.optimizer).toMatchObject({ kind: "sgd", learningRate: 0.1, momentum: 0.9, nesterov: true });
    expect(() => trainer.set({ optimizer: { momentum: 0 } })).toThrow(/"momentum" can change, but not from or to 0/);
    expect(() => trainer.set({ optimizer: { betas: [0.5, 0.9] } })).toThrow(
      /sgd has no option "betas"; it has.*momentum/,
    );
    expect(() => trainer.set({ optimizer: { momentum: 1 } })).toThrow(
      /"momentum" must be at least 0 and below 1, got 1/,
    );
    expect(trainer.options.optimizer).toMatchObject({ momentum: 0.9 });
    await trainer.step(1);
  });

  it("puts other rows into a table, for training and for scores that stay on the GPU", async () => {
    const other = rows({ data: normals(3, 30 * 3), columns: 3 }, { data: normals(4, 30 * 2), columns: 2 });
    using changed = await createTrainer(gpu, { ...small, source: table() });
    using direct = await createTrainer(gpu, { ...small, source: other });
    changed.set({ table: other.data });
    for (const each of [changed, direct]) await each.step(3);
    expect(await bits(changed)).toEqual(await bits(direct));
    const scorer = await changed.scorer({ batch: 2 });
    try {
      const named = Uint32Array.of(0, 7, 29, 3);
      scorer.name(named);
      scorer.refresh();
      const kept = new Float32Array(await gpu.read(scorer.scores));
      expect([...kept]).toEqual([...(await scorer.score([named]))[0]!]);
      await changed.step(3);
      scorer.refresh();
      expect([...new Float32Array(await gpu.read(scorer.scores))]).not.toEqual([...kept]);
    } finally {
      scorer.dispose();
    }
    expect(() => changed.set({ table: new Float32Array(3) })).toThrow(/must keep its 30 × 5 values, got 3/);
  });

  it("refuses what does not fit, and keeps what was there", async () => {
    using trainer = await createTrainer(gpu, { ...small, replicas: 2 });
    expect(() => trainer.set({ table: new Float32Array(3) })).toThrow(/only a table source/);
    expect(() => trainer.set({ rho: 0.5 })).toThrow(/only a Gaussian source/);
    expect(() => trainer.set({ estimator: { lambda: [1, 2, 3] } })).toThrow(/"lambda" has 3 values for 2 replicas/);
    trainer.set({ optimizer: { learningRate: 0.1 } });
    await trainer.step(1);
  });
});

describe("options that cannot be", () => {
  const bad: [string, () => unknown, RegExp][] = [
    [
      "no replicas",
      () => createTrainer(gpu, { ...small, replicas: 0 }),
      /"replicas" must be a positive integer, got 0/,
    ],
    [
      "half a window",
      () => createTrainer(gpu, { ...small, window: 1.5 }),
      /"window" must be a positive integer, got 1.5/,
    ],
    [
      "an unknown end",
      () => createTrainer(gpu, { ...small, expectedSteps: Number.NaN }),
      /"expectedSteps" must be a positive integer, got NaN/,
    ],
    ["an empty batch", () => createTrainer(gpu, { ...small, pairs: { ...pairs, joint: 0 } }), /"pairs.joint" must be/],
    [
      "one pair and all others",
      () => createTrainer(gpu, { ...small, pairs: { joint: 1, negatives: "all" } }),
      /at most 0 other pairings.*independent/,
    ],
    [
      "more shifts than pairs",
      () => createTrainer(gpu, { ...small, pairs: { ...pairs, perJoint: 6 } }),
      /at most 5 other pairings, but "perJoint" is 6/,
    ],
    [
      "batch sizes for other replicas",
      () => createTrainer(gpu, { ...small, replicas: 3, pairs: { ...pairs, batch: [1, 2] } }),
      /"pairs.batch" has 2 batch sizes for 3 replicas/,
    ],
    [
      "a batch larger than what is drawn",
      () => createTrainer(gpu, { ...small, pairs: { ...pairs, batch: [7] } }),
      /"pairs.batch" must hold integers from 1 to the 6 of "pairs.joint", got 7/,
    ],
    [
      "a part of pairs that are all partners",
      () => createTrainer(gpu, { ...small, pairs: { joint: 6, negatives: "all", batch: [3] } }),
      /"pairs.batch" takes a part.*a trainer for each batch size/s,
    ],
    [
      "several batch sizes in the resident engine",
      () => createTrainer(gpu, { ...small, engine: "resident", pairs: { ...pairs, batch: [3] } }),
      /resident engine has one batch size.*engine: "layered"/,
    ],
    [
      "streams for other replicas",
      () => createTrainer(gpu, { ...small, replicas: 2, streams: [0] }),
      /"streams" names 1 streams for 2 replicas/,
    ],
    [
      "rho for other replicas",
      () => createTrainer(gpu, { ...small, replicas: 3, source: gaussian({ dims: 1, rho: [[0], [0.5]] }) }),
      /"rho" has 2 entries/,
    ],
    [
      "columns for other replicas",
      () => createTrainer(gpu, { ...small, replicas: 3, source: table({ picks: [[0], [1]] }) }),
      /"picks" has 2 entries/,
    ],
    ["a critic without layers", () => mlp([]), /at least one layer/],
    [
      "an activation that is not there",
      () => mlp([8], { activation: "gelu" as "elu" }),
      /"activation" must be one of relu, leaky-relu, silu, elu, tanh, got "gelu"/,
    ],
    [
      "an initialisation that is not there",
      () => mlp([8], { initialisation: "xavier" as "glorot" }),
      /"initialisation" must be one of torch, glorot, .*normal, got "xavier"/,
    ],
    [
      "a beta of 1",
      () => createTrainer(gpu, { ...small, optimizer: adam({ betas: [0.9, 1] }) }),
      /"betas\[1\]" must be at least 0 and below 1, got 1/,
    ],
    [
      "an epsilon of 0",
      () => createTrainer(gpu, { ...small, optimizer: adam({ epsilon: 0 }) }),
      /"epsilon" must be a number above 0, got 0/,
    ],
    [
      "a negative clipNorm",
      () => createTrainer(gpu, { ...small, optimizer: adam({ clipNorm: -1 }) }),
      /"clipNorm" must be a number of at least 0, got -1/,
    ],
    [
      "a look ahead along no momentum",
      () => createTrainer(gpu, { ...small, optimizer: sgd({ nesterov: true }) }),
      /"nesterov" needs a "momentum" above 0/,
    ],
    [
      "an option of another optimizer",
      () => adam({ momentum: 0.9 } as object),
      /adam has no option "momentum"; it has .*betas/,
    ],
    ["half a step", () => cosine({ steps: 0.5 }), /"steps" of cosine must be an integer larger than its "warmup" of 0/],
    [
      "a warm-up as long as the run",
      () => linear({ steps: 10, warmup: 10 }),
      /"steps" of linear must be an integer larger than its "warmup" of 10, got 10/,
    ],
    ["a negative warm-up", () => constant({ warmup: -1 }), /"warmup" must be an integer of at least 0, got -1/],
    ["a period of 0", () => staircase({ steps: 0, factor: 0.1 }), /"steps" of staircase must be a positive integer/],
    ["a factor of 0", () => exponential({ steps: 5, factor: 0 }), /"factor" of exponential must be above 0/],
    ["a layer of no width", () => mlp([8, 0]), /positive integer, got 0/],
    [
      "an estimator that is not there",
      () => estimatorByName("mime"),
      /no estimator "mime".*donsker-varadhan.*mine.*remine/,
    ],
    ["a source without correlation", () => gaussian({ dims: 2 }), /needs either "mi" or "rho"/],
    ["a correlation of 1", () => gaussian({ dims: 2, rho: 1 }), /between -1 and 1, got 1/],
    ["one category", () => oneHot(1), /at least 2, got 1/],
  ];
  it.each(bad)("%s", async (_, call, message) => {
    const failure = (async () => await call())();
    await expect(failure).rejects.toThrow(InputError);
    await expect(failure).rejects.toThrow(message);
  });

  test("know their exit codes", () => {
    expect(
      [new InputError(""), new LimitError(""), new DeviceLostError(""), new InterruptedError("")].map(
        (e) => e.exitCode,
      ),
    ).toEqual([2, 2, 1, 130]);
  });
});
