// scores: the shape of the score array of one replica, (N, 1 + K), and what is said of a whole batch.
import package::lib::monoids::{LogSumExp, lse_combine, lse_value};
import package::lib::records::{Hyper, Clock, ScoreStats};

struct ScoreDims {
  joint: u32,        // N
  marginals: u32,    // K
}

// How many joint pairs of a step count, with their marginal pairs: the first ones.
fn joint_counted(dims: ScoreDims, h: Hyper) -> u32 {
  return select(min(h.batch, dims.joint), dims.joint, h.batch == 0u);
}

// The averages of a batch, from sums over joint pairs of (T, joint term), over marginal pairs of their two terms, and the
// marginal pairs' log-sum-exp of T.
fn stats_of(sums: vec4f, marginal_lse: f32, joint: u32, marginals: u32, h: Hyper, now: Clock) -> ScoreStats {
  let joint_count = f32(joint);
  let marginal_count = f32(joint * marginals);
  let marginal_lme = marginal_lse - log(marginal_count);
  // The moving average starts at the first batch; a start at 0 would blow up the first gradients.
  var ema_lse = marginal_lme;
  if (now.step > 0u && h.ema_rate > 0.0 && h.ema_rate < 1.0) {
    let old = LogSumExp(now.ema_lse, 1.0 - h.ema_rate);
    ema_lse = lse_value(lse_combine(old, LogSumExp(marginal_lme, h.ema_rate)));
  }
  return ScoreStats(
    sums.x / joint_count, marginal_lme, sums.y / joint_count, sums.z / marginal_count, sums.w / marginal_count,
    joint_count, marginal_count, ema_lse);
}
