// optimizer: what the optimizers share. Gradients are those of the objective, to be maximised, so a step ADDS
// learning_rate * gradient.
import package::lib::geometry::{is_finite_bits};
import package::lib::records::{Hyper, Clock, Update};

const BETA1 = 0.9;        // decay of Adam's first moment
const BETA2 = 0.999;      // and of its second

struct ParamDims {
  count: u32,        // parameters of one replica
  stride: u32,       // P: count, padded
}

// Cosine decay to 0 (Loshchilov and Hutter 2017, arXiv:1608.03983), or constant.
fn learning_rate_at(h: Hyper, step: u32) -> f32 {
  if (h.decay_steps == 0u) {
    return h.learning_rate;
  }
  let progress = min(f32(step) / f32(h.decay_steps), 1.0);
  return h.learning_rate * 0.5 * (1.0 + cos(3.141592653589793 * progress));
}

// The step to take on a gradient whose squares sum to `squares`.
fn update_for(h: Hyper, now: Clock, squares: f32) -> Update {
  let norm = sqrt(squares);
  let rate = learning_rate_at(h, now.step);
  var scale = 1.0;
  if (h.clip_norm > 0.0 && norm > h.clip_norm) {
    scale = h.clip_norm / norm;
  }
  return Update(
    scale, rate, rate * h.weight_decay,
    1.0 / (1.0 - BETA1 * now.beta1_power), 1.0 / (1.0 - BETA2 * now.beta2_power),
    select(0.0, 1.0, is_finite_bits(squares)));
}
