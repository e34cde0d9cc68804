// ccmi: a classifier's likelihood ratio in the Donsker-Varadhan formula (Mukherjee, Asnani and Kannan 2019, CCMI,
// arXiv:1906.01824). T is the logit of a classifier that parts joint from marginal pairs; at the best classifier, with as
// many of the one as of the other, it is log p(x,y) / p(x)p(y). Cross-entropy pins that constant, so T does not drift.
// @estimator invariant=none objective=surrogate bound=lower value=dv title="CCMI classifier"
// @estimator paper="Mukherjee, Asnani & Kannan 2019, arXiv:1906.01824"
// @estimator statement="lower bound, trained by a stable surrogate" use="for conditional MI beside published CCMI figures"
//
//   objective = -mean over joint pairs of softplus(-T) - mean over marginal pairs of softplus(T)
//   value = J - g                    J = mean over joint pairs of T,  g = log mean over marginal pairs of exp T
//   by a joint score     sigmoid(-T) / N
//   by a marginal score  -sigmoid(T) / M
// The authors' code adds 1e-8 to both probabilities, which holds |T| below 18.4. The logit itself needs no such guard.
import package::lib::logistic::{softplus, sigmoid};
import package::lib::records::{Hyper, RowStats, ScoreStats};

fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return -softplus(-t); }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f { return vec2f(softplus(t), 0.0); }

fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 { return s.joint_term - s.marginal_term; }
fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean - s.marginal_lme; }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 { return sigmoid(-t) / s.joint_count; }
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  return -sigmoid(t) / s.marginal_count;
}
