// search_sorted: what KSG counts of points in a plane, whose x lie in order: others within each point's distance to its
// k-th neighbour, in x alone and in y alone (Kraskov et al. 2004, arXiv:cond-mat/0305641, eq. 8). The search goes outwards
// in x and ends where x alone is too far, after about the square root of k B points; counts are found by bisection. Counts
// are those of search_neighbors and count_neighbors to the bit.
//
//   dims     SortedDims  uniform
//   sorted   (C, B)      read        every column in ascending order
//   columns  (R, 2)      read        which are x and y
//   beside   (R, B)      read        y of the point whose x is at that place of its sorted column
//   counts   (R, B, 2)   read_write  others within the distance in x, and in y; B and B where it is 0 (overwritten). With
//                                    INSIDE (R, B, 3): and in both
//
// dispatch  elements(B) x R, from dims.first_row on
import package::lib::geometry::{WG_SIZE};
import package::lib::sorted::{SortedDims, NEIGHBORS, MAX_NEIGHBORS, RADII, INSIDE, F32_HIGHEST};

@group(0) @binding(0) var<uniform> dims: SortedDims;
@group(0) @binding(1) var<storage, read> sorted: array<f32>;
@group(0) @binding(2) var<storage, read> columns: array<u32>;
@group(0) @binding(3) var<storage, read> beside: array<f32>;
@group(0) @binding(4) var<storage, read_write> counts: array<u32>;

// The k nearest distances so far, nearest first.
var<private> near: array<f32, MAX_NEIGHBORS>;

// Upwards: a loop that counts down gets a guard from Dawn's compiler, is then not unrolled, and takes twice as long.
fn consider(d: f32) {
  if (d >= near[NEIGHBORS - 1u]) {
    return;
  }
  for (var i = 1u; i < NEIGHBORS; i++) {
    let slot = NEIGHBORS - i;
    near[slot] = max(near[slot - 1u], min(near[slot], d));
  }
  near[0] = min(near[0], d);
}

// How many of a sorted column lie below `middle` by `radius` or more, or with `above` above it by less: rounding is
// monotonic, so both are the first so many.
fn leading(start: u32, middle: f32, radius: f32, above: bool) -> u32 {
  var low = 0u;
  var high = dims.rows;
  while (low < high) {
    let at = (low + high) / 2u;
    let value = sorted[start + at];
    if (select(middle - value >= radius, value - middle < radius, above)) {
      low = at + 1u;
    } else {
      high = at;
    }
  }
  return low;
}

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let place = dims.first_row + global_id.x;
  let replica = global_id.y;
  if (place >= dims.rows) {
    return;
  }
  let start_x = columns[2u * replica] * dims.rows;
  let start_y = columns[2u * replica + 1u] * dims.rows;
  let start = replica * dims.rows;
  let x = sorted[start_x + place];
  let y = beside[start + place];
  for (var slot = 0u; slot < NEIGHBORS; slot++) {
    near[slot] = F32_HIGHEST;
  }

  let last = dims.rows - 1u;
  for (var step = 1u; step <= last; step++) {
    let left = place - min(step, place);
    let right = min(place + step, last);
    let d_left = select(F32_HIGHEST, x - sorted[start_x + left], step <= place);
    let d_right = select(F32_HIGHEST, sorted[start_x + right] - x, step <= last - place);
    if (min(d_left, d_right) >= near[NEIGHBORS - 1u]) {
      break;
    }
    consider(max(d_left, abs(y - beside[start + left])));
    consider(max(d_right, abs(y - beside[start + right])));
  }

  let radius = near[NEIGHBORS - 1u];
  let at = (2u + INSIDE) * (start + place);
  if (RADII != 0u) {
    counts[at] = bitcast<u32>(radius);
    counts[at + 1u] = bitcast<u32>(radius);
    return;
  }
  let within_x = leading(start_x, x, radius, true) - leading(start_x, x, radius, false) - 1u;
  let within_y = leading(start_y, y, radius, true) - leading(start_y, y, radius, false) - 1u;
  counts[at] = select(within_x, dims.rows, radius == 0.0);
  counts[at + 1u] = select(within_y, dims.rows, radius == 0.0);
  if (INSIDE != 0u) {
    var nearer = 0u;
    for (var slot = 1u; slot < NEIGHBORS; slot++) {
      nearer += select(0u, 1u, near[slot - 1u] < radius);
    }
    counts[at + 2u] = select(nearer, dims.rows, radius == 0.0);
  }
}
