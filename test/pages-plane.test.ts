/** What the start page and the page of maps know of a shape, say of it, and print as code. */
import { describe, expect, test } from "vitest";
import { Learner, SIZES } from "../demos/kit/learner.ts";
import { type Centre, uniforms } from "../demos/kit/mixture.ts";
import { FULL_COLOUR } from "../demos/kit/plane.ts";
import { samplesCode } from "../demos/kit/plane-code.ts";
import { given, type Moment } from "../demos/kit/plane-run.ts";
import { hundredths, matchOf, readingOf } from "../demos/kit/reading.ts";
import { packed } from "../demos/kit/recorded.ts";
import { brushedPair, correlation, EDGE, kinds, pairOf, REACH, type Shape, shapeFrom } from "../demos/kit/shapes.ts";
import { gpu, it } from "./gpu.ts";

const ring: Shape = { kind: "ring", width: 0.2, rho: 0.8, centres: [] };
const known = kinds.filter((kind) => kind !== "own").map((kind) => [kind, { ...ring, kind }] as const);

/** Dabs of a short stroke: from a random place on, a random way. */
function stroke(seed: number): Centre[] {
  const next = uniforms(seed);
  let [x, y] = [next(), next()].map((u) => EDGE * (2 * u - 1)) as [number, number];
  return Array.from({ length: 8 }, () => {
    const angle = 2 * Math.PI * next();
    const clamp = (value: number) => Math.min(EDGE, Math.max(-EDGE, value));
    [x, y] = [clamp(x + 0.08 * Math.cos(angle)), clamp(y + 0.08 * Math.sin(angle))];
    return [x, y] as const;
  });
}

/** log of the mean of e^exponent. */
function logMean(exponents: readonly number[]): number {
  const most = Math.max(...exponents);
  return most + Math.log(exponents.reduce((sum, e) => sum + Math.exp(e - most), 0) / exponents.length);
}

/** MI of an even mixture of normals, all in logs, summed over a grid of its own. */
function information(centres: readonly Centre[], sigma: number): number {
  const spacing = sigma / 3;
  const axis = (c: 0 | 1) => {
    const [low, high] = [Math.min(...centres.map((m) => m[c])), Math.max(...centres.map((m) => m[c]))];
    const count = Math.ceil((high - low + 16 * sigma) / spacing);
    return Array.from({ length: count }, (_, i) => {
      const at = low - 8 * sigma + i * spacing;
      return centres.map((m) => -0.5 * ((at - m[c]) / sigma) ** 2 - Math.log(sigma * Math.sqrt(2 * Math.PI)));
    });
  };
  const [xs, ys] = [axis(0), axis(1)];
  const [logX, logY] = [xs.map(logMean), ys.map(logMean)];
  let sum = 0;
  xs.forEach((alongX, i) => {
    ys.forEach((alongY, j) => {
      const joint = logMean(alongX.map((e, k) => e + alongY[k]!));
      sum += Math.exp(joint) * (joint - logX[i]! - logY[j]!);
    });
  });
  return sum * spacing ** 2;
}

describe("the truth of a shape", () => {
  test.each([0.12, 0.15, 0.2])("is finite and right for short strokes of a brush of %d", (sigma) => {
    for (let seed = 0; seed < 25; seed++) {
      const centres = stroke(seed);
      const pair = brushedPair(centres, sigma, 16);
      expect(Math.abs(pair.truth - information(centres, sigma))).toBeLessThan(1e-5);
      expect(pair.ratio.every(Number.isFinite)).toBe(true);
    }
  });

  test.each([0.12, 0.5])("is right up to the edges for a brush of %d", (sigma) => {
    const centres: Centre[] = [[-EDGE, -EDGE], [EDGE, EDGE], [-EDGE, EDGE]]; // biome-ignore format: one line
    expect(brushedPair(centres, sigma, 16).truth).toBeCloseTo(information(centres, sigma), 5);
  });

  test("two far dabs on the diagonal share ln 2, one dab nothing", () => {
    expect(brushedPair([[-1.5, -1.5], [1.5, 1.5]], 0.2, 16).truth).toBeCloseTo(Math.LN2, 9); // biome-ignore format: one line
    expect(brushedPair([[0.3, -1]], 0.2, 16).truth).toBeCloseTo(0, 9);
    expect(pairOf({ ...ring, kind: "own" }, 16)).toBeUndefined();
  });

  test.each(known)("%s: it is the mean of the log ratio over samples", (_, shape) => {
    const size = 128;
    const { x, y, pair } = given(shape, size)!;
    const node = (value: number) => Math.round(((value / REACH + 1) / 2) * (size - 1));
    let [sum, inside] = [0, 0];
    for (let k = 0; k < x.length; k++) {
      const [i, j] = [node(x[k]!), node(y[k]!)];
      if (Math.min(i, j) < 0 || Math.max(i, j) >= size) continue;
      sum += pair.ratio[j * size + i]!;
      inside++;
    }
    // Of the normals, 1 sample in 200 falls outside; the standard error of the mean is below 0.005.
    expect(inside).toBeGreaterThan(0.99 * x.length);
    expect(sum / inside).toBeCloseTo(pair.truth, 1.5);
  });
});

