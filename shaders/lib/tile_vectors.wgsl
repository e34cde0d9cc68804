// tile_vectors: tile_subgroup.wgsl, which explains it, for layers whose widths and offsets are multiples of four. There a
// memory access brings four elements, which costs a software adapter half as much as four accesses.
//
// A kernel that imports this says what A, B and C are:
//   const A_ALONG_K: bool, fn tile_a(row: u32, k: u32) -> Cell    four elements of a row, or else of a column
//   const B_ALONG_K: bool, fn tile_b(k: u32, col: u32) -> Cell    four elements of a column, or else of a row
//   fn tile_store(row: u32, col: u32, value: f32)
// and is only asked for indices inside rows, depth and cols, the one along the four a multiple of four.
enable subgroups;
import package::lib::panel::{TILE_ROWS, TILE_COLS_PER_LANE, PANEL_DEPTH, panel, partial, add_eight, load_sums, keep_sums};

override TILE_LANES: u32 = 8u;    // the adapter's subgroup size: 4 or 8

alias Cell = vec4f;
const CELL_SIZE = 4u;

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

fn add_row(low: HalfRow, high: HalfRow, left: u32, at: u32) {
  load_sums(at);
  add_half(low, 0u);
  if (left > 32u) {
    add_half(high, 32u);
  }
  keep_sums(at);
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

// The column that a lane keeps as its j-th, from the tile's first.
fn column_of(lane: u32, j: u32) -> u32 {
  if (B_ALONG_K) {
    return lane + j * TILE_LANES;
  }
  return 4u * (lane + (j / 4u) * TILE_LANES) + j % 4u;
}

fn fill_panel(base: u32, filled: u32, last: u32, col: u32, lane: u32, cols: u32) {
  if (B_ALONG_K) {
    for (var k = 0u; k < filled; k += 4u) {
      for (var j = 0u; j < TILE_COLS_PER_LANE; j++) {
        let four = tile_b(min(base + k, last - 3u), min(col + column_of(lane, j), cols - 1u));
        let value = select(vec4f(), four, base + k <= last);
        let at = TILE_COLS_PER_LANE * k + j;
        panel[at] = value.x;
        panel[at + TILE_COLS_PER_LANE] = value.y;
        panel[at + 2u * TILE_COLS_PER_LANE] = value.z;
        panel[at + 3u * TILE_COLS_PER_LANE] = value.w;
      }
    }
    return;
  }
  for (var k = 0u; k < filled; k++) {
    for (var j = 0u; j < TILE_COLS_PER_LANE; j += 4u) {
      let four = tile_b(min(base + k, last), min(col + column_of(lane, j), cols - 4u));
      let value = select(vec4f(), four, base + k <= last);
      let at = TILE_COLS_PER_LANE * k + j;
      panel[at] = value.x;
      panel[at + 1u] = value.y;
      panel[at + 2u] = value.z;
      panel[at + 3u] = value.w;
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
    if (A_ALONG_K) {
      for (var r = 0u; r < count; r++) {
        add_row(half_row(first + r, start, last), half_row(first + r, start + 32u, last), left, TILE_COLS_PER_LANE * r);
      }
    } else {
      for (var r = 0u; r < count; r += 4u) {
        let low = half_rows(first + r, start, last);
        let high = half_rows(first + r, start + 32u, last);
        for (var j = 0u; j < 4u; j++) {
          add_row(one_of(low, j), one_of(high, j), left, TILE_COLS_PER_LANE * (r + j));
        }
      }
    }
  }
  for (var r = 0u; r < count; r++) {
    for (var j = 0u; j < TILE_COLS_PER_LANE; j++) {
      if (col + column_of(lane, j) < cols) {
        tile_store(first + r, col + column_of(lane, j), partial[TILE_COLS_PER_LANE * r + j]);
      }
    }
  }
}
