/** Sources: where a trainer's batches come from. */
export { correlationFor, type GaussianOptions, gaussian, oneHot, rows } from "./source.ts";
