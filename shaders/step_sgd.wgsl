// step_sgd: one step of gradient ascent on the objective.
//
//   dims      ParamDims  uniform
//   update    (R)        read        learning rate, clipping, decay
//   d_params  (R, P)     read
//   params    (R, P)     read_write  (updated)
//
// dispatch  strided(P) x R: threads stride over the parameters of their replica
import package::lib::geometry::{WG_SIZE};
import package::lib::records::{Update};
import package::lib::optimizer::{ParamDims};

@group(0) @binding(0) var<uniform> dims: ParamDims;
@group(0) @binding(1) var<storage, read> update: array<Update>;
@group(0) @binding(2) var<storage, read> d_params: array<f32>;
@group(0) @binding(3) var<storage, read_write> params: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let u = update[global_id.y];
  if (u.is_finite == 0.0) {
    return;
  }
  let first = global_id.y * dims.stride;
  let count = dims.count;
  for (var p = global_id.x; p < count; p += workgroups.x * WG_SIZE) {
    let old = params[first + p];
    params[first + p] = old + u.rate * u.gradient_scale * d_params[first + p] - u.decay * old;
  }
}
