// take_step: one step of any optimizer along the gradient that sum_gradient left. Every workgroup works out itself how long the
// gradient is and what clipping makes of it: that is cheaper on a GPU than a dispatch that tells them all.
//
//   dims      ParamDims  uniform
//   hyper     (R)        read
//   ahead     (R)        read        the clock after this step, if the gradient is finite
//   squares   (R, G)     read        of the gradient, by each workgroup of sum_gradient; G is a multiple of 4
//   d_params  (M, R, P)  read        its sum in part 0
//   params    (R, P)     read_write  (updated)
//   m_params  (R, P)     read_write  Adam and momentum; others leave it (updated)
//   v_params  (R, P)     read_write  Adam; others leave it (updated)
//   clock     (R)        read_write  (advanced)
//
// dispatch  G x R: threads stride over the parameters of their replica
// numerics  as step_adam, step_momentum and step_sgd (software/); a sum of squares that overflows counts as not finite. Where a
//           step stands is read from `ahead`: one workgroup moves the clock while others may not have begun
import package::lib::ascent::{ascend_vector};
import package::lib::geometry::{WG_SIZE};
import package::lib::monoids::{block_reduce_sum};
import package::lib::optimizer::{ParamDims, update_of_step};
import package::lib::records::{Hyper, Clock};
import package::lib::window::{arrived_clock};

@group(0) @binding(0) var<uniform> dims: ParamDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read> ahead: array<Clock>;
@group(0) @binding(3) var<storage, read> squares: array<vec4f>;
@group(0) @binding(4) var<storage, read> d_params: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> params: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> m_params: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> v_params: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> clock: array<Clock>;

@compute @workgroup_size(WG_SIZE)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let replica = workgroup_id.y;
  let fours = workgroups.x / 4u;
  var own = vec4f();
  for (var g = lane; g < fours; g += WG_SIZE) {
    own += squares[replica * fours + g];
  }
  own = block_reduce_sum(lane, own);
  let h = hyper[replica];
  let next = ahead[replica];
  let squared = (own.x + own.y) + (own.z + own.w);
  let u = update_of_step(h, next.step - 1u, next.beta1_power, next.beta2_power, squared);
  if (workgroup_id.x == 0u && lane == 0u) {
    clock[replica] = arrived_clock(clock[replica], next, u.is_finite == 1.0);
  }
  let count = select(0u, dims.count, u.is_finite == 1.0);
  for (var p = workgroup_id.x * WG_SIZE + lane; 4u * p < count; p += workgroups.x * WG_SIZE) {
    ascend_vector(replica * dims.stride / 4u, p, count, h, u);
  }
}
