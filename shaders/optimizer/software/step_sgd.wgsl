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
import package::lib::optimizer::{ParamDims, are_params, ascend_sgd};

@group(0) @binding(0) var<uniform> dims: ParamDims;
@group(0) @binding(1) var<storage, read> update: array<Update>;
@group(0) @binding(2) var<storage, read> d_params: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> params: array<vec4f>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let u = update[global_id.y];
  if (u.is_finite == 0.0) {
    return;
  }
  let first = global_id.y * dims.stride / 4u;
  let count = dims.count;
  for (var p = global_id.x; 4u * p < count; p += workgroups.x * WG_SIZE) {
    let old = params[first + p];
    params[first + p] = select(old, ascend_sgd(u, old, d_params[first + p]), are_params(p, count));
  }
}
