// draw_batch: draws the rows of one training step from the source, a thread for every element: a GPU has threads for all of
// them, and one thread that walks along a row waits for every number in turn.
//
//   dims     BatchDims   uniform
//   hyper    (R)         read        seed and stream of each replica
//   clock    (R)         read        the step, which counts the random numbers
//   batch_x  (R, B, Dx)  read_write  (overwritten)
//   batch_y  (R, B, Dy)  read_write  (overwritten)
//
// dispatch  elements(B (Dx + Dy)) x R, or fewer: threads stride over the elements of their replica
// numerics  as gather_batch (software/), to the bit: every thread draws its row's numbers anew
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
fn main(@builtin(global_invocation_id) global_id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let replica = global_id.y;
  let width = dims.x_width + dims.y_width;
  for (var e = global_id.x; e < dims.rows * width; e += workgroups.x * WG_SIZE) {
    let row = e / width;
    let d = e - row * width;
    let draw = source_draw(replica, row, row < dims.joint);
    let at = replica * dims.rows + row;
    if (d < dims.x_width) {
      batch_x[at * dims.x_width + d] = source_x(draw, d);
    } else {
      batch_y[at * dims.y_width + d - dims.x_width] = source_y(draw, d - dims.x_width);
    }
  }
}
