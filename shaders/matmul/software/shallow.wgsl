// shallow: the matrix product C = A B of a layer with few inputs, for software adapters. subgroup.wgsl would copy
// more into its panel than it multiplies, and takes ten times as long to compile. A workgroup is one subgroup: a lane
// has one column at a time and the sums of eight rows, whose elements of A come from the other lanes by a shuffle.
//
// A kernel that imports this says what A, B and C are:
//   fn tile_a(row: u32, k: u32) -> f32
//   fn tile_b(k: u32, col: u32) -> f32
//   fn tile_store(row: u32, col: u32, value: f32)
// and is only asked for indices inside rows, depth and cols.
enable subgroups;
import package::vector::one::{Cell, CELL_SIZE, four_of, cell_of};

override TILE_LANES: u32 = 8u;    // the adapter's subgroup size: 4 or 8
const TILE_ROWS = 8u;             // of C, per workgroup
const TILE_COLS_PER_LANE = 8u;

struct EightSums { low: vec4f, high: vec4f }

fn sums_of(row: u32, last_row: u32, depth: u32, col: u32, lane: u32) -> EightSums {
  var sums = EightSums();
  for (var k = 0u; k < depth; k++) {
    let mine = tile_a(min(row + lane, last_row), k);
    var next = mine;
    if (TILE_LANES < 8u) {
      next = tile_a(min(row + 4u + lane, last_row), k);
    }
    let b = tile_b(k, col);
    sums.low += b * vec4f(
      subgroupShuffle(mine, 0u), subgroupShuffle(mine, 1u), subgroupShuffle(mine, 2u), subgroupShuffle(mine, 3u));
    sums.high += b * vec4f(
      subgroupShuffle(next, 4u % TILE_LANES), subgroupShuffle(next, 5u % TILE_LANES),
      subgroupShuffle(next, 6u % TILE_LANES), subgroupShuffle(next, 7u % TILE_LANES));
  }
  return sums;
}

fn multiply_tile(tile: vec2u, lane: u32, rows: u32, depth: u32, cols: u32) {
  let row = tile.x * TILE_ROWS;
  for (var j = 0u; j < TILE_COLS_PER_LANE; j++) {
    let col = (tile.y * TILE_COLS_PER_LANE + j) * TILE_LANES + lane;
    let sums = sums_of(row, rows - 1u, depth, min(col, cols - 1u), lane);
    for (var r = 0u; r < min(TILE_ROWS, rows - row); r++) {
      if (col < cols) {
        let four = select(sums.low, sums.high, r > 3u);
        let two = select(four.xy, four.zw, (r & 2u) == 2u);
        tile_store(row + r, col, select(two.x, two.y, (r & 1u) == 1u));
      }
    }
  }
}
