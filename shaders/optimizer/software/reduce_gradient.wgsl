// reduce_gradient: the length of each replica's gradient, and from it what the optimizer multiplies by.
//
//   dims      ParamDims  uniform
//   hyper     (R)        read        clipping, learning rate and its schedule, decay, beta
//   clock     (R)        read        step and the powers of beta
//   d_params  (R, P)     read
//   update    (R)        read_write  (overwritten)
//
// dispatch  rows(R): one workgroup per replica
// numerics  f32 sum of squares; a sum that overflows counts as not finite
import package::lib::geometry::{WG_SIZE};
import package::lib::monoids::{block_reduce_sum};
import package::lib::optimizer::{ParamDims, are_params, update_for};
import package::lib::records::{Hyper, Clock, Update};

@group(0) @binding(0) var<uniform> dims: ParamDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read> clock: array<Clock>;
@group(0) @binding(3) var<storage, read> d_params: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> update: array<Update>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let replica = workgroup_id.x;
  let count = dims.count;
  let first = replica * dims.stride / 4u;
  var squares = vec4f();
  for (var p = lane; 4u * p < count; p += WG_SIZE) {
    let d = select(vec4f(), d_params[first + p], are_params(p, count));
    squares += d * d;
  }
  squares = block_reduce_sum(lane, squares);
  if (lane == 0u) {
    update[replica] = update_for(hyper[replica], clock[replica], squares.x + squares.y + squares.z + squares.w);
  }
}
