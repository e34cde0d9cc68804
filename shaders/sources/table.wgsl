// table: rows of a table, drawn with replacement. Each replica picks its own columns and holds its own list of row
// pairs, so that folds, restarts, permutations and column pairs are all just replicas.
//
//   source_dims  TableDims       uniform
//   table        (n, C)          read    every column, transformed
//   columns      (R, Dx + Dy)    read    which column of the table each input of the critic is
//   row_pairs    (R, 1 + 2 n)    read    a count, then that many (row of x, row of y)
import package::lib::draws::{row_bits};
import package::lib::random::{uniform_index};

struct TableDims {
  columns: u32,      // C
  inputs: u32,       // Dx + Dy
  pair_stride: u32,  // words of row_pairs per replica
}

@group(0) @binding(5) var<uniform> source_dims: TableDims;
@group(0) @binding(6) var<storage, read> table: array<f32>;
@group(0) @binding(7) var<storage, read> columns: array<u32>;
@group(0) @binding(8) var<storage, read> row_pairs: array<u32>;

struct Draw { x_row: u32, y_row: u32, first_column: u32 }

fn source_draw(replica: u32, row: u32, is_joint: bool) -> Draw {
  let start = replica * source_dims.pair_stride;
  let count = row_pairs[start];
  let bits = row_bits(replica, row, 0u);
  let of_x = uniform_index(bits.x, count);
  let of_y = select(uniform_index(bits.y, count), of_x, is_joint);
  return Draw(row_pairs[start + 1u + 2u * of_x], row_pairs[start + 2u + 2u * of_y], replica * source_dims.inputs);
}

fn source_x(draw: Draw, d: u32) -> f32 {
  return table[draw.x_row * source_dims.columns + columns[draw.first_column + d]];
}

fn source_y(draw: Draw, d: u32) -> f32 {
  return table[draw.y_row * source_dims.columns + columns[draw.first_column + dims.x_width + d]];
}
