// forward_density: the scores of a conditional Gaussian density, T(x, y) = log N(y; mu(x), diag exp(v(x))) in nats, as
// CLUB and the difference of entropies need it (Cheng et al. 2020, arXiv:2006.12013; McAllester and Stratos 2020,
// arXiv:1811.04251). T = -1/2 sum_d (log 2 pi + v_d + (y_d - mu_d)^2 exp(-v_d)).
//
//   dims     PairDims      uniform     width is Dy
//   density  (R, B, 2 Dy)  read        mu, then the unbounded log-variance s of v = log_variance(s), per row of x
//   batch_y  (R, B, Dy)    read
//   scores   (R, N, 1+K)   read_write  (overwritten)
//
// dispatch  elements(S) x R
// numerics  f32, summed in order
// gradient  backward_density.wgsl
import package::lib::geometry::{WG_SIZE};
import package::lib::density::{HALF_LOG_2PI, log_variance};
import package::lib::pairs::{PairDims, rows_of_slot};

@group(0) @binding(0) var<uniform> dims: PairDims;
@group(0) @binding(1) var<storage, read> density: array<f32>;
@group(0) @binding(2) var<storage, read> batch_y: array<f32>;
@group(0) @binding(3) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let slot = global_id.x;
  let replica = global_id.y;
  let columns = 1u + dims.marginals;
  let width = dims.width;
  if (slot >= dims.joint * columns) {
    return;
  }
  let rows = (replica * dims.rows + rows_of_slot(dims, slot / columns, slot % columns)) * width;
  var score = 0.0;
  for (var d = 0u; d < width; d++) {
    let v = log_variance(density[2u * rows.x + width + d]).x;
    let residual = batch_y[rows.y + d] - density[2u * rows.x + d];
    score -= HALF_LOG_2PI + 0.5 * (v + residual * residual * exp(-v));
  }
  scores[replica * dims.joint * columns + slot] = score;
}
