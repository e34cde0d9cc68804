// register: the matrix product C = A B of every layer, for any adapter. Each thread keeps an 8 x 8 block of C in
// registers (four named 4 x 4 matrices: an array with a computed index would leave the registers) and walks the inner
// axis one element at a time. No workgroup memory, and nothing depends on the size of a subgroup.
//
// A kernel that imports this says what A, B and C are:
//   fn tile_a(row: u32, k: u32) -> f32
//   fn tile_b(k: u32, col: u32) -> f32
//   fn tile_store(row: u32, col: u32, value: f32)
// and is only asked for indices inside rows, depth and cols.
import package::vector::one::{Cell, CELL_SIZE, four_of, cell_of};
import package::lib::outer::{add_outer};

const TILE_LANES = 64u;       // 8 x 8 threads
const TILE_ROWS = 64u;        // of C, per workgroup
const TILE_COLS = 64u;

fn four_rows(row: u32, last: u32, k: u32) -> vec4f {
  return vec4f(
    tile_a(min(row, last), k), tile_a(min(row + 1u, last), k),
    tile_a(min(row + 2u, last), k), tile_a(min(row + 3u, last), k));
}

fn four_cols(k: u32, col: u32, last: u32) -> vec4f {
  return vec4f(
    tile_b(k, min(col, last)), tile_b(k, min(col + 1u, last)),
    tile_b(k, min(col + 2u, last)), tile_b(k, min(col + 3u, last)));
}

fn store_block(row: u32, col: u32, rows: u32, cols: u32, c: mat4x4f) {
  for (var i = 0u; i < 4u; i++) {
    for (var j = 0u; j < 4u; j++) {
      if (row + i < rows && col + j < cols) {
        tile_store(row + i, col + j, c[i][j]);
      }
    }
  }
}

fn multiply_tile(tile: vec2u, lane: u32, rows: u32, depth: u32, cols: u32) {
  let row = tile.x * TILE_ROWS + 8u * (lane / 8u);
  let col = tile.y * TILE_COLS + 8u * (lane % 8u);
  if (row >= rows || col >= cols) {
    return;
  }
  var c00 = mat4x4f();
  var c01 = mat4x4f();
  var c10 = mat4x4f();
  var c11 = mat4x4f();
  for (var k = 0u; k < depth; k++) {
    let a0 = four_rows(row, rows - 1u, k);
    let a1 = four_rows(row + 4u, rows - 1u, k);
    let b0 = four_cols(k, col, cols - 1u);
    let b1 = four_cols(k, col + 4u, cols - 1u);
    c00 = add_outer(c00, a0, b0);
    c01 = add_outer(c01, a0, b1);
    c10 = add_outer(c10, a1, b0);
    c11 = add_outer(c11, a1, b1);
  }
  store_block(row, col, rows, cols, c00);
  store_block(row, col + 4u, rows, cols, c01);
  store_block(row + 4u, col, rows, cols, c10);
  store_block(row + 4u, col + 4u, rows, cols, c11);
}
