// replica: what the kernels share that train a replica for many whole steps in one dispatch. They bind `m_params`, `v_params`.
import package::lib::optimizer::{Four, ascend_adam, ascend_momentum, ascend_sgd};
import package::lib::records::{Hyper, Update};

struct ReplicaDims {
  joint: u32,          // N
  marginals: u32,      // K
  rows: u32,           // B
  independent: u32,    // 1: marginal pairs have rows of their own
  x_width: u32,        // Dx
  y_width: u32,        // Dy
  stride: u32,         // P
  capacity: u32,       // steps that history holds per replica
}

struct Stretch { steps: u32 }

override OPTIMIZER: u32 = 0u;

const OPTIMIZER_SGD = 0u;
const OPTIMIZER_MOMENTUM = 1u;
const OPTIMIZER_ADAM = 2u;

fn moments_at(at: u32) -> vec2f {
  if (OPTIMIZER == OPTIMIZER_ADAM) {
    return vec2f(m_params[at], v_params[at]);
  }
  if (OPTIMIZER == OPTIMIZER_MOMENTUM) {
    return vec2f(m_params[at], 0.0);
  }
  return vec2f();
}

fn keep_moments(at: u32, moments: vec2f) {
  if (OPTIMIZER != OPTIMIZER_SGD) {
    m_params[at] = moments.x;
  }
  if (OPTIMIZER == OPTIMIZER_ADAM) {
    v_params[at] = moments.y;
  }
}

fn ascended(h: Hyper, update: Update, old: Four, d: vec4f) -> Four {
  if (OPTIMIZER == OPTIMIZER_ADAM) {
    return ascend_adam(h, update, old, d);
  }
  if (OPTIMIZER == OPTIMIZER_MOMENTUM) {
    return ascend_momentum(h, update, old, d);
  }
  return Four(ascend_sgd(update, old.params, d), old.m, old.v);
}
