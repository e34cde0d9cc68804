// dime_hd: f-DIME with the squared Hellinger generator (Letizia et al. 2024, arXiv:2305.20025), D = exp(-T / 2): at the
// optimum 1 / D^2 is the density ratio, so the mean of T on joint pairs is the estimate.
// @estimator invariant=none objective=surrogate bound=none value=own title="f-DIME (Hellinger)"
// @estimator paper="Letizia, Novello & Tonello 2024, arXiv:2305.20025"
// @estimator statement="no bound: as good as D is; little variance" use="for high MI at little variance"
//
//   objective = 2 - mean exp(-T / 2) over joint - mean exp(T / 2) over marginal pairs,   value = J
//   by a joint score     exp(-T / 2) / 2 N
//   by a marginal score  -exp(T / 2) / 2 M
import package::lib::records::{Hyper, RowStats, ScoreStats};

fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return exp(-0.5 * t); }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f { return vec2f(exp(0.5 * t), 0.0); }

fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 { return 2.0 - s.joint_term - s.marginal_term; }
fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean; }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  return 0.5 * exp(-0.5 * t) / s.joint_count;
}
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  return -0.5 * exp(0.5 * t) / s.marginal_count;
}
