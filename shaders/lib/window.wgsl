// window: what is remembered of each step, and how the clock goes on after it.
import package::lib::geometry::{is_finite_bits};
import package::lib::records::{Hyper, Clock, ScoreStats};

struct WindowDims {
  replicas: u32,     // R
  capacity: u32,     // steps that history holds per replica
  window: u32,       // W: steps that are averaged, at most capacity
}

struct StepRecord {
  joint_mean: f32,   // mean of T over joint pairs
  marginal_lme: f32, // log mean exp of T over marginal pairs
  joint_term: f32,
  marginal_term: f32,
  second_term: f32,
  value: f32,        // the estimator's value of this batch, nats
  objective: f32,    // what the step ascended
}

fn record_of(s: ScoreStats, value: f32, objective: f32) -> StepRecord {
  return StepRecord(
    s.joint_mean, s.marginal_lme, s.joint_term, s.marginal_term, s.second_term, value, objective);
}

// The clock after a step whose record is written already and whose gradient turned out finite, or not: `ahead` if it is.
fn arrived_clock(now: Clock, ahead: Clock, is_finite: bool) -> Clock {
  var arrived = ahead;
  if (!is_finite) {
    arrived.ema_lse = now.ema_lse;
    arrived.bad_step = select(ahead.bad_step, ahead.step, ahead.bad_step == 0u);
  }
  return arrived;
}

// The clock after a step; `ema_lse` is the moving average with this step's batch, `is_finite` says so of its gradient.
fn next_clock(now: Clock, h: Hyper, record: StepRecord, ema_lse: f32, is_finite: bool) -> Clock {
  let finite = is_finite && is_finite_bits(record.objective) && is_finite_bits(record.value);
  let bad_step = select(now.bad_step, now.step + 1u, !finite && now.bad_step == 0u);
  // A batch that is not finite must not enter the moving average: it would never leave.
  return Clock(
    now.step + 1u, now.beta1_power * h.beta1, now.beta2_power * h.beta2, select(now.ema_lse, ema_lse, finite), bad_step);
}
