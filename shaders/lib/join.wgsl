// join: how two rows make the units of their pair where some units are bounded products.
import package::lib::pairs::{PairDims};

struct JoinDims {
  joint: u32,         // as in PairDims
  marginals: u32,
  rows: u32,
  independent: u32,
  width: u32,
  products: u32,      // units that are products: the last ones
}

fn pairs_of(dims: JoinDims) -> PairDims {
  return PairDims(dims.joint, dims.marginals, dims.rows, dims.independent, dims.width);
}

// p(u) = u / sqrt(1 + u^2) in the first column, p'(u) = (1 + u^2)^(-3/2) in the second. p is 1 to the last bit long before
// u is held, which keeps u^2 finite.
fn bound_four(u: vec4f) -> mat2x4f {
  let held = clamp(u, vec4f(-1e9), vec4f(1e9));
  let root = inverseSqrt(1.0 + held * held);
  return mat2x4f(held * root, root * root * root);
}
