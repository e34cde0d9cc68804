/** What a step dispatches and moves, stated here so that nobody adds to it without knowing; and how long that takes on paper. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { paperAdapters, paperDevice } from "../bench/paper-device.ts";
import { countsOf, plansOf } from "../bench/plans.ts";
import { bytes, operations, threadsOf } from "../src/cli/bench/costs.ts";
import { h100, laptop, lavapipe, machineBy } from "../src/cli/bench/machines.ts";
import { predict, predictMatrix, predictPeer, predictStep } from "../src/cli/bench/predict.ts";
import { optionsOf, steps } from "../src/cli/bench/workloads.ts";
import { profileOf } from "../src/gpu/profile.ts";
import type { Dispatch } from "../src/gpu/program.ts";
import * as library from "../src/index.ts";

const plans = await plansOf(library);
const counts = countsOf(plans);

/** Dispatches and megabytes of a step, by workload (src/cli/bench/workloads.ts). */
const stated = {
  gpu: {
    W1: [13, 5.46],
    W2: [13, 63.5],
    W3x1: [1, 0.108],
    W3x16: [1, 1.72],
    W3x256: [1, 27.6],
    W3x4096: [1, 441],
    W4x1: [8, 1.33],
    W4x64: [8, 85.3],
  },
  software: {
    W1: [15, 5.46],
    W2: [15, 54.3],
    W3x1: [3, 0.164],
    W3x16: [3, 2.62],
    W3x256: [3, 41.9],
    W3x4096: [3, 671],
    W4x1: [11, 1.37],
    W4x64: [11, 87.8],
  },
};

describe("a step", () => {
  it("dispatches and moves what is stated", () => {
    const found = Object.entries(counts).map(([kind, ofKind]) => {
      const { W7: _, ...critics } = ofKind;
      const figures = Object.entries(critics).map(([name, { dispatches, bytes }]) => [
        name,
        [dispatches, Number((bytes / 1e6).toPrecision(3))],
      ]);
      return [kind, Object.fromEntries(figures)];
    });
    expect(Object.fromEntries(found)).toEqual(stated);
  });

  it("has a grid that WebGPU allows for ten thousands of critics", async () => {
    const options = { ...optionsOf(library, steps.W3x1!), engine: "layered" } as const;
    for (const adapter of Object.values(paperAdapters)) {
      const gpu = await library.open({ device: paperDevice(adapter) });
      for (const replicas of [16384, 40000]) {
        const trainer = await library.createTrainer(gpu, {
          ...options,
          pairs: { joint: 64, negatives: "shuffle" },
          replicas,
        });
        expect(Math.max(...trainer.plan().flatMap(({ workgroups }) => workgroups))).toBeLessThan(65536);
      }
      const many = await library.createTrainer(gpu, { ...options, replicas: 16384 }); // sums in two parts on a GPU
      expect(many.plan().length).toBeGreaterThan(10);
    }
  });

  it("is what the documentation predicts", () => {
    const file = new URL("../bench/predicted.json", import.meta.url);
    const { counts: documented } = JSON.parse(readFileSync(file, "utf8"));
    expect(documented, "run node build.mjs && node bench/predict.mjs && node scripts/readme.mjs").toEqual(counts);
  });
});

const tensor = (words: number) => ({ label: "", buffer: {} as GPUBuffer, bytes: 4 * words });
const layer = { rows: 100, inputs: 30, outputs: 20, offset: 0, stride: 4096, bias: 1, replicas: 3, sides: 1, apart: 0 };

function product(parts: number, workgroups: Dispatch["workgroups"]): Dispatch {
  const bindings = {
    dims: { ...layer, parts },
    ...{ input: tensor(3 * 100 * 30), d_output: tensor(3 * 100 * 20), d_params: tensor(parts * 3 * 4096) },
  };
  return { kernel: "backward_weight", slot: "register", overrides: {}, bindings, workgroups };
}

