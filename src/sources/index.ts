/** Sources: where a trainer's batches come from. */
export { correlationFor, type GaussianOptions, type GaussianSource, gaussian } from "./gaussian.ts";
export { type OneHotSource, oneHot } from "./one-hot.ts";
export { rows } from "./table.ts";
