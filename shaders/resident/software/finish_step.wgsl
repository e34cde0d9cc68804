// finish_step: what follows the gradient in a step, in one dispatch: its length, the optimizer, and the step's record. For
// the resident engine on software adapters, whose steps are so short that three dispatches would be a fifth of them.
//
//   dims      FinishDims  uniform
//   hyper     (R)         read
//   stats     (R)         read        of the batch just trained on
//   d_params  (R, P)      read
//   clock     (R)         read_write  (advanced)
//   params    (R, P)      read_write  (updated)
//   m_params  (R, P)      read_write  Adam and momentum; others leave it (updated)
//   v_params  (R, P)      read_write  Adam; others leave it (updated)
//   history   (R, W)      read_write  StepRecord of step t at t mod W (overwritten)
//
// without   estimator_row_terms, estimator_d_baseline
// dispatch  R: a workgroup is one subgroup of 8 lanes and one replica, without a barrier
// numerics  as reduce_gradient, step_* and push_window; the sum of squares has another fixed order: a lane's own, then
//           lanes by a tree
enable subgroups;
import package::lib::optimizer::{Four, are_params, update_for, ascend, OPTIMIZER_SGD, OPTIMIZER_ADAM};
import package::lib::records::{Hyper, Clock, ScoreStats};
import package::lib::window::{StepRecord, record_of, next_clock};
import package::estimator::{estimator_objective, estimator_value};

struct FinishDims {
  count: u32,        // parameters of one replica
  stride: u32,       // P: count, padded to whole vectors
  capacity: u32,     // steps that history holds per replica
}

@group(0) @binding(0) var<uniform> dims: FinishDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read> stats: array<ScoreStats>;
@group(0) @binding(3) var<storage, read> d_params: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> clock: array<Clock>;
@group(0) @binding(5) var<storage, read_write> params: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> m_params: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> v_params: array<vec4f>;
@group(0) @binding(8) var<storage, read_write> history: array<StepRecord>;

override OPTIMIZER: u32 = 0u;

const FINISH_LANES = 8u;

fn squared_length(first: u32, lane: u32) -> f32 {
  var squares = vec4f();
  for (var p = lane; 4u * p < dims.count; p += FINISH_LANES) {
    let d = select(vec4f(), d_params[first + p], are_params(p, dims.count));
    squares += d * d;
  }
  var sum = (squares.x + squares.y) + (squares.z + squares.w);
  sum += subgroupShuffleXor(sum, 1u);
  sum += subgroupShuffleXor(sum, 2u);
  return sum + subgroupShuffleXor(sum, 4u);
}

@compute @workgroup_size(FINISH_LANES)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let replica = workgroup_id.x;
  let first = replica * dims.stride / 4u;
  let h = hyper[replica];
  let now = clock[replica];
  let update = update_for(h, now, squared_length(first, lane));
  let count = select(0u, dims.count, update.is_finite == 1.0);
  for (var p = lane; 4u * p < count; p += FINISH_LANES) {
    let at = first + p;
    let inside = are_params(p, count);
    var old = Four(params[at], vec4f(), vec4f());
    if (OPTIMIZER != OPTIMIZER_SGD) {
      old.m = m_params[at];
    }
    if (OPTIMIZER == OPTIMIZER_ADAM) {
      old.v = v_params[at];
    }
    let fresh = ascend(OPTIMIZER, h, update, old, d_params[at]);
    if (OPTIMIZER != OPTIMIZER_SGD) {
      m_params[at] = select(old.m, fresh.m, inside);
    }
    if (OPTIMIZER == OPTIMIZER_ADAM) {
      v_params[at] = select(old.v, fresh.v, inside);
    }
    params[at] = select(old.params, fresh.params, inside);
  }
  if (lane == 0u) {
    let s = stats[replica];
    let record = record_of(s, estimator_value(s, h), estimator_objective(s, h));
    history[replica * dims.capacity + now.step % dims.capacity] = record;
    clock[replica] = next_clock(now, h, record, s.ema_lse, update.is_finite == 1.0);
  }
}
