// regularizer: ReMINE's penalty on the constant of T, lambda (g - C)^2, where g is the estimator's log-partition
// (Regularized Mutual Information Neural Estimation, ICLR 2021 submission, eq. 8; for the other estimators the UAI 2022
// version, arXiv:2011.07932). It leaves the supremum of a bound as it is and one solution instead of a line of them.
import package::lib::records::{Hyper};

fn penalty(g: f32, h: Hyper) -> f32 {
  let excess = g - h.target_constant;
  return h.lambda * excess * excess;
}

// d penalty / d g
fn penalty_slope(g: f32, h: Hyper) -> f32 {
  return 2.0 * h.lambda * (g - h.target_constant);
}
