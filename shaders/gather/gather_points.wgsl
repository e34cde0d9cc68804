// gather_points: the points of each replica, coordinate-major, from its own columns and row pairs of the table.
//
//   dims       RowDims          uniform
//   table      (n, C)           read        every column, transformed
//   columns    (R, Dx + Dy)     read        which column of the table each coordinate is
//   row_pairs  (R, B, 2)        read        (row of x, row of y)
//   points     (R, Dx + Dy, B)  read_write  (overwritten)
//
// dispatch  elements(B) x R
import package::lib::geometry::{WG_SIZE};
import package::lib::rows::{RowDims};

@group(0) @binding(0) var<uniform> dims: RowDims;
@group(0) @binding(1) var<storage, read> table: array<f32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> row_pairs: array<u32>;
@group(0) @binding(4) var<storage, read_write> points: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let row = global_id.x;
  let replica = global_id.y;
  if (row >= dims.rows) {
    return;
  }
  let pair = 2u * (replica * dims.rows + row);
  let x_start = row_pairs[pair] * dims.columns;
  let y_start = row_pairs[pair + 1u] * dims.columns;
  let inputs = dims.x_width + dims.y_width;
  for (var d = 0u; d < inputs; d++) {
    let axis = replica * inputs + d;
    points[axis * dims.rows + row] = table[select(y_start, x_start, d < dims.x_width) + columns[axis]];
  }
}
