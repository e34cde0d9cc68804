/** The critic T(x, y) by its definition: an MLP on [x; y], every pair on its own, in float64. */

export type Activation = "identity" | "relu" | "leaky-relu" | "silu" | "elu" | "tanh";

export function activate(activation: Activation, z: number): { value: number; slope: number } {
  switch (activation) {
    case "identity":
      return { value: z, slope: 1 };
    case "relu":
      return z > 0 ? { value: z, slope: 1 } : { value: 0, slope: 0 };
    case "leaky-relu":
      return z > 0 ? { value: z, slope: 1 } : { value: 0.01 * z, slope: 0.01 };
    case "silu": {
      const sigmoid = 1 / (1 + Math.exp(-z));
      return { value: z * sigmoid, slope: sigmoid * (1 + z * (1 - sigmoid)) };
    }
    case "elu":
      return z > 0 ? { value: z, slope: 1 } : { value: Math.expm1(z), slope: Math.exp(z) };
    case "tanh":
      return { value: Math.tanh(z), slope: 1 / Math.cosh(z) ** 2 };
  }
}

export interface CriticShape {
  /** Width of [x; y], then of every hidden layer. */
  widths: readonly number[];
  activation: Activation;
  outputBias: boolean;
}

/**
 * T of one pair. `params` is layer after layer: W (inputs × outputs) row-major, then b.
 *
 * @param onHidden sees every value that goes into an activation
 */
export function score(
  { widths, activation, outputBias }: CriticShape,
  params: ArrayLike<number>,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  onHidden: (z: number) => void = () => {},
): number {
  let layer = [...Array.from(x), ...Array.from(y)];
  let at = 0;
  const next = (outputs: number, bias: boolean) => {
    const z = new Array<number>(outputs).fill(0);
    for (const input of layer) for (let o = 0; o < outputs; o++) z[o]! += input * params[at++]!;
    if (bias) for (let o = 0; o < outputs; o++) z[o]! += params[at++]!;
    return z;
  };
  for (const width of widths.slice(1)) {
    layer = next(width, true).map((z) => {
      onHidden(z);
      return activate(activation, z).value;
    });
  }
  return next(1, outputBias)[0]!;
}