describe("Pearson's r of the samples", () => {
  test("is nothing for the ring, the wave and what is independent, and not for a line", () => {
    const of = (shape: Partial<Shape>) => given({ ...ring, ...shape }, 16)!.r;
    for (const shape of [{}, { kind: "wave" }, { kind: "normal", rho: 0 }] as Partial<Shape>[]) {
      expect(hundredths(of(shape))).toMatch(/^−?0\.0[01]$/);
    }
    expect(of({ kind: "normal", rho: -0.8 })).toBeCloseTo(-0.8, 2);
    expect(of({ kind: "line" })).toBeGreaterThan(0.9);
  });

  test("weighs, and is NaN where nothing varies", () => {
    expect(correlation([0, 1, 9], [0, 1, -9], [1, 1, 0])).toBeCloseTo(1, 12);
    expect(correlation([1, 1, 1], [1, 2, 3])).toBeNaN();
  });
});

const own: Shape = { ...ring, kind: "own", centres: [[-1.5, 0.25], [1, -0.5], [2.88, 0]] }; // biome-ignore format: one line

test.each([...known, ["own", own] as const])("%s: its code makes the very samples", (_, shape) => {
  const { x, y } = given(shape, 16)!;
  const made = new Function(`${samplesCode(shape)}\nreturn { x, y };`)();
  expect(made.x).toEqual(x);
  expect(made.y).toEqual(y);
});

describe("an address", () => {
  test.each([
    ["#kind=wave&width=0.3&rho=-0.5", { kind: "wave", width: 0.3, rho: -0.5 }],
    ["#kind=own", { ...ring, kind: "own" }],
    ["#kind=constructor&width=9&rho=", ring],
    ["#width=NaN&rho=1", ring],
    ["", ring],
  ])("%s", (hash, shape) => {
    expect(shapeFrom(hash, ring)).toMatchObject(shape);
  });
});

describe("what is said", () => {
  const [of, none] = [given(ring, 40)!, given({ ...ring, kind: "normal", rho: 0 }, 40)!];
  const reading = (share: number, what = of) =>
    readingOf({ estimate: share * what.pair.truth, steps: 100 }, what).state;

  test("depends on what was found", () => {
    expect([0.5, 0.95, 1.3].map((share) => reading(share))).toEqual(["rising", "found", "above"]);
    expect(reading(1, none)).toBe("none");
    expect(readingOf({ estimate: null, steps: 0 }, of).state).toBe("begun");
    const { text } = readingOf({ estimate: 0.59, steps: 900 }, of);
    expect(text).toBe("Pearson’s r sees nothing: 0.00. The network found 0.59 nats: 96 % of the truth.");
  });

  test("no zero has a sign", () => {
    expect([-0.001, 0.004, -0.126, 12.3456].map(hundredths)).toEqual(["0.00", "0.00", "−0.13", "12.35"]);
  });

  test("the match of the maps is 1 for the truth, and less for another map", () => {
    const { pair } = of;
    const match = (values: ArrayLike<number>) =>
      matchOf({ learned: packed(values, -FULL_COLOUR, FULL_COLOUR) } as Moment, of);
    expect(match(pair.ratio)).toBeGreaterThan(0.999);
    expect(match(pair.ratio.map((value) => -value))).toBeLessThan(-0.99);
    expect(match(pair.ratio.map(() => 1))).toBeNaN();
  });
});

describe("the network of the pages", () => {
  it("learns the ring and its map from any first weights, and nothing where there is nothing", async () => {
    const learn = async (what: NonNullable<ReturnType<typeof given>>, seed: number, steps: number) => {
      const learner = await Learner.create(gpu, what, seed);
      await learner.step(steps);
      const { learned, estimate } = await learner.look();
      learner.dispose();
      const moment = { learned: packed(learned, -FULL_COLOUR, FULL_COLOUR) } as Moment;
      return { estimate: estimate!, match: matchOf(moment, what) };
    };
    const of = given(ring, SIZES.cpu.nodes)!;
    for (const seed of [0, 1, 2]) {
      const { estimate, match } = await learn(of, seed, 1200);
      expect(Math.abs(estimate / of.pair.truth - 1)).toBeLessThan(0.1);
      expect(match).toBeGreaterThan(0.9);
    }
    const none = await learn(given({ ...ring, kind: "normal", rho: 0 }, SIZES.cpu.nodes)!, 0, 400);
    expect(Math.abs(none.estimate)).toBeLessThan(0.02);
  });

  it("averages anew over other samples, and goes on from where it is", async () => {
    const learner = await Learner.create(gpu, given(ring, SIZES.cpu.nodes)!, 0);
    await learner.step(600);
    const wider = given({ ...ring, width: 0.3 }, SIZES.cpu.nodes)!;
    learner.take(wider);
    expect([learner.pure, (await learner.look()).estimate]).toEqual([false, undefined]);
    await learner.step(60);
    const { averages } = await learner.trainer.read();
    expect(averages[0]!.steps).toBe(60);
    expect(learner.trainer.steps).toBe(660);
    // A window that still held the old samples would be above the truth.
    expect(Math.abs(averages[0]!.micro / wider.pair.truth - 1)).toBeLessThan(0.15);
    learner.dispose();
  });
});
