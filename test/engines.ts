/** What the tests of both forms of the resident engine hold against the layered one. */
import { expect } from "vitest";
import type { Trainer } from "../src/training/trainer.ts";
import { expectClose, gpu, range } from "./gpu.ts";
import { outcome } from "./outcome.ts";

export const paramsOf = async (trainer: Trainer) => new Float32Array(await gpu.read(trainer.params));
export const largest = (list: Float32Array) => list.reduce((top, v) => Math.max(top, Math.abs(v)), 0);

/**
 * Two trainers that came from `start` in 10 steps went the same way.
 *
 * @param share of the parameters that agree closely
 */
export async function expectSameWay(got: Trainer, want: Trainer, start: Float32Array, share: number): Promise<void> {
  const end = await paramsOf(want);
  const way = largest(end.map((v, i) => v - start[i]!));
  expect(way).toBeGreaterThan(1e-4);
  // Adam's step has the length of its rate however small the gradient is: where that is nearly 0, rounding decides its
  // sign. Few parameters stand there, so most agree closely, and all to a part of the way gone.
  const errors = [...(await paramsOf(got)).map((v, i) => Math.abs(v - end[i]!))].sort((a, b) => a - b);
  expect(errors[Math.floor(share * errors.length)]!).toBeLessThan(0.002 * way);
  expect(errors.at(-1)!).toBeLessThan(0.5 * way);
  const [a, b] = [await want.read(), await got.read()];
  a.trace.forEach((trace, r) => {
    for (const key of ["joint", "logPartition", "value", "objective"] as const)
      expectClose(b.trace[r]![key], trace[key], { tolerance: 1e-4, what: `${key} of replica ${r}` });
  });
  expect(b.averages.map(({ steps }) => steps)).toEqual(a.averages.map(() => 10));
}

/** Three replicas have the bits of each alone, however its steps are chunked, and differ. */
export async function expectEachAlone(make: (more: { replicas: number; streams?: number[] }) => Promise<Trainer>) {
  using together = await make({ replicas: 3 });
  await together.step(8);
  const all = [];
  for (const r of range(3)) {
    using single = await make({ replicas: 1, streams: [r] });
    for (const size of [1, 5, 2]) await single.step(size);
    const alone = await outcome(single, 0);
    expect(alone).toEqual(await outcome(together, r));
    all.push(String(alone.words[0]));
  }
  expect(new Set(all).size).toBe(3);
}

/** A trainer goes on from what was saved, to the bit; a layered trainer can go on too. */
export async function expectGoesOn(make: (more?: { engine: "layered" }) => Promise<Trainer>): Promise<void> {
  using whole = await make();
  await whole.step(4);
  const state = await whole.save();
  await whole.step(4);
  using resumed = await make();
  resumed.load(state);
  await resumed.step(4);
  expect(await resumed.save()).toEqual(await whole.save());
  using layered = await make({ engine: "layered" });
  layered.load(state);
  await layered.step(4);
  const want = await paramsOf(whole);
  expectClose(await paramsOf(layered), want, { tolerance: 1e-3 * largest(want), what: "params" });
}
