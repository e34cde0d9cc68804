/** The bench's parts that measure nothing: workloads, tables, the documentation's section, the float64 checks. */
import { spawnSync } from "node:child_process";
import { describe, expect, it as test } from "vitest";
import { gpu, it } from "./gpu.ts";

// biome-ignore lint/suspicious/noExplicitAny: the bench is plain JavaScript
type Module = Record<string, any>;
const load = (file: string): Promise<Module> => import(new URL(`../bench/${file}`, import.meta.url).href);
const [workloads, table, check, library] = await Promise.all(
  ["workloads.mjs", "table.mjs", "check.mjs", "dist/library.js"].map(load),
);

describe("workloads", () => {
  test("count the operations that PERF figures are based on", () => {
    const counts = ["W1", "W2", "W3x1", "W4x1", "W7"].map((name) => library!.operationsOf(library!.steps[name]));
    expect(counts.map((n) => Number((n / 1e6).toPrecision(3)))).toEqual([55.8, 1780, 6.52, 6.86, 45600]);
  });

  test("count a convolution as the matrix product that it is", () => {
    const dims = {
      images: 3,
      height: 9,
      width: 7,
      channels: 8,
      out_height: 5,
      out_width: 4,
      out_channels: 16,
      size: 3,
    };
    const counted = (kernel: string) => library!.operations({ kernel, bindings: { dims } }, { replicas: 2 });
    for (const kernel of ["forward_conv", "backward_conv", "backward_conv_weight"])
      expect(counted(kernel)).toBe(2 * 2 * (3 * 5 * 4) * (3 * 3 * 8) * 16);
    expect(counted("forward_pool")).toBe(0);
  });

  test("list the weights that their critics have", () => {
    for (const name of ["W1", "W4x1", "W7"]) {
      const w = library!.steps[name];
      const listed = library!.matricesOf(w).map(({ pixels, ...matrix }: { pixels: number }) => matrix);
      expect(library!.optionsOf(library, w).critic.layers(w.x, w.y)).toMatchObject(listed);
    }
  });

  test("are chosen by name, and a wrong name is said", () => {
    const { names } = workloads!;
    expect(library!.chosen("W1, W5", [], names)).toEqual(["W1", "W5"]);
    expect(library!.chosen(undefined, ["W6"], names)).toEqual(["W6"]);
    expect(() => library!.chosen("W1,W9", [], names)).toThrow('there is no "W9"; choose from W1, W2');
    expect(library!.usual(true, names)).not.toContain("W3x4096");
    expect(library!.usual(false, names)).toContain("W3x4096");
  });

  test("a wrong name ends the bench before anything is installed or measured", () => {
    const { status, stderr } = spawnSync(process.execPath, ["bench/run.mjs", "--peers", "tensorflow"], {
      encoding: "utf8",
    });
    expect(status).not.toBe(0);
    expect(stderr).toContain('there is no "tensorflow"; choose from tfjs, jaxjs, torch, jax');
  });
});

const spread = (median: number) => ({ median, least: median / 2, most: 2 * median, runs: 5 });
const result = {
  machine: {
    ...{ adapter: "llvmpipe: Mesa 25 (LLVM 15)", cores: 2, cpu: "AMD EPYC", commit: "abc1234" },
    ...{ date: "2026-01-02T03:04:05Z", loadBefore: 0.04 },
  },
  settings: { runs: 5, seconds: 0.4 },
  peers: {
    torch: { name: "PyTorch", version: "2.13.0" },
    "jaxjs-webgpu": { name: "jax-js, webgpu", version: "0.1.25" },
    "jaxjs-wasm": { name: "jax-js, wasm", version: "0.1.25" },
  },
  absent: ["no Python with numpy and jax was found"],
  steps: {
    W1: {
      ...{ engine: "layered", gflops: 25.04, load: 0.1, own: { ...spread(452.3), perCpuSecond: 240 } },
      peers: { "jaxjs-webgpu": spread(64), torch: { ...spread(1331), mode: "eager", threads: 2 } },
    },
    W3x16: {
      engine: "resident",
      gflops: 50,
      load: 0.1,
      own: { ...spread(7598), perCpuSecond: 4e3 },
      peers: { torch: spread(10826) },
    },
  },
  matrix: { W5: { what: "matrix, 64 columns × 2000 rows, no permutations", ...spread(122), pairs: 1008, of: 2016 } },
  peaks: { flops: 2e11, bytes: 9e9, memory: 4e9, method: "timestamp queries" },
  first: { cold: 3.96, warm: 0.44 },
};

