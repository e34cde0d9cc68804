import { describe } from "vitest";
import { geometry } from "../../src/gpu/shaders.gen.ts";
import { it } from "../gpu.ts";
import { holdToBruteForce, holdToOracle, sizes } from "./sorted.ts";

const form = { kernel: "search_sorted", queries: geometry.WG_SIZE } as const;

describe("search_sorted", () => {
  it.each(sizes)("$rows rows, $k neighbours, with ties and copies, are those of the oracle", (size) =>
    holdToOracle(form, size),
  );

  it("finds, of numbers that round, what the two kernels by brute force find", () => holdToBruteForce(form));
});
