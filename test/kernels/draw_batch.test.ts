import { describe } from "vitest";
import { cases, testDraws } from "./draws.ts";

describe.each(cases)("draw_batch, R $replicas, N $joint, B $rows", (c) => {
  testDraws("draw_batch", c);
});
