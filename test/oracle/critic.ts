/** The critics T(x, y) by their definition: every pair on its own, in float64. */

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

type Row = ArrayLike<number>;

/**
 * T of one pair. `params` is network after network, layer after layer: W (inputs × outputs) row-major, then b.
 *
 * @param onHidden sees every value that goes into an activation
 */
export type Score = (params: Row, x: Row, y: Row, onHidden?: (z: number) => void) => number;

interface Network {
  /** Width of the input, then of every layer. */
  widths: readonly number[];
  activation: Activation;
  /** The last layer, which is linear, has a bias. */
  outputBias?: boolean;
}

const parametersOf = ({ widths }: Network) =>
  widths.slice(1).reduce((sum, width, l) => sum + (widths[l]! + 1) * width, 0);

function through(
  { widths, activation, outputBias = true }: Network,
  params: Row,
  input: Row,
  onHidden: (z: number) => void = () => {},
  start = 0,
): number[] {
  let layer = Array.from(input);
  let at = start;
  const last = widths.length - 1;
  for (let l = 1; l <= last; l++) {
    const z = new Array<number>(widths[l]!).fill(0);
    for (const value of layer) for (let o = 0; o < z.length; o++) z[o]! += value * params[at++]!;
    if (l < last || outputBias) for (let o = 0; o < z.length; o++) z[o]! += params[at++]!;
    if (l === last) return z;
    z.forEach(onHidden);
    layer = z.map((v) => activate(activation, v).value);
  }
  return layer;
}

export interface CriticShape {
  /** Width of [x; y], then of every hidden layer. */
  widths: readonly number[];
  activation: Activation;
  outputBias: boolean;
}

/** An MLP on [x; y]. */
export const joint =
  ({ widths, activation, outputBias }: CriticShape): Score =>
  (params, x, y, onHidden) =>
    through(
      { widths: [...widths, 1], activation, outputBias },
      params,
      [...Array.from(x), ...Array.from(y)],
      onHidden,
    )[0]!;

/** f(x) . g(y). */
export const separable =
  (hidden: readonly number[], embed: number, activation: Activation): Score =>
  (params, x, y, onHidden) => {
    const network = (input: Row): Network => ({ widths: [input.length, ...hidden, embed], activation });
    const [ofX, ofY] = [network(x), network(y)];
    const f = through(ofX, params, x, onHidden);
    const g = through(ofY, params, y, onHidden, parametersOf(ofX));
    return f.reduce((sum, value, e) => sum + value * g[e]!, 0);
  };

/** p(u) = u / sqrt(1 + u^2). */
export function bound(u: number): { value: number; slope: number } {
  return { value: u / Math.sqrt(1 + u * u), slope: (1 + u * u) ** -1.5 };
}

/** A unit of a pair from what its two rows bring: the last `products` of `embed` are bounded products. */
export function join(
  { embed, products, activation }: { embed: number; products: number; activation: Activation },
  e: number,
  ofX: number,
  ofY: number,
): { value: number; slope: number } {
  return e < embed - products ? activate(activation, ofX + ofY) : bound(ofX * ofY);
}

/** A network a side, units of both, and a network on those. */
export const towers =
  (shape: { tower: number[]; embed: number; head: number[]; products: number; activation: Activation }): Score =>
  (params, x, y, onHidden = () => {}) => {
    const { tower, embed, head, products, activation } = shape;
    const network = (input: Row): Network => ({ widths: [input.length, ...tower, embed], activation });
    const [ofX, ofY] = [network(x), network(y)];
    const both = parametersOf(ofX) + parametersOf(ofY);
    const t_x = through(ofX, params, x, onHidden);
    const t_y = through(ofY, params, y, onHidden, parametersOf(ofX));
    t_x.slice(0, embed - products).forEach((of, e) => {
      onHidden(of + t_y[e]!);
    });
    const units = t_x.map((of, e) => join(shape, e, of, t_y[e]!).value);
    return through({ widths: [embed, ...head, 1], activation }, params, units, onHidden, both)[0]!;
  };

/** log N(y; mean, diag exp(v)), nats. */
export const logNormal = (y: Row, mean: Row, v: Row): number =>
  Array.from(y).reduce(
    (sum, value, d) => sum - 0.5 * (Math.log(2 * Math.PI) + v[d]! + (value - mean[d]!) ** 2 * Math.exp(-v[d]!)),
    0,
  );

/** The network's output s as a log-variance within (-10, 10). */
export const logVariance = (s: number): number => 10 * Math.tanh(s / 10);

/** log N(y; mu(x), diag exp(v(x))): one network on x puts out mu, then s. */
export const conditional =
  (hidden: readonly number[], activation: Activation): Score =>
  (params, x, y, onHidden) => {
    const out = through({ widths: [x.length, ...hidden, 2 * y.length], activation }, params, x, onHidden);
    return logNormal(y, out.slice(0, y.length), out.slice(y.length).map(logVariance));
  };

/** log p(x | y) of the Gaussian source. */
export const gaussianDensity = (rho: number, x: Row, y: Row): number =>
  logNormal(
    x,
    Array.from(y, (v) => rho * v),
    Array.from(y, () => Math.log(1 - rho * rho)),
  );
