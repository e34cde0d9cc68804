// donsker_varadhan: the bound itself.  I(X;Y) >= E_p[T] - log E_q[exp T]   (Donsker and Varadhan 1983; Belghazi et al.
// 2018, arXiv:1801.04062, eq. 10). The value does not change when a constant is added to T, so nothing holds that
// constant: it drifts, and with small batches T explodes (ReMINE, section 3).
// @estimator invariant=shift objective=bound bound=lower value=dv marginal=exp title="Donsker-Varadhan"
// @estimator paper="Donsker & Varadhan 1983; Belghazi et al. 2018, arXiv:1801.04062"
// @estimator statement="lower bound; a batch's value is too high by about (e^(2I) - 1) / 2M" use="as the baseline that the others mend"
//
//   objective = value = J - g        J = mean over joint pairs of T,  g = log mean over marginal pairs of exp T
//   by a joint score     1 / N
//   by a marginal score  -exp(T - g) / M
import package::lib::records::{Hyper, RowStats, ScoreStats};

fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return 0.0; }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f { return vec2f(); }

fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean - s.marginal_lme; }
fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean - s.marginal_lme; }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 { return 1.0 / s.joint_count; }
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  return -exp(t - s.marginal_lme) / s.marginal_count;
}
