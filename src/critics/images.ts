/** Sizes of images on their way through a convolutional critic; nothing here touches a GPU. */

import { InputError } from "../errors.ts";
import { checkOptions, keysOf } from "../options.ts";
import type { LayerSize } from "./shape.ts";

/** An image in memory: rows of pixels, the channels of a pixel side by side. */
export interface ImageSize {
  height: number;
  width: number;
  channels: number;
}

/** A square window that moves over an image. */
export interface Window {
  /** Its side, in pixels. */
  size: number;
  /** Pixels from one window to the next. */
  stride: number;
  /** `valid`: windows lie inside. `same`: ⌈side / stride⌉ windows, padded as TensorFlow does: half, rounded down, before. */
  padding: "same" | "valid";
}

/** One layer of a convolutional critic. Convolutions, residual blocks and dense layers end in the critic's activation. */
export type ConvLayer =
  /** `channels` kernels of `size` × `size`. Defaults: stride 1, padding `same`. */
  | { kind: "conv"; channels: number; size: number; stride?: number; padding?: Window["padding"] }
  /** The largest of each window, per channel; of equal ones the first. Defaults: stride = size, padding `valid`. */
  | { kind: "pool"; size: number; stride?: number; padding?: Window["padding"] }
  /** input + conv(act(conv(input))): a basic block (He et al. 2016, arXiv:1512.03385). Defaults: size 3, stride 1. */
  | { kind: "residual"; channels: number; size?: number; stride?: number }
  /** The mean of each channel over all pixels. */
  | { kind: "mean" }
  /** A fully connected layer on whatever is there, flattened. */
  | { kind: "dense"; units: number };

type Kind = ConvLayer["kind"];
type LayerOf<K extends Kind> = Extract<ConvLayer, { kind: K }>;

const layerKeys: Record<Kind, readonly string[]> = {
  conv: keysOf<LayerOf<"conv">>()("kind channels size stride padding"),
  pool: keysOf<LayerOf<"pool">>()("kind size stride padding"),
  residual: keysOf<LayerOf<"residual">>()("kind channels size stride"),
  mean: keysOf<LayerOf<"mean">>()("kind"),
  dense: keysOf<LayerOf<"dense">>()("kind units"),
};

/** What the WGSL's ImageDims says of a window over an image. */
export interface WindowDims extends ImageSize {
  out_height: number;
  out_width: number;
  size: number;
  pixel_stride: number;
  pad_top: number;
  pad_left: number;
}

/** One layer with every size known. */
export interface Stage {
  kind: Kind;
  input: ImageSize;
  output: ImageSize;
  /** One per convolution or pooling of the layer, in order; the projection of a residual block comes last. */
  windows: WindowDims[];
  weights: LayerSize[];
}

export const unitsOf = ({ height, width, channels }: ImageSize): number => height * width * channels;

/** @throws {InputError} when no window fits into the image; `what` names the layer */
export function windowOver(image: ImageSize, { size, stride, padding }: Window, what = "a layer"): WindowDims {
  const along = (side: number) => {
    if (padding === "valid") return { count: Math.floor((side - size) / stride) + 1, before: 0 };
    const count = Math.ceil(side / stride);
    return { count, before: Math.floor(Math.max((count - 1) * stride + size - side, 0) / 2) };
  };
  const [down, across] = [along(image.height), along(image.width)];
  if (down.count < 1 || across.count < 1) {
    throw new InputError(
      `${what} moves a ${size} x ${size} window over an image of ${image.height} x ${image.width}, which leaves ` +
        'nothing. Use padding: "same", a smaller window, or smaller strides and pools before it.',
    );
  }
  return {
    ...image,
    out_height: down.count,
    out_width: across.count,
    size,
    pixel_stride: stride,
    pad_top: down.before,
    pad_left: across.before,
  };
}

/** Follows an image through the layers. @throws {InputError} naming the layer that does not fit */
export function stagesOf(image: ImageSize, layers: readonly ConvLayer[]): Stage[] {
  let input = image;
  return layers.map((layer, i) => {
    const what = `layers[${i}] (${layer.kind})`;
    checkOptions(what, layer, layerKeys[layer.kind] ?? Object.keys(layer)); // a kind that is none is refused below
    const stage = stageOf(layer, input, what);
    input = stage.output;
    return stage;
  });
}

function stageOf(layer: ConvLayer, input: ImageSize, what: string): Stage {
  for (const [name, value] of Object.entries(layer)) {
    if (typeof value === "number" && (!Number.isInteger(value) || value < 1)) {
      throw new InputError(`"${name}" of ${what} must be a positive integer, got ${value}`);
    }
  }
  const through = ({ out_height, out_width }: WindowDims, channels: number): ImageSize => ({
    height: out_height,
    width: out_width,
    channels,
  });
  const kernels = ({ size, channels: inputs }: WindowDims, outputs: number, gain = 1): LayerSize => ({
    inputs: size * size * inputs,
    outputs,
    bias: true,
    gain,
  });
  switch (layer.kind) {
    case "conv": {
      const { channels, size, stride = 1, padding = "same" } = layer;
      const window = windowOver(input, { size, stride, padding }, what);
      return {
        kind: "conv",
        input,
        output: through(window, channels),
        windows: [window],
        weights: [kernels(window, channels)],
      };
    }
    case "pool": {
      const { size, stride = size, padding = "valid" } = layer;
      const window = windowOver(input, { size, stride, padding }, what);
      return { kind: "pool", input, output: through(window, input.channels), windows: [window], weights: [] };
    }
    case "residual": {
      const { channels, size = 3, stride = 1 } = layer;
      const first = windowOver(input, { size, stride, padding: "same" }, what);
      const output = through(first, channels);
      const second = windowOver(output, { size, stride: 1, padding: "same" }, what);
      // Without normalisation a block that starts as the identity trains (Zhang et al. 2019, arXiv:1901.09321).
      const stage = { windows: [first, second], weights: [kernels(first, channels), kernels(second, channels, 0)] };
      if (stride > 1 || channels !== input.channels) {
        const projection = windowOver(input, { size: 1, stride, padding: "same" }, what);
        stage.windows.push(projection);
        stage.weights.push(kernels(projection, channels));
      }
      return { kind: "residual", input, output, ...stage };
    }
    case "mean": {
      const window = windowOver({ ...input }, { size: 1, stride: 1, padding: "same" }, what);
      return {
        kind: "mean",
        input,
        output: { height: 1, width: 1, channels: input.channels },
        windows: [{ ...window, out_height: 1, out_width: 1 }],
        weights: [],
      };
    }
    case "dense":
      return {
        kind: "dense",
        input,
        output: { height: 1, width: 1, channels: layer.units },
        windows: [],
        weights: [{ inputs: unitsOf(input), outputs: layer.units, bias: true }],
      };
    default:
      throw new InputError(`${what}: "kind" must be one of conv, pool, residual, mean, dense`);
  }
}
