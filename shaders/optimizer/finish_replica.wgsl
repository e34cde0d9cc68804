// finish_replica: what follows the gradient in a step, in one dispatch: its parts are added up, its length, the optimizer, and
// the step's record. For GPUs and parameters so few that a workgroup per replica is done with them sooner than three dispatches
// begin.
//
//   dims      FinishReplicaDims  uniform
//   hyper     (R)        read
//   stats     (R)        read        of the batch just trained on
//   d_params  (M, R, P)  read_write  (part 0 becomes the sum; the others stay)
//   clock     (R)        read_write  (advanced)
//   params    (R, P)     read_write  (updated)
//   m_params  (R, P)     read_write  Adam and momentum; others leave it (updated)
//   v_params  (R, P)     read_write  Adam; others leave it (updated)
//   history   (R, W)     read_write  StepRecord of step t at t mod W (overwritten)
//
// dispatch  R: a workgroup per replica
// numerics  as sum_gradient, take_step and push_window; the squares are added up in another fixed order
import package::lib::ascent::{ascend_vector};
import package::lib::optimizer::{are_params, update_for};
import package::lib::parts::{PartDims, sum_of_parts};
import package::lib::records::{Hyper, Clock, ScoreStats};
import package::lib::wide::{WIDE_SIZE, wide_sum};
import package::lib::window::{StepRecord, record_of, next_clock};
import package::estimator::{estimator_objective, estimator_value};

struct FinishReplicaDims {
  count: u32,        // parameters of one replica
  stride: u32,       // P
  replicas: u32,     // R
  parts: u32,        // M
  capacity: u32,     // steps that history holds per replica
}

@group(0) @binding(0) var<uniform> dims: FinishReplicaDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read> stats: array<ScoreStats>;
@group(0) @binding(3) var<storage, read_write> d_params: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> clock: array<Clock>;
@group(0) @binding(5) var<storage, read_write> params: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> m_params: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> v_params: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> history: array<StepRecord>;

@compute @workgroup_size(WIDE_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let replica = workgroup_id.x;
  let first = replica * dims.stride / 4u;
  let of_parts = PartDims(dims.count, dims.stride, dims.replicas, dims.parts);
  let h = hyper[replica];
  let now = clock[replica];
  var own = vec4f();
  // A lane takes the same vectors in both loops, so it reads only sums that it stored itself.
  for (var p = lane; 4u * p < dims.count; p += WIDE_SIZE) {
    let sum = sum_of_parts(first + p, of_parts);
    if (dims.parts > 1u) {
      d_params[first + p] = sum;
    }
    let d = select(vec4f(), sum, are_params(p, dims.count));
    own += d * d;
  }
  own = wide_sum(lane, own);
  let update = update_for(h, now, (own.x + own.y) + (own.z + own.w));
  let count = select(0u, dims.count, update.is_finite == 1.0);
  for (var p = lane; 4u * p < count; p += WIDE_SIZE) {
    ascend_vector(first, p, count, h, update);
  }
  if (lane == 0u) {
    let s = stats[replica];
    let record = record_of(s, estimator_value(s, h), estimator_objective(s, h));
    history[replica * dims.capacity + now.step % dims.capacity] = record;
    clock[replica] = next_clock(now, h, record, s.ema_lse, update.is_finite == 1.0);
  }
}
