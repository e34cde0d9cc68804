// subgroup: the matrix product C = A B of every layer, for software adapters, where one memory access costs as
// much as dozens of multiplications. A workgroup is one subgroup. It copies a panel of B, 64 deep and 8 columns per
// lane, into private memory, where an index known to the compiler is nearly free, and lets rows of A stream past it:
// each element of A is loaded once, by one lane, and handed to the others by a shuffle.
//
// A kernel that imports this says what A, B and C are:
//   fn tile_a(row: u32, k: u32) -> f32
//   fn tile_b(k: u32, col: u32) -> f32
//   fn tile_store(row: u32, col: u32, value: f32)
// and is only asked for indices inside rows, depth and cols. The depth is at least 1.
enable subgroups;
import package::vector::one::{Cell, CELL_SIZE, four_of, cell_of};
import package::matmul::software::panel::{TILE_ROWS, TILE_COLS_PER_LANE, PANEL_DEPTH, PANEL_HALVES, keep_in_panel, add_eight};
import package::matmul::software::panel::{start_sums, load_sums, keep_sums, first_sums, last_sums};

override TILE_LANES: u32 = 8u;    // the adapter's subgroup size; this form is for adapters that have one fixed size

// Eight steps along the inner axis, from base + k. Beyond `last` the panel holds zeros.
fn add_steps(row: u32, base: u32, last: u32, lane: u32, k: u32) {
  let mine = tile_a(row, min(base + k + lane, last));
  var next = mine;
  if (TILE_LANES < 8u) {
    next = tile_a(row, min(base + k + 4u + lane, last));
  }
  let low = vec4f(
    subgroupShuffle(mine, 0u), subgroupShuffle(mine, 1u), subgroupShuffle(mine, 2u), subgroupShuffle(mine, 3u));
  let high = vec4f(
    subgroupShuffle(next, 4u % TILE_LANES), subgroupShuffle(next, 5u % TILE_LANES),
    subgroupShuffle(next, 6u % TILE_LANES), subgroupShuffle(next, 7u % TILE_LANES));
  add_eight(low, high, k);
}

fn four_columns(k: u32, col: u32, last: u32) -> vec4f {
  return vec4f(
    tile_b(k, min(col, last)), tile_b(k, min(col + TILE_LANES, last)),
    tile_b(k, min(col + 2u * TILE_LANES, last)), tile_b(k, min(col + 3u * TILE_LANES, last)));
}

fn store_row(row: u32, col: u32, cols: u32) {
  for (var j = 0u; j < 4u * PANEL_HALVES; j++) {
    let four = select(last_sums(), first_sums(), j < 4u);
    let at = col + j * TILE_LANES;
    if (at < cols) {
      tile_store(row, at, four[j % 4u]);
    }
  }
}

fn multiply_tile(tile: vec2u, lane: u32, rows: u32, depth: u32, cols: u32) {
  let blocks = (rows + TILE_ROWS - 1u) / TILE_ROWS;
  let rows_each = (rows + blocks - 1u) / blocks;
  let first = tile.x * rows_each;
  let count = min(rows_each, max(rows, first) - first);
  let col = tile.y * TILE_COLS_PER_LANE * TILE_LANES + lane;
  let last = depth - 1u;
  for (var base = 0u; base < depth; base += PANEL_DEPTH) {
    // The first panel is zero where nothing is written.
    let filled = select(PANEL_DEPTH, min(PANEL_DEPTH, depth), base == 0u);
    for (var k = 0u; k < filled; k++) {
      for (var h = 0u; h < PANEL_HALVES; h++) {
        let four = four_columns(min(base + k, last), col + 4u * h * TILE_LANES, cols - 1u);
        keep_in_panel(k, h, select(vec4f(), four, base + k <= last));
      }
    }
    let left = depth - base;
    for (var r = 0u; r < count; r++) {
      let row = first + r;
      if (base == 0u) {
        start_sums();
      } else {
        load_sums(r);
      }
      add_steps(row, base, last, lane, 0u);
      if (left > 8u) {
        add_steps(row, base, last, lane, 8u);
        add_steps(row, base, last, lane, 16u);
      }
      if (left > 24u) {
        add_steps(row, base, last, lane, 24u);
        add_steps(row, base, last, lane, 32u);
        add_steps(row, base, last, lane, 40u);
        add_steps(row, base, last, lane, 48u);
        add_steps(row, base, last, lane, 56u);
      }
      if (left > PANEL_DEPTH) {
        keep_sums(r);
      } else {
        store_row(row, col, cols);
      }
    }
  }
}
