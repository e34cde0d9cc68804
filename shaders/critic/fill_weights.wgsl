// fill_weights: draws the first weights of one layer.
//
//   dims     FillDims  uniform
//   hyper    (R)       read        seed and stream of each replica
//   params   (R, P)    read_write  one layer's weights and biases, (In + 1, Out) at dims.offset   (overwritten)
//
// dispatch  elements(count) x R
// numerics  uniform in (-scale, scale), or normal with standard deviation scale; biases times dims.bias_scale
import package::lib::geometry::{WG_SIZE};
import package::lib::random::{philox, uniform_open, normal_pair, PURPOSE_WEIGHTS};
import package::lib::records::{Hyper};

struct FillDims {
  offset: u32,       // of the layer in a replica's parameters
  weights: u32,      // In x Out
  biases: u32,       // Out, or 0
  stride: u32,       // P
  tensor: u32,       // a number of its own for every layer
  normal: u32,       // 1: normal, 0: uniform
  scale: f32,
  bias_scale: f32,
}

@group(0) @binding(0) var<uniform> dims: FillDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read_write> params: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let element = global_id.x;
  let replica = global_id.y;
  if (element >= dims.weights + dims.biases) {
    return;
  }
  let key = vec2u(hyper[replica].seed, hyper[replica].stream);
  let bits = philox(vec4u(element, dims.tensor, 0u, PURPOSE_WEIGHTS), key);
  var value = dims.scale * (2.0 * uniform_open(bits.x) - 1.0);
  if (dims.normal == 1u) {
    value = dims.scale * normal_pair(bits.xy).x;
  }
  if (element >= dims.weights) {
    value *= dims.bias_scale;
  }
  params[replica * dims.stride + dims.offset + element] = value;
}
