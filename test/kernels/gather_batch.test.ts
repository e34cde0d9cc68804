import { describe } from "vitest";
import { cases, testDraws } from "./draws.ts";

describe.each(cases)("gather_batch, R $replicas, N $joint, B $rows", (c) => {
  testDraws("gather_batch", c);
});
