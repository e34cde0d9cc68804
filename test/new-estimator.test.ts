/** What a new estimator costs: one file in a folder. Here it comes from test/fixtures, and trains. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
// @ts-expect-error the build is plain JavaScript
import { compileShaders } from "../build.mjs";
import { mlp } from "../src/critics/mlp.ts";
import { type Estimator, remine } from "../src/estimators/estimator.ts";
import {
  type EstimatorFacts,
  type EstimatorName,
  estimators,
  kernels,
  modules,
  type Variant,
} from "../src/gpu/shaders.gen.ts";
import { oneHot } from "../src/sources/source.ts";
import { adam } from "../src/training/optimizer.ts";
import { createTrainer } from "../src/training/trainer.ts";
import { differences, evaluate, largest } from "./evaluate.ts";
import { expectClose, gpu, it, normals } from "./gpu.ts";
import { batchOf, mean } from "./oracle/estimators.ts";

const name = "chi-squared" as EstimatorName;
const folder = mkdtempSync(join(tmpdir(), "remine-shaders-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Builds shaders/ with the fixture in it, and registers what came of it as the generated file would. */
function register(): void {
  cpSync("shaders", folder, { recursive: true });
  cpSync("test/fixtures/estimators", join(folder, "estimators"), { recursive: true });
  const built = compileShaders(folder) as {
    texts: Map<string, string>;
    kernels: Record<string, { variants: Record<string, Variant> }>;
    estimators: (EstimatorFacts & { name: string })[];
  };
  for (const [kernel, { variants }] of Object.entries(built.kernels)) {
    const added = variants.chi_squared;
    if (added) kernels[kernel as keyof typeof kernels].variants.chi_squared = added;
  }
  modules["estimators/chi_squared.wgsl"] = built.texts.get("estimators/chi_squared.wgsl")!;
  (estimators as Record<string, EstimatorFacts>)[name] = built.estimators.find((facts) => facts.name === name)!;
}

it("is one file: built, registered, differentiated and trained without another change", async () => {
  register();
  expect(estimators[name]).toMatchObject({ title: "chi squared", bound: "none", invariant: "none", rows: false });
  const objective = (t: ArrayLike<number>) => {
    const { joint, marginal } = batchOf(t, 3);
    return 2 * mean(joint) - mean(marginal.map((v) => v * v)) - 1;
  };
  const scores = normals(1, 65 * 4);
  const { d_scores, steps } = await evaluate(name, scores, { joint: 65, marginals: 3 });
  const want = differences(objective, scores);
  expectClose(d_scores, want, { tolerance: 2e-5 * largest(want), what: "d_scores" });
  expectClose([steps[0]!.value], [objective(scores)], { tolerance: 1e-5, what: "value" });

  using trainer = await createTrainer(gpu, {
    source: oneHot(4),
    pairs: { joint: 128, negatives: "independent", perJoint: 2 },
    critic: mlp([16]),
    estimator: { ...remine(), name } as Estimator,
    optimizer: adam({ learningRate: 0.02 }),
    window: 50,
  });
  await trainer.step(300);
  // p / q is 4 where x = y and 0 elsewhere: 2 * 4 - 16 / 4 - 1 = 3. The spread of a batch of 256 is about 0.4.
  const { macro } = (await trainer.read()).averages[0]!;
  expect(Math.abs(macro - 3), `macro ${macro}`).toBeLessThan(0.25);
});
