// club: the contrastive log-ratio upper bound (Cheng et al. 2020, arXiv:2006.12013). The critic is a conditional density,
// T(x, y) = log q(y | x), fitted by maximum likelihood; the value compares joint with marginal pairs.
// E_p[log q(y|x)] - E_q[log q(y|x)] is at least I(X;Y) as far as q is p(y|x).
// @estimator invariant=none objective=surrogate bound=upper value=own critic=density title="CLUB"
// @estimator paper="Cheng et al. 2020, arXiv:2006.12013"
// @estimator statement="upper bound as far as q(y|x) is right; loose at high MI" use="to bound MI from above, e.g. to minimise it"
//
//   objective = J,   value = J - mean of T over marginal pairs
//   by a joint score     1 / N
//   by a marginal score  0
import package::lib::records::{Hyper, RowStats, ScoreStats};

fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return 0.0; }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f { return vec2f(t, 0.0); }

fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean; }
fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean - s.marginal_term; }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 { return 1.0 / s.joint_count; }
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 { return 0.0; }
