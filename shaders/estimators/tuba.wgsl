// tuba: Barber-Agakov's unnormalised bound with a baseline (Poole et al. 2019, arXiv:1905.06922, eq. 8).
// I(X;Y) >= 1 + E_p[T - log a] - E_q[exp(T - log a)], tight at T = log p(x,y) / p(x)p(y) + log a. The log baseline is
// a constant, log_baseline, plus what a baseline network learns of x where there is one; log_baseline = 1 without a network
// is NWJ.
// @estimator invariant=none objective=bound bound=lower value=own baseline=x title="TUBA"
// @estimator paper="Barber & Agakov 2003; Poole et al. 2019, arXiv:1905.06922"
// @estimator statement="lower bound, unbiased on a batch; variance about e^(2I) / M" use="as NWJ; a learned baseline helps where the scale of p(y|x) varies"
// @parameter logBaseline = 0 in (-inf, inf): constant log baseline, nats; for js 0 is the value that fits its critic, 1 the published one
// @parameter baseline = [64, 64] in widths: hidden widths of the network that learns a baseline; [] is none
//
//   u = T - log a(x),   objective = 1 + mean u - mean exp u - lambda (g - C)^2,   value = 1 + mean u - mean exp u
//   by a joint score     1 / N
//   by a marginal score  -exp(u) / M - 2 lambda (g - C) exp(T - g) / M
//   by a row's baseline  -1 / N + (sum over its marginal pairs of exp u) / M
import package::lib::records::{Hyper, RowStats, ScoreStats};
import package::lib::regularizer::{penalty, penalty_slope};

fn above_baseline(t: f32, row: RowStats, h: Hyper) -> f32 { return t - row.baseline - h.log_baseline; }

fn estimator_row_terms(t: f32, row: RowStats, h: Hyper) -> vec2f { return vec2f(exp(above_baseline(t, row, h)), 0.0); }
fn estimator_joint_term(t: f32, row: RowStats, h: Hyper) -> f32 { return above_baseline(t, row, h); }
fn estimator_marginal_terms(t: f32, row: RowStats, h: Hyper) -> vec2f {
  return vec2f(exp(above_baseline(t, row, h)), 0.0);
}

fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return 1.0 + s.joint_term - s.marginal_term; }
fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 { return estimator_value(s, h) - penalty(s.marginal_lme, h); }

fn estimator_d_joint(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 { return 1.0 / s.joint_count; }
fn estimator_d_marginal(t: f32, row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  let pinned = penalty_slope(s.marginal_lme, h) * exp(t - s.marginal_lme);
  return -(exp(above_baseline(t, row, h)) + pinned) / s.marginal_count;
}
fn estimator_d_baseline(row: RowStats, s: ScoreStats, h: Hyper) -> f32 {
  return row.first / s.marginal_count - 1.0 / s.joint_count;
}
