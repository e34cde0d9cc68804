// forward_known: the scores of the Gaussian source's own conditional density, T(x, y) = log p(x | y) in nats with
// x | y ~ N(rho y, (1 - rho^2) I). InfoNCE over it is TNCE (Poole et al. 2019, arXiv:1905.06922): nothing in it is trained.
// It is x given y because the pairs of a row share x: p(x | y) differs from p(x, y) / p(x) p(y) by p(x) alone, which such
// a row does not see.
//
//   dims         PairDims      uniform     width is Dy, and Dx
//   clock        (R)           read        the step, which says where on the staircase rho stands
//   batch_x      (R, B, Dx)    read
//   batch_y      (R, B, Dy)    read
//   scores       (R, N, 1+K)   read_write  (overwritten)
//   source_dims  GaussianDims  uniform
//   rho          (R, L)        read        correlation at each level of the staircase
//
// dispatch  elements(S) x R
// numerics  f32, summed in order; 1 - rho^2 as (1 - rho) (1 + rho), which does not cancel
import package::lib::geometry::{WG_SIZE};
import package::lib::density::{HALF_LOG_2PI};
import package::lib::pairs::{PairDims, rows_of_slot};
import package::lib::records::{Clock};
import package::lib::staircase::{GaussianDims, level_at};

@group(0) @binding(0) var<uniform> dims: PairDims;
@group(0) @binding(1) var<storage, read> clock: array<Clock>;
@group(0) @binding(2) var<storage, read> batch_x: array<f32>;
@group(0) @binding(3) var<storage, read> batch_y: array<f32>;
@group(0) @binding(4) var<storage, read_write> scores: array<f32>;
@group(0) @binding(5) var<uniform> source_dims: GaussianDims;
@group(0) @binding(6) var<storage, read> rho: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let slot = global_id.x;
  let replica = global_id.y;
  let columns = 1u + dims.marginals;
  let width = dims.width;
  if (slot >= dims.joint * columns) {
    return;
  }
  let correlation = rho[replica * source_dims.levels + level_at(source_dims, clock[replica].step)];
  let variance = (1.0 - correlation) * (1.0 + correlation);
  let rows = (replica * dims.rows + rows_of_slot(dims, slot / columns, slot % columns)) * width;
  var squares = 0.0;
  for (var d = 0u; d < width; d++) {
    let residual = batch_x[rows.x + d] - correlation * batch_y[rows.y + d];
    squares += residual * residual;
  }
  let normaliser = f32(width) * (HALF_LOG_2PI + 0.5 * log(variance));
  scores[replica * dims.joint * columns + slot] = -0.5 * squares / variance - normaliser;
}
