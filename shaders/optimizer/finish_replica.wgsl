// finish_replica: what follows the gradient in a step, in one dispatch: its parts are added up, its length, the optimizer, and
// the clock. For GPUs and parameters so few that a workgroup per replica is done with them sooner than another dispatch begins.
//
//   dims      PartDims   uniform
//   hyper     (R)        read
//   ahead     (R)        read        the clock after this step, if the gradient is finite
//   d_params  (M, R, P)  read_write  (part 0 becomes the sum; the others stay)
//   clock     (R)        read_write  (advanced)
//   params    (R, P)     read_write  (updated)
//   m_params  (R, P)     read_write  Adam and momentum; others leave it (updated)
//   v_params  (R, P)     read_write  Adam; others leave it (updated)
//
// dispatch  R: a workgroup per replica
// numerics  as sum_gradient and take_step; the squares are added up in another fixed order
import package::lib::ascent::{ascend_vector};
import package::lib::optimizer::{are_params, update_for};
import package::lib::parts::{PartDims, sum_of_parts};
import package::lib::records::{Hyper, Clock};
import package::lib::wide::{WIDE_SIZE, wide_sum};
import package::lib::window::{arrived_clock};

@group(0) @binding(0) var<uniform> dims: PartDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read> ahead: array<Clock>;
@group(0) @binding(3) var<storage, read_write> d_params: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> clock: array<Clock>;
@group(0) @binding(5) var<storage, read_write> params: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> m_params: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> v_params: array<vec4f>;

@compute @workgroup_size(WIDE_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let replica = workgroup_id.x;
  let first = replica * dims.stride / 4u;
  let h = hyper[replica];
  let now = clock[replica];
  var own = vec4f();
  // A lane takes the same vectors in both loops, so it reads only sums that it stored itself.
  for (var p = lane; 4u * p < dims.count; p += WIDE_SIZE) {
    let sum = sum_of_parts(first + p, dims);
    if (dims.parts > 1u) {
      d_params[first + p] = sum;
    }
    let d = select(vec4f(), sum, are_params(p, dims.count));
    own += d * d;
  }
  // Its barriers also stand between every lane's look at the clock and the one that moves it.
  own = wide_sum(lane, own);
  let update = update_for(h, now, (own.x + own.y) + (own.z + own.w));
  let count = select(0u, dims.count, update.is_finite == 1.0);
  for (var p = lane; 4u * p < count; p += WIDE_SIZE) {
    ascend_vector(first, p, count, h, update);
  }
  if (lane == 0u) {
    clock[replica] = arrived_clock(now, ahead[replica], update.is_finite == 1.0);
  }
}
