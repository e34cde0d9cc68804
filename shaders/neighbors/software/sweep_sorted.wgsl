// sweep_sorted: search_sorted for software adapters, where one memory access costs as much as dozens of subtractions. A
// workgroup is one subgroup, and its queries are neighbours in x, so they look at the same others: each is loaded once, by
// one lane, and handed to all queries by a shuffle. Counts are those of search_sorted to the bit.
//
//   dims     SortedDims  uniform
//   sorted   (C, B)      read        every column in ascending order
//   columns  (R, 2)      read        which are x and y
//   beside   (R, B)      read        y of the point whose x is at that place of its sorted column
//   counts   (R, B, 2)   read_write  as search_sorted writes them (overwritten)
//
// dispatch  elements(B / 32) x R, from dims.first_row on
enable subgroups;
import package::lib::sorted::{SortedDims, NEIGHBORS, MAX_NEIGHBORS, RADII, INSIDE, F32_HIGHEST};

const LANES = 8u;  // of the subgroup
const QUERIES_PER_LANE = 4u;
const LEFT = 1u;
const RIGHT = 2u;

@group(0) @binding(0) var<uniform> dims: SortedDims;
@group(0) @binding(1) var<storage, read> sorted: array<f32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> beside: array<f32>;
@group(0) @binding(4) var<storage, read_write> counts: array<u32>;

// The nearest distances so far of each query, nearest first. A query is its own nearest, at 0, so the k-th of the others
// is number k.
var<private> near: array<vec4u, MAX_NEIGHBORS + 1u>;
// LANES x LANES values of a sorted column, evenly spaced: number lane x LANES + c is at (c, lane).
var<private> marks: array<f32, LANES>;

// As whole numbers, bits of distances have the same order, and min() and max() need not look for NaN.
fn consider(d: vec4u) {
  for (var i = 0u; i < NEIGHBORS; i++) {
    let slot = NEIGHBORS - i;
    near[slot] = max(near[slot - 1u], min(near[slot], d));
  }
  near[0] = min(near[0], d);
}

fn apart(a: vec4f, b: f32) -> vec4u { return bitcast<vec4u>(abs(a - b)); }

fn ones(yes: vec4<bool>) -> vec4u { return select(vec4u(0u), vec4u(1u), yes); }

fn four(at: vec4u) -> vec4f { return vec4f(sorted[at.x], sorted[at.y], sorted[at.z], sorted[at.w]); }

@diagnostic(off, subgroup_uniformity)
fn four_lanes(value: f32, lanes: vec4u) -> vec4f {
  return vec4f(
    subgroupShuffle(value, lanes.x), subgroupShuffle(value, lanes.y), subgroupShuffle(value, lanes.z),
    subgroupShuffle(value, lanes.w));
}

// The bits that are set in any lane. (subgroupOr, and subgroupAny, go from lane to lane.)
@diagnostic(off, subgroup_uniformity)
fn any_lane(bits: u32) -> u32 {
  let two = bits | subgroupShuffleXor(bits, 1u);
  let four = two | subgroupShuffleXor(two, 2u);
  return four | subgroupShuffleXor(four, 4u);
}

// How many of `count` sorted values from `start` on are nearer than the radius. Rounding is monotonic, so those too far
// below are the first so many, and so are those that are not too far above.
@diagnostic(off, subgroup_uniformity)
fn within(start: u32, count: u32, middle: vec4f, radius: vec4f, lane: u32) -> vec4u {
  let marked = LANES * LANES;
  let bits = select(0u, firstLeadingBit(count) + 1u - firstLeadingBit(marked), count >= marked);
  for (var c = 0u; c < LANES; c++) {
    let at = ((lane * LANES + c + 1u) << bits) - 1u;
    marks[c] = select(F32_HIGHEST, sorted[start + min(at, count - 1u)], at < count);
  }
  // Groups of LANES marks first, then the marks of the group, then the values between two marks.
  var below = vec4u();
  var above = vec4u();
  for (var c = 0u; c < LANES; c++) {
    let mark = subgroupShuffle(marks[LANES - 1u], c);
    below += ones(middle - mark >= radius);
    above += ones(mark - middle < radius);
  }
  let group_below = below;
  let group_above = above;
  below *= LANES;
  above *= LANES;
  for (var c = 0u; c < LANES - 1u; c++) {
    below += ones(middle - four_lanes(marks[c], group_below) >= radius);
    above += ones(four_lanes(marks[c], group_above) - middle < radius);
  }
  below <<= vec4u(bits);
  above <<= vec4u(bits);
  for (var i = 1u; i <= bits; i++) {
    let step = 1u << (bits - i);
    let try_below = below + step;
    let try_above = above + step;
    let is_below = middle - four(start + min(try_below, vec4u(count)) - 1u) >= radius;
    let is_above = four(start + min(try_above, vec4u(count)) - 1u) - middle < radius;
    below = select(below, try_below, is_below & (try_below <= vec4u(count)));
    above = select(above, try_above, is_above & (try_above <= vec4u(count)));
  }
  return above - below;
}

