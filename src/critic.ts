import { InputError } from "./errors.ts";

export type Activation = "relu" | "silu";
/** First weights. `torch`: U(±1/√In) for weights and biases; `glorot`: U(±√(6/(In+Out))), biases 0; `normal`: N(0, 0.05²), biases 0. */
export type Initialisation = "torch" | "glorot" | "normal";

export interface Critic {
  kind: "mlp";
  hidden: readonly number[];
  activation: Activation;
  initialisation: Initialisation;
  /** Whether the last layer adds a constant. */
  outputBias: boolean;
}

/**
 * A joint critic T(x, y): a multilayer perceptron on [x; y] with one output.
 *
 * @param hidden widths of the hidden layers, e.g. `[256, 256]`; at least one
 * @throws {InputError} when a width is not a positive integer
 */
export function mlp(
  hidden: readonly number[],
  options: { activation?: Activation; initialisation?: Initialisation; outputBias?: boolean } = {},
): Critic {
  if (hidden.length === 0) throw new InputError('"hidden" needs at least one layer width, e.g. mlp([128, 128])');
  for (const width of hidden) {
    if (!Number.isInteger(width) || width < 1) {
      throw new InputError(`a hidden layer's width must be a positive integer, got ${width}`);
    }
  }
  const { activation = "relu", initialisation = "torch", outputBias = true } = options;
  if (activation !== "relu" && activation !== "silu") {
    throw new InputError(`"activation" must be "relu" or "silu", got "${activation}"`);
  }
  return { kind: "mlp", hidden, activation, initialisation, outputBias };
}

/** Numbers of the WGSL constants ACTIVATION_* (lib/activation.wgsl). */
export const activationCode: Record<Activation | "identity", number> = { identity: 0, relu: 1, silu: 2 };

/** One layer's place in a replica's parameters: W (inputs × outputs) at `offset`, then b. */
export interface Layer {
  inputs: number;
  outputs: number;
  offset: number;
  bias: boolean;
}

export interface Layout {
  layers: readonly Layer[];
  /** Parameters of one replica. */
  count: number;
  /** `count`, padded to a multiple of 64 words, so that replicas begin at aligned addresses. */
  stride: number;
}

/** Lays the parameters of a critic out in one row: layer after layer, biases right after their weights. */
export function layoutOf(critic: Critic, xWidth: number, yWidth: number): Layout {
  const widths = [xWidth + yWidth, ...critic.hidden, 1];
  let offset = 0;
  const layers = widths.slice(1).map((outputs, i) => {
    const layer = { inputs: widths[i]!, outputs, offset, bias: i + 2 < widths.length || critic.outputBias };
    offset += (layer.inputs + (layer.bias ? 1 : 0)) * outputs;
    return layer;
  });
  return { layers, count: offset, stride: Math.ceil(offset / 64) * 64 };
}

/** Scale of a layer's first weights and whether its biases start random too. */
export function initialScale(initialisation: Initialisation, { inputs, outputs }: Layer) {
  switch (initialisation) {
    case "torch":
      return { normal: 0, scale: 1 / Math.sqrt(inputs), bias_scale: 1 };
    case "glorot":
      return { normal: 0, scale: Math.sqrt(6 / (inputs + outputs)), bias_scale: 0 };
    case "normal":
      return { normal: 1, scale: 0.05, bias_scale: 0 };
  }
}
