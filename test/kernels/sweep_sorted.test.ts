import { describe } from "vitest";
import { kernels } from "../../src/gpu/shaders.gen.ts";
import { gpu, it } from "../gpu.ts";
import { holdToBruteForce, holdToOracle, sizes } from "./sorted.ts";

const { LANES, QUERIES_PER_LANE } = kernels.sweep_sorted.variants.only!.constants;
const form = { kernel: "sweep_sorted", queries: LANES! * QUERIES_PER_LANE! } as const;

describe.skipIf(gpu?.subgroupSize !== LANES)("sweep_sorted", () => {
  it.each(sizes)("$rows rows, $k neighbours, with ties and copies, are those of the oracle", (size) =>
    holdToOracle(form, size),
  );

  it("finds, of numbers that round, what the two kernels by brute force find", () => holdToBruteForce(form));
});
