// layer: where a layer's weights lie and how many rows pass through it.

struct LayerDims {
  rows: u32,         // S, or B for the first layer
  inputs: u32,       // In
  outputs: u32,      // Out
  offset: u32,       // of W in a replica's parameters; b follows W as one more row
  stride: u32,       // P
  bias: u32,         // 1: the layer has a bias
}
