/** Nearest-neighbour estimators against exact values, a float64 oracle, and what they must refuse. */
import { describe, expect } from "vitest";
import { InputError, InterruptedError, LimitError } from "../src/errors.ts";
import { MAX_NEIGHBORS } from "../src/neighborhood.ts";
import { type NeighborsOptions, neighbors } from "../src/neighbors.ts";
import { type NeighborMethod, neighborMethods, neighborsBatch } from "../src/neighbors-batch.ts";
import { rows } from "../src/source.ts";
import { expectClose, gpu, it, normals, prng, range } from "./gpu.ts";
import * as oracle from "./oracle/neighbors.ts";

/** 400 uniform triples of the minimal standard generator (multiplier 48271, seed 1). */
const draws = (() => {
  let state = 1;
  return range(1200).map(() => {
    state = (48271 * state) % (2 ** 31 - 1);
    return state / (2 ** 31 - 1);
  });
})();
const [A, B, C] = [0, 1, 2].map((offset) => range(400).map((i) => draws[3 * i + offset]!)) as [
  number[],
  number[],
  number[],
];
const line = { x: A, y: A.map((a, i) => a + 0.3 * B[i]!) };
const plane = { x: A.map((a, i) => [a, B[i]!]), y: A.map((a, i) => [a + 0.3 * C[i]!, B[i]! + 0.1 * a]) };
const steps = A.map((a) => Math.floor(5 * a));
const mixed = { x: steps, y: steps.map((s, i) => s + 2 * B[i]!) };
const inRows = (data: readonly (number | readonly number[])[]) =>
  data.map((row) => (typeof row === "number" ? [row] : [...row]));

const run = (data: { x: never[] | unknown; y: unknown }, options: NeighborsOptions) =>
  neighbors(data.x as number[], data.y as number[], { gpu, ...options });

/** float32 moves a count now and then where a distance all but ties; 1e-5 is a fourth of one count's weight here. */
const TOLERANCE = 1e-5;

describe("exact values", () => {
  it("starts from the generator that the values were made with", () => {
    expect(draws.slice(0, 4).map((u) => Number(u.toPrecision(9)))).toEqual([
      2.2477936e-5, 0.0850324491, 0.601352605, 0.891611277,
    ]);
  });

  const cases: [string, NeighborsOptions, (number | undefined)[]][] = [
    ["KSG", { method: "ksg" }, [1.2927794183023327, 1.2864818796884903, 3.144156841122794, 2.9350753079188943]],
    [
      "KSG, Euclidean",
      { method: "ksg", metric: "euclidean" },
      [1.2927794183023327, 1.2864818796884903, 3.1329107149579376, 2.9191476988127443],
    ],
    ["KSG 2", { method: "ksg2" }, [1.3240801649569915, 1.2797452042479858, 3.093431191364056, 2.928409552624828]],
    [
      "KL, ln N",
      { method: "kl", form: "log" },
      [1.2296694682781375, 1.2722178768497319, 3.1120744632939594, 2.9122154098590123],
    ],
    ["KL", { method: "kl" }, [1.22841894744513, 1.2709673560167243, undefined, undefined]],
    [
      "KL, Euclidean, ln N",
      { method: "kl", metric: "euclidean", form: "log" },
      [1.232848274410629, 1.2594236290404677, 2.9951805999199603, 2.7676728955138694],
    ],
    [
      "Mixed KSG",
      { method: "mixed-ksg" },
      [1.2940299391353398, 1.2877324005214974, 3.145407361955798, 2.936325828751905],
    ],
    [
      "Mixed KSG, log",
      { method: "mixed-ksg", form: "log" },
      [1.2285298072993416, 1.2398383163741393, undefined, undefined],
    ],
  ];
  describe.each(cases)("%s", (_, options, values) => {
    it.each(
      [
        { data: line, k: 3, want: values[0] },
        { data: line, k: 5, want: values[1] },
        { data: plane, k: 3, want: values[2] },
        { data: plane, k: 5, want: values[3] },
      ].filter(({ want }) => want !== undefined),
    )("k $k: $want", async ({ data, k, want }) => {
      const { mi } = await run(data, { ...options, k });
      expectClose([mi], [want!], { tolerance: TOLERANCE });
    });
  });

  it.each([
    { k: 3, want: 1.1367002868340284 },
    { k: 5, want: 1.1021656478870068 },
  ])("I(X;Y|Z) by KSG, k $k", async ({ k, want }) => {
    const { mi } = await run(line, { given: C, k });
    expectClose([mi], [want], { tolerance: TOLERANCE });
  });

  it.each([
    { k: 3, form: "digamma" as const, want: 1.040597761 },
    { k: 5, form: "digamma" as const, want: 1.060084599 },
    { k: 3, form: "log" as const, want: 0.919994 },
    { k: 5, form: "log" as const, want: 0.987707 },
  ])("discrete x, continuous y by Mixed KSG, k $k, $form", async ({ k, form, want }) => {
    const { mi } = await run(mixed, { method: "mixed-ksg", form, k });
    expectClose([mi], [want], { tolerance: TOLERANCE });
  });

  it.each([
    { form: "digamma" as const, want: 2.823421 },
    { form: "log" as const, want: 2.721756 },
  ])("16 one-hot categories, 10 copies each, by Mixed KSG, $form", async ({ form, want }) => {
    const codes = range(160).map((i) => range(16).map((c) => Number(i % 16 === c)));
    const { mi } = await run({ x: codes, y: codes }, { method: "mixed-ksg", form, k: 5 });
    expectClose([mi], [want], { tolerance: TOLERANCE });
  });
});
