/** Critics of images. */

import { InputError } from "../errors.ts";
import { dispatch } from "../gpu/program.ts";
import { checkCounts, checkOptions, keysOf } from "../options.ts";
import { type Activation, type Critic, type CriticContext, checkActivation } from "./critic.ts";
import { LayerBuilder } from "./features.ts";
import { type ConvLayer, type ImageSize, type Stage, stagesOf, unitsOf } from "./images.ts";
import { cellOf, cells, pairDims } from "./layers.ts";
import { type Layer, rowsOf } from "./shape.ts";

/** Images that are compared: x and y are equally high and wide. */
export interface ConvImages {
  height: number;
  width: number;
  /** Channels of x and of y. A row of the data is an image (height, width, channels), flattened: channels last. */
  channels: readonly [number, number];
}

export interface ConvOptions extends ConvImages {
  /** First a `conv`. */
  layers: readonly ConvLayer[];
  /** Default `relu`. */
  activation?: Activation;
  /** Whether the last layer adds a constant. Default true. */
  outputBias?: boolean;
}

const IMAGE_KEYS = keysOf<ConvImages>()("height width channels");
const KEYS = [...IMAGE_KEYS, ...keysOf<Omit<ConvOptions, keyof ConvImages>>()("layers activation outputBias")];

/**
 * A convolutional critic T(x, y) of two images, stacked on their channels. The last layer, one score, is implied.
 *
 * The first layer is a convolution and is factored: W * [x; y] + b = W_x * x + (W_y * y + b), so each image of the batch
 * passes it once, whatever the number of pairs that it is in. There is no batch normalisation; weights are drawn as He et
 * al. 2015 (arXiv:1502.01852) do, and a residual block starts as the identity.
 *
 * @throws {InputError} naming the size that is not a positive integer, or the layer that leaves nothing of the image
 * @example
 * conv({ height: 28, width: 28, channels: [1, 1], layers: [
 *   { kind: "conv", channels: 32, size: 3 }, { kind: "pool", size: 3 }, { kind: "mean" }, { kind: "dense", units: 64 },
 * ] })
 */
export function conv(options: ConvOptions): Critic {
  checkOptions("conv", options, KEYS);
  const { height, width, channels, layers, activation = "relu", outputBias = true } = options;
  checkActivation(activation);
  checkCounts({ height, width, "channels[0]": channels[0], "channels[1]": channels[1] });
  if (layers[0]?.kind !== "conv") {
    throw new InputError(`"layers" must begin with a convolution: { kind: "conv", channels: 32, size: 3 }`);
  }
  const both = channels[0] + channels[1];
  const [first, ...rest] = stagesOf({ height, width, channels: both }, layers) as [Stage, ...Stage[]];
  const last = unitsOf((rest.at(-1) ?? first).output);
  return {
    kind: "conv",
    initialisation: "he-normal",
    layers: (xWidth, yWidth) => {
      checkWidth("x", xWidth, { height, width, channels: channels[0] });
      checkWidth("y", yWidth, { height, width, channels: channels[1] });
      const score = { inputs: last, outputs: 1, bias: outputBias };
      return [...[first, ...rest].flatMap(({ weights }) => weights), score];
    },
    passes(context) {
      const build = new LayerBuilder(context, activation);
      const parts = [firstLayer(build, first, channels)];
      for (const stage of rest) parts.push(build.layer(stage, parts.at(-1)!.output));
      const score = build.score(parts.at(-1)!.output);
      return {
        forward: [...parts.flatMap(({ forward }) => forward), ...score.forward],
        backward: context.gradients ? [...score.backward, ...parts.reverse().flatMap(({ backward }) => backward)] : [],
      };
    },
  };
}

/**
 * The network of ReMINE's self-consistency tests: 32 and 64 channels of 3 x 3, max pool 3, two residual blocks, 64
 * channels, mean over pixels, 256 units. Batch normalisation and dropout are left out: the released script runs both in
 * inference mode, where the one is the identity until it is trained and the other is off.
 */
export function selfConsistencyNet(images: ConvImages): Critic {
  checkOptions("selfConsistencyNet", images, IMAGE_KEYS);
  return conv({
    ...images,
    layers: [
      { kind: "conv", channels: 32, size: 3 },
      { kind: "conv", channels: 64, size: 3 },
      { kind: "pool", size: 3 },
      { kind: "residual", channels: 64 },
      { kind: "residual", channels: 64 },
      { kind: "conv", channels: 64, size: 3 },
      { kind: "mean" },
      { kind: "dense", units: 256 },
    ],
  });
}

