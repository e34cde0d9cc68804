export type { Activation, Critic, Initialisation } from "./critic.ts";
export { mlp } from "./critics/mlp.ts";
export type { Budget } from "./crossfit.ts";
export type { ArrayInput } from "./data/check.ts";
export { type Gpu, type OpenOptions, open } from "./device.ts";
export type { Diagnostic } from "./diagnose.ts";
export * from "./errors.ts";
export { type EstimateOptions, type EstimateResult, estimate } from "./estimate.ts";
export {
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
export { adam, type Optimizer, sgd } from "./optimizer.ts";
export { correlationFor, gaussian, oneHot, rows, type Source } from "./source.ts";
export { type Averages, createTrainer, type StepOptions, type Trace, Trainer, type TrainerOptions } from "./trainer.ts";
