/** The end of a step in one dispatch, on a software adapter. */
import { describe } from "vitest";
import { kernels } from "../../src/gpu/shaders.gen.ts";
import { gpu, it, runKernel } from "../gpu.ts";
import { type FinishCase, finishCase } from "./finish.ts";

const cases: FinishCase[] = [
  { kernel: "step_adam", replicas: 1, count: 1 },
  { kernel: "step_adam", replicas: 3, count: 65 },
  { kernel: "step_momentum", replicas: 3, count: 63 },
  { kernel: "step_sgd", replicas: 3, count: 31 },
  { kernel: "step_adam", replicas: 1, count: 257 },
];

/** An adapter of any other subgroup size never runs this kernel: src/gpu/profile.ts. */
const runs = gpu?.subgroupSize === kernels.finish_step.variants.remine!.constants.FINISH_LANES;

describe.skipIf(!runs)("finish_step", () => {
  it.each(cases)("$kernel, R $replicas, P $count", async (c) => {
    const { inputs, overrides, expectStep, expectRecord, expectClock } = finishCase(c);
    const got = await runKernel("finish_step", inputs, [c.replicas, 1, 1], "remine", overrides);
    expectStep(got);
    expectRecord(got);
    expectClock(got);
  });
});
