// replica: what the kernels share that train a replica for many whole steps in one dispatch. They bind `m_params`, `v_params`.
import package::lib::optimizer::{Four, ascend, OPTIMIZER_SGD, OPTIMIZER_MOMENTUM, OPTIMIZER_ADAM};
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
  return ascend(OPTIMIZER, h, update, old, d);
}
