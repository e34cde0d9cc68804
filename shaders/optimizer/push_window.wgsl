// push_window: ends a step. Remembers its statistics, records what is not finite, and advances the clock.
//
//   dims      WindowDims  uniform
//   hyper     (R)         read
//   stats     (R)         read        of the batch just trained on
//   update    (R)         read        whether its gradient was finite
//   clock     (R)         read_write  (advanced)
//   history   (R, W)      read_write  StepRecord of step t at t mod W (overwritten)
//
// dispatch  elements(R)
// numerics  finite is judged by exponent bits: WGSL may assume that no value is infinite
import package::lib::geometry::{WG_SIZE};
import package::lib::records::{Hyper, Clock, ScoreStats, Update};
import package::lib::window::{WindowDims, StepRecord, record_of, next_clock};
import package::estimator::{estimator_objective, estimator_value};

@group(0) @binding(0) var<uniform> dims: WindowDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read> stats: array<ScoreStats>;
@group(0) @binding(3) var<storage, read> update: array<Update>;
@group(0) @binding(4) var<storage, read_write> clock: array<Clock>;
@group(0) @binding(5) var<storage, read_write> history: array<StepRecord>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let replica = global_id.x;
  if (replica >= dims.replicas) {
    return;
  }
  let s = stats[replica];
  let now = clock[replica];
  let h = hyper[replica];
  let record = record_of(s, estimator_value(s, h), estimator_objective(s, h));
  history[replica * dims.capacity + now.step % dims.capacity] = record;
  clock[replica] = next_clock(now, h, record, s.ema_lse, update[replica].is_finite == 1.0);
}
