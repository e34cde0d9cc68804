/** The gradient of sum_s d_scores[s] T(x_s, y_s) by the parameters of a perceptron, by the chain rule in float64. */
import { type Activation, activate } from "./critic.ts";

export interface Perceptron {
  /** Width of [x; y], then of every hidden layer. */
  widths: readonly number[];
  activation: Activation;
  outputBias: boolean;
}

interface Pass {
  t: number;
  /** What enters each layer. */
  inputs: number[][];
  /** Slopes of each hidden layer. */
  slopes: number[][];
}

/** T of one input, with what the backward pass needs. */
export function forward(
  { widths, activation, outputBias }: Perceptron,
  params: ArrayLike<number>,
  input: number[],
): Pass {
  const inputs = [input];
  const slopes: number[][] = [];
  const sizes = [...widths, 1];
  let at = 0;
  for (let l = 1; l < sizes.length; l++) {
    const [before, z] = [inputs[l - 1]!, new Array<number>(sizes[l]!).fill(0)];
    for (const value of before) for (let o = 0; o < z.length; o++) z[o]! += value * params[at++]!;
    const isLast = l === sizes.length - 1;
    if (!isLast || outputBias) for (let o = 0; o < z.length; o++) z[o]! += params[at++]!;
    if (isLast) return { t: z[0]!, inputs, slopes };
    const units = z.map((v) => activate(activation, v));
    slopes.push(units.map((unit) => unit.slope));
    inputs.push(units.map((unit) => unit.value));
  }
  throw new Error("a perceptron has an output");
}

/** Adds one pair's gradient, and the magnitudes of its terms, which rounding errors are relative to. */
export function backward(
  { widths, outputBias }: Perceptron,
  params: ArrayLike<number>,
  { inputs, slopes }: Pass,
  d_t: number,
  d_params: Float64Array,
  scale: Float64Array,
): void {
  const sizes = [...widths, 1];
  const starts: number[] = [];
  let at = 0;
  for (let l = 1; l < sizes.length; l++) {
    starts.push(at);
    at += (sizes[l - 1]! + (l < sizes.length - 1 || outputBias ? 1 : 0)) * sizes[l]!;
  }
  let d = [d_t];
  let size = [Math.abs(d_t)];
  for (let l = sizes.length - 1; l >= 1; l--) {
    const [input, start, width] = [inputs[l - 1]!, starts[l - 1]!, sizes[l]!];
    const hasBias = l < sizes.length - 1 || outputBias;
    const add = (p: number, value: number, magnitude: number) => {
      d_params[p]! += value;
      scale[p]! += magnitude;
    };
    for (let o = 0; o < width; o++) {
      input.forEach((value, i) => {
        add(start + i * width + o, value * d[o]!, Math.abs(value) * size[o]!);
      });
      if (hasBias) add(start + input.length * width + o, d[o]!, size[o]!);
    }
    if (l === 1) return;
    const weight = (i: number, o: number) => params[start + i * width + o]!;
    const slope = slopes[l - 2]!;
    const [above, sizesAbove] = [d, size];
    d = input.map((_, i) => slope[i]! * above.reduce((sum, v, o) => sum + v * weight(i, o), 0));
    size = input.map(
      (_, i) => Math.abs(slope[i]!) * sizesAbove.reduce((sum, v, o) => sum + v * Math.abs(weight(i, o)), 0),
    );
  }
}
