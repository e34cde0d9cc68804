import { describe } from "vitest";
import { cellForms, it } from "../gpu.ts";
import { slopes } from "./image.ts";
import { expectGradients } from "./output.ts";

describe.each([
  { replicas: 1, rows: 1, inputs: 1, bias: 1 },
  { replicas: 3, rows: 63, inputs: 65, bias: 1 },
  { replicas: 1, rows: 64, inputs: 64, bias: 0 },
  { replicas: 3, rows: 65, inputs: 5, bias: 0 },
  { replicas: 1, rows: 257, inputs: 130, bias: 1 },
  { replicas: 3, rows: 5, inputs: 132, bias: 1 },
])("backward_output", (c) => {
  const { replicas, rows, inputs, bias } = c;
  const cases = slopes.flatMap((one) => cellForms(inputs).map((form) => ({ ...one, form })));
  it.each(cases)(`R ${replicas}, rows ${rows}, inputs ${inputs}, bias ${bias}, above $below, $form`, async (one) => {
    await expectGradients("backward_output", c, [Math.ceil(inputs / 64), replicas, 1], one.form, one);
  });
});
