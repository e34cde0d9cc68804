// smile: Donsker-Varadhan with the scores clipped to [-tau, tau] in the log-partition (Song and Ermon 2020,
// arXiv:1910.06222), trained directly, as the ReMINE paper does. Clipping bounds the variance of the partition function
// and costs the bound: tau small says too much. Beyond tau a marginal score has no gradient, so T may still run away; with
// lambda > 0 the unclipped log-partition is held at C (arXiv:2011.07932).
// @estimator invariant=none objective=bound bound=none value=own title="SMILE"
// @estimator paper="Song & Ermon 2020, arXiv:1910.06222"
// @estimator statement="no bound: too high by up to the clipped tail; T still drifts beyond tau" use="to compare with published direct SMILE"
// @parameter tau = 10 in (0, 80], e^80 is about what a float holds: scores are clipped to [-tau, tau] in the log-partition
//
//   objective = J - log mean exp clip(T) - lambda (g - C)^2,   value = J - log mean exp clip(T)
//   by a joint score     1 / N
//   by a marginal score  -exp(T) / sum exp clip(T) where |T| < tau, else 0; and -2 lambda (g - C) exp(T - g) / M
import package::lib::records::{Hyper, RowStats, ScoreStats};
import package::lib::regularizer::{penalty, penalty_slope};

fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return 0.0; }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f {
  return vec2f(exp(clamp(t, -h.tau, h.tau)), 0.0);
}

fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean - log(s.marginal_term); }
fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 { return estimator_value(s, h) - penalty(s.marginal_lme, h); }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 { return 1.0 / s.joint_count; }
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  let inside = select(0.0, exp(clamp(t, -h.tau, h.tau)) / s.marginal_term, abs(t) < h.tau);
  let pinned = penalty_slope(s.marginal_lme, h) * exp(t - s.marginal_lme);
  return -(inside + pinned) / s.marginal_count;
}
