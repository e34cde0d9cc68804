// i_alpha: the interpolated bound between InfoNCE (alpha -> 1) and TUBA (alpha -> 0) of Poole et al. 2019
// (arXiv:1905.06922, section 2.4), in its minibatch form. Row i's partition function is a mixture of what the row's other
// pairs say (leaving out the pair at hand, so that it stays a bound) and of a baseline q, learned from x or 1.
// @estimator invariant=none objective=bound bound=lower value=own baseline=x pairs=rows title="I_alpha"
// @estimator paper="Poole et al. 2019, arXiv:1905.06922"
// @estimator statement="lower bound, at most about log(K / alpha); alpha trades bias for variance" use="for MI above log of the batch size with little variance"
// @parameter alpha = 0.01 in (0, 1): weight of the contrastive part
// @parameter baseline = [64, 64]
//
//   L_ij = log mean over the row's pairs but j of exp T,     B_ij = log(alpha exp L_ij + (1 - alpha) q_i)
//   objective = value = 1 + mean_ij (T_i0 - B_ij) - mean_ij exp(T_ij - B_i0),   both means over marginal pairs (i, j)
// With A_i = sum_j exp(lse_i - B_ij), m_i = sum_j exp(T_ij - B_i0), c = 1 / M, and r_i0 = alpha exp(L_i0 - B_i0):
//   by a joint score     1 / N - c alpha exp(T - lse_i) A_i / K
//   by a marginal score  -c alpha exp(T - lse_i) (A_i - exp(lse_i - B_ij)) / K - c exp(T - B_i0) (1 - alpha m_i / K)
//   by a row's log q     -c (1 - alpha) exp(log q_i - lse_i) A_i + c (1 - r_i0) m_i
import package::lib::logistic::{log_add_exp, log1mexp};
import package::lib::records::{Hyper, RowStats, ScoreStats};

fn mixed(log_mean: f32, row: RowStats, h: Hyper) -> f32 {
  return log_add_exp(log(h.alpha) + log_mean, log(1.0 - h.alpha) + row.baseline);
}
// B_ij of a marginal pair whose score is t, and B_i0.
fn mixed_without(t: f32, row: RowStats, h: Hyper) -> f32 {
  return mixed(row.lse + log1mexp(max(row.lse - t, 0.0)) - log(row.marginals), row, h);
}
fn mixed_without_joint(row: RowStats, h: Hyper) -> f32 {
  return mixed(row.marginal_lse - log(row.marginals), row, h);
}

fn estimator_row_terms(t: f32, row: RowStats, h: Hyper) -> vec2f {
  return vec2f(exp(row.lse - mixed_without(t, row, h)), exp(t - mixed_without_joint(row, h)));
}
fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return 0.0; }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f {
  return vec2f(row.joint - mixed_without(t, row, h) - exp(t - mixed_without_joint(row, h)), 0.0);
}

fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 { return 1.0 + s.marginal_term; }
fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return 1.0 + s.marginal_term; }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  return 1.0 / s.joint_count - h.alpha * exp(t - row.lse) * row.first / (row.marginals * s.marginal_count);
}
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  let others = row.first - exp(row.lse - mixed_without(t, row, h));
  let through_joints = h.alpha * exp(t - row.lse) * others / row.marginals;
  let own = exp(t - mixed_without_joint(row, h)) * (1.0 - h.alpha * row.second / row.marginals);
  return -(through_joints + own) / s.marginal_count;
}
fn estimator_d_baseline(row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  let through_joints = exp(row.baseline - row.lse) * row.first;
  let own = exp(row.baseline - mixed_without_joint(row, h)) * row.second;
  return (1.0 - h.alpha) * (own - through_joints) / s.marginal_count;
}
