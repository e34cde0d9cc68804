/** What a trainer promises: the same bits however it is run, state that can be saved, errors that say what to do. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  adam,
  correlationFor,
  createTrainer,
  DeviceLostError,
  donskerVaradhan,
  type Gpu,
  gaussian,
  InputError,
  InterruptedError,
  LimitError,
  mine,
  mlp,
  NonFiniteError,
  oneHot,
  open,
  remine,
  rows,
  sgd,
  type Trainer,
  type TrainerOptions,
} from "../src/index.ts";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await open();
});
afterAll(() => gpu.dispose());

const small: TrainerOptions = {
  source: gaussian({ dims: 2, mi: 1 }),
  pairs: { joint: 16, negatives: "shuffle" },
  critic: mlp([12, 9], { activation: "silu" }),
  window: 20,
};

const bits = async (trainer: Trainer) => new Uint32Array(await trainer.gpu.read(trainer.params));
const parameters = async (trainer: Trainer) => new Float32Array(await trainer.gpu.read(trainer.params));

async function trained(options: TrainerOptions, chunks: readonly number[]): Promise<Uint32Array> {
  using trainer = await createTrainer(gpu, options);
  for (const count of chunks) await trainer.step(count);
  return bits(trainer);
}

describe("the same bits", () => {
  it.each([
    ["adam", adam({ learningRate: 0.01, clipNorm: 1, weightDecay: 0.1, decaySteps: 50 })],
    ["sgd", sgd({ learningRate: 0.1 })],
  ])("whether replicas run together or alone (%s)", async (_, optimizer) => {
    const options = { ...small, optimizer, estimator: mine(), replicas: 8, seed: 3 };
    const together = await trained(options, [30]);
    const stride = together.length / 8;
    for (const r of [0, 3, 7]) {
      const alone = await trained({ ...options, replicas: 1, streams: [r] }, [30]);
      expect(alone).toEqual(together.slice(r * stride, (r + 1) * stride));
    }
    expect(together.slice(0, stride)).not.toEqual(together.slice(stride, 2 * stride));
  });

  it("however the steps are cut into chunks", async () => {
    const whole = await trained({ ...small, seed: 4 }, [40]);
    expect(await trained({ ...small, seed: 4 }, Array(40).fill(1))).toEqual(whole);
    expect(await trained({ ...small, seed: 4 }, [1, 7, 2, 29, 1])).toEqual(whole);
    expect(await trained({ ...small, seed: 5 }, [40])).not.toEqual(whole);
  });

  it.each([
    ["adam", adam({ learningRate: 0.01 })],
    ["sgd", sgd()],
  ])("after save and load (%s)", async (_, optimizer) => {
    const options = { ...small, optimizer, estimator: mine(), replicas: 3, seed: 6 };
    using first = await createTrainer(gpu, options);
    await first.step(25);
    const saved = await first.save();
    await first.step(25);
    using second = await createTrainer(gpu, options);
    second.load(saved);
    expect(second.steps).toBe(25);
    await second.step(25);
    expect(await bits(second)).toEqual(await bits(first));
    expect((await second.read()).averages).toEqual((await first.read()).averages);
    using other = await createTrainer(gpu, { ...options, replicas: 2 });
    expect(() => other.load(saved)).toThrow(InputError);
    expect(() => other.load(new Uint8Array(40))).toThrow(InputError);
  });
});

describe("per-replica parameters", () => {
  it("reach their replica and no other", async () => {
    // The same stream: replicas that differ do so by their parameters alone.
    const options = { ...small, replicas: 3, streams: [0, 0, 0] };
    const apart = async (changes: Partial<TrainerOptions>) => {
      using trainer = await createTrainer(gpu, { ...options, ...changes });
      await trainer.step(5);
      const all = await parameters(trainer);
      const stride = all.length / 3;
      const replica = (r: number) => all.slice(r * stride, (r + 1) * stride);
      expect(replica(1)).toEqual(replica(0));
      expect(replica(2)).not.toEqual(replica(0));
    };
    await apart({ estimator: remine({ lambda: [0.1, 0.1, 2] }) });
    await apart({ estimator: remine({ C: [0, 0, 2] }) });
    await apart({ estimator: mine({ emaRate: [0.1, 0.1, 0.9] }) });
    await apart({ optimizer: adam({ learningRate: [0.01, 0.01, 0.02] }) });
    await apart({ optimizer: adam({ weightDecay: [0.1, 0.1, 1] }) });
    await apart({ source: gaussian({ dims: 2, rho: [[0.1], [0.1], [0.9]] }) });
  });

  it("can be changed between steps", async () => {
    using still = await createTrainer(gpu, { ...small, optimizer: sgd({ learningRate: 0.1 }) });
    await still.step(3);
    still.set({ optimizer: { learningRate: 0 } });
    const before = await bits(still);
    await still.step(3);
    expect(await bits(still)).toEqual(before);
    expect(() => still.set({ rho: 1 })).toThrow(/between -1 and 1/);
  });
});

describe("the averages over the window", () => {
  it.each([
    ["not yet full", 13],
    ["full", 20],
    ["overfull", 50],
  ])("are those of the last steps: window %s", async (_, count) => {
    using trainer = await createTrainer(gpu, { ...small, replicas: 2 });
    await trainer.step(count);
    const { averages, trace } = await trainer.read();
    averages.forEach((average, r) => {
      const last = (values: Float32Array) => Array.from(values.slice(-20));
      const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
      const joint = mean(last(trace[r]!.joint));
      const pooled = Math.log(mean(last(trace[r]!.logPartition).map(Math.exp)));
      expect(average.steps).toBe(Math.min(count, 20));
      expect(average.macro).toBeCloseTo(mean(last(trace[r]!.value)), 5);
      expect(average.micro).toBeCloseTo(joint - pooled, 5);
      expect(average.logPartition).toBeCloseTo(pooled, 5);
      expect(trace[r]!.value).toHaveLength(count);
      expect(trace[r]!.value.every(Number.isFinite)).toBe(true);
    });
  });
});

describe("a value that is not finite", () => {
  const exploding = {
    ...small,
    estimator: donskerVaradhan(),
    optimizer: sgd({ learningRate: [0.01, 1e30] }),
    replicas: 2,
  };

  it("stops the run and names step and replica", async () => {
    using trainer = await createTrainer(gpu, exploding);
    const error = await trainer.step(50).catch((caught) => caught);
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(error.message).toMatch(/step \d+ in replica 1.*learning rate/s);
  });

  it("or skips that update, when asked to", async () => {
    using trainer = await createTrainer(gpu, { ...exploding, nonFinite: "skip" });
    await trainer.step(50);
    const all = await parameters(trainer);
    expect(all.subarray(0, all.length / 2).every(Number.isFinite)).toBe(true);
  });
});

describe("a stop", () => {
  it("by signal leaves a trainer that goes on", async () => {
    using trainer = await createTrainer(gpu, small);
    const controller = new AbortController();
    const stopped = trainer.step(5000, { onProgress: () => controller.abort(), signal: controller.signal });
    await expect(stopped).rejects.toThrow(InterruptedError);
    const done = trainer.steps;
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(5000);
    await trainer.step(5);
    expect(trainer.steps).toBe(done + 5);
  });

  it("by a lost device rejects with DeviceLostError, also later calls", async () => {
    using doomed = await open();
    const trainer = await createTrainer(doomed, small);
    const call = trainer.step(100000, { onProgress: () => doomed.device.destroy() });
    await expect(call).rejects.toThrow(DeviceLostError);
    await expect(trainer.step(1)).rejects.toThrow(DeviceLostError);
    trainer.dispose();
  });
});

describe("disposal", () => {
  /** Counts the buffers that are open while `work` runs. */
  async function leaked(work: () => Promise<unknown>): Promise<number> {
    const { device } = gpu;
    const create = device.createBuffer;
    let count = 0;
    device.createBuffer = (descriptor) => {
      const buffer = create.call(device, descriptor);
      const destroy = buffer.destroy;
      count++;
      buffer.destroy = () => {
        count--;
        buffer.destroy = destroy;
        return destroy.call(buffer);
      };
      return buffer;
    };
    try {
      await work();
      return count;
    } finally {
      device.createBuffer = create;
    }
  }

  it("frees every buffer, also of a trainer that could not be made", async () => {
    expect(
      await leaked(async () => {
        using trainer = await createTrainer(gpu, small);
        await trainer.step(2);
        await trainer.read();
        await trainer.save();
      }),
    ).toBe(0);
    expect(
      await leaked(async () => {
        const huge = createTrainer(gpu, { ...small, critic: mlp([64, 1 << 22]) });
        await expect(huge).rejects.toThrow(LimitError);
      }),
    ).toBe(0);
  });

  it("ends a trainer and a GPU for good, but not a device that was handed in", async () => {
    const trainer = await createTrainer(gpu, small);
    trainer.dispose();
    trainer.dispose();
    await expect(trainer.step(1)).rejects.toThrow(/disposed/);

    const guest = await open({ device: gpu.device });
    guest.dispose();
    await expect(createTrainer(guest, small)).rejects.toThrow(/disposed/);
    using alive = await createTrainer(gpu, small);
    await alive.step(1);
  });
});

