/** T of one pair and its gradient by the parameters of a convolutional critic, by the chain rule in float64. */
import type { Layer, Network } from "./conv.ts";
import { type Activation, activate } from "./critic.ts";
import { type Image, windows } from "./image.ts";

/** What lies between two layers: z, then in its place act(z). */
interface Feature {
  height: number;
  width: number;
  channels: number;
  values: Float64Array;
}

/** Gradients by features, zeros at first. */
type Gradients = (feature: Feature) => Float64Array;
type Back = (d: Gradients, d_params: Float64Array) => void;

interface Pass {
  t: number;
  /** Adds d_t times the gradient of T to d_params. */
  backward(d_t: number, d_params: Float64Array): void;
}

/** The network of src/critics/conv.ts's selfConsistencyNet(). */
export const selfConsistency: readonly Layer[] = [
  { kind: "conv", channels: 32, size: 3 },
  { kind: "conv", channels: 64, size: 3 },
  { kind: "pool", size: 3 },
  { kind: "residual", channels: 64 },
  { kind: "residual", channels: 64 },
  { kind: "conv", channels: 64, size: 3 },
  { kind: "mean" },
  { kind: "dense", units: 256 },
];

const feature = (height: number, width: number, channels: number): Feature => {
  return { height, width, channels, values: new Float64Array(height * width * channels) };
};

/** A window that moves over a feature. */
function windowOver(input: Feature, outputs: number, size: number, stride: number, padding: "same" | "valid"): Image {
  const along = (side: number) => {
    if (padding === "valid") return { out: Math.floor((side - size) / stride) + 1, pad: 0 };
    const out = Math.ceil(side / stride);
    return { out, pad: Math.floor(Math.max(0, (out - 1) * stride + size - side) / 2) };
  };
  const [rows, cols] = [along(input.height), along(input.width)];
  const { height, width, channels } = input;
  return {
    ...{ images: 1, height, width, channels, out_channels: outputs, size, pixel_stride: stride },
    ...{ out_height: rows.out, out_width: cols.out, pad_top: rows.pad, pad_left: cols.pad },
  };
}

/** Which of some numbers are not zero: most gradients behind a pool are. */
const notZero = (list: Float64Array, from: number, count: number): Int32Array =>
  Int32Array.from(Array.from({ length: count }, (_, i) => i).filter((i) => list[from + i] !== 0));

/** Layers as they pass, with what takes each of them back. */
class Tape {
  readonly #params: Float64Array;
  readonly #back: Back[] = [];
  #at = 0;

  constructor(params: Float64Array) {
    this.#params = params;
  }

