// backward_separable: the gradient through the inner products. d_f(x_i) is the sum of d_score g(y) over the pairs of
// x_i, and d_g(y_j) that of d_score f(x) over the pairs of y_j.
//
//   dims      PairDims     uniform     width is E
//   f         (R, B, E)    read        embeddings of x
//   g         (R, B, E)    read        embeddings of y
//   d_scores  (R, N, 1+K)  read
//   d_f       (R, B, E)    read_write  (overwritten)
//   d_g       (R, B, E)    read_write  (overwritten)
//
// dispatch  elements(B E) x R
// numerics  f32; a row gathers its own pairs in order of c, so nothing is added atomically
import package::lib::geometry::{WG_SIZE};
import package::lib::pairs::{PairDims, slot_of_row};

@group(0) @binding(0) var<uniform> dims: PairDims;
@group(0) @binding(1) var<storage, read> f: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
@group(0) @binding(3) var<storage, read> d_scores: array<f32>;
@group(0) @binding(4) var<storage, read_write> d_f: array<f32>;
@group(0) @binding(5) var<storage, read_write> d_g: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let element = global_id.x;
  let replica = global_id.y;
  let width = dims.width;
  if (element >= dims.rows * width) {
    return;
  }
  let row = element / width;
  let unit = element % width;
  let columns = 1u + dims.marginals;
  let first_score = replica * dims.joint * columns;
  let first_row = replica * dims.rows;
  let at = first_row * width + element;
  if (dims.independent == 1u) {
    let d_score = d_scores[first_score + slot_of_row(dims, row)];
    d_f[at] = d_score * g[at];
    d_g[at] = d_score * f[at];
    return;
  }
  var of_f = 0.0;
  var of_g = 0.0;
  for (var c = 0u; c < columns; c++) {
    let y_row = select(row + c, row + c - dims.joint, row + c >= dims.joint);
    let x_row = select(row - c, row + dims.joint - c, c > row);
    of_f += d_scores[first_score + row * columns + c] * g[(first_row + y_row) * width + unit];
    of_g += d_scores[first_score + x_row * columns + c] * f[(first_row + x_row) * width + unit];
  }
  d_f[at] = of_f;
  d_g[at] = of_g;
}
