// distances: between points of one space, four queries against four candidates at a time, so that eight loads serve
// sixteen pairs and any width will do. Search and count share this text, and subtraction, max and fma round in one way
// only: a distance that is compared in both has the same bits in both, so `<` decides every tie alike.
//
// A kernel that imports this says where a coordinate is, fn coordinate(at: u32) -> f32; points lie coordinate-major.
import package::lib::geometry::{WG_SIZE};

override EUCLIDEAN: u32 = 0u;  // 0: max norm; 1: Euclidean, whose distances are left squared

const F32_HIGHEST = 3.4028234663852886e38f;
const QUERIES_PER_LANE = 4u;

struct NeighborDims {
  rows: u32,         // B
  x_width: u32,      // Dx
  y_width: u32,      // Dy; 0 where there is one space only
  first_row: u32,    // first query of this dispatch
}

// A lane's queries lie WG_SIZE apart, so that the lanes of a workgroup read neighbouring rows.
fn queries_of(first_row: u32, group: u32, lane: u32) -> vec4u {
  let first = first_row + group * WG_SIZE * QUERIES_PER_LANE + lane;
  return first + WG_SIZE * vec4u(0u, 1u, 2u, 3u);
}

fn four_coordinates(start: u32, rows: vec4u) -> vec4f {
  return vec4f(
    coordinate(start + rows.x), coordinate(start + rows.y), coordinate(start + rows.z), coordinate(start + rows.w));
}

fn add_difference(distance: vec4f, difference: vec4f) -> vec4f {
  if (EUCLIDEAN != 0u) {
    return fma(difference, difference, distance);
  }
  return max(distance, abs(difference));
}

// Column c holds the distances of the four queries to candidate c.
fn distances(start: u32, width: u32, rows: u32, queries: vec4u, candidates: vec4u) -> mat4x4f {
  var d = mat4x4f();
  for (var axis = 0u; axis < width; axis++) {
    let q = four_coordinates(start + axis * rows, queries);
    let c = four_coordinates(start + axis * rows, candidates);
    d = mat4x4f(
      add_difference(d[0], q - c.x), add_difference(d[1], q - c.y),
      add_difference(d[2], q - c.z), add_difference(d[3], q - c.w));
  }
  return d;
}
