/** `check`: what must hold of any MI, tried on the same rows. */
import { describe, expect } from "vitest";
import { type CheckedSides, checkEstimate, type Run } from "../src/estimate/check.ts";
import { type EstimateResult, estimate, InterruptedError } from "../src/index.ts";
import { gpu, it, prng } from "./gpu.ts";

const uniform = prng(5);
const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
const short = {
  ...{ folds: 2, restarts: 1, hidden: [16, 16], embed: 16, steps: 100, batch: 64, learningRate: 8e-3 },
  ...{ heldOutMarginals: 20, validationMarginals: 20, checkEvery: 25 },
};
const x = Array.from({ length: 400 }, () => [normal(), normal()]);
const y = x.map(([a]) => 0.8 * a! + 0.6 * normal());
const label = y.map((v) => (v < -0.5 ? 0 : v < 0.5 ? 1 : 2));

describe("of healthy rows", () => {
  it("all four hold, in the estimate's own result", async () => {
    const done: number[] = [];
    let total = 0;
    const onProgress = (p: { done: number; total: number }) => {
      done.push(p.done);
      total = p.total;
    };
    const plain = await estimate(x, y, { gpu, ...short });
    const result = await estimate(x, y, { gpu, ...short, check: true, onProgress });
    expect(result.raw).toBe(plain.raw);
    expect(plain.checks).toBeUndefined();
    expect(result.checks!.map(({ name }) => name)).toEqual(["permuted", "halves", "bijection", "processing"]);
    for (const { ok, message, value } of result.checks!) {
      expect(message).toMatch(/\d/);
      expect([message, ok]).toEqual([message, true]);
      expect(value).toBeTypeOf("number");
    }
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done.at(-1)).toBeLessThanOrEqual(total);
    expect(done.at(-1)! / total).toBeGreaterThan(5 / 6);
  });

  it("they hold of categories, of neighbours and given a column", async () => {
    const categories = { x: [false, false], y: [true] };
    const runs = [
      await estimate(x, label, { gpu, ...short, categories, check: true }),
      await estimate(x, y, { gpu, estimator: "ksg", check: true }),
      await estimate(
        x.map(([a]) => a!),
        y,
        { gpu, ...short, given: x.map(([, b]) => b!), check: true },
      ),
    ];
    for (const { checks } of runs) {
      expect(checks).toHaveLength(4);
      expect(checks!.filter(({ ok }) => !ok)).toEqual([]);
    }
  });

  it("a signal ends them between two estimates", async () => {
    const stop = new AbortController();
    const onProgress = ({ done, total }: { done: number; total: number }) => {
      if (done > total / 2) stop.abort();
    };
    const call = estimate(x, y, { gpu, ...short, check: true, onProgress, signal: stop.signal });
    await expect(call).rejects.toBeInstanceOf(InterruptedError);
  });
});

describe("of an estimator that is wrong", () => {
  const said = (mi: number, width = 0.05): EstimateResult =>
    ({
      mi,
      raw: mi,
      interval: [Math.max(0, mi - width), mi + width],
      standardError: width / 2,
      rows: 400,
    }) as EstimateResult;
  const sides: CheckedSides = {
    x: { name: "x", rows: x.length, columns: [{ kind: "numeric", values: Float64Array.from(x, ([a]) => a!) }] },
    y: { name: "y", rows: x.length, columns: [{ kind: "category", values: Float64Array.from(label) }] },
  };
  /** Answers in the order in which they are asked for: shuffled, two halves, bent, less. */
  const checks = (answers: number[], of = sides) => {
    const rest = [...answers];
    const run: Run = async () => said(rest.shift()!);
    return checkEstimate(of, said(0.5), run, {});
  };
  const failed = async (answers: number[]) => (await checks(answers)).filter(({ ok }) => !ok).map(({ name }) => name);

  it("each says what does not hold", async () => {
    expect(await failed([0, 0.49, 0.52, 0.5, 0.3])).toEqual([]);
    expect(await failed([0.2, 0.49, 0.52, 0.5, 0.3])).toEqual(["permuted"]);
    expect(await failed([0, 0.4, 0.6, 0.5, 0.3])).toEqual(["halves"]);
    expect(await failed([0, 0.5, 0.5, 0.7, 0.3])).toEqual(["bijection"]);
    expect(await failed([0, 0.5, 0.5, 0.2, 0.7])).toEqual(["bijection", "processing"]);
  });

  it("shuffles rows, bends numbers monotonically, and takes something away", async () => {
    const asked: CheckedSides[] = [];
    const run: Run = async (changed) => {
      asked.push(changed);
      return said(0.5);
    };
    await checkEstimate(sides, said(0.5), run, {});
    const [shuffled, first, second, bent, less] = asked.map(
      (s) => [s.x.columns[0]!.values, s.y.columns[0]!.values] as const,
    );
    const sorted = (values: Float64Array) => values.slice().sort();
    const [own, labels] = [sides.x.columns[0]!.values, sides.y.columns[0]!.values];
    expect(shuffled![0]).toEqual(own);
    expect(shuffled![1]).not.toEqual(labels);
    expect(sorted(shuffled![1])).toEqual(sorted(labels));
    expect(sorted(Float64Array.from([...first![0], ...second![0]]))).toEqual(sorted(own));
    const order = (values: Float64Array) => [...values.keys()].sort((a, b) => values[a]! - values[b]!);
    expect(order(bent![0])).toEqual(order(own));
    expect(bent![0]).not.toEqual(own);
    expect(bent![1]).toEqual(labels);
    expect(less![0]).not.toEqual(own);
    expect(less![1]).toEqual(labels);
  });

  it("what few rows do not allow is left out", async () => {
    const few = { ...said(0.5), rows: 60 };
    const names = (await checkEstimate(sides, few, async () => said(0), {})).map(({ name }) => name);
    expect(names).not.toContain("halves");
  });
});
