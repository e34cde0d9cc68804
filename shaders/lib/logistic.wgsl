// logistic: softplus and sigmoid in f32, to the error of one exp. Drivers' log is off by 2000 units in the last place near
// 1, so log(1 + u) is a series instead.

// log(1 + u) for 0 <= u <= 1: 2 artanh(u / (2 + u)), whose series at 1/3 leaves 1e-9 after eight terms.
fn log1p_unit(u: f32) -> f32 {
  let s = u / (2.0 + u);
  let q = s * s;
  let odd = q * (1.0 / 3.0 + q * (1.0 / 5.0 + q * (1.0 / 7.0 + q * (1.0 / 9.0 + q * (1.0 / 11.0 + q * (1.0 / 13.0 + q / 15.0))))));
  return 2.0 * s * (1.0 + odd);
}

// exp(-80) is a normal number, and next to 1 it is nothing.
fn exp_of_minus(x: f32) -> f32 { return exp(-min(abs(x), 80.0)); }

// log(1 + exp(x)), without overflow and without cancellation.
fn softplus(x: f32) -> f32 { return max(x, 0.0) + log1p_unit(exp_of_minus(x)); }

// 1 / (1 + exp(-x)); small values keep their relative accuracy.
fn sigmoid(x: f32) -> f32 {
  let u = exp_of_minus(x);
  return select(u, 1.0, x >= 0.0) / (1.0 + u);
}

// log(exp a + exp b)
fn log_add_exp(a: f32, b: f32) -> f32 {
  return max(a, b) + log1p_unit(exp_of_minus(a - b));
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
