// reduce_rows: what an estimator that looks at a row as a whole needs to know of it.
//
//   dims      ScoreDims    uniform
//   hyper     (R)          read
//   scores    (R, N, 1+K)  read        T, joint pairs in column 0
//   baseline  (R, N)       read        what the baseline network says of each row; zeros without one
//   rows      (R, N)       read_write  RowStats (overwritten)
//
// dispatch  rows(N) x R: one workgroup per row, lanes stride over its marginal pairs
// numerics  two reads of the scores: first their exponentials, then the estimator's terms, which may need those
// gradient  differentiate_scores.wgsl, differentiate_baseline.wgsl
import package::lib::geometry::{WG_SIZE};
import package::lib::monoids::{lse_identity, lse_of, lse_combine, lse_value, block_reduce_lse, block_reduce_sum};
import package::lib::records::{Hyper, RowStats};
import package::lib::scores::{ScoreDims};
import package::estimator::{estimator_row_terms};

@group(0) @binding(0) var<uniform> dims: ScoreDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read> scores: array<f32>;
@group(0) @binding(3) var<storage, read> baseline: array<f32>;
@group(0) @binding(4) var<storage, read_write> rows: array<RowStats>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = workgroup_id.y * dims.joint + workgroup_id.x;
  let first = at * (1u + dims.marginals);
  let h = hyper[workgroup_id.y];

  var exponentials = lse_identity();
  for (var c = 1u + lane; c <= dims.marginals; c += WG_SIZE) {
    exponentials = lse_combine(exponentials, lse_of(scores[first + c]));
  }
  let marginal = block_reduce_lse(lane, exponentials);
  let joint = scores[first];
  var row = RowStats(
    joint, lse_value(lse_combine(marginal, lse_of(joint))), lse_value(marginal), f32(dims.marginals), baseline[at],
    0.0, 0.0);

  var sums = vec2f();
  for (var c = 1u + lane; c <= dims.marginals; c += WG_SIZE) {
    sums += estimator_row_terms(scores[first + c], row, h);
  }
  let all = block_reduce_sum(lane, vec4f(sums, 0.0, 0.0));
  if (lane == 0u) {
    row.first = all.x;
    row.second = all.y;
    rows[at] = row;
  }
}
