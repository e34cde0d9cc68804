// mine: the Donsker-Varadhan bound with MINE's corrected gradient (Belghazi et al. 2018, arXiv:1801.04062, section 3.2):
// the denominator E_q[exp T] is replaced by a moving average over batches, which removes most of the gradient's bias.
// @estimator invariant=none objective=surrogate bound=lower value=dv marginal=exp title="MINE"
// @estimator paper="Belghazi et al. 2018, arXiv:1801.04062"
// @estimator statement="lower bound; T drifts, and explodes at small batches" use="to compare with published MINE figures"
// @parameter emaRate = 0.01 in (0, 1]: weight of the newest batch in the moving average; 1 forgets the past
//
//   value = J - g                    J = mean over joint pairs of T,  g = log mean over marginal pairs of exp T
//   by a joint score     1 / N
//   by a marginal score  -exp(T - log ema) / M      ema <- (1 - a) ema + a exp g, updated before use, begun at exp g
// The gradient is that of J - exp(g) / ema with ema held still; with a = 1 it is that of the bound.
import package::lib::records::{Hyper, RowStats, ScoreStats};

fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return 0.0; }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f { return vec2f(); }

fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean - exp(s.marginal_lme - s.ema_lse); }
fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean - s.marginal_lme; }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 { return 1.0 / s.joint_count; }
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  return -exp(t - s.ema_lse) / s.marginal_count;
}
