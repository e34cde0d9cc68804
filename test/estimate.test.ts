/**
 * The estimate from end to end, on data whose MI is known. Seeds are fixed, so a test either always passes on an adapter
 * or never; each band says where it comes from. Short training keeps the suite fast on SwiftShader.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { estimate, type Gpu, InterruptedError, open, type TrainedResult } from "../src/index.ts";

let gpu: Gpu;
beforeAll(async () => {
  gpu = await open();
});
afterAll(() => gpu.dispose());

/** Uniform numbers by mulberry32, normals by Box and Muller. */
function random(seed: number) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()) };
}

function correlated(rows: number, dims: number, rho: number, seed: number) {
  const { normal } = random(seed);
  const x = Array.from({ length: rows }, () => Array.from({ length: dims }, normal));
  const y = x.map((row) => row.map((v) => rho * v + Math.sqrt(1 - rho * rho) * normal()));
  return { x, y };
}

const short = { folds: 3, restarts: 1, hidden: [32, 32], steps: 300, batch: 128, learningRate: 4e-3 };

describe("a bivariate normal, rho 0.75", () => {
  const { x, y } = correlated(2000, 1, 0.75, 1);
  let result: TrainedResult;
  beforeAll(async () => {
    result = await estimate(x, y, { gpu, ...short });
  });

  it("is found: 0.4133 nats", () => {
    // Sampling error of the mean log ratio is 0.75 / sqrt(2000) = 0.017; three of them, and 0.02 for short training.
    expect(Math.abs(result.mi - 0.4133)).toBeLessThan(0.07);
    expect(result.interval[0]).toBeLessThan(0.4133);
    expect(result.interval[1]).toBeGreaterThan(0.4133);
    expect(result.standardError).toBeGreaterThan(0.01);
    expect(result.standardError).toBeLessThan(0.03);
  });

  it("has pointwise scores that follow the log density ratio and average to the estimate", () => {
    const mean = result.pointwise.reduce((a, b) => a + b) / result.pointwise.length;
    expect(mean).toBeCloseTo(result.raw, 6);
    const truth = x.map(([a], i) => {
      const [u, v] = [a!, y[i]![0]!];
      return -0.5 * Math.log(1 - 0.5625) - (0.5625 * (u * u + v * v) - 1.5 * u * v) / (2 * 0.4375);
    });
    const error = truth.reduce((sum, t, i) => sum + Math.abs(t - result.pointwise[i]!), 0) / truth.length;
    expect(error).toBeLessThan(0.2);
  });

  it("scores new rows, near the held-out scores of the same rows", async () => {
    const fresh = await result.critics!.score(x.slice(0, 200), y.slice(0, 200));
    const gap = fresh.reduce((sum, t, i) => sum + Math.abs(t - result.pointwise[i]!), 0) / 200;
    expect(gap).toBeLessThan(0.15);
    await expect(result.critics!.score([[1, 2]], [[1]])).rejects.toThrow("trained on 1");
  });

  it("gives the same bits again", async () => {
    const again = await estimate(x, y, { gpu, ...short });
    expect(again.raw).toBe(result.raw);
    expect(again.pointwise).toEqual(result.pointwise);
  });

  it("says how it went", () => {
    expect(result.diagnostics.map((d) => d.name)).toContain("log-partition");
    for (const d of result.diagnostics) expect(d.message).toMatch(/\d/);
    expect(result.trace.value.length).toBeGreaterThan(0);
    expect(result.adapter).toBe(gpu.name);
  });
});

describe("no dependence", () => {
  it("is not invented from two independent columns", async () => {
    const { x, y } = correlated(2000, 1, 0, 3);
    const { mi, interval } = await estimate(x, y, { gpu, ...short });
    expect(mi).toBeLessThanOrEqual(0.01);
    expect(interval[0]).toBe(0);
  });

  it("is not invented from 300 rows of 5 + 5 columns", async () => {
    const { x, y } = correlated(300, 5, 0, 4);
    const { interval } = await estimate(x, y, { gpu, ...short });
    expect(interval[0]).toBe(0);
  });
});

