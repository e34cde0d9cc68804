/** A convolutional critic T(x, y) by its definition: the two images stacked on channels, every pair on its own, in float64. */
import { type Activation, activate } from "./critic.ts";
import { convolve, type Image, pool } from "./image.ts";

export type Layer =
  | { kind: "conv"; channels: number; size: number; stride?: number; padding?: "same" | "valid" }
  | { kind: "pool"; size: number; stride?: number; padding?: "same" | "valid" }
  | { kind: "residual"; channels: number; size?: number; stride?: number }
  | { kind: "mean" }
  | { kind: "dense"; units: number };

export interface Network {
  height: number;
  width: number;
  channels: readonly [number, number];
  layers: readonly Layer[];
  activation: Activation;
}

interface Feature {
  height: number;
  width: number;
  channels: number;
  values: ArrayLike<number>;
}

/** How near a decision a forward pass came: |z| at ReLU's kink, and the lead of a pool's largest value. */
export interface Margin {
  kink: number;
  lead: number;
}

/** T of one pair; `params` as the library lays them out (W, then b, layer after layer; the first W is W_x, then W_y). */
export function scorePair(
  { height, width, channels, layers, activation }: Network,
  params: ArrayLike<number>,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  margin: Margin = { kink: 0, lead: 0 },
): number {
  let at = 0;
  const take = (count: number) => Array.from({ length: count }, () => params[at++]!);

  const act = (f: Feature): Feature => ({
    ...f,
    values: Array.from(f.values, (z) => {
      margin.kink = Math.min(margin.kink, Math.abs(z));
      return activate(activation, z).value;
    }),
  });
  const windowed = (f: Feature, size: number, stride: number, padding: string): Image => {
    const along = (side: number) => {
      if (padding === "valid") return { out: Math.floor((side - size) / stride) + 1, pad: 0 };
      const out = Math.ceil(side / stride);
      const total = Math.max(0, (out - 1) * stride + size - side);
      return { out, pad: (total - (total % 2)) / 2 };
    };
    const [rows, cols] = [along(f.height), along(f.width)];
    return {
      ...{ images: 1, height: f.height, width: f.width, channels: f.channels, out_channels: f.channels },
      ...{
        out_height: rows.out,
        out_width: cols.out,
        size,
        pixel_stride: stride,
        pad_top: rows.pad,
        pad_left: cols.pad,
      },
    };
  };
  const conv = (f: Feature, outputs: number, size: number, stride: number, padding: string, weights?: number[]) => {
    const image = { ...windowed(f, size, stride, padding), out_channels: outputs };
    const all = weights ?? take((size * size * f.channels + 1) * outputs);
    return {
      ...{ height: image.out_height, width: image.out_width, channels: outputs },
      values: convolve(image, f.values, all, true).value,
    };
  };
  const dense = (values: ArrayLike<number>, outputs: number) => {
    const weights = take((values.length + 1) * outputs);
    return Array.from({ length: outputs }, (_, o) => {
      let z = weights[values.length * outputs + o]!;
      for (let i = 0; i < values.length; i++) z += values[i]! * weights[i * outputs + o]!;
      return z;
    });
  };

  /** Two blocks of weights, one for the channels of each image, become one for the stacked image. */
  function stacked(taps: number, outputs: number): number[] {
    const [ofX, ofY] = channels.map((inputs) => take(taps * inputs * outputs)) as [number[], number[]];
    const all: number[] = [];
    for (let tap = 0; tap < taps; tap++) {
      all.push(...ofX.slice(tap * channels[0] * outputs, (tap + 1) * channels[0] * outputs));
      all.push(...ofY.slice(tap * channels[1] * outputs, (tap + 1) * channels[1] * outputs));
    }
    return [...all, ...take(outputs)];
  }

  const values: number[] = [];
  for (let pixel = 0; pixel < height * width; pixel++) {
    for (let c = 0; c < channels[0]; c++) values.push(x[pixel * channels[0] + c]!);
    for (let c = 0; c < channels[1]; c++) values.push(y[pixel * channels[1] + c]!);
  }
  let f: Feature = { height, width, channels: channels[0] + channels[1], values };
  layers.forEach((layer, i) => {
    switch (layer.kind) {
      case "conv": {
        const weights = i === 0 ? stacked(layer.size ** 2, layer.channels) : undefined;
        f = act(conv(f, layer.channels, layer.size, layer.stride ?? 1, layer.padding ?? "same", weights));
        break;
      }
      case "pool": {
        const image = windowed(f, layer.size, layer.stride ?? layer.size, layer.padding ?? "valid");
        const { value, pixel } = pool(image, f.values);
        // With each winner away, the next best says how much it won by.
        const without = Array.from(f.values);
        pixel.forEach((p, o) => {
          without[p * f.channels + (o % f.channels)] = Number.NEGATIVE_INFINITY;
        });
        pool(image, without).value.forEach((next, o) => {
          if (value[o]! !== 0) margin.lead = Math.min(margin.lead, value[o]! - next);
        });
        f = { height: image.out_height, width: image.out_width, channels: f.channels, values: value };
        break;
      }
      case "residual": {
        const { channels: outputs, size = 3, stride = 1 } = layer;
        const input = f;
        const branch = conv(act(conv(input, outputs, size, stride, "same")), outputs, size, 1, "same");
        const isProjected = stride > 1 || outputs !== input.channels;
        const skip = isProjected ? conv(input, outputs, 1, stride, "same") : input;
        f = act({ ...branch, values: branch.values.map((v, j) => v + skip.values[j]!) });
        break;
      }
      case "mean": {
        const pixels = f.height * f.width;
        const means = new Float64Array(f.channels);
        for (let j = 0; j < f.values.length; j++) means[j % f.channels]! += f.values[j]! / pixels;
        f = { height: 1, width: 1, channels: f.channels, values: means };
        break;
      }
      case "dense":
        f = act({ height: 1, width: 1, channels: layer.units, values: dense(f.values, layer.units) });
        break;
    }
  });
  return dense(f.values, 1)[0]!;
}
