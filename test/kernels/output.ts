/** A last layer with one output, both ways, in the kernels that compute it. */

import { activationCode } from "../../src/critics/critic.ts";
import type { KernelName } from "../../src/gpu/program.ts";
import { awkward, CANARY, EPS, expectClose, normals, range, runKernel } from "../gpu.ts";
import { product } from "../oracle/linear.ts";
import type { slopes } from "./image.ts";

export interface OutputCase {
  replicas: number;
  rows: number;
  inputs: number;
  bias: number;
  /** M; default 1. */
  parts?: number;
}

type Form = "one" | "four";
type Grid = readonly [number, number, number];

/** Where the layer lies among the parameters of a replica: aligned for the form that reads fours. */
function placed({ replicas, rows, inputs, bias, parts = 1 }: OutputCase, form: Form) {
  const offset = form === "four" ? 8 : 3;
  const stride = form === "four" ? offset + inputs + 4 : offset + inputs + bias + 2;
  return { rows, inputs, outputs: 1, offset, stride, bias, replicas, sides: 1, apart: 0, parts };
}

export async function expectScores(kernel: KernelName, c: OutputCase, workgroups: Grid, form: Form): Promise<void> {
  const { replicas, rows, inputs, bias } = c;
  const dims = placed(c, form);
  const { offset, stride } = dims;
  const input = awkward(1, replicas * rows * inputs);
  const params = normals(2, replicas * stride);
  const { scores } = await runKernel(kernel, { dims, input, params, scores: replicas * rows }, workgroups, form);
  for (let r = 0; r < replicas; r++) {
    const in1 = (row: number, k: number) => (k < inputs ? input[(r * rows + row) * inputs + k]! : 1);
    const { value, magnitude } = product(rows, inputs + bias, 1, in1, (k) => params[r * stride + offset + k]!);
    const got = scores!.subarray(r * rows, (r + 1) * rows);
    expectClose(got, value, { tolerance: (inputs + 2) * EPS, scale: magnitude, what: `scores of replica ${r}` });
  }
}

export async function expectGradients(
  kernel: KernelName,
  c: OutputCase,
  workgroups: Grid,
  form: Form,
  { below, stored, slopeFrom }: (typeof slopes)[number],
): Promise<void> {
  const { replicas, rows, inputs, bias, parts = 1 } = c;
  const dims = placed(c, form);
  const { offset, stride } = dims;
  const d_scores = awkward(1, replicas * rows);
  const input = awkward(4, replicas * rows * inputs);
  const slope = awkward(2, replicas * rows * inputs);
  const params = normals(3, replicas * stride);
  const { d_input, d_params } = await runKernel(
    kernel,
    { dims, d_scores, params, input, slope, d_input: slope.length, d_params: parts * replicas * stride },
    workgroups,
    form,
    { ACTIVATION: activationCode[below], SLOPE_STORED: stored },
  );
  const want = Float64Array.from(slope, (s, i) => {
    const row = Math.floor(i / inputs);
    const weight = params[Math.floor(row / rows) * stride + offset + (i % inputs)]!;
    return d_scores[row]! * weight * slopeFrom(stored ? s : input[i]!);
  });
  // Two products; below the smallest normal number an adapter may flush to 0.
  expectClose(d_input!, want, { tolerance: 3 * EPS, scale: want.map((v) => Math.abs(v) + 1e-30), what: "d_input" });

  const each = Math.ceil(rows / parts);
  for (const part of range(parts)) {
    const first = Math.min(part * each, rows);
    const depth = Math.min(each, rows - first);
    for (const r of range(replicas)) {
      // A bias is a weight on an input of 1.
      const transposed = (unit: number, k: number) =>
        unit < inputs ? input[(r * rows + first + k) * inputs + unit]! : 1;
      const sum = product(inputs + bias, depth, 1, transposed, (k) => d_scores[r * rows + first + k]!);
      // Whatever lies before and after the layer is another layer's and stays.
      const gradient = new Float64Array(stride).fill(CANARY);
      const scale = new Float64Array(stride);
      gradient.set(sum.value, offset);
      scale.set(sum.magnitude, offset);
      const at = (part * replicas + r) * stride;
      const what = `part ${part} of d_params of replica ${r}`;
      expectClose(d_params!.subarray(at, at + stride), gradient, { tolerance: (depth + 1) * EPS, scale, what });
    }
  }
}
