// forward_join: forward_pairs with products. Of the H units of a pair the last dims.products are p(t_x t_y) with
// p(u) = u / sqrt(1 + u^2), the others act(t_x + t_y), where t_x and t_y are what the two rows bring. A product tells at
// once how two rows agree; bound to (-1, 1), because one of unbounded units makes a batch's largest score run away.
//
//   dims    JoinDims   uniform
//   part_x  (R, B, H)  read        t_x
//   part_y  (R, B, H)  read        t_y
//   output  (R, S, H)  read_write  act(t_x + t_y), then p(t_x t_y)    (overwritten)
//   slope   (R, S, H)  read_write  act'(t_x + t_y), then p'(t_x t_y)  (overwritten if SLOPE_STORED)
//
// dispatch  cells(H, N) x R, or x R and as many as share columns: a thread makes one cell of units of its columns of a row
// numerics  f32; products begin at a whole cell
// gradient  backward_join.wgsl
import package::vector::{Cell, CELL_SIZE, CELL_THREADS, CELL_ROWS, four_of, cell_of};
import package::lib::columns::{columns_of};
import package::lib::activation::{activate_four, SLOPE_STORED};
import package::lib::join::{JoinDims, pairs_of, bound_four};
import package::lib::pairs::{rows_of_slot};

@group(0) @binding(0) var<uniform> dims: JoinDims;
@group(0) @binding(1) var<storage, read> part_x: array<Cell>;
@group(0) @binding(2) var<storage, read> part_y: array<Cell>;
@group(0) @binding(3) var<storage, read_write> output: array<Cell>;
@group(0) @binding(4) var<storage, read_write> slope: array<Cell>;

@compute @workgroup_size(CELL_THREADS, CELL_ROWS)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let unit = global_id.x;
  let i = global_id.y;
  let width = dims.width / CELL_SIZE;
  if (unit >= width || i >= dims.joint) {
    return;
  }
  let pairs = pairs_of(dims);
  let is_product = unit >= width - dims.products / CELL_SIZE;
  let columns = 1u + dims.marginals;
  let own = columns_of(global_id.z, columns);
  let replica = own.replica;
  let first_row = replica * dims.rows;
  var at = ((replica * dims.joint + i) * columns + own.first) * width + unit;
  var of_x = part_x[(first_row + i) * width + unit];
  for (var c = own.first; c < own.after; c++) {
    let rows = first_row + rows_of_slot(pairs, i, c);
    if (dims.independent == 1u) {
      of_x = part_x[rows.x * width + unit];
    }
    let of_y = part_y[rows.y * width + unit];
    var result: mat2x4f;
    if (is_product) {
      result = bound_four(four_of(of_x * of_y));
    } else {
      result = activate_four(four_of(of_x + of_y));
    }
    output[at] = cell_of(result[0]);
    if (SLOPE_STORED == 1u) {
      slope[at] = cell_of(result[1]);
    }
    at += width;
  }
}
