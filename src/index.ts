export { type Activation, type Critic, type Initialisation, mlp } from "./critic.ts";
export { type Gpu, type OpenOptions, open } from "./device.ts";
export * from "./errors.ts";
export { donskerVaradhan, type Estimator, estimatorByName, estimatorNames, mine, remine } from "./estimator.ts";
export { adam, type Optimizer, sgd } from "./optimizer.ts";
export { correlationFor, gaussian, oneHot, rows, type Source } from "./source.ts";
export { type Averages, createTrainer, type StepOptions, type Trace, Trainer, type TrainerOptions } from "./trainer.ts";
