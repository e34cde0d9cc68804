// search_neighbors: how far each point's k nearest others reach, by brute force. Two points are as far apart as they are
// in x or in y, whichever is farther (Kraskov et al. 2004, arXiv:cond-mat/0305641, eq. 5).
//
//   dims      NeighborDims     uniform
//   points    (R, Dx + Dy, B)  read
//   radius_x  (R, B)           read_write  k-th distance; with EXTENTS the farthest of the k neighbours in x (overwritten)
//   radius_y  (R, B)           read_write  k-th distance; with EXTENTS the farthest of the k neighbours in y (overwritten)
//   inside    (R, B)           read_write  others nearer than the k-th, below k; where that is at 0, all at 0 (overwritten)
//
// dispatch  elements(B / 4) x R, from dims.first_row on
// numerics  Euclidean distances are squared; of neighbours that tie for the k-th place the earlier rows are kept
import package::lib::geometry::{WG_SIZE};
import package::lib::distances::{NeighborDims, F32_HIGHEST, queries_of, distances};

override NEIGHBORS: u32 = 3u;    // k, at most MAX_NEIGHBORS and below B
override EXTENTS: u32 = 0u;

const MAX_NEIGHBORS = 64u;

@group(0) @binding(0) var<uniform> dims: NeighborDims;
@group(0) @binding(1) var<storage, read> points: array<f32>;
@group(0) @binding(2) var<storage, read_write> radius_x: array<f32>;
@group(0) @binding(3) var<storage, read_write> radius_y: array<f32>;
@group(0) @binding(4) var<storage, read_write> inside: array<u32>;

// The k nearest so far of the lane's four queries, nearest first, and how far each is in x and in y.
var<private> near: array<vec4f, MAX_NEIGHBORS>;
var<private> near_x: array<vec4f, MAX_NEIGHBORS>;
var<private> near_y: array<vec4f, MAX_NEIGHBORS>;
var<private> same: vec4u;

fn coordinate(at: u32) -> f32 { return points[at]; }

// Sorted insertion without branches: what is farther than the newcomer moves up a slot, the farthest falls out. The loop
// counts upwards: one that counts down gets a guard from Dawn's compiler, is then not unrolled, and takes twice as long.
fn insert(d: vec4f) {
  for (var i = 1u; i < NEIGHBORS; i++) {
    let slot = NEIGHBORS - i;
    near[slot] = max(near[slot - 1u], min(near[slot], d));
  }
  near[0] = min(near[0], d);
}

// The same for the extents, before the distances move.
fn insert_extents(d: vec4f, d_x: vec4f, d_y: vec4f) {
  for (var i = 1u; i < NEIGHBORS; i++) {
    let slot = NEIGHBORS - i;
    let moves = d < near[slot - 1u];
    let enters = d < near[slot];
    near_x[slot] = select(select(near_x[slot], d_x, enters), near_x[slot - 1u], moves);
    near_y[slot] = select(select(near_y[slot], d_y, enters), near_y[slot - 1u], moves);
  }
  near_x[0] = select(near_x[0], d_x, d < near[0]);
  near_y[0] = select(near_y[0], d_y, d < near[0]);
}

fn consider(candidate: u32, queries: vec4u, d: vec4f, d_x: vec4f, d_y: vec4f) {
  if (candidate >= dims.rows) {
    return;
  }
  let others = select(d, vec4f(F32_HIGHEST), queries == vec4u(candidate));
  same += select(vec4u(0u), vec4u(1u), others == vec4f(0.0));
  if (any(others < near[NEIGHBORS - 1u])) {
    if (EXTENTS != 0u) {
      insert_extents(others, d_x, d_y);
    }
    insert(others);
  }
}

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let replica = workgroup_id.y;
  let asked = queries_of(dims.first_row, workgroup_id.x, lane);
  if (asked.x >= dims.rows) {
    return;
  }
  let last = vec4u(dims.rows - 1u);
  let queries = min(asked, last);
  let start = replica * (dims.x_width + dims.y_width) * dims.rows;
  let start_y = start + dims.x_width * dims.rows;
  for (var slot = 0u; slot < NEIGHBORS; slot++) {
    near[slot] = vec4f(F32_HIGHEST);
  }

  for (var first = 0u; first < dims.rows; first += 4u) {
    let candidates = min(first + vec4u(0u, 1u, 2u, 3u), last);
    let d_x = distances(start, dims.x_width, dims.rows, queries, candidates);
    let d_y = distances(start_y, dims.y_width, dims.rows, queries, candidates);
    let d = mat4x4f(max(d_x[0], d_y[0]), max(d_x[1], d_y[1]), max(d_x[2], d_y[2]), max(d_x[3], d_y[3]));
    // `<=`: a copy counts as one even when k copies are known.
    if (any(min(min(d[0], d[1]), min(d[2], d[3])) <= near[NEIGHBORS - 1u])) {
      for (var c = 0u; c < 4u; c++) {
        consider(first + c, queries, d[c], d_x[c], d_y[c]);
      }
    }
  }

  var reach_x = near[NEIGHBORS - 1u];
  var reach_y = reach_x;
  if (EXTENTS != 0u) {
    reach_x = near_x[0];
    reach_y = near_y[0];
    for (var slot = 1u; slot < NEIGHBORS; slot++) {
      reach_x = max(reach_x, near_x[slot]);
      reach_y = max(reach_y, near_y[slot]);
    }
  }
  var nearer = vec4u();
  for (var slot = 1u; slot < NEIGHBORS; slot++) {
    nearer += select(vec4u(0u), vec4u(1u), near[slot - 1u] < near[NEIGHBORS - 1u]);
  }
  for (var i = 0u; i < 4u; i++) {
    if (asked[i] < dims.rows) {
      let at = replica * dims.rows + asked[i];
      radius_x[at] = reach_x[i];
      radius_y[at] = reach_y[i];
      inside[at] = select(nearer[i], same[i], same[i] >= NEIGHBORS);
    }
  }
}
