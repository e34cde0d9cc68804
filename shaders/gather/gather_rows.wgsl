// gather_rows: fetches named rows of the table, to score pairs that were not drawn: validation rows, held-out rows.
//
//   dims       RowDims       uniform
//   table      (n, C)        read        every column, transformed
//   columns    (R, Dx + Dy)  read        which column of the table each input of the critic is
//   row_pairs  (R, B, 2)     read        (row of x, row of y)
//   batch_x    (R, B, Dx)    read_write  (overwritten)
//   batch_y    (R, B, Dy)    read_write  (overwritten)
//
// dispatch  elements(B) x R
import package::lib::geometry::{WG_SIZE};
import package::lib::rows::{RowDims};

@group(0) @binding(0) var<uniform> dims: RowDims;
@group(0) @binding(1) var<storage, read> table: array<f32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> row_pairs: array<u32>;
@group(0) @binding(4) var<storage, read_write> batch_x: array<f32>;
@group(0) @binding(5) var<storage, read_write> batch_y: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let row = global_id.x;
  let replica = global_id.y;
  if (row >= dims.rows) {
    return;
  }
  let at = replica * dims.rows + row;
  let inputs = dims.x_width + dims.y_width;
  let x_start = row_pairs[2u * at] * dims.columns;
  let y_start = row_pairs[2u * at + 1u] * dims.columns;
  for (var d = 0u; d < dims.x_width; d++) {
    batch_x[at * dims.x_width + d] = table[x_start + columns[replica * inputs + d]];
  }
  for (var d = 0u; d < dims.y_width; d++) {
    batch_y[at * dims.y_width + d] = table[y_start + columns[replica * inputs + dims.x_width + d]];
  }
}
