// remine: the Donsker-Varadhan bound, regularised (Regularized Mutual Information Neural Estimation, ICLR 2021
// submission, eq. 8). Holding log E_q[exp T] at C leaves one solution, T = log p(x,y) / p(x)p(y) + C, without drift, so
// outputs of many batches can be pooled.
// @estimator invariant=none objective=bound bound=lower value=dv marginal=exp title="ReMINE"
// @estimator paper="Choi & Lee, ICLR 2021 submission; UAI 2022, arXiv:2011.07932"
// @estimator statement="lower bound with one solution, T = log density ratio + C" use="by default"
// @parameter lambda = 0.1
//
//   objective = J - g - lambda (g - C)^2,   value = J - g
//   by a joint score     1 / N
//   by a marginal score  -exp(T - g) / M  (1 + 2 lambda (g - C))
import package::lib::records::{Hyper, RowStats, ScoreStats};
import package::lib::regularizer::{penalty, penalty_slope};

fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return 0.0; }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f { return vec2f(); }

fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 {
  return s.joint_mean - s.marginal_lme - penalty(s.marginal_lme, h);
}
fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean - s.marginal_lme; }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 { return 1.0 / s.joint_count; }
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  return -exp(t - s.marginal_lme) / s.marginal_count * (1.0 + penalty_slope(s.marginal_lme, h));
}
