// step_adam: one step of Adam (Kingma and Ba 2015, arXiv:1412.6980), ascending; with weight decay AdamW (Loshchilov and
// Hutter 2019, arXiv:1711.05101), whose decay bypasses the moments.
//
//   dims      ParamDims  uniform
//   hyper     (R)        read        beta and epsilon
//   update    (R)        read        learning rate, clipping, decay, bias corrections
//   d_params  (R, P)     read
//   params    (R, P)     read_write  (updated)
//   m_params  (R, P)     read_write  first moment   (updated)
//   v_params  (R, P)     read_write  second moment  (updated)
//
// dispatch  strided(P) x R: threads stride over the parameters of their replica
// numerics  beta^t is a running product in the clock: exact where it matters, at small t
import package::lib::geometry::{WG_SIZE};
import package::lib::records::{Hyper, Update};
import package::lib::optimizer::{ParamDims, Four, are_params, ascend_adam};

@group(0) @binding(0) var<uniform> dims: ParamDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read> update: array<Update>;
@group(0) @binding(3) var<storage, read> d_params: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> params: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> m_params: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> v_params: array<vec4f>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let u = update[global_id.y];
  if (u.is_finite == 0.0) {
    return;
  }
  let h = hyper[global_id.y];
  let first = global_id.y * dims.stride / 4u;
  let count = dims.count;
  for (var p = global_id.x; 4u * p < count; p += workgroups.x * WG_SIZE) {
    let at = first + p;
    let inside = are_params(p, count);
    let old = Four(params[at], m_params[at], v_params[at]);
    let fresh = ascend_adam(h, u, old, d_params[at]);
    m_params[at] = select(old.m, fresh.m, inside);
    v_params[at] = select(old.v, fresh.v, inside);
    params[at] = select(old.params, fresh.params, inside);
  }
}
