// panel: what tile_subgroup.wgsl and tile_vectors.wgsl keep in private memory: a panel of B, 64 deep and 8 columns per lane,
// and the sums of the rows of A that stream past it.
const TILE_ROWS = 132u;           // of C, per workgroup, at most: 257 rows, a layer of 256 and its bias, make 2 blocks
const TILE_COLS_PER_LANE = 8u;
const PANEL_DEPTH = 64u;
const PANEL_SIZE = 128u;          // PANEL_DEPTH * TILE_COLS_PER_LANE / 4
const PARTIAL_SIZE = 264u;        // TILE_ROWS * TILE_COLS_PER_LANE / 4

// A lane's columns go by fours, one of four in each array: what the compiler finds out about an index, which is most of
// the cost of using it, then serves four arrays. The panel at 2 k + h holds columns 4 h to 4 h + 3 of row k; behind it
// stand the sums of the row that is passing. These share an array with what is written at computed indices so that the
// compiler leaves them in memory: it would put off all additions and spill all products.
var<private> panel_x: array<f32, PANEL_SIZE + 2u>;
var<private> panel_y: array<f32, PANEL_SIZE + 2u>;
var<private> panel_z: array<f32, PANEL_SIZE + 2u>;
var<private> panel_w: array<f32, PANEL_SIZE + 2u>;
// Sums of all rows between one panel and the next, where there is a next: columns 4 h to 4 h + 3 of row r at 2 r + h.
var<private> partial_x: array<f32, PARTIAL_SIZE>;
var<private> partial_y: array<f32, PARTIAL_SIZE>;
var<private> partial_z: array<f32, PARTIAL_SIZE>;
var<private> partial_w: array<f32, PARTIAL_SIZE>;

fn keep_in_panel(at: u32, four: vec4f) {
  panel_x[at] = four.x;
  panel_y[at] = four.y;
  panel_z[at] = four.z;
  panel_w[at] = four.w;
}

// Eight more terms of the four sums h.
fn add_terms(low: vec4f, high: vec4f, k: u32, h: u32) {
  let at = 2u * k + h;
  let sum = PANEL_SIZE + h;
  var x = fma(low.x, panel_x[at], panel_x[sum]);
  x = fma(low.y, panel_x[at + 2u], x);
  x = fma(low.z, panel_x[at + 4u], x);
  x = fma(low.w, panel_x[at + 6u], x);
  x = fma(high.x, panel_x[at + 8u], x);
  x = fma(high.y, panel_x[at + 10u], x);
  x = fma(high.z, panel_x[at + 12u], x);
  panel_x[sum] = fma(high.w, panel_x[at + 14u], x);
  var y = fma(low.x, panel_y[at], panel_y[sum]);
  y = fma(low.y, panel_y[at + 2u], y);
  y = fma(low.z, panel_y[at + 4u], y);
  y = fma(low.w, panel_y[at + 6u], y);
  y = fma(high.x, panel_y[at + 8u], y);
  y = fma(high.y, panel_y[at + 10u], y);
  y = fma(high.z, panel_y[at + 12u], y);
  panel_y[sum] = fma(high.w, panel_y[at + 14u], y);
  var z = fma(low.x, panel_z[at], panel_z[sum]);
  z = fma(low.y, panel_z[at + 2u], z);
  z = fma(low.z, panel_z[at + 4u], z);
  z = fma(low.w, panel_z[at + 6u], z);
  z = fma(high.x, panel_z[at + 8u], z);
  z = fma(high.y, panel_z[at + 10u], z);
  z = fma(high.z, panel_z[at + 12u], z);
  panel_z[sum] = fma(high.w, panel_z[at + 14u], z);
  var w = fma(low.x, panel_w[at], panel_w[sum]);
  w = fma(low.y, panel_w[at + 2u], w);
  w = fma(low.z, panel_w[at + 4u], w);
  w = fma(low.w, panel_w[at + 6u], w);
  w = fma(high.x, panel_w[at + 8u], w);
  w = fma(high.y, panel_w[at + 10u], w);
  w = fma(high.z, panel_w[at + 12u], w);
  panel_w[sum] = fma(high.w, panel_w[at + 14u], w);
}

// Eight more terms of all eight sums.
fn add_eight(low: vec4f, high: vec4f, k: u32) {
  add_terms(low, high, k, 0u);
  add_terms(low, high, k, 1u);
}

fn load_sums(row: u32) {
  let at = 2u * row;
  panel_x[PANEL_SIZE] = partial_x[at];
  panel_y[PANEL_SIZE] = partial_y[at];
  panel_z[PANEL_SIZE] = partial_z[at];
  panel_w[PANEL_SIZE] = partial_w[at];
  panel_x[PANEL_SIZE + 1u] = partial_x[at + 1u];
  panel_y[PANEL_SIZE + 1u] = partial_y[at + 1u];
  panel_z[PANEL_SIZE + 1u] = partial_z[at + 1u];
  panel_w[PANEL_SIZE + 1u] = partial_w[at + 1u];
}

fn keep_sums(row: u32) {
  let at = 2u * row;
  partial_x[at] = panel_x[PANEL_SIZE];
  partial_y[at] = panel_y[PANEL_SIZE];
  partial_z[at] = panel_z[PANEL_SIZE];
  partial_w[at] = panel_w[PANEL_SIZE];
  partial_x[at + 1u] = panel_x[PANEL_SIZE + 1u];
  partial_y[at + 1u] = panel_y[PANEL_SIZE + 1u];
  partial_z[at + 1u] = panel_z[PANEL_SIZE + 1u];
  partial_w[at + 1u] = panel_w[PANEL_SIZE + 1u];
}

fn start_sums() {
  panel_x[PANEL_SIZE] = 0.0;
  panel_y[PANEL_SIZE] = 0.0;
  panel_z[PANEL_SIZE] = 0.0;
  panel_w[PANEL_SIZE] = 0.0;
  panel_x[PANEL_SIZE + 1u] = 0.0;
  panel_y[PANEL_SIZE + 1u] = 0.0;
  panel_z[PANEL_SIZE + 1u] = 0.0;
  panel_w[PANEL_SIZE + 1u] = 0.0;
}

// Columns 4 h to 4 h + 3 of the row that is passing.
fn four_sums(h: u32) -> vec4f {
  let at = PANEL_SIZE + h;
  return vec4f(panel_x[at], panel_y[at], panel_z[at], panel_w[at]);
}
