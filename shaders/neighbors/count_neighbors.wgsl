// count_neighbors: how many other points lie within each point's own radius, in x alone and in y alone.
//
//   dims      NeighborDims     uniform
//   points    (R, Dx + Dy, B)  read
//   radius_x  (R, B)           read        as search_neighbors wrote it
//   radius_y  (R, B)           read        as search_neighbors wrote it
//   count_x   (R, B)           read_write  (overwritten)
//   count_y   (R, B)           read_write  (overwritten)
//
// dispatch  elements(B / 4) x R, from dims.first_row on
// numerics  exact: a distance has the bits that the search saw
import package::lib::geometry::{WG_SIZE};
import package::lib::distances::{NeighborDims, queries_of, distances};

const OPEN = 0u;         // distance <  radius
const CLOSED = 1u;       // distance <= radius
const OPEN_OR_POINT = 2u; // distance <  radius, or 0 where the radius is 0

override BALL: u32 = 0u;

const F32_TINY = 1.1754943508222875e-38f; // the smallest normal number; an adapter may take what is smaller for 0

@group(0) @binding(0) var<uniform> dims: NeighborDims;
@group(0) @binding(1) var<storage, read> points: array<f32>;
@group(0) @binding(2) var<storage, read> radius_x: array<f32>;
@group(0) @binding(3) var<storage, read> radius_y: array<f32>;
@group(0) @binding(4) var<storage, read_write> count_x: array<u32>;
@group(0) @binding(5) var<storage, read_write> count_y: array<u32>;

fn coordinate(at: u32) -> f32 { return points[at]; }

// What a distance must be below: for a closed ball, the number after the radius.
fn limit_of(radius: f32) -> f32 {
  let after = select(bitcast<f32>(bitcast<u32>(radius) + 1u), F32_TINY, radius < F32_TINY);
  return select(radius, after, BALL == CLOSED || (BALL == OPEN_OR_POINT && radius == 0.0));
}

fn hits(d: mat4x4f, limit: vec4f, left: u32) -> vec4u {
  let none = vec4u(0u);
  let one = vec4u(1u);
  return select(none, one, d[0] < limit) + select(none, one, (d[1] < limit) & vec4<bool>(left > 1u)) +
    select(none, one, (d[2] < limit) & vec4<bool>(left > 2u)) + select(none, one, (d[3] < limit) & vec4<bool>(left > 3u));
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
  var limit_x = vec4f();
  var limit_y = vec4f();
  for (var i = 0u; i < 4u; i++) {
    limit_x[i] = limit_of(radius_x[replica * dims.rows + queries[i]]);
    limit_y[i] = limit_of(radius_y[replica * dims.rows + queries[i]]);
  }

  // Every point counts itself below, at distance 0.
  var within_x = vec4u() - select(vec4u(0u), vec4u(1u), vec4f() < limit_x);
  var within_y = vec4u() - select(vec4u(0u), vec4u(1u), vec4f() < limit_y);
  for (var first = 0u; first < dims.rows; first += 4u) {
    let candidates = min(first + vec4u(0u, 1u, 2u, 3u), last);
    let d_x = distances(start, dims.x_width, dims.rows, queries, candidates);
    let d_y = distances(start_y, dims.y_width, dims.rows, queries, candidates);
    within_x += hits(d_x, limit_x, dims.rows - first);
    within_y += hits(d_y, limit_y, dims.rows - first);
  }

  for (var i = 0u; i < 4u; i++) {
    if (asked[i] < dims.rows) {
      let at = replica * dims.rows + asked[i];
      count_x[at] = within_x[i];
      count_y[at] = within_y[i];
    }
  }
}
