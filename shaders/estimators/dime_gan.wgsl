// dime_gan: f-DIME with the GAN generator (Letizia et al. 2024, arXiv:2305.20025): a classifier of joint against marginal
// pairs, and its mean logit on joint pairs as the estimate (also known as DEMI). No partition function, no bound.
// @estimator invariant=none objective=surrogate bound=none value=own title="f-DIME (GAN)"
// @estimator paper="Letizia, Novello & Tonello 2024, arXiv:2305.20025"
// @estimator statement="no bound: as good as the classifier is calibrated; little variance" use="for high MI at little variance"
//
//   objective = -mean softplus(-T) over joint - mean softplus(T) over marginal pairs,   value = J
//   by a joint score     sigmoid(-T) / N
//   by a marginal score  -sigmoid(T) / M
import package::lib::logistic::{softplus, sigmoid};
import package::lib::records::{Hyper, RowStats, ScoreStats};

fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return -softplus(-t); }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f { return vec2f(softplus(t), 0.0); }

fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 { return s.joint_term - s.marginal_term; }
fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean; }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 { return sigmoid(-t) / s.joint_count; }
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  return -sigmoid(t) / s.marginal_count;
}
