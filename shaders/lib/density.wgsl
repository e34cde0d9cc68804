// density: the log-variance of a Gaussian density, from a number that a network put out without bounds.

const HALF_LOG_2PI = 0.9189385332046727;
const LOG_VARIANCE_BOUND = 10.0;

// (v, dv/ds) with v = a tanh(s / a), a = LOG_VARIANCE_BOUND: near the identity about 0, and within (-a, a) whatever s
// is. tanh is made from exp: an adapter's own may be sinh / cosh and overflow.
fn log_variance(s: f32) -> vec2f {
  let z = clamp(2.0 * s / LOG_VARIANCE_BOUND, -80.0, 80.0); // exp(80) is finite in f32
  let bounded = 1.0 - 2.0 / (1.0 + exp(z));
  return vec2f(LOG_VARIANCE_BOUND * bounded, 1.0 - bounded * bounded);
}
