// forward_pairs: the first layer for every pair. W [x; y] + b = W_x x + (W_y y + b), so each row was projected once, by
// forward_linear, and a pair only adds two projections: B rows through the weights instead of S.
//
//   dims    PairDims   uniform
//   part_x  (R, B, H)  read        W_x x
//   part_y  (R, B, H)  read        W_y y + b
//   output  (R, S, H)  read_write  act(part_x + part_y)   (overwritten)
//   slope   (R, S, H)  read_write  act'(part_x + part_y)  (overwritten if SLOPE_STORED)
//
// dispatch  cells(H, N) x R, or x R and as many as share columns: a thread makes one cell of units of its columns of a row
// gradient  backward_pairs.wgsl
import package::vector::{Cell, CELL_SIZE, CELL_THREADS, CELL_ROWS, four_of, cell_of};
import package::lib::columns::{columns_of};
import package::lib::activation::{activate_four, SLOPE_STORED};
import package::lib::pairs::{PairDims, rows_of_slot};

@group(0) @binding(0) var<uniform> dims: PairDims;
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
  let columns = 1u + dims.marginals;
  let own = columns_of(global_id.z, columns);
  let replica = own.replica;
  let first_row = replica * dims.rows;
  var at = ((replica * dims.joint + i) * columns + own.first) * width + unit;
  var of_x = part_x[(first_row + i) * width + unit];
  for (var c = own.first; c < own.after; c++) {
    let rows = first_row + rows_of_slot(dims, i, c);
    if (dims.independent == 1u) {
      of_x = part_x[rows.x * width + unit];
    }
    let result = activate_four(four_of(of_x + part_y[rows.y * width + unit]));
    output[at] = cell_of(result[0]);
    if (SLOPE_STORED == 1u) {
      slope[at] = cell_of(result[1]);
    }
    at += width;
  }
}
