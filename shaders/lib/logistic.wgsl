// logistic: functions of the logistic family that neither overflow nor lose small values. log() of a number near 1 is poor
// on software adapters (2000 ulp on lavapipe), so log(1 + u) goes by its series.

// log(1 + u) for u in [0, 1], as 2 atanh(u / (2 + u)); the first term left out is below 1e-8 of the sum.
fn log1p_unit(u: f32) -> f32 {
  let z = u / (2.0 + u);
  let z2 = z * z;
  let series = 1.0 + z2 * (1.0 / 3.0 + z2 * (1.0 / 5.0 + z2 * (1.0 / 7.0 + z2 * (1.0 / 9.0 + z2 * (1.0 / 11.0 + z2 * (1.0 / 13.0))))));
  return 2.0 * z * series;
}

// log(1 + exp t)
fn softplus(t: f32) -> f32 {
  return max(t, 0.0) + log1p_unit(exp(-abs(t)));
}

// 1 / (1 + exp(-t))
fn sigmoid(t: f32) -> f32 {
  let e = exp(-abs(t));
  return select(e, 1.0, t >= 0.0) / (1.0 + e);
}

// log(exp a + exp b)
fn log_add_exp(a: f32, b: f32) -> f32 {
  return max(a, b) + log1p_unit(exp(-abs(a - b)));
}

// log(1 - exp(-d)) for d > 0: what is left of a log-sum-exp when one term, d below it, is taken out.
fn log1mexp(d: f32) -> f32 {
  if (d > 0.5) {
    return log(1.0 - exp(-d));
  }
  // 1 - exp(-d) = d (1 - d/2 (1 - d/3 (1 - ...))), whose next term is below 1e-8 here.
  var tail = 1.0;
  for (var k = 8.0; k > 1.0; k -= 1.0) {
    tail = 1.0 - d / k * tail;
  }
  return log(max(d, 1e-30)) + log(tail);
}
