// layer: where a layer's weights lie and how many rows pass through it. Layers of one size that stand side by side, such as
// those of a tower for x and of one for y, are one dispatch: its inputs and outputs are those of the first side for all
// replicas, then those of the second.

struct LayerDims {
  rows: u32,         // S, or B for the first layer
  inputs: u32,       // In
  outputs: u32,      // Out
  offset: u32,       // of W in a replica's parameters; b follows W as one more row
  stride: u32,       // P
  bias: u32,         // bit z: the layer of side z has a bias
  replicas: u32,     // R
  sides: u32,        // Z: layers of this size, side by side
  apart: u32,        // from W of the first side to W of the second
  parts: u32,        // M
}

// Of network number `network` among Z x R: where W begins among the parameters of all replicas.
fn weights_of(dims: LayerDims, network: u32) -> u32 {
  let side = network / dims.replicas;
  let replica = network % dims.replicas;
  return replica * dims.stride + side * dims.apart + dims.offset;
}

// 1 where that network's layer has a bias, else 0.
fn biases_of(dims: LayerDims, network: u32) -> u32 {
  return (dims.bias >> (network / dims.replicas)) & 1u;
}
