/**
 * `remine`: estimates of mutual information, and the trainer below them. The parts that these are made of are in
 * `remine/research`, critics of images in `remine/conv`, files in `remine/files`.
 *
 * @module remine
 */

export type { Activation, Critic, CriticContext, Initialisation } from "./critics/critic.ts";
/** Critics: the networks T(x, y) that a trainer trains. Those of images are in `remine/conv`. */
export * as critics from "./critics/index.ts";
export type { Layer, LayerSize, Layout, Shape } from "./critics/shape.ts";
export type { Budget } from "./crossfit/budget.ts";
export type { Evidence } from "./crossfit/interval.ts";
export type { FitProgress } from "./crossfit/options.ts";
export type { Opinion } from "./crossfit/second-opinions.ts";
export type { Missing, SideName } from "./data/columns.ts";
export type { ArrayInput, ColumnsInput, NamedColumn, NamedColumns } from "./data/input.ts";
export type { Diagnostic } from "./diagnostic.ts";
export * from "./errors.ts";
export { type CompareOptions, type Comparison, compare } from "./estimate/compare.ts";
export { load, type ScoreRun, type TrainedCritics } from "./estimate/critics.ts";
export { estimate } from "./estimate/estimate.ts";
export type { Independence } from "./estimate/independence.ts";
export { type LagEstimate, type LagsOptions, type LagsResult, lags } from "./estimate/lags.ts";
export type { EstimateOptions } from "./estimate/options.ts";
export type { EstimateResult, MeanTrace, NeighborResult, ResultOf, TrainedResult, Versus } from "./estimate/result.ts";
export type { Sample } from "./estimate/sample.ts";
export { type CatalogueEntry, catalogue, estimateNames } from "./estimators/catalogue.ts";
export type { AnyEstimator, Beside, EstimateName, EstimatorChoice, OneValueEach } from "./estimators/choice.ts";
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
export { type Gpu, type OpenOptions, open } from "./gpu/device.ts";
export type { Profile } from "./gpu/profile.ts";
export type { Dispatch, KernelName, TileForm, TileName } from "./gpu/program.ts";
export type { RunOptions } from "./gpu/run.ts";
export type { EstimatorName, ParameterNames } from "./gpu/shaders.gen.ts";
export type { Owner, Tensor } from "./gpu/tensor.ts";
export type { RowScores, Scores } from "./math/statistics.ts";
export { type MatrixOptions, type MatrixReport, matrix } from "./matrix/matrix.ts";
export type { Largest } from "./matrix/permutations.ts";
export type { MatrixSettings } from "./matrix/plan.ts";
export type { PoolRecord } from "./matrix/pool.ts";
export type { MatrixChunk, PairRecord } from "./matrix/records.ts";
export type { MatrixPair, MatrixResult } from "./matrix/result.ts";
export type { WorkOptions } from "./matrix/run.ts";
export type { LeftOutPair } from "./matrix/table-plan.ts";
export type { NeighborSettings } from "./neighbors/local-values.ts";
export { type NeighborsOptions, type NeighborsResult, neighbors } from "./neighbors/neighbors.ts";
export type { SourceChanges } from "./sources/bound.ts";
/** Sources: where a trainer's batches come from. */
export * as sources from "./sources/index.ts";
export type { Source } from "./sources/source.ts";
export type { TableSource } from "./sources/table.ts";
export type { Batch, Training } from "./training/buffers.ts";
export {
  type Adam,
  adam,
  type Optimizer,
  type OptimizerChanges,
  type OptimizerOptions,
  type Sgd,
  sgd,
} from "./training/optimizer.ts";
export type { ScorerOptions, StepOptions, TrainerChanges, TrainerOptions } from "./training/options.ts";
export type { Schedule } from "./training/schedule.ts";
/** Schedules: how a learning rate goes over the steps. */
export * as schedules from "./training/schedules.ts";
export type { Scorer } from "./training/scorer.ts";
export type { Trace } from "./training/trace.ts";
export { type Averages, createTrainer, type Trainer } from "./training/trainer.ts";
