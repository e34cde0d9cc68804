// remine_l1: ReMINE with an absolute penalty (Regularized Mutual Information Neural Estimation, ICLR 2021 submission,
// section 4). Below C the marginal gradient keeps a constant share 1 - lambda, so for lambda < 1 the outputs can still
// run down when a batch holds no joint case among its marginal pairs.
// @estimator invariant=none objective=bound bound=lower value=dv marginal=exp title="ReMINE-L1"
// @estimator paper="Choi & Lee, ICLR 2021 submission; arXiv:2011.07932"
// @estimator statement="lower bound; for lambda < 1 T may still explode downwards" use="to see why the penalty is squared"
// @parameter lambda = 0.1
//
//   objective = J - g - lambda |g - C|,   value = J - g
//   by a joint score     1 / N
//   by a marginal score  -exp(T - g) / M  (1 + lambda sign(g - C))
import package::lib::records::{Hyper, RowStats, ScoreStats};
import package::lib::regularizer::{above_target};

fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return 0.0; }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f { return vec2f(); }

fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 {
  return s.joint_mean - s.marginal_lme - h.lambda * abs(above_target(s.marginal_lme, h));
}
fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean - s.marginal_lme; }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 { return 1.0 / s.joint_count; }
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  return -exp(t - s.marginal_lme) / s.marginal_count * (1.0 + h.lambda * sign(above_target(s.marginal_lme, h)));
}
