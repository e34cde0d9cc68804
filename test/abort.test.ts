/** Every wait ends soon after an abort, whatever is being done, and the GPU can be used afterwards. */
import { afterEach, describe, expect, it as test } from "vitest";
import { InterruptedError } from "../src/errors.ts";
import { estimate } from "../src/estimate/estimate.ts";
import type { EstimateOptions } from "../src/estimate/options.ts";
import { open } from "../src/gpu/device.ts";
import { dispatch, Program } from "../src/gpu/program.ts";
import { matrix } from "../src/matrix/matrix.ts";
import { neighbors } from "../src/neighbors/neighbors.ts";
import { gpu, it, normals } from "./gpu.ts";

/** Milliseconds that a wait may go on. A machine that does something else at the time may take longer once. */
const SOON = 200;
const reason = new Error("the test has seen enough");

/** Aborts some milliseconds after `work` begins, and says how long it went on. */
async function abortedAfter(milliseconds: number, work: (signal: AbortSignal) => Promise<unknown>): Promise<number> {
  const controller = new AbortController();
  let due = 0;
  const timer = setTimeout(() => controller.abort(reason), milliseconds);
  due = performance.now() + milliseconds;
  const failure = await work(controller.signal).then(
    () => undefined,
    (error: unknown) => error,
  );
  clearTimeout(timer);
  if (failure === undefined) return Number.NaN; // it was done before
  expect(failure).toBeInstanceOf(InterruptedError);
  expect((failure as Error).cause, "the signal's reason is the cause").toBe(reason);
  return performance.now() - due;
}

const rows = 4000;
const x = { data: normals(1, 3 * rows), columns: 3 };
const y = { data: normals(2, 3 * rows).map((e, i) => 0.7 * x.data[i]! + e), columns: 3 };

/** The slowest answer to an abort, of aborts all over a call. */
async function slowest(work: (signal?: AbortSignal) => Promise<unknown>): Promise<number> {
  await work(); // compiles
  const began = performance.now();
  await work();
  const whole = performance.now() - began;
  let worst = 0;
  for (const share of [0.01, 0.05, 0.3, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95]) {
    const late = await abortedAfter(share * whole, work);
    // Once more, if something else had the machine; NaN, if the call was faster than before.
    worst = Math.max(worst, (late > SOON ? await abortedAfter(share * whole, work) : late) || 0);
  }
  return worst;
}

afterEach(() => gpu?.check());

describe("an abort ends within .2 s", () => {
  const short: EstimateOptions = { steps: 100, folds: 3, checkEvery: 50, seed: 1 };

  it("reading, training, scoring, stacking and asking others: an estimate at any time", async () => {
    expect(await slowest((signal) => estimate(x, y, { gpu, ...short, signal }))).toBeLessThan(SOON);
  });

  it("and says how far training had come", async () => {
    const controller = new AbortController();
    let steps = 0;
    const onProgress = ({ done }: { done: number }) => {
      steps = done;
      controller.abort(reason);
    };
    const work = estimate(x, y, { gpu, ...short, onProgress, signal: controller.signal });
    const failure = await work.catch((error: unknown) => error);
    expect(failure).toMatchObject({ message: `interrupted after ${steps} steps`, cause: reason });
    expect(steps).toBeGreaterThan(0);
  });

  it("a matrix with permutations at any time", async () => {
    const columns = Object.fromEntries(Array.from({ length: 6 }, (_, c) => [`c${c}`, normals(c + 5, 3000)]));
    expect(await slowest((signal) => matrix(columns, { gpu, permutations: 60, signal }))).toBeLessThan(SOON);
  });

  it("nearest neighbours of many columns at any time", async () => {
    expect(await slowest((signal) => neighbors(x, y, { gpu, signal }))).toBeLessThan(SOON);
  });

  it("compiling: nobody waits, and the pipeline serves the next who asks", async () => {
    const widths = { ACTIVATION: 3, SLOPE_STORED: 1 };
    const tensor = (words: number) => gpu.tensor("abort", words);
    const dims = {
      rows: 1,
      inputs: 4,
      outputs: 4,
      offset: 0,
      stride: 64,
      bias: 1,
      replicas: 1,
      sides: 1,
      apart: 0,
      parts: 1,
    };
    const bindings = { dims, input: tensor(4), params: tensor(64), output: tensor(4), slope: tensor(4) };
    const plan = [dispatch("forward_linear", bindings, [1, 1, 1], "register", widths)];
    const controller = new AbortController();
    const compiling = Program.compile(gpu.until(controller.signal), plan);
    const began = performance.now();
    controller.abort(reason);
    await expect(compiling).rejects.toThrow(InterruptedError);
    expect(performance.now() - began).toBeLessThan(SOON);
    (await Program.compile(gpu, plan)).dispose();
    for (const value of Object.values(bindings)) if ("buffer" in value) value.buffer.destroy();
  });

  test("opening", async () => {
    for (const after of [0, 1, 20, 60]) {
      const late = await abortedAfter(after, async (signal) => (await open({ signal, quiet: true })).dispose());
      if (!Number.isNaN(late)) expect(late, `aborted after ${after} ms`).toBeLessThan(2 * SOON);
    }
    await expect(open({ signal: AbortSignal.abort(reason) })).rejects.toThrow(InterruptedError);
  });
});

it("a handle that was aborted refuses everything, and the GPU goes on", async () => {
  const ended = gpu.until(AbortSignal.abort(reason));
  expect(() => ended.tensor("abort", 4)).toThrow(InterruptedError);
  await expect(ended.done()).rejects.toThrow(InterruptedError);
  const tensor = gpu.tensor("abort", Uint32Array.of(7));
  expect(new Uint32Array(await gpu.read(tensor))).toEqual(Uint32Array.of(7));
  tensor.buffer.destroy();
});
