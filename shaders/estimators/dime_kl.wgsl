// dime_kl: f-DIME with the Kullback-Leibler generator (Letizia et al. 2024, arXiv:2305.20025): learn the density ratio
// D = softplus(T) by a bound that is linear in it, then report E_p[log D], in which no partition function is.
// @estimator invariant=none objective=surrogate bound=none value=own output=other title="f-DIME (KL)"
// @estimator paper="Letizia, Novello & Tonello 2024, arXiv:2305.20025"
// @estimator statement="no bound: as good as D is; little variance" use="for high MI at little variance"
//
//   objective = mean log D over joint - mean D over marginal pairs + 1,   value = mean log D over joint pairs
//   by a joint score     sigmoid(T) / (D N)
//   by a marginal score  -sigmoid(T) / M
import package::lib::logistic::{softplus, sigmoid};
import package::lib::records::{Hyper, RowStats, ScoreStats};

// log softplus(t): for t far below 0 softplus is exp t, and underflows.
fn log_softplus(t: f32) -> f32 { return select(log(softplus(max(t, -20.0))), t, t < -20.0); }

fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return log_softplus(t); }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f { return vec2f(softplus(t), 0.0); }

fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 { return s.joint_term - s.marginal_term + 1.0; }
fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return s.joint_term; }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  let ratio = select(sigmoid(t) / softplus(max(t, -20.0)), 1.0, t < -20.0);
  return ratio / s.joint_count;
}
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  return -sigmoid(t) / s.marginal_count;
}
