// backward_density: the gradient by the mean and the unbounded log-variance that the network gave each row of x.
// dT/dmu = (y - mu) exp(-v), dT/dv = ((y - mu)^2 exp(-v) - 1) / 2; y is data and gets none.
//
//   dims       PairDims      uniform     width is Dy
//   density    (R, B, 2 Dy)  read        mu, then the unbounded log-variance s of v = log_variance(s), per row of x
//   batch_y    (R, B, Dy)    read
//   d_scores   (R, N, 1+K)   read
//   d_density  (R, B, 2 Dy)  read_write  by mu, then by s (overwritten)
//
// dispatch  elements(B Dy) x R
// numerics  f32; a row of x gathers its own pairs in order of c, so nothing is added atomically
import package::lib::geometry::{WG_SIZE};
import package::lib::density::{log_variance};
import package::lib::pairs::{PairDims, rows_of_slot, slot_of_row};

@group(0) @binding(0) var<uniform> dims: PairDims;
@group(0) @binding(1) var<storage, read> density: array<f32>;
@group(0) @binding(2) var<storage, read> batch_y: array<f32>;
@group(0) @binding(3) var<storage, read> d_scores: array<f32>;
@group(0) @binding(4) var<storage, read_write> d_density: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let element = global_id.x;
  let replica = global_id.y;
  let width = dims.width;
  if (element >= dims.rows * width) {
    return;
  }
  let row = element / width;
  let d = element % width;
  let columns = 1u + dims.marginals;
  let first_row = replica * dims.rows;
  let at = 2u * (first_row + row) * width + d;
  let mean = density[at];
  let v = log_variance(density[at + width]);
  let inverse_variance = exp(-v.x);

  let is_alone = dims.independent == 1u;
  let first_slot = replica * dims.joint * columns + select(row * columns, slot_of_row(dims, row), is_alone);
  var by_mean = 0.0;
  var by_variance = 0.0;
  for (var c = 0u; c < select(columns, 1u, is_alone); c++) {
    let y_row = select(rows_of_slot(dims, row, c).y, row, is_alone);
    let residual = batch_y[(first_row + y_row) * width + d] - mean;
    let d_score = d_scores[first_slot + c];
    by_mean += d_score * residual * inverse_variance;
    by_variance += d_score * 0.5 * (residual * residual * inverse_variance - 1.0);
  }
  d_density[at] = by_mean;
  d_density[at + width] = by_variance * v.y;
}
