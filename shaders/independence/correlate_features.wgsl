// correlate_features: how much each feature of one column goes with each feature of another, summed over the rows, in many
// orders of the rows. Under independence every order is as likely as that of the data, so the sums of permuted orders say
// what chance does (Kallenberg and Ledwina 1999, doi:10.1080/01621459.1999.10473844). Of four features with four others two
// loads serve sixteen products.
//
//   dims      FeatureDims  uniform
//   features  (C, n, F)    read        by fours; columns need not have equally many
//   orders    (R, n)       read        rows of the table, in an order; replicas may share one
//   tasks     (R)          read        two columns, each in an order
//   products  (R, F, F)    read_write  the sum over the rows of x's feature times y's (overwritten)
//
// numerics  float32, row after row: off by about 6e-8 n, where chance alone scatters by the square root of n
// dispatch  a thread for every four features of x with four of y, of all replicas in a row
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

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let tiles = dims.fours_x * dims.fours_y;
  let replica = global_id.x / tiles;
  if (replica >= dims.replicas) {
    return;
  }
  let tile = global_id.x % tiles;
  let task = tasks[replica];
  let start_x = task.x + tile / dims.fours_y;
  let start_y = task.y + tile % dims.fours_y;
  let rows_x = task.order_x * dims.rows;
  let rows_y = task.order_y * dims.rows;
  var first = vec4f();
  var second = vec4f();
  var third = vec4f();
  var fourth = vec4f();
  for (var i = 0u; i < dims.rows; i++) {
    let a = features[start_x + orders[rows_x + i] * dims.fours_x];
    let b = features[start_y + orders[rows_y + i] * dims.fours_y];
    first += a.x * b;
    second += a.y * b;
    third += a.z * b;
    fourth += a.w * b;
  }
  let at = (replica * dims.fours_x + tile / dims.fours_y) * 4u * dims.fours_y + tile % dims.fours_y;
  products[at] = first;
  products[at + dims.fours_y] = second;
  products[at + 2u * dims.fours_y] = third;
  products[at + 3u * dims.fours_y] = fourth;
}
