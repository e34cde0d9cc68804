/** Everything that the package exports. */

export { conditional } from "./critics/conditional.ts";
export { type ConvImages, conv, resnet18, selfConsistencyNet, stridedNet } from "./critics/conv.ts";
export type { Activation, Critic, Initialisation } from "./critics/critic.ts";
export type { ConvLayer } from "./critics/images.ts";
export { known } from "./critics/known.ts";
export { mlp } from "./critics/mlp.ts";
export { separable } from "./critics/separable.ts";
export { towers } from "./critics/towers.ts";
export type { Budget } from "./crossfit/budget.ts";
export type { Opinion } from "./crossfit/second-opinions.ts";
export type { Missing } from "./data/columns.ts";
export type {
  ArrayInput,
  ColumnsInput,
  ColumnsInput as MatrixInput,
  NamedColumn,
  NamedColumn as MatrixColumn,
  NamedColumns,
} from "./data/input.ts";
export type { Diagnostic } from "./diagnostic.ts";
export * from "./errors.ts";
export { type CompareOptions, type Comparison, compare } from "./estimate/compare.ts";
export { estimate } from "./estimate/estimate.ts";
export type { EstimateOptions } from "./estimate/options.ts";
export type { EstimateResult } from "./estimate/result.ts";
export { type CatalogueEntry, catalogue, estimateNames } from "./estimators/catalogue.ts";
export type { AnyEstimator, EstimateName, EstimatorChoice } from "./estimators/choice.ts";
export { type Demine, type DemineParameters, demine } from "./estimators/demine.ts";
export {
  ccmi,
  club,
  dime,
  donskerVaradhan,
  type Estimator,
  type EstimatorOf,
  type EstimatorParameters,
  estimatorByName,
  estimatorNames,
  flo,
  iAlpha,
  infonce,
  js,
  mine,
  nwj,
  type ParametersOf,
  type PerReplica,
  remine,
  remineJ,
  remineL1,
  smile,
  smileJs,
  tuba,
} from "./estimators/estimator.ts";
export {
  kl,
  ksg,
  ksg2,
  mixedKsg,
  type NeighborEstimator,
  type NeighborMethod,
  type NeighborParameters,
  neighborMethods,
} from "./estimators/neighbors.ts";
export { type Gpu, type OpenOptions, open, type Tensor } from "./gpu/device.ts";
export type { Profile } from "./gpu/profile.ts";
export { type Dispatch, Program } from "./gpu/program.ts";
export { type MatrixOptions, type MatrixReport, matrix } from "./matrix/matrix.ts";
export type { MatrixSettings } from "./matrix/plan.ts";
export type { MatrixChunk, PairRecord } from "./matrix/records.ts";
export type { MatrixPair, MatrixResult } from "./matrix/result.ts";
export {
  type NeighborBatch,
  type NeighborBatchOptions,
  type NeighborSettings,
  neighborsBatch,
} from "./neighbors/local-values.ts";
export { type NeighborsOptions, type NeighborsResult, neighbors } from "./neighbors/neighbors.ts";
export { correlationFor, gaussian, oneHot, rows, type Source, type TableSource } from "./sources/source.ts";
export { type Adam, adam, type Optimizer, type Sgd, sgd } from "./training/optimizer.ts";
export { constant, cosine, exponential, linear, type Schedule, staircase } from "./training/schedule.ts";
export {
  type Averages,
  createTrainer,
  type StepOptions,
  type Trace,
  Trainer,
  type TrainerChanges,
  type TrainerOptions,
} from "./training/trainer.ts";
