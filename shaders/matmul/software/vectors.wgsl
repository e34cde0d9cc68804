// vectors: subgroup.wgsl, which explains it, for layers whose widths (channels, of a convolution) and offsets
// are multiples of four. There a memory access brings four elements, which costs a software adapter half as much as
// four accesses.
//
// A kernel that imports this says what A, B and C are:
//   const A_ALONG_K: bool, fn tile_a(row: u32, k: u32) -> Cell    four elements of a row, or else of a column
//   const B_ALONG_K: bool, fn tile_b(k: u32, col: u32) -> Cell    four elements of a column, or else of a row
//   fn tile_store(row: u32, col: u32, value: Cell)               four elements of a row
// and is only asked for indices inside rows, depth and cols, the one along the four a multiple of four. The
// depth is at least 1.
enable subgroups;
import package::vector::four::{Cell, CELL_SIZE, four_of, cell_of};
import package::matmul::software::panel::{TILE_ROWS, TILE_COLS_PER_LANE, PANEL_DEPTH, PANEL_HALVES, keep_in_panel, add_eight};
import package::matmul::software::panel::{start_sums, load_sums, keep_sums, first_sums, last_sums};

override TILE_LANES: u32 = 8u;    // the adapter's subgroup size: 4 or 8

// Half a panel's worth of a row of A: lane l holds elements 4 l to 4 l + 3, and where there are only 4 lanes
// 16 + 4 l to 16 + 4 l + 3 besides.
struct HalfRow { mine: vec4f, next: vec4f }

// The same of four rows.
struct HalfRows { mine: mat4x4f, next: mat4x4f }

fn shuffle_four(value: vec4f, lane: u32) -> vec4f {
  return vec4f(
    subgroupShuffle(value.x, lane), subgroupShuffle(value.y, lane),
    subgroupShuffle(value.z, lane), subgroupShuffle(value.w, lane));
}

fn add_half(a: HalfRow, k: u32) {
  add_eight(shuffle_four(a.mine, 0u), shuffle_four(a.mine, 1u), k);
  add_eight(shuffle_four(a.mine, 2u), shuffle_four(a.mine, 3u), k + 8u);
  add_eight(shuffle_four(a.next, 4u % TILE_LANES), shuffle_four(a.next, 5u % TILE_LANES), k + 16u);
  add_eight(shuffle_four(a.next, 6u % TILE_LANES), shuffle_four(a.next, 7u % TILE_LANES), k + 24u);
}

// Where a row of C goes: the first column that a lane keeps, of how many.
struct Place { row: u32, col: u32, cols: u32 }

// One panel's worth of the terms of row r of the tile; `left` is the depth that was left before.
fn add_row(low: HalfRow, high: HalfRow, base: u32, left: u32, r: u32, place: Place) {
  if (base == 0u) {
    start_sums();
  } else {
    load_sums(r);
  }
  add_half(low, 0u);
  if (left > 32u) {
    add_half(high, 32u);
  }
  if (left > PANEL_DEPTH) {
    keep_sums(r);
    return;
  }
  if (place.col < place.cols) {
    tile_store(place.row, place.col, first_sums());
  }
  if (PANEL_HALVES == 2u && place.col + 4u * TILE_LANES < place.cols) {
    tile_store(place.row, place.col + 4u * TILE_LANES, last_sums());
  }
}

// From k on. Beyond `last` the panel holds zeros.
fn half_row(row: u32, k: u32, last: u32) -> HalfRow {
  let mine = tile_a(row, min(k, last - 3u));
  var next = mine;
  if (TILE_LANES < 8u) {
    next = tile_a(row, min(k + 16u, last - 3u));
  }
  return HalfRow(mine, next);
}

fn four_steps(row: u32, k: u32, last: u32) -> mat4x4f {
  return transpose(mat4x4f(
    tile_a(row, min(k, last)), tile_a(row, min(k + 1u, last)),
    tile_a(row, min(k + 2u, last)), tile_a(row, min(k + 3u, last))));
}

fn half_rows(row: u32, k: u32, last: u32) -> HalfRows {
  let mine = four_steps(row, k, last);
  var next = mine;
  if (TILE_LANES < 8u) {
    next = four_steps(row, k + 16u, last);
  }
  return HalfRows(mine, next);
}

fn pick(rows: mat4x4f, j: u32) -> vec4f {
  return select(select(rows[0], rows[1], j == 1u), select(rows[2], rows[3], j == 3u), j > 1u);
}

fn one_of(rows: HalfRows, j: u32) -> HalfRow { return HalfRow(pick(rows.mine, j), pick(rows.next, j)); }

// The first of the four columns h that a lane keeps, from the tile's first.
fn column_of(lane: u32, h: u32) -> u32 { return 4u * (lane + h * TILE_LANES); }

fn fill_panel(base: u32, filled: u32, last: u32, col: u32, lane: u32, cols: u32) {
  for (var k = 0u; k < filled; k += select(1u, 4u, B_ALONG_K)) {
    for (var h = 0u; h < PANEL_HALVES; h++) {
      let at = min(col + column_of(lane, h), cols - 4u);
      if (B_ALONG_K) {
        let start = min(base + k, last - 3u);
        let fours = transpose(mat4x4f(
          tile_b(start, at), tile_b(start, at + 1u), tile_b(start, at + 2u), tile_b(start, at + 3u)));
        keep_in_panel(k, h, select(vec4f(), fours[0], base + k <= last));
        keep_in_panel(k + 1u, h, select(vec4f(), fours[1], base + k <= last));
        keep_in_panel(k + 2u, h, select(vec4f(), fours[2], base + k <= last));
        keep_in_panel(k + 3u, h, select(vec4f(), fours[3], base + k <= last));
      } else {
        keep_in_panel(k, h, select(vec4f(), tile_b(min(base + k, last), at), base + k <= last));
      }
    }
  }
}

fn multiply_tile(tile: vec2u, lane: u32, rows: u32, depth: u32, cols: u32) {
  let blocks = (rows + TILE_ROWS - 1u) / TILE_ROWS;
  let rows_each = 4u * ((rows + 4u * blocks - 1u) / (4u * blocks)); // of the largest block; four pass at a time
  let first = tile.x * rows_each;
  let count = min(rows_each, max(rows, first) - first);
  let col = tile.y * TILE_COLS_PER_LANE * TILE_LANES;
  let last = depth - 1u;
  for (var base = 0u; base < depth; base += PANEL_DEPTH) {
    // The first panel is zero where nothing is written.
    let filled = select(PANEL_DEPTH, min(PANEL_DEPTH, depth), base == 0u);
    fill_panel(base, filled, last, col, lane, cols);
    let left = depth - base;
    let start = base + 4u * lane;
    let own = col + column_of(lane, 0u);
    if (A_ALONG_K) {
      for (var r = 0u; r < count; r++) {
        let row = first + r;
        add_row(half_row(row, start, last), half_row(row, start + 32u, last), base, left, r, Place(row, own, cols));
      }
    } else {
      for (var r = 0u; r < count; r += 4u) {
        let low = half_rows(first + r, start, last);
        let high = half_rows(first + r, start + 32u, last);
        for (var j = 0u; j < min(4u, count - r); j++) {
          add_row(one_of(low, j), one_of(high, j), base, left, r + j, Place(first + r + j, own, cols));
        }
      }
    }
  }
}
