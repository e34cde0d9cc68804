// remine_j: trained as ReMINE, read off the joint term alone (Regularized Mutual Information Neural Estimation, ICLR 2021
// submission, section 5). Because the log-partition is held at C, E_p[T] - C is the estimate, free of the noise of the
// log-partition. It is a bound only as far as log E_q[exp T] really is C.
// @estimator invariant=none objective=surrogate bound=none value=own marginal=exp title="ReMINE-J"
// @estimator paper="Choi & Lee, ICLR 2021 submission; arXiv:2011.07932"
// @estimator statement="no bound: off by how far log E[e^T] is from C; variance dim rho^2 / N at the optimum" use="where the log-partition is too noisy: high MI, small batches"
// @parameter lambda = 0.1
//
//   objective = J - g - lambda (g - C)^2,   value = J - C
//   by a joint score     1 / N
//   by a marginal score  -exp(T - g) / M  (1 + 2 lambda (g - C))
import package::lib::records::{Hyper, RowStats, ScoreStats};
import package::lib::regularizer::{penalty, penalty_slope};

fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return 0.0; }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f { return vec2f(); }

fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 {
  return s.joint_mean - s.marginal_lme - penalty(s.marginal_lme, h);
}
fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean - h.C; }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 { return 1.0 / s.joint_count; }
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  return -exp(t - s.marginal_lme) / s.marginal_count * (1.0 + penalty_slope(s.marginal_lme, h));
}
