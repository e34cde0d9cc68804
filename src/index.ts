export { type Activation, type Critic, type Initialisation, mlp } from "./critic.ts";
export type { Budget } from "./crossfit.ts";
export type { ArrayInput } from "./data/check.ts";
export { type Gpu, type OpenOptions, open } from "./device.ts";
export type { Diagnostic } from "./diagnose.ts";
export * from "./errors.ts";
export { type EstimateOptions, type EstimateResult, estimate } from "./estimate.ts";
export { donskerVaradhan, type Estimator, estimatorByName, estimatorNames, mine, remine } from "./estimator.ts";
export { type NeighborsOptions, type NeighborsResult, neighbors } from "./neighbors.ts";
export {
  type NeighborBatch,
  type NeighborBatchOptions,
  type NeighborMethod,
  type NeighborSettings,
  neighborMethods,
  neighborsBatch,
} from "./neighbors-batch.ts";
export { adam, type Optimizer, sgd } from "./optimizer.ts";
export { correlationFor, gaussian, oneHot, rows, type Source, type TableSource } from "./source.ts";
export { type Averages, createTrainer, type StepOptions, type Trace, Trainer, type TrainerOptions } from "./trainer.ts";
