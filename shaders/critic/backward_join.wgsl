// backward_join: each row of the batch collects the gradients of the pairs it took part in. A sum hands its gradient to both
// rows; a product u = t_x t_y hands d_u t_y to x and d_u t_x to y.
//
//   dims      JoinDims   uniform
//   part_x    (R, B, H)  read        t_x
//   part_y    (R, B, H)  read        t_y
//   d_output  (R, S, H)  read        gradient by t_x + t_y, then by t_x t_y, per pair
//   d_part_x  (R, B, H)  read_write  (overwritten)
//   d_part_y  (R, B, H)  read_write  (overwritten)
//
// dispatch  cells(H, B) x R
// numerics  f32; a row gathers its own pairs in order of c, so nothing is added atomically
import package::vector::{Cell, CELL_SIZE, CELL_THREADS, CELL_ROWS};
import package::lib::join::{JoinDims, pairs_of};
import package::lib::pairs::{slot_of_row};

@group(0) @binding(0) var<uniform> dims: JoinDims;
@group(0) @binding(1) var<storage, read> part_x: array<Cell>;
@group(0) @binding(2) var<storage, read> part_y: array<Cell>;
@group(0) @binding(3) var<storage, read> d_output: array<Cell>;
@group(0) @binding(4) var<storage, read_write> d_part_x: array<Cell>;
@group(0) @binding(5) var<storage, read_write> d_part_y: array<Cell>;

@compute @workgroup_size(CELL_THREADS, CELL_ROWS)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let unit = global_id.x;
  let row = global_id.y;
  let replica = global_id.z;
  let width = dims.width / CELL_SIZE;
  if (unit >= width || row >= dims.rows) {
    return;
  }
  let is_product = unit >= width - dims.products / CELL_SIZE;
  let columns = 1u + dims.marginals;
  let first = replica * dims.joint * columns;
  let first_row = replica * dims.rows;
  let at = (first_row + row) * width + unit;
  var of_x = Cell();
  var of_y = Cell();
  if (dims.independent == 0u) {
    for (var c = 0u; c < columns; c++) {
      let x_row = select(row - c, row + dims.joint - c, c > row);
      let y_row = select(row + c, row + c - dims.joint, row + c >= dims.joint);
      var by_x = d_output[(first + row * columns + c) * width + unit];
      var by_y = d_output[(first + x_row * columns + c) * width + unit];
      if (is_product) {
        by_x *= part_y[(first_row + y_row) * width + unit];
        by_y *= part_x[(first_row + x_row) * width + unit];
      }
      of_x += by_x;
      of_y += by_y;
    }
  } else {
    of_x = d_output[(first + slot_of_row(pairs_of(dims), row)) * width + unit];
    of_y = of_x;
    if (is_product) {
      of_x *= part_y[at];
      of_y *= part_x[at];
    }
  }
  d_part_x[at] = of_x;
  d_part_y[at] = of_y;
}
