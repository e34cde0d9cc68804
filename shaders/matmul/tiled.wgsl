// tiled: staging.wgsl, which explains it, for layers whose widths (channels, of a convolution) and offsets are multiples
// of four. A load and a store of global memory take four elements. Slot s of a tile has rows (columns) 4 s to 4 s + 3.
//
// A kernel that imports this says what A, B and C are:
//   const A_ALONG_K: bool, fn tile_a(row: u32, k: u32) -> Cell    four elements of a row, or else of a column
//   const B_ALONG_K: bool, fn tile_b(k: u32, col: u32) -> Cell    four elements of a column, or else of a row
//   fn tile_store(row: u32, col: u32, value: Cell)               four elements of a row
// and is only asked for indices inside rows, depth and cols, the one along the four a multiple of four.
import package::vector::four::{Cell, CELL_SIZE, four_of, cell_of};
import package::matmul::staging::{TILE_LANES, TILE_SIDE, TILE_SPARE, multiply_staged, tile_slots, quarters};

// A thread's share is a slot at four k. Along k, 4 or 8 threads side by side load 64 or 128 bytes of four rows, and the
// share is transposed; else 16 or 8 load 256 or 128 bytes of four k.
fn share_of(lane: u32, along_k: bool) -> vec2u {
  let across = vec2u(4u * (lane / tile_slots()), lane % tile_slots());
  return select(across, vec2u(4u * (lane % quarters()), lane / quarters()), along_k);
}

fn place_a(lane: u32, j: u32) -> vec2u { return share_of(lane, A_ALONG_K) + vec2u(j, 0u); }
fn place_b(lane: u32, j: u32) -> vec2u { return share_of(lane, B_ALONG_K) + vec2u(j, 0u); }

fn inside(value: vec4f, k: u32, depth: u32) -> vec4f { return select(vec4f(), value, k < depth); }

fn load_a(lane: u32, first: u32, rows: u32, base: u32, depth: u32) -> mat4x4f {
  let share = share_of(lane, A_ALONG_K);
  let row = first + 4u * share.y;
  let k = base + share.x;
  if (A_ALONG_K) {
    let at = min(k, depth - 4u);
    let last = rows - 1u;
    let fours = mat4x4f(
      tile_a(min(row, last), at), tile_a(min(row + 1u, last), at),
      tile_a(min(row + 2u, last), at), tile_a(min(row + 3u, last), at));
    return transpose(mat4x4f(
      inside(fours[0], k, depth), inside(fours[1], k, depth), inside(fours[2], k, depth), inside(fours[3], k, depth)));
  }
  let at = min(row, (rows - 1u) & ~3u);
  let last = depth - 1u;
  return mat4x4f(
    inside(tile_a(at, min(k, last)), k, depth), inside(tile_a(at, min(k + 1u, last)), k + 1u, depth),
    inside(tile_a(at, min(k + 2u, last)), k + 2u, depth), inside(tile_a(at, min(k + 3u, last)), k + 3u, depth));
}

fn load_b(lane: u32, first: u32, cols: u32, base: u32, depth: u32) -> mat4x4f {
  let share = share_of(lane, B_ALONG_K);
  let col = first + 4u * share.y;
  let k = base + share.x;
  if (B_ALONG_K) {
    let at = min(k, depth - 4u);
    let last = cols - 1u;
    return transpose(mat4x4f(
      tile_b(at, min(col, last)), tile_b(at, min(col + 1u, last)),
      tile_b(at, min(col + 2u, last)), tile_b(at, min(col + 3u, last))));
  }
  let at = min(col, cols - 4u);
  let last = depth - 1u;
  return mat4x4f(
    tile_b(min(k, last), at), tile_b(min(k + 1u, last), at),
    tile_b(min(k + 2u, last), at), tile_b(min(k + 3u, last), at));
}

// `row` is a multiple of four.
fn one_of_a(row: u32, k: u32) -> f32 {
  if (A_ALONG_K) {
    return tile_a(row, k & ~3u)[k % 4u];
  }
  return tile_a(row, k).x;
}

fn row_of(slot: u32, i: u32) -> u32 { return 4u * slot + i; }

fn store_four(row: u32, first: u32, slot: u32, cols: u32, c: vec4f) {
  let col = first + 4u * slot;
  if (col < cols) {
    tile_store(row, col, c);
  }
}

fn multiply_tile(tile: vec2u, lane: u32, rows: u32, depth: u32, cols: u32) {
  multiply_staged(tile, lane, rows, depth, cols);
}
