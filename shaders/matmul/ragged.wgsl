// ragged: staging.wgsl, which explains it, for layers of any width. A load and a store of global memory take one element,
// so those of a thread lie apart: slot s of a tile has every 16th row (column) from s on, or every 8th, and threads side by
// side load and store what lies side by side.
//
// A kernel that imports this says what A, B and C are:
//   const A_ALONG_K: bool, fn tile_a(row: u32, k: u32) -> f32    whether neighbours along k are neighbours in memory
//   const B_ALONG_K: bool, fn tile_b(k: u32, col: u32) -> f32
//   fn tile_store(row: u32, col: u32, value: f32)
// and is only asked for indices inside rows, depth and cols.
import package::vector::one::{Cell, CELL_SIZE, four_of, cell_of};
import package::matmul::staging::{TILE_LANES, TILE_SIDE, TILE_SPARE, TILE_BLOCKS, multiply_staged, tile_slots, quarters};

// Vector j of a thread's share. Along k it is of one k and every 4th slot, or every 2nd, and 16 or 32 threads load 64 or 128
// bytes of one row; which of them has which k is chosen for the places that eight of them write to. Else the vectors are of
// one slot at four k, and 16 or 8 threads load 64 or 32 bytes of each.
fn place_in(lane: u32, j: u32, along_k: bool) -> vec2u {
  let across = vec2u(4u * (lane / tile_slots()) + j, lane % tile_slots());
  let eight = lane % 8u;
  let k = 4u * (eight % quarters()) + (lane / 8u) % 4u;
  return select(across, vec2u(k, eight / quarters() + TILE_BLOCKS * (lane / 32u + 2u * j)), along_k);
}

fn place_a(lane: u32, j: u32) -> vec2u { return place_in(lane, j, A_ALONG_K); }
fn place_b(lane: u32, j: u32) -> vec2u { return place_in(lane, j, B_ALONG_K); }

fn four_of_a(at: vec2u, first: u32, rows: u32, base: u32, depth: u32) -> vec4f {
  let row = first + at.y;
  let last = rows - 1u;
  let k = min(base + at.x, depth - 1u);
  let four = vec4f(
    tile_a(min(row, last), k), tile_a(min(row + tile_slots(), last), k),
    tile_a(min(row + 2u * tile_slots(), last), k), tile_a(min(row + 3u * tile_slots(), last), k));
  return select(vec4f(), four, base + at.x < depth);
}

fn four_of_b(at: vec2u, first: u32, cols: u32, base: u32, depth: u32) -> vec4f {
  let col = first + at.y;
  let last = cols - 1u;
  let k = min(base + at.x, depth - 1u);
  return vec4f(
    tile_b(k, min(col, last)), tile_b(k, min(col + tile_slots(), last)),
    tile_b(k, min(col + 2u * tile_slots(), last)), tile_b(k, min(col + 3u * tile_slots(), last)));
}

fn load_a(lane: u32, first: u32, rows: u32, base: u32, depth: u32) -> mat4x4f {
  return mat4x4f(
    four_of_a(place_a(lane, 0u), first, rows, base, depth), four_of_a(place_a(lane, 1u), first, rows, base, depth),
    four_of_a(place_a(lane, 2u), first, rows, base, depth), four_of_a(place_a(lane, 3u), first, rows, base, depth));
}

fn load_b(lane: u32, first: u32, cols: u32, base: u32, depth: u32) -> mat4x4f {
  return mat4x4f(
    four_of_b(place_b(lane, 0u), first, cols, base, depth), four_of_b(place_b(lane, 1u), first, cols, base, depth),
    four_of_b(place_b(lane, 2u), first, cols, base, depth), four_of_b(place_b(lane, 3u), first, cols, base, depth));
}

fn one_of_a(row: u32, k: u32) -> f32 { return tile_a(row, k); }

fn row_of(slot: u32, i: u32) -> u32 { return slot + i * tile_slots(); }

fn store_four(row: u32, first: u32, slot: u32, cols: u32, c: vec4f) {
  var left = c;
  for (var col = first + slot; col < min(cols, first + slot + 4u * tile_slots()); col += tile_slots()) {
    tile_store(row, col, left.x);
    left = left.yzwx;
  }
}

fn multiply_tile(tile: vec2u, lane: u32, rows: u32, depth: u32, cols: u32) {
  multiply_staged(tile, lane, rows, depth, cols);
}
