// remine: the Donsker-Varadhan bound, regularised (Regularized Mutual Information Neural Estimation, ICLR 2021
// submission, eq. 8). Holding log E_q[exp T] at C leaves one solution, T = log p(x,y) / p(x)p(y) + C, without drift, so
// outputs of many batches can be pooled.
// @estimator invariant=none objective=bound title="ReMINE" bound=lower
//
//   objective = J - g - lambda (g - C)^2,   value = J - g
//   by a joint score     1 / N
//   by a marginal score  -exp(T - g) / M  (1 + 2 lambda (g - C))
import package::lib::records::{Hyper, ScoreStats};

fn estimator_joint_term(t: f32, h: Hyper) -> f32 { return 0.0; }
fn estimator_marginal_term(t: f32, h: Hyper) -> f32 { return 0.0; }

fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 {
  let excess = s.marginal_lme - h.target_constant;
  return s.joint_mean - s.marginal_lme - h.lambda * excess * excess;
}
fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean - s.marginal_lme; }

fn estimator_d_joint(t: f32, s: ScoreStats, h: Hyper) -> f32 { return 1.0 / s.joint_count; }
fn estimator_d_marginal(t: f32, s: ScoreStats, h: Hyper) -> f32 {
  let factor = 1.0 + 2.0 * h.lambda * (s.marginal_lme - h.target_constant);
  return -exp(t - s.marginal_lme) / s.marginal_count * factor;
}