@compute @workgroup_size(LANES)
@diagnostic(off, subgroup_uniformity)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let rows = dims.rows;
  let last = rows - 1u;
  let replica = workgroup_id.y;
  let start_x = columns[2u * replica] * rows;
  let start_y = columns[2u * replica + 1u] * rows;
  let start = replica * rows;
  let first = dims.first_row + workgroup_id.x * QUERIES_PER_LANE * LANES;
  let asked = first + lane + LANES * vec4u(0u, 1u, 2u, 3u);
  let queries = min(asked, vec4u(last));
  let x = four(start_x + queries);
  let place = start + queries;
  let y = vec4f(beside[place.x], beside[place.y], beside[place.z], beside[place.w]);
  for (var slot = 0u; slot <= NEIGHBORS; slot++) {
    near[slot] = bitcast<vec4u>(vec4f(F32_HIGHEST));
  }

  // Places from `low` on and below `high` have been looked at; the outermost of them are `least` and `most` in x.
  var low = first;
  var high = first;
  let lowest = subgroupShuffle(x.x, 0u);
  let highest = subgroupShuffle(x.w, LANES - 1u);
  var least = lowest;
  var most = lowest;
  loop {
    let radius = bitcast<vec4f>(near[NEIGHBORS]);
    let on_left = select(0u, LEFT, (low > 0u) & any(x - least < radius));
    let more = any_lane(on_left | select(0u, RIGHT, (high < rows) & any(most - x < radius)));
    if (more == 0u) {
      break;
    }
    let nearer_left = (high >= first + QUERIES_PER_LANE * LANES) & (lowest - least < most - highest);
    let left = (more == LEFT) | ((more != RIGHT) & nearer_left);
    let base = select(high, low - LANES, left);
    let at = min(base + lane, last);
    // Beyond the last row lies what is too far.
    let other_x = select(F32_HIGHEST, sorted[start_x + at], base + lane < rows);
    let other_y = beside[start + at];
    for (var c = 0u; c < LANES; c++) {
      consider(max(apart(x, subgroupShuffle(other_x, c)), apart(y, subgroupShuffle(other_y, c))));
    }
    low = select(low, base, left);
    high = select(base + LANES, high, left);
    least = select(least, subgroupShuffle(other_x, 0u), left);
    most = select(subgroupShuffle(other_x, LANES - 1u), most, left);
  }

  let radius = bitcast<vec4f>(near[NEIGHBORS]);
  // x, whose nearer ones have been looked at, then y; a loop, so that the code is there once.
  for (var axis = 0u; axis < 2u; axis++) {
    var found = near[NEIGHBORS];
    if (RADII == 0u) {
      let origin = select(start_y, start_x + low, axis == 0u);
      let count = select(rows, min(high, rows) - low, axis == 0u);
      let others = within(origin, count, select(y, x, axis == 0u), radius, lane) - 1u;
      found = select(others, vec4u(rows), radius == vec4f(0.0));
    }
    for (var q = 0u; q < QUERIES_PER_LANE; q++) {
      if (asked[q] < rows) {
        counts[(2u + INSIDE) * (start + asked[q]) + axis] = found[q];
      }
    }
  }
  if (INSIDE != 0u) {
    var nearer = vec4u();
    for (var slot = 1u; slot < NEIGHBORS; slot++) {
      nearer += ones(near[slot] < near[NEIGHBORS]);
    }
    let found = select(nearer, vec4u(rows), radius == vec4f(0.0));
    for (var q = 0u; q < QUERIES_PER_LANE; q++) {
      if (asked[q] < rows) {
        counts[3u * (start + asked[q]) + 2u] = found[q];
      }
    }
  }
}
