// ascent: four parameters after a step of the optimizer that a kernel is compiled for. It binds `d_params`, `params`,
// `m_params` and `v_params`; what the optimizer does not keep is not touched.
import package::lib::optimizer::{Four, ascend, are_params, OPTIMIZER_SGD, OPTIMIZER_ADAM};
import package::lib::records::{Hyper, Update};

override OPTIMIZER: u32 = 0u;

// The vector p of a replica whose first is `first`.
fn ascend_vector(first: u32, p: u32, count: u32, h: Hyper, u: Update) {
  let at = first + p;
  let inside = are_params(p, count);
  let gradient = d_params[at];
  var old = Four(params[at], vec4f(), vec4f());
  if (OPTIMIZER != OPTIMIZER_SGD) {
    old.m = m_params[at];
  }
  if (OPTIMIZER == OPTIMIZER_ADAM) {
    old.v = v_params[at];
  }
  let fresh = ascend(OPTIMIZER, h, u, old, gradient);
  if (OPTIMIZER != OPTIMIZER_SGD) {
    m_params[at] = select(old.m, fresh.m, inside);
  }
  if (OPTIMIZER == OPTIMIZER_ADAM) {
    v_params[at] = select(old.v, fresh.v, inside);
  }
  params[at] = select(old.params, fresh.params, inside);
}