describe("counts", () => {
  it("of a layer's gradient are its own parameters, once a part", () => {
    const [one, four] = [product(1, [1, 1, 3]), product(4, [1, 1, 12])];
    expect(bytes(one, { replicas: 3 })).toBe(4 * 3 * (100 * 30 + 100 * 20 + 31 * 20));
    expect(bytes(four, { replicas: 3 })).toBe(4 * 3 * (100 * 30 + 100 * 20 + 4 * 31 * 20));
    expect(operations(four, { replicas: 3 })).toBe(2 * 3 * 100 * 30 * 20);
  });

  it("of layers side by side are both, with the biases that they have", () => {
    const line = product(1, [1, 1, 6]);
    const dims = { ...layer, parts: 1, sides: 2, bias: 2 };
    const both = { ...line, bindings: { dims, d_params: tensor(3 * 4096) } };
    expect(bytes(both, { replicas: 3 })).toBe(4 * 3 * (2 * 30 + 1) * 20);
    expect(operations(both, { replicas: 3 })).toBe(2 * 2 * 3 * 100 * 30 * 20);
  });

  it("take what is bound twice once, and what is updated twice", () => {
    const same = tensor(64);
    const add = { kernel: "backward_add", bindings: { d_branch: same, slope: same } } as const;
    expect(bytes(add, { replicas: 1 })).toBe(4 * 64);
    const step = { kernel: "step_sgd", bindings: { d_params: tensor(64), params: tensor(64) } } as const;
    expect(bytes(step, { replicas: 1 })).toBe(4 * 3 * 64);
  });

  it("know the threads of a workgroup from its shader", () => {
    for (const line of Object.values(plans).flatMap((ofKind) => Object.values(ofKind).flat())) {
      expect([8, 16, 32, 64, 128, 256], line.kernel).toContain(threadsOf(line));
    }
  });
});

describe("predictions", () => {
  const w = { ...steps.W1!, replicas: 3 };
  const microseconds = (line: Dispatch, machine = h100) => predict(line, w, machine).microseconds;

  it("beat no limit, on any machine", () => {
    for (const machine of [h100, laptop, lavapipe]) {
      for (const [name, plan] of Object.entries(plans[machine === lavapipe ? "software" : "gpu"])) {
        for (const line of plan) {
          const p = predict(line, steps[name]!, machine);
          expect(p.ideal, `${name}, ${line.kernel}`).toBeLessThan(p.microseconds);
          expect(p.microseconds).toBeGreaterThanOrEqual(1e6 * machine.dispatch);
        }
      }
    }
  });

  it("say that a sum cut into parts ends sooner where units are idle, and not where there are two", () => {
    const large = (parts: number) => {
      const line = product(parts, [1, 1, 3 * parts]);
      return { ...line, bindings: { ...line.bindings, dims: { ...layer, rows: 10_000, parts } } };
    };
    expect(microseconds(large(8))).toBeLessThan(microseconds(large(1)) / 4);
    expect(microseconds(large(8), lavapipe)).toBeGreaterThan(microseconds(large(1), lavapipe) / 2);
  });

  it("of a step are the sum of its dispatches, and none for one that takes many steps", () => {
    const plan = plans.gpu.W1!;
    const all = plan.reduce((sum, line) => sum + predict(line, steps.W1!, h100).microseconds, 0);
    expect(predictStep(plan, steps.W1!, h100).microseconds).toBeCloseTo(all, 6);
    const [resident] = plans.gpu.W3x16!;
    const alone = predict(resident!, steps.W3x16!, h100).microseconds;
    const step = predictStep([resident!], steps.W3x16!, h100);
    expect(step.microseconds).toBeCloseTo(alone - 1e6 * h100.dispatch, 6);
    expect(step.rate).toBeCloseTo((16 * 1e6) / step.microseconds, 6);
  });

  it("of others are near what an H200 measured", () => {
    // bench/NOTES.md, steps a second of all replicas.
    const measured = { W1: [9960, 28400], W2: [6140, 8710], W3x1: [13300, 25700], W3x16: [122_000, 388_000] };
    for (const [name, [torch, jax]] of Object.entries(measured)) {
      expect(Math.abs(Math.log(predictPeer("PyTorch, CUDA graph", steps[name]!, h100) / torch!))).toBeLessThan(0.4);
      expect(Math.abs(Math.log(predictPeer("JAX, scan", steps[name]!, h100) / jax!))).toBeLessThan(0.4);
    }
  });

  it("of a matrix are the host's where the device is fast", () => {
    const work = { rows: 2000, neighbors: 3, permutations: 0, whole: false };
    expect(predictMatrix(work, h100).rate).toBeGreaterThan(7000);
    expect(predictMatrix(work, h100).rate).toBeLessThan(8001);
    expect(predictMatrix(work, lavapipe).deviceRate).toBeLessThan(8000);
  });

  it("take an adapter by its profile and its peaks", () => {
    const peaks = { flops: 1e12, bytes: 2e11, memory: 1e11, dispatch: 5e-6 };
    const gpu = machineBy(profileOf({ isSoftware: false, subgroupSize: 32 }), peaks, 8);
    expect(gpu).toMatchObject({ flops: 1e12, memory: 1e11, dispatch: 5e-6, units: 128, round: h100.round });
    const cpu = machineBy(profileOf({ isSoftware: true, subgroupSize: 8 }), peaks, 8);
    expect(cpu).toMatchObject({ units: 8, round: 0, reaches: lavapipe.reaches });
  });
});
