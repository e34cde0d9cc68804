/** The layers of a convolutional critic as dispatches, forward and backward. */

import { type Dispatch, dispatch } from "../gpu/program.ts";
import { geometry, type KernelBindings } from "../gpu/shaders.gen.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { grid } from "../gpu/workgroups.ts";
import { type Activation, activationCode, type CriticContext } from "./critic.ts";
import { type ImageSize, type Stage, unitsOf, type WindowDims } from "./images.ts";
import {
  alignedForm,
  inputGradient,
  layerDims,
  linearLayer,
  type ProductGrid,
  productGrid,
  weightGradient,
} from "./layers.ts";
import { outputGradient, outputLayer } from "./output.ts";
import { type Layer, slotsOf } from "./shape.ts";

const { WG_SIZE } = geometry;

/** One image per pair, between two layers. */
export interface Features {
  size: ImageSize;
  /** What made `output` of z. */
  activation: Activation | "identity";
  output: Tensor; //   (R, S, H)
  slope: Tensor; //    (R, S, H) its derivative, or a word where `output` tells that
  kept: Tensor; //     (R, S, H) whichever of the two the backward pass reads
  d_output: Tensor; // (R, S, H) the gradient by z, or a word where nothing is trained
}

/** A layer's dispatches. `backward` reads its output's d_output and writes that of its input. */
interface Part {
  output: Features;
  forward: Dispatch[];
  backward: Dispatch[];
}

/** Makes the layers of one critic; `weights` are handed out in the order of the parameters. */
export class LayerBuilder {
  readonly context: CriticContext;
  readonly activation: Activation;
  readonly none: Tensor;
  #weights: Layer[];

  constructor(context: CriticContext, activation: Activation) {
    this.context = context;
    this.activation = activation;
    this.#weights = [...context.layers];
    this.none = context.own(context.gpu.tensor("no_slope", 4));
  }

  takeWeights(): Layer {
    return this.#weights.shift()!;
  }

  tensor(name: string, perRow: number, rows = slotsOf(this.context.shape)): Tensor {
    return this.context.own(this.context.gpu.tensor(name, this.context.shape.replicas * rows * perRow));
  }

  features(size: ImageSize, activation: Activation | "identity"): Features {
    const units = unitsOf(size);
    const output = this.tensor("output", units);
    const slope = isSlopeStored(activation) ? this.tensor("slope", units) : this.none;
    return {
      size,
      activation,
      output,
      slope,
      kept: isSlopeStored(activation) ? slope : output,
      d_output: this.gradient(size),
    };
  }

  gradient(size: ImageSize): Tensor {
    return this.context.gradients ? this.tensor("d_output", unitsOf(size)) : this.none;
  }

  /** @param compiled what a matrix product is compiled for besides */
  overrides(activation: Activation | "identity", compiled: Record<string, number> = {}) {
    return { ...compiled, SLOPE_STORED: Number(isSlopeStored(activation)), ACTIVATION: activationCode[activation] };
  }

  dims(window: WindowDims, channels: number, layer?: Layer, images = slotsOf(this.context.shape)): ImageDims {
    const { stride } = this.context.shape.layout;
    const bias = Number(layer?.bias ?? 0);
    return { images, ...window, out_channels: channels, offset: layer?.offset ?? 0, stride, bias };
  }

  /** The grid of one convolution's matrix product. */
  product({ channels, out_channels, offset }: ImageDims, rows: number, cols: number): ProductGrid {
    const { tile, shape } = this.context;
    const form = alignedForm(tile, channels, out_channels, offset);
    return productGrid(form, { rows, cols, networks: shape.replicas });
  }

  /** A thread per element of every pair's image. */
  perElement(size: ImageSize) {
    const { shape } = this.context;
    return grid(Math.ceil(unitsOf(size) / WG_SIZE), slotsOf(shape), shape.replicas);
  }

  convolve(dims: ImageDims, input: Tensor, output: Tensor, slope: Tensor, activation: Activation | "identity") {
    const { params } = this.context;
    const product = this.product(dims, dims.images * dims.out_height * dims.out_width, dims.out_channels);
    return dispatch(
      "forward_conv",
      { dims, input, params, output, slope },
      product.workgroups,
      product.slot,
      this.overrides(activation, product.overrides),
    );
  }

  /** d_W and d_b of one convolution. */
  weightGradient(dims: ImageDims, input: Tensor, d_output: Tensor): Dispatch {
    const rows = dims.size * dims.size * dims.channels + dims.bias;
    const { workgroups, slot, overrides } = this.product(dims, rows, dims.out_channels);
    const { d_params } = this.context.gradients!;
    return dispatch("backward_conv_weight", { dims, input, d_output, d_params }, workgroups, slot, overrides);
  }

  /** The gradient by a convolution's input; by z below it where that has an activation. */
  convolveBack(dims: ImageDims, d_output: Tensor, below: Pick<Features, "activation" | "kept">, d_input: Tensor) {
    const { params } = this.context;
    const product = this.product(dims, dims.images * dims.height * dims.width, dims.channels);
    return dispatch(
      "backward_conv",
      { dims, d_output, params, slope: below.kept, d_input },
      product.workgroups,
      product.slot,
      this.overrides(below.activation, product.overrides),
    );
  }

  layer(stage: Stage, input: Features): Part {
    return this[stage.kind](stage, input);
  }

