// evaluate_scores: what the estimator says of one batch of scores: their statistics, the step's record, and the gradient of its
// objective by every score, in one dispatch. For GPUs: a workgroup sees all scores of a replica.
//
//   dims      EvaluateDims  uniform
//   hyper     (R)          read
//   clock     (R)          read        the moving average so far
//   scores    (R, N, 1+K)  read        T, joint pairs in column 0
//   rows      (R, N)       read        RowStats of this batch; zeros where the estimator does not look at rows
//   stats     (R)          read_write  ScoreStats of this batch (overwritten)
//   d_scores  (R, N, 1+K)  read_write  (overwritten if DIFFERENTIATED)
//   history   (R, W)       read_write  StepRecord of step t at t mod W (overwritten)
//   ahead     (R)          read_write  the clock after this step, if its gradient turns out finite (overwritten)
//
// dispatch  R: a workgroup per replica, lanes stride over its scores
// numerics  online maximum and sum of the exponentials, identity (F32_LOWEST, 0); the gradient is 0 for pairs beyond the
//           replica's batch
// gradient  this kernel, or differentiate_scores.wgsl where scores are many
import package::lib::monoids::{lse_identity, lse_of, lse_combine, lse_value};
import package::lib::records::{Hyper, Clock, RowStats, ScoreStats};
import package::lib::scores::{ScoreDims, joint_counted, stats_of};
import package::lib::wide::{WIDE_SIZE, wide_sum, wide_lse};
import package::lib::window::{StepRecord, record_of, next_clock};
import package::estimator::{estimator_joint_term, estimator_marginal_terms, estimator_d_joint, estimator_d_marginal};
import package::estimator::{estimator_objective, estimator_value};

struct EvaluateDims {
  joint: u32,        // N
  marginals: u32,    // K
  capacity: u32,     // steps that history holds per replica
}

// 0: another dispatch differentiates, with a thread per score.
override DIFFERENTIATED: u32 = 1u;

@group(0) @binding(0) var<uniform> dims: EvaluateDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read> clock: array<Clock>;
@group(0) @binding(3) var<storage, read> scores: array<f32>;
@group(0) @binding(4) var<storage, read> rows: array<RowStats>;
@group(0) @binding(5) var<storage, read_write> stats: array<ScoreStats>;
@group(0) @binding(6) var<storage, read_write> d_scores: array<f32>;
@group(0) @binding(7) var<storage, read_write> history: array<StepRecord>;
@group(0) @binding(8) var<storage, read_write> ahead: array<Clock>;

fn stats_of_batch(replica: u32, lane: u32, joint: u32, h: Hyper, now: Clock) -> ScoreStats {
  let columns = 1u + dims.marginals;
  let first = replica * dims.joint * columns;
  let last = joint * columns - 1u;
  var sums = vec4f();         // joint T, joint term, marginal terms
  var exponentials = lse_identity();
  // The next score is on its way while the last one is folded in.
  var next = scores[first + min(lane, last)];
  for (var slot = lane; slot <= last; slot += WIDE_SIZE) {
    let t = next;
    next = scores[first + min(slot + WIDE_SIZE, last)];
    let i = slot / columns;
    let row = rows[replica * dims.joint + i];
    if (slot == i * columns) {
      sums += vec4f(t, estimator_joint_term(t, row, h), 0.0, 0.0);
    } else {
      sums += vec4f(0.0, 0.0, estimator_marginal_terms(t, row, h));
      exponentials = lse_combine(exponentials, lse_of(t));
    }
  }
  sums = wide_sum(lane, sums);
  let marginal_lse = lse_value(wide_lse(lane, exponentials));
  return stats_of(sums, marginal_lse, joint, dims.marginals, h, now);
}

@compute @workgroup_size(WIDE_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let replica = workgroup_id.x;
  let h = hyper[replica];
  let now = clock[replica];
  let joint = joint_counted(ScoreDims(dims.joint, dims.marginals), h);
  let s = stats_of_batch(replica, lane, joint, h, now);
  if (lane == 0u) {
    let record = record_of(s, estimator_value(s, h), estimator_objective(s, h));
    stats[replica] = s;
    history[replica * dims.capacity + now.step % dims.capacity] = record;
    ahead[replica] = next_clock(now, h, record, s.ema_lse, true);
  }
  if (DIFFERENTIATED == 0u) {
    return;
  }
  let columns = 1u + dims.marginals;
  let slots = dims.joint * columns;
  for (var slot = lane; slot < slots; slot += WIDE_SIZE) {
    let t = scores[replica * slots + slot];
    let i = slot / columns;
    let row = rows[replica * dims.joint + i];
    var d = 0.0;
    if (i < joint) {
      if (slot == i * columns) {
        d = estimator_d_joint(t, row, s, h);
      } else {
        d = estimator_d_marginal(t, row, s, h);
      }
    }
    d_scores[replica * slots + slot] = d;
  }
}
