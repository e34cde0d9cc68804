import { describe } from "vitest";
import { cellForms, it } from "../gpu.ts";
import { slopes } from "./image.ts";
import { expectGradients } from "./output.ts";

describe.each([
  { replicas: 1, rows: 1, inputs: 1, bias: 1, parts: 1 },
  { replicas: 3, rows: 63, inputs: 65, bias: 1, parts: 2 },
  { replicas: 1, rows: 64, inputs: 64, bias: 0, parts: 1 },
  { replicas: 3, rows: 5, inputs: 5, bias: 1, parts: 4 }, // the last part is empty
  { replicas: 2, rows: 257, inputs: 132, bias: 1, parts: 1 }, // by four rows and one by one
  { replicas: 3, rows: 300, inputs: 36, bias: 1, parts: 2 },
])("backward_scores", (c) => {
  const { replicas, rows, inputs, bias, parts } = c;
  // The identity's slope is backward_output's to test: a form more here takes seconds to compile.
  const cases = slopes.slice(0, 2).flatMap((one) => cellForms(inputs).map((form) => ({ ...one, form })));
  const name = `R ${replicas}, rows ${rows}, inputs ${inputs}, bias ${bias}, M ${parts}`;
  it.each(cases)(`${name}, above $below, $form`, async (one) => {
    await expectGradients("backward_scores", c, [Math.ceil(inputs / 32), parts, replicas], one.form, one);
  });
});
