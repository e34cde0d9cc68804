// nwj: Nguyen, Wainwright and Jordan 2010 (arXiv:0809.0853), also known as f-MINE and MINE-f.
// I(X;Y) >= E_p[T] - E_q[exp(T - 1)], tight at T = log p(x,y) / p(x)p(y) + 1. Linear in exp T: unbiased on a batch and
// without drift, but its variance grows as exp(2 I). With lambda > 0 the log-partition is also held at C = 1
// (arXiv:2011.07932).
// @estimator invariant=none objective=bound bound=lower value=own marginal=exp title="NWJ"
// @estimator paper="Nguyen, Wainwright & Jordan 2010, arXiv:0809.0853"
// @estimator statement="lower bound, unbiased on a batch; variance about e^(2I) / M" use="for small MI, where an unbiased batch value matters"
// @parameter C = 1
//
//   objective = J - exp(g - 1) - lambda (g - C)^2,   value = J - exp(g - 1)
//   by a joint score     1 / N
//   by a marginal score  -exp(T - 1) / M - 2 lambda (g - C) exp(T - g) / M
import package::lib::records::{Hyper, RowStats, ScoreStats};
import package::lib::regularizer::{penalty, penalty_slope};

fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return 0.0; }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f { return vec2f(); }

fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean - exp(s.marginal_lme - 1.0); }
fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 { return estimator_value(s, h) - penalty(s.marginal_lme, h); }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 { return 1.0 / s.joint_count; }
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  let pinned = penalty_slope(s.marginal_lme, h) * exp(t - s.marginal_lme);
  return -(exp(t - 1.0) + pinned) / s.marginal_count;
}
