/** What every critic is: where its parameters lie, and the dispatches of its two passes. One file each in critics/. */
import type { Gpu, Tensor } from "./device.ts";
import type { Dispatch, TileForm } from "./kernel.ts";
import type { Source } from "./source.ts";
import type { Owner, Shape } from "./tensors.ts";

export type Activation = "relu" | "silu";
/** First weights. `torch`: U(±1/√In) for weights and biases; `glorot`: U(±√(6/(In+Out))), biases 0; `normal`: N(0, 0.05²), biases 0. */
export type Initialisation = "torch" | "glorot" | "normal";

/** Numbers of the WGSL constants ACTIVATION_* (lib/activation.wgsl). */
export const activationCode: Record<Activation | "identity", number> = { identity: 0, relu: 1, silu: 2 };

/** A critic T(x, y) as a recipe. Made by `mlp` and its like; a trainer lays it out for its inputs and builds it. */
export interface Critic {
  readonly kind: string;
  readonly initialisation: Initialisation;
  /** T is a normalised log density log q(y | x), as CLUB needs it. */
  readonly density?: boolean;
  /**
   * Its weight matrices, in the order of their parameters.
   *
   * @throws {InputError} when the critic does not fit inputs of these widths
   */
  layers(xWidth: number, yWidth: number): LayerSize[];
  /** Takes the tensors it needs into `own` and lists what computes the scores, and what the parameters' gradient. */
  passes(context: CriticContext): { forward: Dispatch[]; backward: Dispatch[] };
}

export interface LayerSize {
  inputs: number;
  outputs: number;
  bias: boolean;
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
  /** Absent when the critic only scores. */
  gradients?: { d_scores: Tensor; d_params: Tensor };
}

/** One layer's place in a replica's parameters: W (inputs × outputs) at `offset`, then b. */
export interface Layer extends LayerSize {
  offset: number;
}

export interface Layout {
  layers: readonly Layer[];
  /** Parameters of one replica. */
  count: number;
  /** `count`, padded to a multiple of 64 words, so that replicas begin at aligned addresses. */
  stride: number;
}

/** Lays parameters out in one row: layer after layer, biases right after their weights. */
export function layoutOf(sizes: readonly LayerSize[]): Layout {
  let offset = 0;
  const layers = sizes.map((size) => {
    const layer = { ...size, offset };
    offset += (size.inputs + (size.bias ? 1 : 0)) * size.outputs;
    return layer;
  });
  return { layers, count: offset, stride: Math.ceil(offset / 64) * 64 };
}

/** The part of a layout that is the critic's own; a baseline network's layers follow it. */
export const layersOf = (critic: Critic, { layout, xWidth, yWidth }: Shape): readonly Layer[] =>
  layout.layers.slice(0, critic.layers(xWidth, yWidth).length);

/** Scale of a layer's first weights and whether its biases start random too. */
export function initialScale(initialisation: Initialisation, { inputs, outputs }: LayerSize) {
  switch (initialisation) {
    case "torch":
      return { normal: 0, scale: 1 / Math.sqrt(inputs), bias_scale: 1 };
    case "glorot":
      return { normal: 0, scale: Math.sqrt(6 / (inputs + outputs)), bias_scale: 0 };
    case "normal":
      return { normal: 1, scale: 0.05, bias_scale: 0 };
  }
}