describe("options that cannot work are refused by name", () => {
  const table = rows({ data: new Float32Array(8), columns: 1 }, { data: new Float32Array(8), columns: 1 });
  it.each<[string, () => Promise<unknown>, RegExp]>([
    ["replicas", () => createTrainer(gpu, { ...small, replicas: 0 }), /"replicas" must be a positive integer, got 0/],
    ["joint", () => createTrainer(gpu, { ...small, pairs: { joint: 1.5, negatives: "all" } }), /"pairs.joint".*1.5/],
    [
      "pairings",
      () => createTrainer(gpu, { ...small, pairs: { joint: 4, negatives: "shuffle", perJoint: 4 } }),
      /at most 3 other pairings/,
    ],
    ["streams", () => createTrainer(gpu, { ...small, streams: [1, 2] }), /2 streams for 1 replicas/],
    [
      "lambda",
      () => createTrainer(gpu, { ...small, estimator: remine({ lambda: [1, 2] }) }),
      /"lambda" has 2 values for 1/,
    ],
    ["rho", async () => gaussian({ dims: 1, rho: 1 }), /between -1 and 1/],
    ["mi or rho", async () => gaussian({ dims: 1 }), /either "mi" or "rho"/],
    ["dims", async () => gaussian({ dims: 0, mi: 1 }), /"dims" must be a positive integer/],
    ["categories", async () => oneHot(1), /"categories" must be an integer of at least 2/],
    ["hidden", async () => mlp([]), /at least one layer width/],
    [
      "pairs of rows",
      () =>
        createTrainer(gpu, {
          ...small,
          source: { ...table, pairs: [new Uint32Array(2), new Uint32Array(2)] },
          replicas: 3,
        }),
      /"pairs" has 2 entries/,
    ],
    [
      "scores without a table",
      async () => (await createTrainer(gpu, small)).scorer({ batch: 4 }),
      /only a trainer on a table/,
    ],
  ])("%s", async (_, call, message) => {
    await expect(call()).rejects.toThrow(message);
  });

  it("a buffer over the limit names the limit, the value and what would fit", async () => {
    const huge = createTrainer(gpu, { ...small, critic: mlp([64, 1 << 22]) });
    await expect(huge).rejects.toThrow(
      /would take \d+ MiB, but this adapter binds at most \d+ MiB \(maxStorageBufferBindingSize\).*would fit with 1\/\d+/s,
    );
  });
});

it("I = -(d/2) ln(1 - rho^2) and back", () => {
  for (const [mi, dims, rho] of [
    [2, 20, 0.425757],
    [10, 20, 0.79506],
    [0.413339, 1, 0.75],
  ] as const) {
    expect(correlationFor(mi, dims)).toBeCloseTo(rho, 5);
  }
});
