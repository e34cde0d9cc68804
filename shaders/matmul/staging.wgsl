// staging: the matrix product C = A B on a GPU, as far as tiled.wgsl and ragged.wgsl have it in common. How it is built:
//
// Tile. A workgroup of 64 threads makes a 64 x 64 tile of C where these fill the adapter (TILE_BLOCKS = 2), or else 32 x 32.
// It walks the inner axis in steps, of 16 or 32, so that a step takes 4 KiB of A and 4 KiB of B at either size.
//
// Register block. A thread keeps one 4 x 4 block of C in registers, or four of them, 32 rows or columns apart, as named
// matrices: an array with a computed index would leave the registers. A term of the sums is 2 loads of four from workgroup
// memory for 16 multiplications, or 4 for 64. 16 or 64 registers of sums, 32 of the next step (below), about 30 of operands
// and addresses: some 80 or 130 a thread, which leaves an H100 12 or 7 workgroups a unit at a time.
//
// Staging. Global memory is read once per step and tile: a thread loads a 4 x 4 share of A and of B, 8 loads of four for 512
// or 1024 multiplications. Its neighbours load what lies beside that, so that every sector that is fetched is used, whichever
// axis A and B lie along. On the way into workgroup memory all become vectors of four rows of A (four columns of B) at one k:
// a slot. Slot s of step k lies at [k % 4][k / 4, s]: the computed index is the same for four k, and its bounds are checked once.
//
// Conflicts. Workgroup memory serves eight loads of four at a time if they lie in eight different lines of four banks (or
// are the same). Where eight threads write eight different k / 4 of one slot, these would all lie in one line; so a slot's
// place is exclusive-ored with its k / 4. Where they read, they are 2 x 4 of the 8 x 8 threads, which ask for two slots of A
// and four of B. Neither ever waits for the other.
//
// Latency. The loads of the next step are issued before the multiplications of this one, 256 to 1024 a thread, and arrive
// meanwhile. So even one workgroup on a unit multiplies nearly all of the time.
//
// Edges. Indices are clamped where they are loaded, A is zero beyond the depth, and stores are guarded; all threads meet all
// barriers. A product of depth 0 is 0. A layer's bias gives its weights' gradient one row more than a multiple of the tile,
// which would be nearly empty tiles: the last tile takes one row more (TILE_SPARE) and splits it among its threads.
//
// A form that imports this says how elements come and go. Of the tile that begins at `first`, in the step that begins at
// `base`, `lane` takes four vectors:
//   fn place_a(lane: u32, j: u32) -> vec2u, place_b        k and slot of vector j, from the beginning of step and tile
//   fn load_a(lane, first, rows, base, depth) -> mat4x4f   the vectors; zero beyond the depth
//   fn load_b(lane, first, cols, base, depth) -> mat4x4f   the same; anything beyond the depth
//   fn one_of_a(row, k) -> f32
//   fn row_of(slot: u32, i: u32) -> u32                     row i of a slot
//   fn store_four(row: u32, first: u32, slot: u32, cols: u32, c: vec4f)   columns of a slot
import package::lib::outer::{add_outer};

const TILE_LANES = 64u;           // 8 x 8 threads
const TILE_SIDE = 32u;            // rows and columns of C, per workgroup and block of a thread
const TILE_SPARE = 1u;            // a row that the last tile takes besides
override TILE_BLOCKS: u32 = 2u;   // of a thread, along each axis: 1 or 2

var<workgroup> staged_a: array<array<vec4f, 64>, 4>;
var<workgroup> staged_b: array<array<vec4f, 64>, 4>;
var<workgroup> staged_spare: array<f32, 32>;

// Of a thread: the first 4 x 4 block of C, the one to its right, the one below, and the one below that.
struct Sums { c00: mat4x4f, c01: mat4x4f, c10: mat4x4f, c11: mat4x4f }

// The same four columns, or eight, of the spare row.
struct SpareSums { c0: vec4f, c1: vec4f }

fn tile_side() -> u32 { return TILE_SIDE * TILE_BLOCKS; }
fn tile_slots() -> u32 { return 8u * TILE_BLOCKS; }       // of four rows or columns, in a tile
fn quarters() -> u32 { return 8u / TILE_BLOCKS; }    // of four k, in a step
fn step_depth() -> u32 { return 4u * quarters(); }

fn staged_at(quarter: u32, slot: u32) -> u32 { return quarter * tile_slots() + (slot ^ (TILE_BLOCKS * quarter)); }

fn stage_a(at: vec2u, four: vec4f) { staged_a[at.x % 4u][staged_at(at.x / 4u, at.y)] = four; }
fn stage_b(at: vec2u, four: vec4f) { staged_b[at.x % 4u][staged_at(at.x / 4u, at.y)] = four; }

fn stage(lane: u32, a: mat4x4f, b: mat4x4f) {
  stage_a(place_a(lane, 0u), a[0]);
  stage_a(place_a(lane, 1u), a[1]);
  stage_a(place_a(lane, 2u), a[2]);
  stage_a(place_a(lane, 3u), a[3]);
  stage_b(place_b(lane, 0u), b[0]);
  stage_b(place_b(lane, 1u), b[1]);
  stage_b(place_b(lane, 2u), b[2]);
  stage_b(place_b(lane, 3u), b[3]);
}

