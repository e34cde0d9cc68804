// gather_pairs: [x; y] of every pair, for a critic that takes both at once. Where no two pairs share a row there is nothing
// to gain from a first layer that each row passes once (forward_pairs.wgsl).
//
//   dims     PairInputDims  uniform
//   batch_x  (R, B, Dx)     read
//   batch_y  (R, B, Dy)     read
//   input    (R, S, In)     read_write  In = Dx + Dy, by slots (overwritten)
//
// dispatch  elements(N) x 1+K x R: a thread copies one pair
import package::lib::geometry::{WG_SIZE};
import package::lib::pairs::{PairDims, rows_of_slot};

struct PairInputDims {
  joint: u32,          // N
  marginals: u32,      // K
  rows: u32,           // B
  independent: u32,    // 1: marginal pairs have rows of their own
  x_width: u32,        // Dx
  y_width: u32,        // Dy
}

@group(0) @binding(0) var<uniform> dims: PairInputDims;
@group(0) @binding(1) var<storage, read> batch_x: array<f32>;
@group(0) @binding(2) var<storage, read> batch_y: array<f32>;
@group(0) @binding(3) var<storage, read_write> input: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let i = global_id.x;
  let c = global_id.y;
  let replica = global_id.z;
  if (i >= dims.joint) {
    return;
  }
  let pairs = PairDims(dims.joint, dims.marginals, dims.rows, dims.independent, 0u);
  let rows = replica * dims.rows + rows_of_slot(pairs, i, c);
  let slot = (replica * dims.joint + i) * (1u + dims.marginals) + c;
  let at = slot * (dims.x_width + dims.y_width);
  for (var d = 0u; d < dims.x_width; d++) {
    input[at + d] = batch_x[rows.x * dims.x_width + d];
  }
  for (var d = 0u; d < dims.y_width; d++) {
    input[at + dims.x_width + d] = batch_y[rows.y * dims.y_width + d];
  }
}
