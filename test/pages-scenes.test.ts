/** What the pages say will be seen, over runs with random numbers of their own: the scenes of the start page, and the lab's buttons. */
import { describe, expect } from "vitest";
import { sourceOf, truthOf } from "../demos/lab/data.ts";
import { defaults, type Settings, tries } from "../demos/lab/settings.ts";
import { type Key, trainerOptions } from "../demos/lab/side.ts";
import { verdictOf } from "../demos/lab/verdict.ts";
import { hold, RUNS, sceneOptions, scenes, truth } from "../demos/scenes.ts";
import { createTrainer, type Trainer } from "../src/training/trainer.ts";
import { gpu, it, range } from "./gpu.ts";

/** The largest output in size of each replica's last batch. */
async function reaches(trainer: Trainer): Promise<number[]> {
  const scores = new Float32Array(await gpu.read(trainer.tensors.batch.scores));
  const size = scores.length / trainer.shape.replicas;
  return range(trainer.shape.replicas).map((r) =>
    scores.subarray(r * size, (r + 1) * size).reduce((most, score) => Math.max(most, Math.abs(score)), 0),
  );
}

const averagesOf = async (trainer: Trainer) => (await trainer.read()).averages;
const runs = range(RUNS);

describe("the scenes of the start page", () => {
  it("drift: the dots climb together while the estimate comes near the truth, and λ brings them home", async () => {
    using trainer = await createTrainer(gpu, sceneOptions("drift", runs));
    await trainer.step(scenes.drift.steps);
    for (const { macro, joint } of await averagesOf(trainer)) {
      expect(joint - macro).toBeGreaterThan(3);
      expect(Math.abs(macro / truth - 1)).toBeLessThan(0.15);
    }
    trainer.set({ estimator: { lambda: hold.lambda } });
    await trainer.step(hold.steps);
    for (const { macro, joint } of await averagesOf(trainer)) {
      expect(Math.abs(joint - macro)).toBeLessThan(0.5);
      expect(Math.abs(macro / truth - 1)).toBeLessThan(0.15);
    }
  });

  it("explosion: within 900 steps an output passes 100, and the estimate is more than ten times the truth", async () => {
    expect([scenes.explosion, scenes.drift.batch]).toEqual([{ batch: 10, steps: 900 }, 64]);
    using trainer = await createTrainer(gpu, sceneOptions("explosion", runs));
    await trainer.step(scenes.explosion.steps);
    for (const reach of await reaches(trainer)) expect(reach).toBeGreaterThan(100);
    for (const { macro } of await averagesOf(trainer)) expect(macro).toBeGreaterThan(10 * truth);
  });

  it("a run of its own is the same run", async () => {
    using together = await createTrainer(gpu, sceneOptions("drift", runs));
    using alone = await createTrainer(gpu, sceneOptions("drift", [3]));
    for (const trainer of [together, alone]) await trainer.step(60);
    expect((await averagesOf(alone))[0]).toEqual((await averagesOf(together))[3]);
  });
});

