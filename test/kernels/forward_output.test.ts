import { describe } from "vitest";
import { cellForms, it } from "../gpu.ts";
import { expectScores } from "./output.ts";

describe.each([
  { replicas: 1, rows: 1, inputs: 1, bias: 1 },
  { replicas: 3, rows: 63, inputs: 5, bias: 0 },
  { replicas: 1, rows: 64, inputs: 65, bias: 1 },
  { replicas: 3, rows: 65, inputs: 64, bias: 1 },
  { replicas: 1, rows: 257, inputs: 257, bias: 0 },
  { replicas: 3, rows: 5, inputs: 132, bias: 1 },
])("forward_output", (c) => {
  const { replicas, rows, inputs, bias } = c;
  it.each(cellForms(inputs))(`R ${replicas}, rows ${rows}, inputs ${inputs}, bias ${bias}, %s`, async (form) => {
    await expectScores("forward_output", c, [Math.ceil(rows / 64), replicas, 1], form);
  });
});
