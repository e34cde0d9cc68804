/**
 * `remine/conv`: critics of images.
 *
 * @module remine/conv
 */
export { type ConvImages, type ConvOptions, conv, resnet18, selfConsistencyNet, stridedNet } from "./critics/conv.ts";
export type { ConvLayer, Window } from "./critics/images.ts";