describe("the lab's buttons", () => {
  const labTrainer = (changes: Partial<Settings>, key: Key) => {
    const settings = { ...defaults, ...changes };
    const options = trainerOptions(settings, key, sourceOf(settings));
    return createTrainer(gpu, { ...options, replicas: RUNS, streams: runs });
  };
  const labTruth = truthOf(defaults);

  it("drift: it is what the page opens on", () => {
    expect({ ...defaults, ...tries.drift.set }).toEqual(defaults);
    expect(defaults.batch).toBe(20);
  });

  it("drift: the left outputs leave 0 together, and the estimate hides it", async () => {
    using left = await labTrainer(tries.drift.set, "a");
    await left.step(800);
    for (const { micro, logPartition } of await averagesOf(left)) {
      expect(Math.abs(logPartition)).toBeGreaterThan(1);
      expect(Math.abs(micro / labTruth - 1)).toBeLessThan(0.15);
    }
  });

  it("λ holds the right outputs, with λ = 0 nothing does, and with 0.1 they come back", async () => {
    using right = await labTrainer(tries.drift.set, "b");
    await right.step(600);
    const isHeld = async () => {
      for (const { micro, logPartition } of await averagesOf(right)) {
        expect(Math.abs(logPartition)).toBeLessThan(0.5);
        expect(Math.abs(micro / labTruth - 1)).toBeLessThan(0.12);
      }
    };
    await isHeld();
    right.set({ estimator: tries.release.set });
    await right.step(600);
    for (const { logPartition } of await averagesOf(right)) expect(Math.abs(logPartition)).toBeGreaterThan(1);
    right.set({ estimator: tries.hold.set });
    await right.step(300);
    await isHeld();
  });

  it("explosion: within 1,500 steps the left outputs pass 100 and the estimate is lost; the right ones stay below 50", async () => {
    const { set } = tries.explode;
    expect(set.batch).toBe(10);
    using left = await labTrainer(set, "a");
    using right = await labTrainer(set, "b");
    await left.step(1500);
    for (const reach of await reaches(left)) expect(reach).toBeGreaterThan(100);
    for (const { micro } of await averagesOf(left)) expect(Math.abs(micro / labTruth - 1)).toBeGreaterThan(0.3);
    for (let steps = 0; steps < 1500; steps += 100) {
      await right.step(100);
      for (const reach of await reaches(right)) expect(reach).toBeLessThan(50);
    }
    for (const { micro } of await averagesOf(right)) expect(Math.abs(micro / labTruth - 1)).toBeLessThan(0.12);
  });
});

describe("verdicts", () => {
  const outputs = { joint: [], marginal: [], least: -6, largest: 4 };
  const moment = { time: 0, step: 900, averaged: 100, estimate: 2.7, joint: 2.8, partition: 0.1, truth: 2.77, outputs };
  const dv = { estimator: "donsker-varadhan", lambda: 0.1, C: 0, batch: 20 };
  const held = { ...dv, estimator: "remine" };
  const exploded = { ...moment, estimate: -3.3e7, outputs: { ...outputs, least: -2e38 } };

  it.each([
    [held, moment, "good", /^Steady: .* near 0, where it belongs, .* within 10 % of the truth\.$/],
    [dv, moment, "good", /^Steady for now: .* nothing holds it there/],
    [held, { ...moment, estimate: 0.14 }, "off", /^Steady, but not right: the estimate is 94\.9 % too low\.$/],
    [
      held,
      { ...moment, partition: 2 },
      "drift",
      /up together, the log-partition 2\.0 nats above its place\. .* within/,
    ],
    [{ ...held, C: -2 }, { ...moment, partition: -4 }, "drift", /2\.0 nats below its place at −2\.0\./],
    [{ ...held, C: -2 }, { ...moment, partition: -2 }, "good", /near −2\.0/],
    [{ ...dv, estimator: "nwj", lambda: 0 }, { ...moment, partition: 1 }, "good", /near 1\.0, where it belongs/],
    [{ ...dv, estimator: "dime-kl" }, { ...moment, partition: 9 }, "good", /on a scale of their own/],
    [{ ...dv, estimator: "dime-kl" }, { ...moment, estimate: 1 }, "off", /^The estimate is 63\.9 % too low\./],
    [dv, exploded, "explosion", /an output of 2\.0e38\. .* 1\.2e9 % too low\.$/],
    [held, { ...moment, averaged: 20 }, "wait", /too few steps/],
    [held, { ...moment, truth: 0, estimate: 0.03, joint: 0.1 }, "good", /within 0\.050 nats of the truth/],
  ] as const)("%o, %o: %s", (now, seen, level, text) => {
    const [found, sentence] = verdictOf(now, seen);
    expect(sentence).toMatch(text);
    expect(found).toBe(level);
    expect(sentence).not.toMatch(/-\d|Infinity|NaN/);
  });

  it("an overflow has no moment", () => {
    expect(verdictOf(dv, undefined, true)[0]).toBe("explosion");
    expect(verdictOf(dv, undefined)[0]).toBe("wait");
  });
});
