/** How parameters follow the gradient. Made by `adam` or `sgd`. */
export interface Optimizer {
  kind: "adam" | "sgd";
  learningRate: number | readonly number[];
  /** Decoupled weight decay (AdamW): parameters shrink by learningRate × weightDecay each step. */
  weightDecay: number | readonly number[];
  /** Largest gradient norm; 0 never clips. */
  clipNorm: number;
  /** Steps after which the learning rate has fallen to 0 along a cosine; 0 keeps it constant. */
  decaySteps: number;
}

type Options = Partial<Omit<Optimizer, "kind">>;

/** Adam (Kingma and Ba 2015), β = (0.9, 0.999), ε = 1e-8; AdamW with `weightDecay`. */
export const adam = ({
  learningRate = 5e-4,
  weightDecay = 0,
  clipNorm = 0,
  decaySteps = 0,
}: Options = {}): Optimizer => ({
  kind: "adam",
  learningRate,
  weightDecay,
  clipNorm,
  decaySteps,
});

/** Plain gradient ascent. */
export const sgd = ({
  learningRate = 0.1,
  weightDecay = 0,
  clipNorm = 0,
  decaySteps = 0,
}: Options = {}): Optimizer => ({
  kind: "sgd",
  learningRate,
  weightDecay,
  clipNorm,
  decaySteps,
});
