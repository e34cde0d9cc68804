/**
 * `remine/research`: the parts below the verbs, for those who change them. What is here may change with any version.
 *
 * @module remine/research
 */
export type { CriticContext } from "./critics/critic.ts";
export type { Layer, LayerSize, Layout, Shape } from "./critics/shape.ts";
export type { NeighborMethod } from "./estimators/neighbors.ts";
export { settled } from "./gpu/device.ts";
export { type Profile, profileOf } from "./gpu/profile.ts";
export {
  type Dispatch,
  dispatch,
  type KernelName,
  Program,
  type TileForm,
  type TileName,
  tileForm,
} from "./gpu/program.ts";
export type * from "./gpu/shaders.gen.ts";
export { estimators, geometry, kernels, structs } from "./gpu/shaders.gen.ts";
export { packArray, type StructName, unpackArray } from "./gpu/structs.ts";
export {
  type NeighborBatch,
  type NeighborBatchOptions,
  type NeighborSettings,
  neighborsBatch,
} from "./neighbors/local-values.ts";
export type { TableSource } from "./sources/table.ts";
export type { Batch, Training } from "./training/buffers.ts";
export type { ScorerOptions } from "./training/options.ts";
export type { Scorer } from "./training/scorer.ts";
export { type SelfCheck, selfTest } from "./training/self-test.ts";
export { Trainer } from "./training/trainer.ts";
