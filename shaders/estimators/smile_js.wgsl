// smile_js: SMILE as published (Song and Ermon 2020, arXiv:1910.06222): trained on the Jensen-Shannon divergence, so that
// T is the log density ratio, and reported as Donsker-Varadhan with the scores clipped to [-tau, tau] in the
// log-partition. The ReMINE paper calls it SMILE+JS. A large tau is the Donsker-Varadhan value of a classifier.
// @estimator invariant=none objective=surrogate bound=none value=own title="SMILE+JS"
// @estimator paper="Song & Ermon 2020, arXiv:1910.06222"
// @estimator statement="no bound: for small tau too high, little variance" use="for high MI where a little bias is better than variance"
// @parameter tau = 5
//
//   objective = -mean softplus(-T) over joint - mean softplus(T) over marginal pairs - lambda (g - C)^2
//   value = J - log mean exp clip(T)
//   by a joint score     sigmoid(-T) / N
//   by a marginal score  -sigmoid(T) / M - 2 lambda (g - C) exp(T - g) / M
import package::lib::logistic::{softplus, sigmoid};
import package::lib::records::{Hyper, RowStats, ScoreStats};
import package::lib::regularizer::{penalty, penalty_slope};

fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return -softplus(-t); }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f {
  return vec2f(softplus(t), exp(clamp(t, -h.tau, h.tau)));
}

fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 {
  return s.joint_term - s.marginal_term - penalty(s.marginal_lme, h);
}
fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean - log(s.second_term); }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 { return sigmoid(-t) / s.joint_count; }
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  let pinned = penalty_slope(s.marginal_lme, h) * exp(t - s.marginal_lme);
  return -(sigmoid(t) + pinned) / s.marginal_count;
}