describe("tables", () => {
  test("have a column per peer that took part, and a dash where it did not", () => {
    expect(table!.stepTable(JSON.parse(JSON.stringify(result)))).toBe(
      [
        "| workload | steps/s | jax-js, WebGPU | PyTorch |",
        "| --- | ---: | ---: | ---: |",
        "| W1 | 452 | 7.1× | 0.34× |",
        "| W3x16 | 7600 | – | 0.7× |",
      ].join("\n"),
    );
  });

  test("the documentation's part says on what, when, how, and how much of W5", () => {
    const section = table!.readmeSection(JSON.parse(JSON.stringify(result)));
    expect(section).toContain("llvmpipe: Mesa 25 (LLVM 15), 2 × AMD EPYC, commit abc1234, 2026-01-02, load 0.0");
    expect(section).toContain("Medians of 5 runs");
    expect(section).toContain("Beside PyTorch 2.13.0, jax-js 0.1.25, each");
    expect(section).toContain("122 pairs/s (1008 of 2016 pairs).");
    expect(section).toContain("200 GFLOP/s, 9 GB/s");
    expect(section).toContain("4.0 s with empty shader caches, 0.4 s with warm ones");
    expect(section).not.toContain("short run");
    expect(table!.readmeSection({ ...result, settings: { runs: 1 } })).toContain("short run");
  });

  test("the terminal's end names what is missing, and files are named after adapters", () => {
    expect(table!.summary(result)).toContain("not measured: no Python with numpy and jax was found");
    expect(table!.stepLines("W1", result.steps.W1)).toMatch(
      /452 steps\/s.*\n.*jax-js, WebGPU +64 +7\.1×\n.*0\.34× {2}\(eager, 2 threads\)/,
    );
    expect(table!.fileNameOf("llvmpipe (LLVM 15.0.6, 256 bits)")).toBe("llvmpipe.json");
    expect(table!.fileNameOf("NVIDIA H100 80GB HBM3")).toBe("nvidia-h100-80gb-hbm3.json");
  });

  test("what was predicted stands beside what was measured", () => {
    expect(library!.stepLine("W1", { ...result.steps.W1, predicted: 500 })).toContain(
      "layered, 0.905 of 500 predicted",
    );
    expect(library!.stepLine("W1", result.steps.W1)).not.toContain("predicted");
    const kernel = { kernel: "step_adam", workgroups: "1 x 1 x 1", microseconds: 30, predicted: 20 };
    const rates = { gflops: 1, gbytes: 2, ofFlops: 0.1, ofBytes: 0.2 };
    const table = library!.kernelTable({ kernels: { W1: [{ ...kernel, ...rates }] }, peaks: result.peaks });
    expect(table).toContain("W1: 30 µs a step, dispatch by dispatch; predicted 20 µs");
    expect(table).toMatch(/step_adam +1 x 1 x 1 +30 µs +100 % +20 µs predicted +1\.5× +1 GFLOP/);
  });

  test("memory is said where a peer says its own", () => {
    const torch = { ...spread(0.4), mode: "eager", first: "whole", layout: "channels last", memory: 192_396_260 };
    const w7 = { ...result.steps.W1, memory: 261_561_072, peers: { torch } };
    const said = "our buffers take 262 MB, at the peak of a step PyTorch's 192 MB";
    expect(table!.stepLines("W7", w7)).toMatch(/\(eager, first layer whole, channels last\)\n +our buffers.*192 MB$/);
    expect(table!.readmeSection({ ...result, steps: { W7: w7 } })).toContain(`W7: ${said}.`);
    expect(table!.readmeSection(result)).not.toContain("buffers");
  });

  test("a run made in parts is one result, unless it is of another commit", () => {
    const { machine } = result;
    const part = {
      ...result,
      absent: ["no jax"],
      steps: { W1: { own: spread(500), peers: {} } },
      kernels: { W1: [] },
      minutes: 2,
    };
    const whole = table!.added({ ...result, minutes: 1 }, part);
    expect(whole.steps.W1.own.median).toBe(500);
    expect(whole.steps.W3x16).toEqual(result.steps.W3x16);
    expect(whole).toMatchObject({ minutes: 3, matrix: result.matrix, kernels: { W1: [] } });
    expect(whole.absent).toHaveLength(2);
    expect(() => table!.added(result, { ...part, machine: { ...machine, commit: "other" } })).toThrow(
      /--add: .*commit "abc1234"/,
    );
  });

  test("medians and figures", () => {
    expect(library!.spread([5, 1, 3, 2, 4])).toEqual({ median: 3, least: 1, most: 5, runs: 5 });
    expect([12345, 452.3, 0.3398].map(library!.figure)).toEqual(["12300", "452", "0.34"]);
  });
});

