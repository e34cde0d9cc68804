import { describe, expect } from "vitest";
import { type Clock, type EstimatorName, estimators, type StepRecord } from "../../src/gpu/shaders.gen.ts";
import { unpackArray } from "../../src/gpu/structs.ts";
import { hyperOf, words } from "../evaluate.ts";
import { CANARY, clockWith, EPS, EXP, expectClose, it, prng, range, records, runKernel } from "../gpu.ts";
import { batchOf, oracles, type Parameters, parameters, termsOf } from "../oracle/estimators.ts";

interface Pushed {
  history: StepRecord[];
  clock: Clock[];
}

async function push(
  name: EstimatorName,
  capacity: number,
  list: { stats: object; hyper?: Parameters; betas?: object; clock: object; finite?: number }[],
): Promise<Pushed> {
  const replicas = list.length;
  const update = { gradient_scale: 1, rate: 0, decay: 0, m_correction: 1, v_correction: 1 };
  const written = await runKernel(
    "push_window",
    {
      dims: { replicas, capacity, window: 2 },
      hyper: records(
        "Hyper",
        list.map(({ hyper = parameters, betas }) => ({ ...hyperOf(hyper), ...betas })),
      ),
      stats: records(
        "ScoreStats",
        list.map(({ stats }) => stats),
      ),
      update: records(
        "Update",
        list.map(({ finite = 1 }) => ({ ...update, is_finite: finite })),
      ),
      clock: records(
        "Clock",
        list.map(({ clock }) => clockWith(clock)),
      ),
      history: replicas * capacity * words("StepRecord"),
    },
    [Math.ceil(replicas / 64), 1, 1],
    estimators[name].slot,
  );
  return {
    history: unpackArray("StepRecord", written.history!.buffer as ArrayBuffer),
    clock: unpackArray("Clock", written.clock!.buffer as ArrayBuffer),
  };
}

const statsWith = (some: object) => ({
  ...{
    joint_mean: 1,
    marginal_lme: 0.5,
    joint_term: 0,
    marginal_term: 0,
    second_term: 0,
    joint_count: 1,
    marginal_count: 1,
    ema_lse: 0.25,
  },
  ...some,
});

describe.each(Object.keys(estimators) as EstimatorName[])("push_window, %s", (name) => {
  it.each([1, 3, 63, 64, 65, 257])("records the step and advances the clock: R %d", async (replicas) => {
    const next = prng(replicas);
    const capacity = 3;
    const oracle = oracles[name];
    // A batch of one joint and one marginal score has simple statistics.
    const batches = range(replicas).map(() => batchOf([8 * next() - 4, 8 * next() - 4], 1));
    const list = range(replicas).map((r) => ({
      hyper: { ...parameters, lambda: next(), C: 4 * next() - 2 },
      betas: { beta1: next(), beta2: next() },
      stats: statsWith({
        joint_mean: batches[r]!.joint[0],
        marginal_lme: batches[r]!.marginal[0],
        ema_lse: 2 * next(),
      }),
      clock: { step: r, beta1_power: next(), beta2_power: next(), ema_lse: -9 },
    }));
    list.forEach(({ hyper, stats }, r) => {
      Object.assign(stats, termsOf(oracle, batches[r]!, hyper));
    });
    const { history, clock } = await push(name, capacity, list);
    list.forEach(({ hyper, betas, stats, clock: before }, r) => {
      const { joint_mean, marginal_lme, ema_lse } = stats;
      const slots = range(capacity).map((slot) => history[r * capacity + slot]!);
      const record = slots[r % capacity]!;
      const value = oracle.value(batches[r]!, hyper);
      const objective = oracle.objective(batches[r]!, hyper, ema_lse);
      expect([record.joint_mean, record.marginal_lme]).toEqual([joint_mean, marginal_lme].map(Math.fround));
      // The penalty squares up to 36; values take one exp or log at the size of their terms.
      const size = Math.exp(Math.max(0, marginal_lme, marginal_lme - ema_lse));
      const tolerance = 100 * EPS + 2 * EXP * size;
      expectClose([record.value], [value], { tolerance, what: "value" });
      expectClose([record.objective], [objective], { tolerance, what: "objective" });
      expect(
        slots.filter((slot) => slot.value !== CANARY),
        "slots written",
      ).toHaveLength(1);
      const { beta1_power, beta2_power } = before;
      expect(clock[r]).toMatchObject({ step: r + 1, ema_lse: Math.fround(ema_lse), bad_step: 0 });
      const powers = [clock[r]!.beta1_power, clock[r]!.beta2_power];
      const { beta1, beta2 } = betas;
      expectClose(powers, [beta1 * beta1_power, beta2 * beta2_power], { tolerance: 4 * EPS, what: "powers of beta" });
    });
  });
});

describe("push_window", () => {
  it("names the first step that was not finite, and only in its replica", async () => {
    const now = { step: 7, ema_lse: -9 };
    const { clock } = await push("donsker-varadhan", 4, [
      { stats: statsWith({}), clock: now },
      { stats: statsWith({}), clock: now, finite: 0 },
      { stats: statsWith({ joint_mean: Number.NaN }), clock: now },
      { stats: statsWith({ marginal_lme: Number.POSITIVE_INFINITY }), clock: now },
      { stats: statsWith({ joint_mean: Number.NaN }), clock: { ...now, bad_step: 3 } },
      { stats: statsWith({}), clock: { ...now, bad_step: 3 } },
    ]);
    expect(clock.map(({ bad_step }) => bad_step)).toEqual([0, 8, 8, 8, 3, 3]);
    expect(clock.map(({ step }) => step)).toEqual(clock.map(() => 8));
    // The moving average takes the finite batches only.
    expect(clock.map(({ ema_lse }) => ema_lse)).toEqual([0.25, -9, -9, -9, -9, 0.25]);
  });
});
