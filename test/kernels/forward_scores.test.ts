import { describe } from "vitest";
import { cellForms, it } from "../gpu.ts";
import { expectScores } from "./output.ts";

describe.each([
  { replicas: 1, rows: 1, inputs: 1, bias: 1 },
  { replicas: 3, rows: 63, inputs: 5, bias: 0 },
  { replicas: 1, rows: 64, inputs: 65, bias: 1 }, // by fours and one by one
  { replicas: 3, rows: 65, inputs: 64, bias: 1 },
  { replicas: 1, rows: 257, inputs: 257, bias: 0 },
  { replicas: 3, rows: 5, inputs: 132, bias: 1 },
  { replicas: 2, rows: 9, inputs: 516, bias: 1 },
])("forward_scores", (c) => {
  const { replicas, rows, inputs, bias } = c;
  it.each(cellForms(inputs))(`R ${replicas}, rows ${rows}, inputs ${inputs}, bias ${bias}, %s`, async (form) => {
    // Four rows a workgroup, and of most cases so few that they stride.
    await expectScores("forward_scores", c, [Math.min(3, Math.ceil(rows / 4)), replicas, 1], form);
  });
});
