/** `remine/conv`: critics of images. */
export { type ConvImages, type ConvOptions, conv, resnet18, selfConsistencyNet, stridedNet } from "./critics/conv.ts";
export type { ConvLayer, Window } from "./critics/images.ts";
