// differentiate_baseline: the gradient of the estimator's objective by what the baseline network says of every row.
//
//   dims        ScoreDims  uniform
//   hyper       (R)        read
//   rows        (R, N)     read        RowStats of this batch
//   stats       (R)        read        ScoreStats of this batch
//   d_baseline  (R, N)     read_write  (overwritten)
//
// dispatch  elements(N) x R
// numerics  0 for rows beyond the replica's batch
import package::lib::geometry::{WG_SIZE};
import package::lib::records::{Hyper, RowStats, ScoreStats};
import package::lib::scores::{ScoreDims, joint_counted};
import package::estimator::{estimator_d_baseline};

@group(0) @binding(0) var<uniform> dims: ScoreDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read> rows: array<RowStats>;
@group(0) @binding(3) var<storage, read> stats: array<ScoreStats>;
@group(0) @binding(4) var<storage, read_write> d_baseline: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let i = global_id.x;
  let replica = global_id.y;
  if (i >= dims.joint) {
    return;
  }
  let at = replica * dims.joint + i;
  let h = hyper[replica];
  if (i >= joint_counted(dims, h)) {
    d_baseline[at] = 0.0;
  } else {
    d_baseline[at] = estimator_d_baseline(rows[at], stats[replica], h);
  }
}
