// forward_separable: the scores of a separable critic, T(x, y) = f(x) . g(y) (Oord et al. 2018, arXiv:1807.03748, with
// two networks as in Poole et al. 2019, arXiv:1905.06922). Each row passed its network once; a pair is an inner product.
//
//   dims    PairDims     uniform     width is E
//   f       (R, B, E)    read        embeddings of x
//   g       (R, B, E)    read        embeddings of y
//   scores  (R, N, 1+K)  read_write  (overwritten)
//
// dispatch  elements(S) x R
// numerics  f32, summed in order
// gradient  backward_separable.wgsl
import package::lib::geometry::{WG_SIZE};
import package::lib::pairs::{PairDims, rows_of_slot};

@group(0) @binding(0) var<uniform> dims: PairDims;
@group(0) @binding(1) var<storage, read> f: array<f32>;
@group(0) @binding(2) var<storage, read> g: array<f32>;
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
  for (var e = 0u; e < width; e++) {
    score += f[rows.x + e] * g[rows.y + e];
  }
  scores[replica * dims.joint * columns + slot] = score;
}