describe("checks", () => {
  const small = { ...(gpu && library!.steps.W4x1), hidden: [5], joint: 6, x: 4, y: 4 };

  test("a peer is held to the objective and to its gain in one step, in every replica", () => {
    const answer = check!.answerOf(small);
    expect(answer.gain).toBeGreaterThan(0.01);
    const { objective, gain } = answer;
    const said = (before: number, after: number) => ({ before: [objective, before], after: [objective + gain, after] });
    expect(check!.checkPeer(said(objective, objective + gain), answer).gain).toBeLessThan(1e-9);
    expect(() => check!.checkPeer(said(objective * 1.001, objective + gain), answer)).toThrow("its objective is");
    expect(() => check!.checkPeer(said(objective, objective + 0.9 * gain), answer)).toThrow("its first step gains");
  });

  // The same shape, one with Adam and all pairs, one with gradient ascent and rows of their own.
  it.each<[string, Module]>([
    ["W4x1", {}],
    ["W4x1", { engine: "auto", replicas: 2 }],
    ["W1", { negatives: "all", hidden: [7, 5], x: 3, y: 3, replicas: 2 }],
    ["W7", { joint: 3, x: 36, y: 36 }],
  ])(
    "the library's own step is held to float64, and a wrong rule is found: %s, %o",
    async (name, { engine, ...shape }) => {
      const w = { ...library!.steps[name], ...(name === "W4x1" ? small : {}), joint: 6, ...shape };
      using trainer = await library!.createTrainer(gpu, { ...library!.optionsOf(library, w), engine });
      const errors = await check!.checkTrainer(library, gpu, trainer, w);
      expect(errors.gradient).toBeLessThan(1e-4);
      expect(errors.value).toBeGreaterThan(0);
      const wrong = { ...w, rate: 1.1 * w.rate };
      await expect(check!.checkTrainer(library, gpu, trainer, wrong)).rejects.toThrow(
        /the (gradient|update) is off by/,
      );
    },
  );
});

describe("remine bench", () => {
  const bench = (...args: string[]) =>
    spawnSync(process.execPath, ["dist/cli.js", "bench", ...args], { encoding: "utf8" });

  it("measures steps and kernels", () => {
    const args = ["--only", "W4x1", "--runs", "1", "--seconds", "0.01", "--json"];
    const { stdout, stderr, status } = bench(...args);
    expect(status, stderr).toBe(0);
    const { steps, kernels, peaks } = JSON.parse(stdout);
    expect(Object.keys(steps)).toEqual(["W4x1"]);
    expect(steps.W4x1.own.median).toBeGreaterThan(0);
    expect(peaks.flops).toBeGreaterThan(0);
    const names = kernels.W4x1.map(({ kernel }: { kernel: string }) => kernel);
    expect(names).toEqual(expect.arrayContaining(["gather_batch", "forward_linear", "step_sgd"]));
    for (const { microseconds, predicted } of kernels.W4x1) {
      expect(microseconds).toBeGreaterThan(0);
      expect(predicted).toBeGreaterThan(0);
    }
    expect(steps.W4x1.predicted).toBeGreaterThan(0);
  });

  test("a workload that is none is bad input", () => {
    const { status, stderr } = bench("--only", "W9");
    expect(status).toBe(2);
    expect(stderr).toContain('--only: there is no "W9"; choose from W1, W2');
  });
});
