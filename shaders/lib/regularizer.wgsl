// regularizer: ReMINE's penalty on the constant of T, lambda (g - C)^2, where g is the estimator's log-partition
// (Regularized Mutual Information Neural Estimation, ICLR 2021 submission, eq. 8; for the other estimators the UAI 2022
// version, arXiv:2011.07932). It leaves the supremum of a bound as it is and one solution instead of a line of them.
// @parameter lambda = 0 in [0, inf): weight of the regulariser lambda (log E_q[e^T] - C)^2
// @parameter C = 0 in (-inf, inf): where the regulariser holds log E_q[e^T], nats
import package::lib::records::{Hyper};

fn penalty(g: f32, h: Hyper) -> f32 {
  let excess = above_target(g, h);
  return h.lambda * excess * excess;
}

// d penalty / d g
fn penalty_slope(g: f32, h: Hyper) -> f32 {
  return 2.0 * h.lambda * above_target(g, h);
}

fn above_target(g: f32, h: Hyper) -> f32 { return g - h.C; }
