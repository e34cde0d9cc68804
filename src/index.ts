/** Everything that the package exports. */
export { type CatalogueEntry, catalogue } from "./catalogue.ts";
export { type CompareOptions, type Comparison, compare } from "./compare.ts";
export type { Activation, Critic, Initialisation } from "./critic.ts";
export { conditional } from "./critics/conditional.ts";
export { type ConvImages, conv, resnet18, selfConsistencyNet, stridedNet } from "./critics/conv.ts";
export type { ConvLayer } from "./critics/images.ts";
export { known } from "./critics/known.ts";
export { mlp } from "./critics/mlp.ts";
export { separable } from "./critics/separable.ts";
export { towers } from "./critics/towers.ts";
export type { Opinion } from "./crossfit/second-opinions.ts";
export type { Budget } from "./crossfit.ts";
export type { ArrayInput } from "./data/check.ts";
export { type Gpu, type OpenOptions, open, type Tensor } from "./device.ts";
export type { Diagnostic } from "./diagnose.ts";
export * from "./errors.ts";
export { type EstimateOptions, type EstimateResult, estimate, estimateNames } from "./estimate.ts";
export {
  ccmi,
  club,
  dime,
  donskerVaradhan,
  type Estimator,
  type EstimatorParameters,
  estimatorByName,
  estimatorNames,
  flo,
  iAlpha,
  infonce,
  js,
  mine,
  nwj,
  remine,
  remineJ,
  remineL1,
  smile,
  smileJs,
  tuba,
} from "./estimator.ts";
export { type Dispatch, Program } from "./kernel.ts";
export { type MatrixOptions, type MatrixPair, type MatrixReport, type MatrixResult, matrix } from "./matrix.ts";
export type { MatrixColumn, MatrixInput, MatrixSettings } from "./matrix-plan.ts";
export type { MatrixChunk, PairRecord } from "./matrix-run.ts";
export { type NeighborsOptions, type NeighborsResult, neighbors } from "./neighbors.ts";
export {
  type NeighborBatch,
  type NeighborBatchOptions,
  type NeighborMethod,
  type NeighborSettings,
  neighborMethods,
  neighborsBatch,
} from "./neighbors-batch.ts";
export { type Adam, adam, type Optimizer, type Sgd, sgd } from "./optimizer.ts";
export { constant, cosine, exponential, linear, type Schedule, staircase } from "./schedule.ts";
export { correlationFor, gaussian, oneHot, rows, type Source, type TableSource } from "./source.ts";
export { type Averages, createTrainer, type StepOptions, type Trace, Trainer, type TrainerOptions } from "./trainer.ts";
