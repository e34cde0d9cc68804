// flo: the Fenchel-Legendre optimisation bound (Guo et al. 2022, arXiv:2107.01131): InfoNCE with a second network u(x, y)
// in the place of the logarithm, so that the bound is tight at any number of marginal pairs.
// I(X;Y) >= 1 - E[u + exp(-u) mean_c exp(T_ic - T_i0)], tight at T = log density ratio (+ any c(x)), u = -log ratio.
// @estimator invariant=row objective=bound bound=lower value=own baseline=pair pairs=rows title="FLO"
// @estimator paper="Guo et al. 2022, arXiv:2107.01131"
// @estimator statement="lower bound, tight at any K; two networks to fit" use="for MI above log of the batch size with few marginal pairs"
// @parameter baseline = [64, 64]
//
//   e_i = exp(-u_i + log mean over marginal pairs of exp T - T_i0),   objective = value = 1 - mean (u_i + e_i)
//   by a joint score     e_i / N
//   by a marginal score  -e_i softmax / N        over the marginal pairs of the row
//   by u_i               (e_i - 1) / N
import package::lib::records::{Hyper, RowStats, ScoreStats};

fn excess(row: RowStats) -> f32 { return exp(row.marginal_lse - log(row.marginals) - row.joint - row.baseline); }

fn estimator_row_terms(t: f32, row: RowStats, h: Hyper) -> vec2f { return vec2f(); }
fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return 1.0 - row.baseline - excess(row); }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f { return vec2f(); }

fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 { return s.joint_term; }
fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return s.joint_term; }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 { return excess(row) / s.joint_count; }
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  return -excess(row) * exp(t - row.marginal_lse) / s.joint_count;
}
fn estimator_d_baseline(row: RowStats, s: ScoreStats, h: Hyper) -> f32 { return (excess(row) - 1.0) / s.joint_count; }
