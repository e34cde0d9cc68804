// staging: the matrix product C = A B on a GPU, as far as tiled.wgsl and ragged.wgsl have it in common. How it is built:
//
// Tile. A workgroup of 64 threads makes a 64 x 64 tile of C where such tiles fill the adapter (TILE_BLOCKS = 2), else one of
// 32 x 32. It walks the inner axis in steps, of 16 or of 32, so that a step takes 4 KiB of A and 4 KiB of B at either size.
//
// Register block. A thread keeps four 4 x 4 blocks of C, 32 rows or columns apart, or one, in registers: as named matrices,
// for an array with a computed index would leave them. Each k then takes 4 loads of four from workgroup memory for 64
// multiplications, or 2 for 16. With 64 or 16 registers of sums, 32 of the next step (see Latency) and some 30 of operands and
// addresses a thread has about 130 or 80, which let 7 or 12 workgroups share a unit of 65 536 registers.
//
// Staging. A tile reads a step's elements from global memory once. A thread loads a 4 x 4 share of A and one of B: 8 loads
// of four for 1024 or 512 multiplications, an eighth or a quarter of a byte each. Threads side by side load what lies side by
// side, at least a whole sector of 32 bytes, whichever axis A and B lie along. On the way into workgroup memory all becomes
// slots: vectors of four rows of A, or of four columns of B, at one k.
//
// Conflicts. Workgroup memory has 32 banks of 4 bytes, and serves the loads of four of 8 threads at once if no two of them
// want different words of a bank. Slot s of k lies at [k % 4][quarter, s ^ (TILE_BLOCKS * quarter)], quarter = k / 4. Without the
// exclusive or, 4 or 8 threads that write one slot of different quarters, as they do where A or B lies along k, would wait for
// each other. Where 8 threads read, they are 2 x 4 of the 8 x 8, so they want two slots of A or four of B, all in banks of their
// own. Counted for all accesses of both forms and sizes: none waits. The index that is computed is the same for four k, which
// differ in a constant one, so address and bounds are found once for 256 or 64 multiplications.
//
// Latency. The loads of the next step are issued before the multiplications of this one, 1024 or 512 a thread, and arrive
// meanwhile: a unit with a single workgroup does not wait for global memory either.
//
// Edges. Indices are clamped where they are loaded, A is zero beyond the depth, stores are guarded, and all threads meet all
// barriers. A product of depth 0 is 0. A bias gives its layer's weights one row more than a multiple of the tile, which alone
// would take a row of tiles: so the last tile takes a row more (TILE_SPARE), 8 threads an eighth of its k each.
//
// A form that imports this says how elements come and go. Of the tile that begins at `first`, in the step that begins at
// `base`, `lane` takes four vectors:
//   fn place_a(lane: u32, j: u32) -> vec2u, place_b               k and slot of vector j, in step and tile
//   fn load_a(lane, first, rows, base, depth: u32) -> mat4x4f     the vectors; zero beyond the depth
//   fn load_b(lane, first, cols, base, depth: u32) -> mat4x4f     the same; anything beyond the depth
//   fn one_of_a(row: u32, k: u32) -> f32                          of a row that is a multiple of the tile
//   fn row_of(slot: u32, i: u32) -> u32                           where row i of a slot is, in the tile; evenly apart
//   fn store_four(row, first, slot, cols: u32, c: vec4f)          the columns of a slot, where inside
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

// Whether the last row of so many is a spare one: where it is one more than tiles of either size take, so that what it sums in
// which order does not depend on which size is chosen. The host counts tiles by the same rule (critics/layers.ts).
fn spares(rows: u32) -> bool {
  return rows == TILE_SIDE + TILE_SPARE || rows % (2u * TILE_SIDE) == TILE_SPARE;
}

fn tile_side() -> u32 { return TILE_SIDE * TILE_BLOCKS; }
fn tile_slots() -> u32 { return 8u * TILE_BLOCKS; }   // of four rows or columns each
fn quarters() -> u32 { return 8u / TILE_BLOCKS; }     // of four k each, in a step
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

// Terms of the spare row: a thread takes every eighth k.
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

// The rows move up, and none is asked for by a computed index. The loop's end is not known when it is compiled, for its body is
// long, and four of it would take a software adapter seconds.
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
  let has_spare = spares(rows) && rows == corner.x + tile_side() + TILE_SPARE;
  // Bits 1, 4 and 5 are the thread's row among 8 x 8, bits 0, 2 and 3 its column.
  let own = vec2u(((lane >> 1u) & 1u) | ((lane >> 3u) & 6u), (lane & 1u) | ((lane >> 1u) & 6u));
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
