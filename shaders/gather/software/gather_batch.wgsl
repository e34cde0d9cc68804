// gather_batch: draws the rows of one training step from the source.
//
//   dims     BatchDims   uniform
//   hyper    (R)         read        seed and stream of each replica
//   clock    (R)         read        the step, which counts the random numbers
//   batch_x  (R, B, Dx)  read_write  (overwritten)
//   batch_y  (R, B, Dy)  read_write  (overwritten)
//
// dispatch  elements(B) x R
// numerics  rows are independent draws. Rows below N are joint; later ones draw x and y apart, for independent marginals
import package::lib::batch::{BatchDims};
import package::lib::geometry::{WG_SIZE};
import package::lib::records::{Hyper, Clock};
import package::source::{source_draw, source_x, source_y};

@group(0) @binding(0) var<uniform> dims: BatchDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read> clock: array<Clock>;
@group(0) @binding(3) var<storage, read_write> batch_x: array<f32>;
@group(0) @binding(4) var<storage, read_write> batch_y: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let row = global_id.x;
  let replica = global_id.y;
  if (row >= dims.rows) {
    return;
  }
  let draw = source_draw(replica, row, row < dims.joint);
  let at = replica * dims.rows + row;
  for (var d = 0u; d < dims.x_width; d++) {
    batch_x[at * dims.x_width + d] = source_x(draw, d);
  }
  for (var d = 0u; d < dims.y_width; d++) {
    batch_y[at * dims.y_width + d] = source_y(draw, d);
  }
}