  conv({ windows: [window], output: size }: Stage, input: Features): Part {
    const output = this.features(size, this.activation);
    const dims = this.dims(window!, size.channels, this.takeWeights());
    return {
      output,
      forward: [this.convolve(dims, input.output, output.output, output.slope, this.activation)],
      backward: this.context.gradients
        ? [
            this.weightGradient(dims, input.output, output.d_output),
            this.convolveBack(dims, output.d_output, input, input.d_output),
          ]
        : [],
    };
  }

  residual({ windows, input: inputSize, output: size }: Stage, input: Features): Part {
    const middle = this.features(size, this.activation);
    const output = this.features(size, this.activation);
    const [first, second, projection] = windows.map((window) => this.dims(window, size.channels, this.takeWeights()));
    const branch = this.tensor("branch", unitsOf(size));
    const skip = projection ? this.tensor("skip", unitsOf(size)) : input.output;
    const forward = [
      this.convolve(first!, input.output, middle.output, middle.slope, this.activation),
      this.convolve(second!, middle.output, branch, this.none, "identity"),
      ...(projection ? [this.convolve(projection, input.output, skip, this.none, "identity")] : []),
      dispatch(
        "forward_add",
        { dims: this.sizeDims(size), branch, skip, output: output.output, slope: output.slope },
        this.perElement(size),
        "only",
        this.overrides(this.activation),
      ),
    ];
    if (!this.context.gradients) return { output, forward, backward: [] };

    // Both paths end in the sum, so the gradient by its z is the gradient by either.
    const { d_output } = output;
    const plain = { activation: "identity", kept: input.output } as const;
    const d_branch = this.gradient(inputSize);
    const d_skip = projection ? this.gradient(inputSize) : d_output;
    const backward = [
      this.weightGradient(second!, middle.output, d_output),
      this.convolveBack(second!, d_output, middle, middle.d_output),
      this.weightGradient(first!, input.output, middle.d_output),
      this.convolveBack(first!, middle.d_output, plain, d_branch),
      ...(projection
        ? [
            this.weightGradient(projection, input.output, d_output),
            this.convolveBack(projection, d_output, plain, d_skip),
          ]
        : []),
      dispatch(
        "backward_add",
        { dims: this.sizeDims(inputSize), d_branch, d_skip, slope: input.kept, d_input: input.d_output },
        this.perElement(inputSize),
        "only",
        this.overrides(input.activation),
      ),
    ];
    return { output, forward, backward };
  }

  pool({ windows: [window], input: inputSize, output: size }: Stage, input: Features): Part {
    const output = this.features(size, "identity");
    const winner = this.tensor("winner", unitsOf(size));
    const dims = this.dims(window!, size.channels);
    return {
      output,
      forward: [
        dispatch("forward_pool", { dims, input: input.output, output: output.output, winner }, this.perElement(size)),
      ],
      backward: [
        dispatch(
          "backward_pool",
          { dims, d_output: output.d_output, winner, slope: input.kept, d_input: input.d_output },
          this.perElement(inputSize),
          "only",
          this.overrides(input.activation),
        ),
      ],
    };
  }

  mean({ windows: [window], input: inputSize, output: size }: Stage, input: Features): Part {
    const output = this.features(size, "identity");
    const dims = this.dims(window!, size.channels);
    return {
      output,
      forward: [dispatch("forward_mean", { dims, input: input.output, output: output.output }, this.perElement(size))],
      backward: [
        dispatch(
          "backward_mean",
          { dims, d_output: output.d_output, slope: input.kept, d_input: input.d_output },
          this.perElement(inputSize),
          "only",
          this.overrides(input.activation),
        ),
      ],
    };
  }

  dense({ output: size }: Stage, input: Features): Part {
    const { shape, tile, params, gradients } = this.context;
    const output = this.features(size, this.activation);
    const dims = layerDims(shape, this.takeWeights(), slotsOf(shape));
    const bindings = { dims, input: input.output, params, output: output.output, slope: output.slope };
    const forward = [linearLayer(shape, tile, bindings, this.activation, isSlopeStored(this.activation))];
    if (!gradients) return { output, forward, backward: [] };
    const through = { dims, d_output: output.d_output, params, slope: input.kept, d_input: input.d_output };
    const backward = [
      weightGradient(shape, tile, dims, input.output, output.d_output, gradients.d_params),
      inputGradient(shape, tile, through, isSlopeStored(input.activation), input.activation),
    ];
    return { output, forward, backward };
  }

  /** The last layer: features -> scores. */
  score(input: Features): Omit<Part, "output"> {
    const { shape, params, scores, gradients } = this.context;
    const dims = layerDims(shape, this.takeWeights(), slotsOf(shape));
    const forward = [outputLayer(this.context, { dims, input: input.output, params, scores })];
    if (!gradients) return { forward, backward: [] };
    const { d_scores, d_params } = gradients;
    const backward = outputGradient(
      this.context,
      { dims, d_scores, params, input: input.output, slope: input.slope, d_input: input.d_output, d_params },
      this.overrides(input.activation),
    );
    return { forward, backward: [backward] };
  }

  /** The dims of a kernel that takes element after element. */
  sizeDims(size: ImageSize): ImageDims {
    const { height, width, channels } = size;
    const window = { out_height: height, out_width: width, size: 1, pixel_stride: 1, pad_top: 0, pad_left: 0 };
    return this.dims({ ...size, ...window }, channels);
  }
}

/** ReLU's value and the identity tell their slope. */
const isSlopeStored = (activation: Activation | "identity") => activation !== "relu" && activation !== "identity";

export type ImageDims = KernelBindings["forward_conv"]["dims"];
