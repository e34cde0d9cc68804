// optimizer: what the optimizers share. Gradients are those of the objective, to be maximised, so a step ADDS
// learning_rate * gradient.
import package::lib::geometry::{is_finite_bits};
import package::lib::records::{Hyper, Clock, Update};

const SCHEDULE_CONSTANT = 0u;
const SCHEDULE_COSINE = 1u;       // to 0 (Loshchilov and Hutter 2017, arXiv:1608.03983)
const SCHEDULE_LINEAR = 2u;       // to 0
const SCHEDULE_EXPONENTIAL = 3u;  // times decay_factor every decay_steps
const SCHEDULE_STAIRCASE = 4u;    // the same, at once

const OPTIMIZER_SGD = 0u;
const OPTIMIZER_MOMENTUM = 1u;
const OPTIMIZER_ADAM = 2u;

struct ParamDims {
  count: u32,        // parameters of one replica
  stride: u32,       // P: count, padded to whole vectors
}

// Parameters and what goes with them are read four at a time: a memory access of a software adapter costs little more
// for a vector than for a number. Which of the four at 4 p are parameters, and which are padding:
fn are_params(p: u32, count: u32) -> vec4<bool> {
  return vec4u(4u * p) + vec4u(0u, 1u, 2u, 3u) < vec4u(count);
}

// The rate of a step, counted from 0: a linear warm-up that ends at the full rate, then the schedule.
fn learning_rate_at(h: Hyper, step: u32) -> f32 {
  if (step < h.warmup_steps) {
    return h.learning_rate * f32(step + 1u) / f32(h.warmup_steps);
  }
  let since = step - h.warmup_steps;
  let decay_steps = max(h.decay_steps, 1u);
  let progress = f32(since) / f32(decay_steps);
  switch (h.schedule) {
    case SCHEDULE_COSINE: {
      return h.learning_rate * 0.5 * (1.0 + cos(3.141592653589793 * min(progress, 1.0)));
    }
    case SCHEDULE_LINEAR: {
      return h.learning_rate * (1.0 - min(progress, 1.0));
    }
    case SCHEDULE_EXPONENTIAL: {
      return h.learning_rate * pow(h.decay_factor, progress);
    }
    case SCHEDULE_STAIRCASE: {
      return h.learning_rate * pow(h.decay_factor, f32(since / decay_steps));
    }
    default: {
      return h.learning_rate;
    }
  }
}

// The step to take on a gradient whose squares sum to `squares`.
fn update_for(h: Hyper, now: Clock, squares: f32) -> Update {
  return update_of_step(h, now.step, h.beta1 * now.beta1_power, h.beta2 * now.beta2_power, squares);
}

// The same of step number `step`, by the powers of beta that it is corrected by.
fn update_of_step(h: Hyper, step: u32, beta1_power: f32, beta2_power: f32, squares: f32) -> Update {
  let norm = sqrt(squares);
  let rate = learning_rate_at(h, step);
  var scale = 1.0;
  if (h.clip_norm > 0.0 && norm > h.clip_norm) {
    scale = h.clip_norm / norm;
  }
  return Update(
    scale, rate, rate * h.weight_decay,
    1.0 / (1.0 - beta1_power), 1.0 / (1.0 - beta2_power),
    select(0.0, 1.0, is_finite_bits(squares)));
}

// Four parameters and what the optimizer keeps of them. Optimizers that keep less leave the rest as it is.
struct Four { params: vec4f, m: vec4f, v: vec4f }

// The rules of the optimizers: what they become by a step whose gradient, not yet clipped, is `gradient`.
fn ascend_adam(h: Hyper, u: Update, old: Four, gradient: vec4f) -> Four {
  let d = u.gradient_scale * gradient;
  let m = h.beta1 * old.m + (1.0 - h.beta1) * d;
  let v = h.beta2 * old.v + (1.0 - h.beta2) * d * d;
  let step = u.rate * m * u.m_correction / (sqrt(v * u.v_correction) + h.epsilon) - u.decay * old.params;
  return Four(old.params + step, m, v);
}

fn ascend_momentum(h: Hyper, u: Update, old: Four, gradient: vec4f) -> Four {
  let d = u.gradient_scale * gradient;
  let m = h.beta1 * old.m + d;
  let direction = select(m, d + h.beta1 * m, h.nesterov == 1u);
  return Four(old.params + (u.rate * direction - u.decay * old.params), m, old.v);
}

fn ascend_sgd(u: Update, old: vec4f, gradient: vec4f) -> vec4f {
  return old + (u.rate * u.gradient_scale * gradient - u.decay * old);
}

// By that of the three which a kernel was compiled for.
fn ascend(optimizer: u32, h: Hyper, u: Update, old: Four, gradient: vec4f) -> Four {
  if (optimizer == OPTIMIZER_ADAM) {
    return ascend_adam(h, u, old, gradient);
  }
  if (optimizer == OPTIMIZER_MOMENTUM) {
    return ascend_momentum(h, u, old, gradient);
  }
  return Four(ascend_sgd(u, old.params, gradient), old.m, old.v);
}
