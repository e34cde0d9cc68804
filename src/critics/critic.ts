/** What every critic is: where its parameters lie, and the dispatches of its two passes. One file each in critics/. */

import { InputError } from "../errors.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Dispatch, TileForm } from "../gpu/program.ts";
import { kernels } from "../gpu/shaders.gen.ts";
import type { Owner, Tensor } from "../gpu/tensor.ts";
import type { Source } from "../sources/source.ts";
import type { Layer, LayerSize, Shape } from "./shape.ts";

const activations = ["relu", "leaky-relu", "silu", "elu", "tanh"] as const;

/** Nonlinearity of the hidden layers. `leaky-relu` has slope 0.01 below 0 and `elu` has α = 1, as in PyTorch. */
export type Activation = (typeof activations)[number];

const initialisations = [
  "torch",
  "glorot",
  "glorot-normal",
  "he-uniform",
  "he-normal",
  "lecun-normal",
  "normal",
] as const;

/**
 * First weights, of a layer with In inputs and Out outputs; biases are 0 except with `torch`.
 *
 * - `torch`: U(±1/√In) for weights and biases, PyTorch's default
 * - `glorot`: U(±√(6/(In+Out))), Keras's default; `glorot-normal`: N(0, 2/(In+Out)) (Glorot and Bengio 2010)
 * - `he-uniform`: U(±√(6/In)); `he-normal`: N(0, 2/In), for ReLU (He et al. 2015, arXiv:1502.01852)
 * - `lecun-normal`: N(0, 1/In) (LeCun et al. 1998)
 * - `normal`: N(0, 0.05²)
 *
 * Normals are not truncated: PyTorch's form, not Keras's.
 */
export type Initialisation = (typeof initialisations)[number];

/** @throws {InputError} for a name that is not in the list */
export function checkInitialisation(name: string): void {
  if (!initialisations.some((known) => known === name)) {
    throw new InputError(`"initialisation" must be one of ${initialisations.join(", ")}, got "${name}"`);
  }
}

/** Numbers of the WGSL constants ACTIVATION_* (lib/activation.wgsl). */
export const activationCode = Object.fromEntries(
  (["identity", ...activations] as const).map((name) => {
    const constant = `ACTIVATION_${name.toUpperCase().replaceAll("-", "_")}`;
    return [name, kernels.forward_pairs.variants.one!.constants[constant]!];
  }),
) as Record<Activation | "identity", number>;

/** A critic T(x, y) as a recipe. Made by `mlp`, `separable` and their like; a trainer lays it out for its inputs and builds it. */
export interface Critic {
  readonly kind: string;
  readonly initialisation: Initialisation;
  /** T is a normalised log density log q(y | x), as CLUB needs it. */
  readonly density?: boolean;
  /** Said by a plain perceptron on [x; y], which the resident engine knows by heart (training/engines/). */
  readonly perceptron?: { hidden: readonly number[]; activation: Activation; outputBias: boolean };
  /**
   * Its weight matrices, in the order of their parameters.
   *
   * @throws {InputError} when the critic does not fit inputs of these widths
   */
  layers(xWidth: number, yWidth: number): LayerSize[];
  /** Takes the tensors it needs into `own` and lists what computes the scores, and what the parameters' gradient. */
  passes(context: CriticContext): { forward: Dispatch[]; backward: Dispatch[] };
}

/** What a critic is built into. */
export interface CriticContext {
  gpu: Gpu;
  own: Owner;
  shape: Shape;
  /** This critic's own layers, with their offsets. */
  layers: readonly Layer[];
  tile: TileForm;
  source: Source;
  /** What the source binds, by name. */
  sourceBindings: object;
  params: Tensor; //  (R, P)
  batch_x: Tensor; // (R, B, Dx)
  batch_y: Tensor; // (R, B, Dy)
  scores: Tensor; //  (R, N, 1+K), written by the forward pass
  /** (R): where each replica stands in its training. Absent when the critic only scores. */
  clock?: Tensor;
  /** Absent when the critic only scores. */
  gradients?: { d_scores: Tensor; d_params: Tensor };
}

/** The part of a layout that is the critic's own; a baseline network's layers follow it. */
export const layersOf = (critic: Critic, { layout, xWidth, yWidth }: Shape): readonly Layer[] =>
  layout.layers.slice(0, critic.layers(xWidth, yWidth).length);

/** Scale of a layer's first weights and whether its biases start random too. */
export function initialScale(initialisation: Initialisation, { inputs, outputs, gain = 1 }: LayerSize) {
  const uniform = (variance: number) => ({ normal: 0, scale: gain * Math.sqrt(3 * variance), bias_scale: 0 });
  const normal = (variance: number) => ({ normal: 1, scale: gain * Math.sqrt(variance), bias_scale: 0 });
  switch (initialisation) {
    case "torch":
      return { normal: 0, scale: gain / Math.sqrt(inputs), bias_scale: 1 };
    case "glorot":
      return uniform(2 / (inputs + outputs));
    case "glorot-normal":
      return normal(2 / (inputs + outputs));
    case "he-uniform":
      return uniform(2 / inputs);
    case "he-normal":
      return normal(2 / inputs);
    case "lecun-normal":
      return normal(1 / inputs);
    case "normal":
      return { normal: 1, scale: gain * 0.05, bias_scale: 0 };
  }
}

/** @throws {InputError} for a name that is not an activation's */
export function checkActivation(activation: string): void {
  const names = Object.keys(activationCode).filter((name) => name !== "identity");
  if (!names.includes(activation)) {
    throw new InputError(`"activation" must be one of ${names.join(", ")}, got "${activation}"`);
  }
}

/** @throws {InputError} for no width at all, or one that is not a positive integer */
export function checkWidths(hidden: readonly number[], example = "mlp([128, 128])"): void {
  if (hidden.length === 0) throw new InputError(`"hidden" needs at least one layer width, e.g. ${example}`);
  for (const width of hidden) {
    if (!Number.isInteger(width) || width < 1) {
      throw new InputError(`a hidden layer's width must be a positive integer, got ${width}`);
    }
  }
}
