/** What a new estimator costs: one file in a folder. Here it comes from test/fixtures, and trains. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
// @ts-expect-error the build is plain JavaScript
import { compileShaders } from "../build.mjs";
import { mlp } from "../src/critics/mlp.ts";
import { estimatorByName } from "../src/estimators/estimator.ts";
import {
  type EstimatorFacts,
  type EstimatorName,
  type EstimatorParameters,
  estimators,
  type Hyper,
  kernels,
  modules,
  parameters,
  structs,
  type Variant,
} from "../src/gpu/shaders.gen.ts";
import { oneHot } from "../src/sources/one-hot.ts";
import { adam } from "../src/training/optimizer.ts";
import { createTrainer } from "../src/training/trainer.ts";
import { differences, evaluate, largest } from "./evaluate.ts";
import { expectClose, gpu, it, normals } from "./gpu.ts";
import { batchOf, mean, parameters as usual } from "./oracle/estimators.ts";

const name = "chi-squared" as EstimatorName;
const folder = mkdtempSync(join(tmpdir(), "remine-shaders-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Builds shaders/ with the fixture in it, and registers what came of it as the generated file would. */
function register(): void {
  cpSync("shaders", folder, { recursive: true });
  cpSync("test/fixtures/estimators", join(folder, "estimators"), { recursive: true });
  const built = compileShaders(folder) as {
    texts: Map<string, string>;
    structs: object;
    kernels: Record<string, { variants: Record<string, Variant> }>;
    estimators: (EstimatorFacts & { name: string })[];
  };
  // Hyper has a field more, in the text of every kernel.
  for (const [kernel, { variants }] of Object.entries(built.kernels))
    Object.assign(kernels[kernel as keyof typeof kernels].variants, variants);
  Object.assign(modules, Object.fromEntries(built.texts));
  Object.assign(structs, built.structs);
  (estimators as Record<string, EstimatorFacts>)[name] = built.estimators.find((facts) => facts.name === name)!;
  const number = { field: "ridge_weight" as keyof Hyper, must: "a number of at least 0", holds: (v: number) => v >= 0 };
  Object.assign(parameters, { ridgeWeight: { meaning: "weight of the ridge", number } });
}

/** The averages after training on four categories, where p / q is 4 if x = y and 0 elsewhere. */
async function trained(ridgeWeight?: number) {
  using trainer = await createTrainer(gpu, {
    source: oneHot(4),
    pairs: { joint: 128, negatives: "independent", perJoint: 2 },
    critic: mlp([16]),
    estimator: estimatorByName(name, { ridgeWeight } as EstimatorParameters),
    optimizer: adam({ learningRate: 0.02 }),
    window: 50,
  });
  await trainer.step(300);
  return (await trainer.read()).averages[0]!;
}

it("is one file: built, registered, differentiated and trained without another change", async () => {
  register();
  expect(estimators[name]).toMatchObject({ title: "chi squared", bound: "none", invariant: "none", rows: false });
  const value = (t: ArrayLike<number>, ridge = 0) => {
    const { joint, marginal } = batchOf(t, 3);
    return 2 * mean(joint) - (1 + ridge) * mean(marginal.map((v) => v * v)) - 1;
  };
  const scores = normals(1, 65 * 4);
  const given = [{ ...usual, ridgeWeight: 0.5 }];
  const { d_scores, steps } = await evaluate(name, scores, { joint: 65, marginals: 3, parameters: given });
  const want = differences((t) => value(t, 0.5), scores);
  expectClose(d_scores, want, { tolerance: 2e-5 * largest(want), what: "d_scores" });
  expectClose([steps[0]!.value], [value(scores)], { tolerance: 1e-5, what: "value" });

  // 2 * 4 - 16 / 4 - 1 = 3. The spread of a batch of 256 is about 0.4.
  const { macro } = await trained();
  expect(Math.abs(macro - 3), `macro ${macro}`).toBeLessThan(0.25);
});

it("has a parameter by a line of its own and its formula", async () => {
  expect(estimators[name].parameters).toEqual({ ridgeWeight: 0 });
  const half = { ridgeWeight: 0.5 } as EstimatorParameters;
  expect(estimatorByName(name, half)).toEqual({ name, ...half });
  expect(() => estimatorByName("remine", half)).toThrow('the estimator "remine" has no "ridgeWeight"');
  expect(() => estimatorByName(name, { ridgeWeight: -1 } as EstimatorParameters)).toThrow(
    '"ridgeWeight" of chi-squared must be a number of at least 0, got -1',
  );
  // T = 4 / 1.5 where x = y: 2 * 4 / 1.5 - 16 / 1.5^2 / 4 - 1.
  const { macro, joint } = await trained(0.5);
  expect(Math.abs(joint - 4 / 1.5), `joint ${joint}`).toBeLessThan(0.15);
  expect(Math.abs(macro - (8 / 1.5 - 4 / 1.5 ** 2 - 1)), `macro ${macro}`).toBeLessThan(0.25);
});
