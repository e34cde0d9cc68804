// tile_subgroup: the matrix product C = A B of every layer, for software adapters, where one memory access costs as
// much as dozens of multiplications. A workgroup is one subgroup and keeps a 16 x 4 TILE_LANES block of C: each lane
// owns 4 columns. Every element of A is loaded once, by one lane, and handed to the others by a shuffle.
//
// A kernel that imports this says what A, B and C are:
//   fn tile_a(row: u32, k: u32) -> f32
//   fn tile_b(k: u32, col: u32) -> f32
//   fn tile_store(row: u32, col: u32, value: f32)
// and is only asked for indices inside rows, depth and cols.
enable subgroups;
import package::lib::outer::{add_outer};

override TILE_LANES: u32 = 8u;    // the adapter's subgroup size; this form is for adapters that have one fixed size
const TILE_ROWS = 16u;            // of C, per workgroup
const TILE_COLS_PER_LANE = 4u;

fn four_rows(row: u32, last: u32, k: u32) -> vec4f {
  return vec4f(
    tile_a(min(row, last), k), tile_a(min(row + 1u, last), k),
    tile_a(min(row + 2u, last), k), tile_a(min(row + 3u, last), k));
}

fn store_block(row: u32, col: u32, rows: u32, cols: u32, c: mat4x4f) {
  for (var i = 0u; i < 4u; i++) {
    for (var j = 0u; j < 4u; j++) {
      if (row + i < rows && col + j * TILE_LANES < cols) {
        tile_store(row + i, col + j * TILE_LANES, c[i][j]);
      }
    }
  }
}

fn multiply_tile(tile: vec2u, lane: u32, rows: u32, depth: u32, cols: u32) {
  let row = tile.x * TILE_ROWS;
  let col = tile.y * TILE_COLS_PER_LANE * TILE_LANES + lane;
  let last_row = rows - 1u;
  let cols_of_lane = min(col + vec4u(0u, 1u, 2u, 3u) * TILE_LANES, vec4u(cols - 1u));
  var c0 = mat4x4f();
  var c1 = mat4x4f();
  var c2 = mat4x4f();
  var c3 = mat4x4f();
  for (var base = 0u; base < depth; base += TILE_LANES) {
    let mine = min(base + lane, depth - 1u);
    let a0 = four_rows(row, last_row, mine);
    let a1 = four_rows(row + 4u, last_row, mine);
    let a2 = four_rows(row + 8u, last_row, mine);
    let a3 = four_rows(row + 12u, last_row, mine);
    let count = min(TILE_LANES, depth - base);
    for (var s = 0u; s < count; s++) {
      let k = base + s;
      let b = vec4f(
        tile_b(k, cols_of_lane.x), tile_b(k, cols_of_lane.y), tile_b(k, cols_of_lane.z), tile_b(k, cols_of_lane.w));
      c0 = add_outer(c0, subgroupShuffle(a0, s), b);
      c1 = add_outer(c1, subgroupShuffle(a1, s), b);
      c2 = add_outer(c2, subgroupShuffle(a2, s), b);
      c3 = add_outer(c3, subgroupShuffle(a3, s), b);
    }
  }
  store_block(row, col, rows, cols, c0);
  store_block(row + 4u, col, rows, cols, c1);
  store_block(row + 8u, col, rows, cols, c2);
  store_block(row + 12u, col, rows, cols, c3);
}
