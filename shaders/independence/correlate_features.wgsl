// correlate_features: how much each feature of one column goes with each feature of another, summed over the rows, in many
// orders of the rows. Under independence every order is as likely as that of the data, so the sums of permuted orders say
// what chance does (Kallenberg and Ledwina 1999, doi:10.1080/01621459.1999.10473844). Of eight features with eight others four
// loads serve 64 products; where a column has no second four, the first is taken again and not written.
//
//   dims      FeatureDims  uniform
//   features  (C, n, F)    read        by fours; columns need not have equally many
//   orders    (R, n)       read        rows of the table, in an order; replicas may share one
//   tasks     (R)          read        two columns, each in an order
//   products  (R, F, F)    read_write  the sum over the rows of x's feature times y's (overwritten)
//
// numerics  float32, row after row: off by about 6e-8 n, where chance alone scatters by the square root of n
// dispatch  a thread for every eight features of x with eight of y, of all replicas in a row
import package::lib::geometry::{WG_SIZE};

struct FeatureDims {
  rows: u32,      // n
  replicas: u32,  // R
  fours_x: u32,   // vectors of x's features in a row
  fours_y: u32,
}

struct FeatureTask {
  x: u32,        // vector where the features of x start
  y: u32,
  order_x: u32,  // which of the orders the rows of x have
  order_y: u32,
}

@group(0) @binding(0) var<uniform> dims: FeatureDims;
@group(0) @binding(1) var<storage, read> features: array<vec4f>;
@group(0) @binding(2) var<storage, read> orders: array<u32>;
@group(0) @binding(3) var<storage, read> tasks: array<FeatureTask>;
@group(0) @binding(4) var<storage, read_write> products: array<vec4f>;

// Four features of x by four of y, summed over the rows so far.
fn add(sums: ptr<function, array<vec4f, 4>>, a: vec4f, b: vec4f) {
  (*sums)[0] += a.x * b;
  (*sums)[1] += a.y * b;
  (*sums)[2] += a.z * b;
  (*sums)[3] += a.w * b;
}

fn keep(replica: u32, four_x: u32, four_y: u32, sums: array<vec4f, 4>) {
  if (four_x >= dims.fours_x || four_y >= dims.fours_y) {
    return;
  }
  let at = (replica * dims.fours_x + four_x) * 4u * dims.fours_y + four_y;
  products[at] = sums[0];
  products[at + dims.fours_y] = sums[1];
  products[at + 2u * dims.fours_y] = sums[2];
  products[at + 3u * dims.fours_y] = sums[3];
}

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let across = (dims.fours_y + 1u) / 2u;
  let tiles = (dims.fours_x + 1u) / 2u * across;
  let replica = global_id.x / tiles;
  if (replica >= dims.replicas) {
    return;
  }
  let tile = global_id.x % tiles;
  let task = tasks[replica];
  let four_x = 2u * (tile / across);
  let four_y = 2u * (tile % across);
  let next_x = min(1u, dims.fours_x - 1u - four_x);
  let next_y = min(1u, dims.fours_y - 1u - four_y);
  let rows_x = task.order_x * dims.rows;
  let rows_y = task.order_y * dims.rows;
  var sums_00: array<vec4f, 4>;
  var sums_01: array<vec4f, 4>;
  var sums_10: array<vec4f, 4>;
  var sums_11: array<vec4f, 4>;
  for (var i = 0u; i < dims.rows; i++) {
    let x = task.x + four_x + orders[rows_x + i] * dims.fours_x;
    let y = task.y + four_y + orders[rows_y + i] * dims.fours_y;
    let a_0 = features[x];
    let a_1 = features[x + next_x];
    let b_0 = features[y];
    let b_1 = features[y + next_y];
    add(&sums_00, a_0, b_0);
    add(&sums_01, a_0, b_1);
    add(&sums_10, a_1, b_0);
    add(&sums_11, a_1, b_1);
  }
  keep(replica, four_x, four_y, sums_00);
  keep(replica, four_x, four_y + 1u, sums_01);
  keep(replica, four_x + 1u, four_y, sums_10);
  keep(replica, four_x + 1u, four_y + 1u, sums_11);
}
