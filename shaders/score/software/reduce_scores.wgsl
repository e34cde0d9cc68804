// reduce_scores: what the estimator needs to know of one batch of scores.
//
//   dims    ScoreDims    uniform
//   hyper   (R)          read
//   clock   (R)          read        the moving average so far
//   scores  (R, N, 1+K)  read        T, joint pairs in column 0
//   rows    (R, N)       read        RowStats; zeros where the estimator does not look at rows
//   stats   (R)          read_write  ScoreStats of this batch (overwritten)
//
// dispatch  rows(R): one workgroup per replica, lanes stride over its scores
// numerics  one read of the scores; online maximum and sum of the exponentials, identity (F32_LOWEST, 0)
// gradient  differentiate_scores.wgsl
import package::lib::geometry::{WG_SIZE};
import package::lib::monoids::{lse_identity, lse_of, lse_combine, lse_value, block_reduce_lse, block_reduce_sum};
import package::lib::records::{Hyper, Clock, RowStats, ScoreStats};
import package::lib::scores::{ScoreDims, joint_counted, stats_of};
import package::estimator::{estimator_joint_term, estimator_marginal_terms};

@group(0) @binding(0) var<uniform> dims: ScoreDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read> clock: array<Clock>;
@group(0) @binding(3) var<storage, read> scores: array<f32>;
@group(0) @binding(4) var<storage, read> rows: array<RowStats>;
@group(0) @binding(5) var<storage, read_write> stats: array<ScoreStats>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let replica = workgroup_id.x;
  let columns = 1u + dims.marginals;
  let slots = dims.joint * columns;
  let h = hyper[replica];
  let joint = joint_counted(dims, h);

  var sums = vec4f();         // joint T, joint term, marginal terms
  var exponentials = lse_identity();
  for (var slot = lane; slot < joint * columns; slot += WG_SIZE) {
    let t = scores[replica * slots + slot];
    let i = slot / columns;
    let row = rows[replica * dims.joint + i];
    if (slot == i * columns) {
      sums += vec4f(t, estimator_joint_term(t, row, h), 0.0, 0.0);
    } else {
      sums += vec4f(0.0, 0.0, estimator_marginal_terms(t, row, h));
      exponentials = lse_combine(exponentials, lse_of(t));
    }
  }
  sums = block_reduce_sum(lane, sums);
  let marginal_lse = lse_value(block_reduce_lse(lane, exponentials));

  if (lane == 0u) {
    stats[replica] = stats_of(sums, marginal_lse, joint, dims.marginals, h, clock[replica]);
  }
}
