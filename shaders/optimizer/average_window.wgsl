// average_window: the two averages over the last W steps. Macro: the mean of the batches' values. Micro: the value of
// all their outputs taken as one batch (ReMINE, algorithm 1).
//
//   dims      WindowDims   uniform
//   hyper     (R)          read
//   clock     (R)          read
//   stats     (R)          read        counts of one batch
//   history   (R, W)       read        StepRecords
//   averages  (R)          read_write  WindowAverages (overwritten)
//
// dispatch  rows(R): one workgroup per replica
// numerics  all batches are of one size, so the pooled log mean exp is that of the batches' log mean exps
import package::lib::geometry::{WG_SIZE};
import package::lib::monoids::{lse_identity, lse_of, lse_combine, lse_value, block_reduce_lse, block_reduce_sum};
import package::lib::records::{Hyper, Clock, ScoreStats};
import package::lib::window::{WindowDims, StepRecord};
import package::estimator::{estimator_value};

struct WindowAverages {
  macro_value: f32,
  micro_value: f32,
  joint_mean: f32,
  marginal_lme: f32, // pooled
  steps: f32,        // in the window
}

@group(0) @binding(0) var<uniform> dims: WindowDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read> clock: array<Clock>;
@group(0) @binding(3) var<storage, read> stats: array<ScoreStats>;
@group(0) @binding(4) var<storage, read> history: array<StepRecord>;
@group(0) @binding(5) var<storage, read_write> averages: array<WindowAverages>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let replica = workgroup_id.x;
  let step = clock[replica].step;
  let count = min(step, dims.window);

  var sums = vec4f();         // joint mean, joint term, marginal terms
  var values = 0.0;
  var exponentials = lse_identity();
  for (var back = lane; back < count; back += WG_SIZE) {
    let record = history[replica * dims.capacity + (step - 1u - back) % dims.capacity];
    sums += vec4f(record.joint_mean, record.joint_term, record.marginal_term, record.second_term);
    values += record.value;
    exponentials = lse_combine(exponentials, lse_of(record.marginal_lme));
  }
  sums = block_reduce_sum(lane, sums) / f32(max(count, 1u));
  values = block_reduce_sum(lane, vec4f(values, 0.0, 0.0, 0.0)).x / f32(max(count, 1u));
  let pooled_lme = lse_value(block_reduce_lse(lane, exponentials)) - log(f32(max(count, 1u)));

  if (lane == 0u) {
    let batch = stats[replica];
    let pooled = ScoreStats(
      sums.x, pooled_lme, sums.y, sums.z, sums.w, batch.joint_count, batch.marginal_count, batch.ema_lse);
    averages[replica] =
      WindowAverages(values, estimator_value(pooled, hyper[replica]), sums.x, pooled_lme, f32(count));
  }
}
