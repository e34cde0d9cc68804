// differentiate_scores: the gradient of the estimator's objective by every score.
//
//   dims      ScoreDims    uniform
//   hyper     (R)          read
//   scores    (R, N, 1+K)  read        T
//   rows      (R, N)       read        RowStats of this batch; zeros where the estimator does not look at rows
//   stats     (R)          read        ScoreStats of this batch
//   d_scores  (R, N, 1+K)  read_write  (overwritten)
//
// dispatch  elements(S) x R
// numerics  0 for pairs beyond the replica's batch; the softmax over marginal pairs is exp(T - logsumexp), never materialised
import package::lib::geometry::{WG_SIZE};
import package::lib::records::{Hyper, RowStats, ScoreStats};
import package::lib::scores::{ScoreDims, joint_counted};
import package::estimator::{estimator_d_joint, estimator_d_marginal};

@group(0) @binding(0) var<uniform> dims: ScoreDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read> scores: array<f32>;
@group(0) @binding(3) var<storage, read> rows: array<RowStats>;
@group(0) @binding(4) var<storage, read> stats: array<ScoreStats>;
@group(0) @binding(5) var<storage, read_write> d_scores: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let slot = global_id.x;
  let replica = global_id.y;
  let columns = 1u + dims.marginals;
  let slots = dims.joint * columns;
  if (slot >= slots) {
    return;
  }
  let t = scores[replica * slots + slot];
  let i = slot / columns;
  let row = rows[replica * dims.joint + i];
  if (i >= joint_counted(dims, hyper[replica])) {
    d_scores[replica * slots + slot] = 0.0;
  } else if (slot == i * columns) {
    d_scores[replica * slots + slot] = estimator_d_joint(t, row, stats[replica], hyper[replica]);
  } else {
    d_scores[replica * slots + slot] = estimator_d_marginal(t, row, stats[replica], hyper[replica]);
  }
}