describe("discrete columns", () => {
  it("equal columns of 16 categories share ln 16", async () => {
    const { uniform } = random(5);
    const x = Array.from({ length: 3000 }, () => Math.floor(16 * uniform()));
    const { mi, transforms } = await estimate(x, x, { gpu, ...short, hidden: [64], steps: 400, learningRate: 1e-2 });
    // Counting noise is below 0.01. The rest is for short training: the critic parts the categories by a margin that
    // grows like the logarithm of the steps, and e^-margin is missing from the estimate.
    expect(Math.abs(mi - Math.log(16))).toBeLessThan(0.1);
    expect(transforms.x[0]).toMatch(/one-hot/);
  });

  it("share no more than the logarithm of their levels, however few rows there are", async () => {
    const label = Array.from({ length: 24 }, (_, i) => i % 2);
    const { normal } = random(6);
    const y = label.map((level) => 2 * level + normal());
    const budget = { folds: 3, restarts: 1, hidden: [16], steps: 50 };
    const { interval, upperFrom } = await estimate(label, y, { gpu, ...budget });
    expect(interval[1]).toBeCloseTo(Math.log(2), 12);
    expect(upperFrom).toMatch(/logarithm of a side's levels, 0\.69 nats/);
  });
});

describe("training", () => {
  const { x, y } = correlated(1000, 1, 0.95, 5);
  const steps = async (weightDecay: number[]) => {
    const { validation } = await estimate(x, y, { gpu, ...short, restarts: 2, steps: 200, weightDecay });
    return validation.step.at(-1);
  };

  it("goes on as long again where some critics found what others did not", async () => {
    expect(await steps([0.1, 200])).toBeGreaterThan(200); // so much decay holds every second critic at 0
  });

  it("ends with its steps where all found something", async () => {
    expect(await steps([0.1, 0.1])).toBeLessThanOrEqual(200);
  });
});

describe("a call", () => {
  const { x, y } = correlated(400, 1, 0.5, 6);

  it("stops when its signal aborts, and leaves the GPU usable", async () => {
    const controller = new AbortController();
    const call = estimate(x, y, { gpu, ...short, onProgress: () => controller.abort(), signal: controller.signal });
    await expect(call).rejects.toThrow(InterruptedError);
    expect((await estimate(x, y, { gpu, ...short, steps: 20 })).rows).toBe(400);
  });

  it("frees every buffer, also when it is stopped", async () => {
    const { device } = gpu;
    const create = device.createBuffer.bind(device);
    let open = 0;
    device.createBuffer = (descriptor) => {
      const buffer = create(descriptor);
      const destroy = buffer.destroy.bind(buffer);
      open++;
      buffer.destroy = () => {
        open--;
        return destroy();
      };
      return buffer;
    };
    try {
      const result = await estimate(x, y, { gpu, ...short, steps: 20 });
      await result.critics!.score(x.slice(0, 20), y.slice(0, 20));
      const controller = new AbortController();
      const stop = { onProgress: () => controller.abort(), signal: controller.signal };
      await estimate(x, y, { gpu, ...short, ...stop }).catch(() => {});
      expect(open).toBe(0);
    } finally {
      device.createBuffer = create;
    }
  });

  it.each([
    ["an unknown estimator", { estimator: "mien" as "mine" }, /no estimator "mien".*remine/],
    ["a negative lambda", { lambda: -1 }, /"lambda" of remine must be/],
    ["a bad seed", { seed: 1.5 }, /"seed" must be/],
    ["too many folds", { folds: 200 }, /"folds" must lie between 2 and 100/],
    ["a bad width", { hidden: [0] }, /width must be a positive integer/],
    ["a bad confidence", { confidence: 2 }, /"confidence" must lie/],
    ["a batch of one", { batch: 1 }, /at most 0 other pairings/],
    ["a critic over the limits", { hidden: [60000, 60000] }, /maxStorageBufferBindingSize|workgroups/],
  ])("refuses %s by name", async (_, options, message) => {
    await expect(estimate(x, y, { gpu, ...short, ...options })).rejects.toThrow(message);
  });
});