// One term of each sum: of step k, i = k % 4; a and b are the places of the thread's first slots.
fn add_term(c: Sums, i: u32, a: u32, b: u32) -> Sums {
  let a0 = staged_a[i][a];
  let b0 = staged_b[i][b];
  if (TILE_BLOCKS == 1u) {
    return Sums(add_outer(c.c00, a0, b0), c.c01, c.c10, c.c11);
  }
  let a1 = staged_a[i][a + 8u];
  let b1 = staged_b[i][b + 8u];
  return Sums(add_outer(c.c00, a0, b0), add_outer(c.c01, a0, b1), add_outer(c.c10, a1, b0), add_outer(c.c11, a1, b1));
}

// The terms of one step, of which `left` or fewer are inside the depth. `own` is the thread among 8 x 8.
fn add_terms(sums: Sums, own: vec2u, left: u32) -> Sums {
  var c = sums;
  for (var quarter = 0u; quarter < min(quarters(), (left + 3u) / 4u); quarter++) {
    let a = staged_at(quarter, own.x);
    let b = staged_at(quarter, own.y);
    c = add_term(c, 0u, a, b);
    c = add_term(c, 1u, a, b);
    c = add_term(c, 2u, a, b);
    c = add_term(c, 3u, a, b);
  }
  return c;
}

// Of the spare row, a thread takes every eighth k.
fn add_spare(sums: SpareSums, own: vec2u) -> SpareSums {
  var c = sums;
  for (var k = own.x; k < step_depth(); k += 8u) {
    let a = vec4f(staged_spare[k]);
    let b = staged_at(k / 4u, own.y);
    c.c0 = fma(a, staged_b[k % 4u][b], c.c0);
    if (TILE_BLOCKS == 2u) {
      c.c1 = fma(a, staged_b[k % 4u][b + 8u], c.c1);
    }
  }
  return c;
}

// Adds up the eight threads of each column, in their order.
fn store_spare(corner: vec2u, row: u32, own: vec2u, cols: u32, sums: SpareSums) {
  workgroupBarrier();
  staged_a[0u][8u * own.x + own.y] = sums.c0;
  staged_a[1u][8u * own.x + own.y] = sums.c1;
  workgroupBarrier();
  if (own.x < TILE_BLOCKS) {
    var sum = vec4f();
    for (var i = 0u; i < 8u; i++) {
      sum += staged_a[own.x][8u * i + own.y];
    }
    store_four(row, corner.y, own.y + 8u * own.x, cols, sum);
  }
}

// A choice and not an index, so that the block stays in registers, and a loop that is not written out: its body is long.
fn store_block(corner: vec2u, own: vec2u, sizes: vec2u, c: mat4x4f) {
  var left = c;
  let end = min(sizes.x, corner.x + row_of(own.x, 4u));
  for (var row = corner.x + row_of(own.x, 0u); row < end; row += row_of(0u, 1u)) {
    store_four(row, corner.y, own.y, sizes.y, left[0]);
    left = mat4x4f(left[1], left[2], left[3], left[0]);
  }
}

fn store_sums(corner: vec2u, own: vec2u, sizes: vec2u, c: Sums) {
  store_block(corner, own, sizes, c.c00);
  if (TILE_BLOCKS == 2u) {
    store_block(corner, own + vec2u(0u, 8u), sizes, c.c01);
    store_block(corner, own + vec2u(8u, 0u), sizes, c.c10);
    store_block(corner, own + vec2u(8u, 8u), sizes, c.c11);
  }
}

fn multiply_staged(tile: vec2u, lane: u32, rows: u32, depth: u32, cols: u32) {
  let corner = tile_side() * tile;
  let has_spare = rows == corner.x + tile_side() + TILE_SPARE;
  let own = vec2u(extractBits(lane, 1u, 1u) + 2u * extractBits(lane, 4u, 2u), extractBits(lane, 0u, 1u) + 2u * extractBits(lane, 2u, 2u));
  var a: mat4x4f;
  var b: mat4x4f;
  var spare: f32;
  var sums: Sums;
  var spare_sums: SpareSums;
  // Round r loads step r, and multiplies step r - 1 meanwhile.
  for (var base = 0u; base < depth + step_depth(); base += step_depth()) {
    if (base > 0u) {
      workgroupBarrier();
      stage(lane, a, b);
      if (has_spare && lane < step_depth()) {
        staged_spare[lane] = spare;
      }
      workgroupBarrier();
    }
    if (base < depth) {
      a = load_a(lane, corner.x, rows, base, depth);
      b = load_b(lane, corner.y, cols, base, depth);
      if (has_spare) {
        let k = base + lane % step_depth();
        spare = select(0.0, one_of_a(rows - 1u, min(k, depth - 1u)), k < depth);
      }
    }
    if (base > 0u) {
      sums = add_terms(sums, own, depth + step_depth() - base);
      if (has_spare) {
        spare_sums = add_spare(spare_sums, own);
      }
    }
  }
  store_sums(corner, own, vec2u(rows, cols), sums);
  if (has_spare) {
    store_spare(corner, rows - 1u, own, cols, spare_sums);
  }
}
