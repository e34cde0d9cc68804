// infonce: contrastive predictive coding (van den Oord et al. 2018, arXiv:1807.03748): tell the joint pair of a row from
// its K marginal pairs. I(X;Y) >= log(1 + K) + E[T_i0 - log sum_c exp T_ic], never above log(1 + K). With lambda > 0 the
// mean log-partition of the rows is also held at C (arXiv:2011.07932).
// @estimator invariant=row objective=bound bound=lower value=own pairs=rows title="InfoNCE"
// @estimator paper="van den Oord, Li & Vinyals 2018, arXiv:1807.03748"
// @estimator statement="lower bound, at most log(1 + K); lowest variance of all" use="for a stable, comparable score below log of the batch size"
//
//   r = mean over rows of lse_i - log(1 + K)
//   objective = log(1 + K) + mean (T_i0 - lse_i) - lambda (r - C)^2,   value = the same without the penalty
//   by a joint score     (1 - p) / N - 2 lambda (r - C) p / N      p = exp(T - lse_i), lse_i over the whole row
//   by a marginal score  -p / N - 2 lambda (r - C) p / N
import package::lib::records::{Hyper, RowStats, ScoreStats};
import package::lib::regularizer::{penalty, penalty_slope};

fn log_columns(s: ScoreStats) -> f32 { return log(1.0 + s.marginal_count / s.joint_count); }
fn row_log_partition(s: ScoreStats) -> f32 { return s.joint_mean - s.joint_term - log_columns(s); }

fn estimator_row_terms(t: f32, row: RowStats, h: Hyper) -> vec2f { return vec2f(); }
fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return t - row.lse; }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f { return vec2f(); }

fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return log_columns(s) + s.joint_term; }
fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 { return estimator_value(s, h) - penalty(row_log_partition(s), h); }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  return 1.0 / s.joint_count + estimator_d_marginal(t, row, s, h);
}
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  return -exp(t - row.lse) * (1.0 + penalty_slope(row_log_partition(s), h)) / s.joint_count;
}