/**
 * ResNet-18 (He et al. 2016, arXiv:1512.03385) with one output and no batch normalisation: 4 stages of 2 basic blocks,
 * 64 to 512 channels, halved and projected (1 x 1) between the stages.
 *
 * @param options.stem `3` for small images: one 3 x 3 convolution. `7` for large ones: 7 x 7 by 2, then max pool 3 by 2.
 */
export function resnet18(options: ConvImages & { stem?: 3 | 7 }): Critic {
  const { stem = 3, ...images } = checkOptions("resnet18", options, [...IMAGE_KEYS, "stem"]);
  if (stem !== 3 && stem !== 7) throw new InputError(`"stem" must be 3 or 7, got ${stem}`);
  const stages = [64, 128, 256, 512].flatMap((channels, i): ConvLayer[] => [
    { kind: "residual", channels, stride: i === 0 ? 1 : 2 },
    { kind: "residual", channels },
  ]);
  return conv({
    ...images,
    layers: [
      { kind: "conv", channels: 64, size: stem, stride: stem === 3 ? 1 : 2 },
      ...(stem === 3 ? [] : [{ kind: "pool", size: 3, stride: 2, padding: "same" } as const]),
      ...stages,
      { kind: "mean" },
    ],
  });
}

/** The smaller network of the older consistency tests: 64 and 128 channels of 5 x 5 by 2, then 1024 units. */
export function stridedNet(images: ConvImages): Critic {
  checkOptions("stridedNet", images, IMAGE_KEYS);
  return conv({
    ...images,
    layers: [
      { kind: "conv", channels: 64, size: 5, stride: 2 },
      { kind: "conv", channels: 128, size: 5, stride: 2 },
      { kind: "dense", units: 1024 },
    ],
  });
}

function checkWidth(side: "x" | "y", got: number, size: ImageSize): void {
  const want = unitsOf(size);
  if (got === want) return;
  throw new InputError(
    `${side} has ${got} columns, but an image of height ${size.height}, width ${size.width} and ` +
      `${size.channels} channel${size.channels > 1 ? "s" : ""} has ${want}. Change "height", "width" or "channels".`,
  );
}

/** W_x * x and W_y * y + b once per image, then their sum per pair. In the parameters W_x comes first, then W_y, then b. */
function firstLayer(build: LayerBuilder, stage: Stage, channels: readonly [number, number]) {
  const { shape, batch_x, batch_y, gradients }: CriticContext = build.context;
  const { activation } = build;
  const B = rowsOf(shape);
  const output = build.features(stage.output, activation);
  const units = unitsOf(stage.output);
  const [window, both] = [stage.windows[0]!, build.takeWeights()];
  const part = (side: 0 | 1, layer: Layer) =>
    build.dims({ ...window, channels: channels[side] }, both.outputs, layer, B);
  const ofX = part(0, { ...both, bias: false });
  const ofY = part(1, { ...both, offset: both.offset + window.size ** 2 * channels[0] * both.outputs });
  const [part_x, part_y] = [build.tensor("part_x", units, B), build.tensor("part_y", units, B)];
  const { joint, replicas } = shape;
  const dims = pairDims(shape, units);
  const form = cellOf(build.context.tile, units);
  const forward = [
    build.convolve(ofX, batch_x, part_x, build.none, "identity"),
    build.convolve(ofY, batch_y, part_y, build.none, "identity"),
    dispatch(
      "forward_pairs",
      { dims, part_x, part_y, output: output.output, slope: output.slope },
      cells(form, units, joint, replicas),
      form,
      build.overrides(activation),
    ),
  ];
  if (!gradients) return { output, forward, backward: [] };

  const [d_part_x, d_part_y] = [build.tensor("d_part_x", units, B), build.tensor("d_part_y", units, B)];
  const backward = [
    dispatch(
      "backward_pairs",
      { dims, d_output: output.d_output, d_part_x, d_part_y },
      cells(form, units, B, replicas),
      form,
    ),
    build.weightGradient(ofX, batch_x, d_part_x),
    build.weightGradient(ofY, batch_y, d_part_y),
  ];
  return { output, forward, backward };
}
