// backward_pairs: each row of the batch collects the gradients of the pairs it took part in.
//
//   dims      PairDims   uniform
//   d_output  (R, S, H)  read        gradient by z of the first layer, per pair
//   d_part_x  (R, B, H)  read_write  gradient by W_x x      (overwritten)
//   d_part_y  (R, B, H)  read_write  gradient by W_y y + b  (overwritten)
//
// dispatch  cells(H, B) x R
// numerics  f32; a row gathers its own pairs in order of c, so nothing is added atomically
import package::vector::{Cell, CELL_SIZE, CELL_THREADS, CELL_ROWS};
import package::lib::pairs::{PairDims, slot_of_row};

@group(0) @binding(0) var<uniform> dims: PairDims;
@group(0) @binding(1) var<storage, read> d_output: array<Cell>;
@group(0) @binding(2) var<storage, read_write> d_part_x: array<Cell>;
@group(0) @binding(3) var<storage, read_write> d_part_y: array<Cell>;

@compute @workgroup_size(CELL_THREADS, CELL_ROWS)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let unit = global_id.x;
  let row = global_id.y;
  let replica = global_id.z;
  let width = dims.width / CELL_SIZE;
  if (unit >= width || row >= dims.rows) {
    return;
  }
  let columns = 1u + dims.marginals;
  let first = replica * dims.joint * columns;
  var of_x = Cell();
  var of_y = Cell();
  if (dims.independent == 0u) {
    for (var c = 0u; c < columns; c++) {
      let partner = select(row - c, row + dims.joint - c, c > row);
      of_x += d_output[(first + row * columns + c) * width + unit];
      of_y += d_output[(first + partner * columns + c) * width + unit];
    }
  } else {
    of_x = d_output[(first + slot_of_row(dims, row)) * width + unit];
    of_y = of_x;
  }
  let at = (replica * dims.rows + row) * width + unit;
  d_part_x[at] = of_x;
  d_part_y[at] = of_y;
}