  /** Adds a convolution by the next weights to z. */
  convolve(z: Feature, input: Feature, image: Image, bias = true): void {
    const [params, at] = [this.#params, this.#at];
    const { channels, out_channels: outputs, size } = image;
    const biases = at + size ** 2 * channels * outputs;
    this.#at = biases + (bias ? outputs : 0);
    const [from, to] = [input.values, z.values];
    windows(image, (outPixel, pixel, tap) => {
      const out = outPixel * outputs;
      for (let c = 0; c < channels; c++) {
        const value = from[pixel * channels + c]!;
        const row = at + (tap * channels + c) * outputs;
        if (value !== 0) for (let o = 0; o < outputs; o++) to[out + o]! += value * params[row + o]!;
      }
    });
    if (bias) for (let i = 0; i < to.length; i++) to[i]! += params[biases + (i % outputs)]!;
    this.#back.push((d, d_params) => {
      const [d_z, d_input] = [d(z), d(input)];
      let filled = { pixel: -1, units: new Int32Array() as Int32Array };
      windows(image, (outPixel, pixel, tap) => {
        const out = outPixel * outputs;
        if (filled.pixel !== outPixel) filled = { pixel: outPixel, units: notZero(d_z, out, outputs) };
        for (let c = 0; c < channels; c++) {
          const value = from[pixel * channels + c]!;
          // What is zero under ReLU has no slope, nor has all that it is the largest or the mean of.
          if (value === 0) continue;
          const row = at + (tap * channels + c) * outputs;
          let sum = 0;
          for (const o of filled.units) {
            sum += d_z[out + o]! * params[row + o]!;
            d_params[row + o]! += value * d_z[out + o]!;
          }
          d_input[pixel * channels + c]! += sum;
        }
      });
      if (bias) for (let i = 0; i < d_z.length; i++) d_params[biases + (i % outputs)]! += d_z[i]!;
    });
  }

  convolved(input: Feature, outputs: number, size: number, stride = 1, padding: "same" | "valid" = "same"): Feature {
    const image = windowOver(input, outputs, size, stride, padding);
    const z = feature(image.out_height, image.out_width, outputs);
    this.convolve(z, input, image);
    return z;
  }

  /** Turns z into act(z). */
  act(z: Feature, activation: Activation): Feature {
    const slopes = new Float64Array(z.values.length);
    z.values.forEach((v, i) => {
      const { value, slope } = activate(activation, v);
      z.values[i] = value;
      slopes[i] = slope;
    });
    this.#back.push((d) => {
      const d_z = d(z);
      for (let i = 0; i < d_z.length; i++) d_z[i]! *= slopes[i]!;
    });
    return z;
  }

  pool(input: Feature, size: number, stride: number, padding: "same" | "valid"): Feature {
    const { channels } = input;
    const image = windowOver(input, channels, size, stride, padding);
    const output = feature(image.out_height, image.out_width, channels);
    const winner = new Int32Array(output.values.length).fill(-1);
    windows(image, (outPixel, pixel) => {
      for (let c = 0; c < channels; c++) {
        const [from, to] = [pixel * channels + c, outPixel * channels + c];
        if (winner[to] !== -1 && input.values[from]! <= output.values[to]!) continue;
        winner[to] = from;
        output.values[to] = input.values[from]!;
      }
    });
    this.#back.push((d) => {
      const [d_output, d_input] = [d(output), d(input)];
      winner.forEach((from, to) => {
        d_input[from]! += d_output[to]!;
      });
    });
    return output;
  }

  residual(input: Feature, { channels: outputs, size = 3, stride = 1 }: Layer & { kind: "residual" }, act: Activation) {
    const middle = this.act(this.convolved(input, outputs, size, stride), act);
    const sum = this.convolved(middle, outputs, size);
    if (stride > 1 || outputs !== input.channels) {
      this.convolve(sum, input, windowOver(input, outputs, 1, stride, "same"));
    } else {
      const add = (to: Float64Array, from: Float64Array) => {
        for (let i = 0; i < to.length; i++) to[i]! += from[i]!;
      };
      add(sum.values, input.values);
      this.#back.push((d) => add(d(input), d(sum)));
    }
    return this.act(sum, act);
  }

  mean(input: Feature): Feature {
    const { height, width, channels } = input;
    const output = feature(1, 1, channels);
    const share = 1 / (height * width);
    input.values.forEach((v, i) => {
      output.values[i % channels]! += share * v;
    });
    this.#back.push((d) => {
      const [d_output, d_input] = [d(output), d(input)];
      for (let i = 0; i < d_input.length; i++) d_input[i]! += share * d_output[i % channels]!;
    });
    return output;
  }

  /** A layer of `outputs` units on all of the input, before its activation. */
  dense(input: Feature, outputs: number): Feature {
    const flat = { ...input, height: 1, width: 1, channels: input.values.length };
    this.#back.push((d) => d(input).set(d(flat)));
    return this.convolved(flat, outputs, 1);
  }

  /** Takes everything back, from d_t on. */
  backward(score: Feature, d_t: number, d_params: Float64Array): void {
    const all = new Map<Feature, Float64Array>();
    const d: Gradients = (f) => all.get(f) ?? all.set(f, new Float64Array(f.values.length)).get(f)!;
    d(score)[0] = d_t;
    for (const back of this.#back.toReversed()) back(d, d_params);
  }
}

/** T of one pair; `params` as the library lays them out (W, then b, layer after layer; the first W is W_x, then W_y). */
export function scored(network: Network, params: Float64Array, x: ArrayLike<number>, y: ArrayLike<number>): Pass {
  const { height, width, channels, layers, activation } = network;
  const tape = new Tape(params);
  const [ofX, ofY] = [x, y].map((row, side) => {
    return { height, width, channels: channels[side]!, values: Float64Array.from(row) };
  }) as [Feature, Feature];

  const first = (layer: Layer & { kind: "conv" }): Feature => {
    const over = (image: Feature) =>
      windowOver(image, layer.channels, layer.size, layer.stride ?? 1, layer.padding ?? "same");
    const z = feature(over(ofX).out_height, over(ofX).out_width, layer.channels);
    tape.convolve(z, ofX, over(ofX), false);
    tape.convolve(z, ofY, over(ofY));
    return tape.act(z, activation);
  };
  const through = (f: Feature, layer: Layer): Feature => {
    switch (layer.kind) {
      case "conv":
        return tape.act(tape.convolved(f, layer.channels, layer.size, layer.stride, layer.padding), activation);
      case "pool":
        return tape.pool(f, layer.size, layer.stride ?? layer.size, layer.padding ?? "valid");
      case "residual":
        return tape.residual(f, layer, activation);
      case "mean":
        return tape.mean(f);
      case "dense":
        return tape.act(tape.dense(f, layer.units), activation);
    }
  };
  const [head, ...rest] = layers as [Layer & { kind: "conv" }, ...Layer[]];
  const score = tape.dense(rest.reduce(through, first(head)), 1);
  return { t: score.values[0]!, backward: (d_t, d_params) => tape.backward(score, d_t, d_params) };
}
