// panel: what tile_subgroup.wgsl and tile_vectors.wgsl keep in private memory: a panel of B, 64 deep and 8 columns per lane,
// and the sums of the rows of A that stream past it.
const TILE_ROWS = 132u;           // of C, per workgroup, at most: 257 rows, a layer of 256 and its bias, make 2 blocks
const TILE_COLS_PER_LANE = 8u;
const PANEL_DEPTH = 64u;
const PARTIAL_SIZE = 132u;        // one of the eight columns' sums, of TILE_ROWS rows

// Each of a lane's eight columns has an array of the panel and one of sums. What the compiler finds out about an index,
// which is most of the cost of using it, then serves all of them; and the time to compile grows with the square of the
// accesses of one array. Behind a column of the panel stands the sum of the row that is passing: it shares an array with
// what is written at computed indices so that the compiler leaves it in memory. It would put off all additions and spill
// all products.
var<private> panel_x0: array<f32, PANEL_DEPTH + 1u>;
var<private> panel_y0: array<f32, PANEL_DEPTH + 1u>;
var<private> panel_z0: array<f32, PANEL_DEPTH + 1u>;
var<private> panel_w0: array<f32, PANEL_DEPTH + 1u>;
var<private> panel_x1: array<f32, PANEL_DEPTH + 1u>;
var<private> panel_y1: array<f32, PANEL_DEPTH + 1u>;
var<private> panel_z1: array<f32, PANEL_DEPTH + 1u>;
var<private> panel_w1: array<f32, PANEL_DEPTH + 1u>;
// Sums of all rows between one panel and the next, where there is a next.
var<private> partial_x0: array<f32, PARTIAL_SIZE>;
var<private> partial_y0: array<f32, PARTIAL_SIZE>;
var<private> partial_z0: array<f32, PARTIAL_SIZE>;
var<private> partial_w0: array<f32, PARTIAL_SIZE>;
var<private> partial_x1: array<f32, PARTIAL_SIZE>;
var<private> partial_y1: array<f32, PARTIAL_SIZE>;
var<private> partial_z1: array<f32, PARTIAL_SIZE>;
var<private> partial_w1: array<f32, PARTIAL_SIZE>;

// Four columns, the first four or the last, of row k of the panel.
fn keep_in_panel(k: u32, h: u32, four: vec4f) {
  if (h == 0u) {
    panel_x0[k] = four.x;
    panel_y0[k] = four.y;
    panel_z0[k] = four.z;
    panel_w0[k] = four.w;
  } else {
    panel_x1[k] = four.x;
    panel_y1[k] = four.y;
    panel_z1[k] = four.z;
    panel_w1[k] = four.w;
  }
}

// Eight more terms of all eight sums.
fn add_eight(low: vec4f, high: vec4f, k: u32) {
  var x0 = fma(low.x, panel_x0[k], panel_x0[PANEL_DEPTH]);
  x0 = fma(low.y, panel_x0[k + 1u], x0);
  x0 = fma(low.z, panel_x0[k + 2u], x0);
  x0 = fma(low.w, panel_x0[k + 3u], x0);
  x0 = fma(high.x, panel_x0[k + 4u], x0);
  x0 = fma(high.y, panel_x0[k + 5u], x0);
  x0 = fma(high.z, panel_x0[k + 6u], x0);
  panel_x0[PANEL_DEPTH] = fma(high.w, panel_x0[k + 7u], x0);
  var y0 = fma(low.x, panel_y0[k], panel_y0[PANEL_DEPTH]);
  y0 = fma(low.y, panel_y0[k + 1u], y0);
  y0 = fma(low.z, panel_y0[k + 2u], y0);
  y0 = fma(low.w, panel_y0[k + 3u], y0);
  y0 = fma(high.x, panel_y0[k + 4u], y0);
  y0 = fma(high.y, panel_y0[k + 5u], y0);
  y0 = fma(high.z, panel_y0[k + 6u], y0);
  panel_y0[PANEL_DEPTH] = fma(high.w, panel_y0[k + 7u], y0);
  var z0 = fma(low.x, panel_z0[k], panel_z0[PANEL_DEPTH]);
  z0 = fma(low.y, panel_z0[k + 1u], z0);
  z0 = fma(low.z, panel_z0[k + 2u], z0);
  z0 = fma(low.w, panel_z0[k + 3u], z0);
  z0 = fma(high.x, panel_z0[k + 4u], z0);
  z0 = fma(high.y, panel_z0[k + 5u], z0);
  z0 = fma(high.z, panel_z0[k + 6u], z0);
  panel_z0[PANEL_DEPTH] = fma(high.w, panel_z0[k + 7u], z0);
  var w0 = fma(low.x, panel_w0[k], panel_w0[PANEL_DEPTH]);
  w0 = fma(low.y, panel_w0[k + 1u], w0);
  w0 = fma(low.z, panel_w0[k + 2u], w0);
  w0 = fma(low.w, panel_w0[k + 3u], w0);
  w0 = fma(high.x, panel_w0[k + 4u], w0);
  w0 = fma(high.y, panel_w0[k + 5u], w0);
  w0 = fma(high.z, panel_w0[k + 6u], w0);
  panel_w0[PANEL_DEPTH] = fma(high.w, panel_w0[k + 7u], w0);
  var x1 = fma(low.x, panel_x1[k], panel_x1[PANEL_DEPTH]);
  x1 = fma(low.y, panel_x1[k + 1u], x1);
  x1 = fma(low.z, panel_x1[k + 2u], x1);
  x1 = fma(low.w, panel_x1[k + 3u], x1);
  x1 = fma(high.x, panel_x1[k + 4u], x1);
  x1 = fma(high.y, panel_x1[k + 5u], x1);
  x1 = fma(high.z, panel_x1[k + 6u], x1);
  panel_x1[PANEL_DEPTH] = fma(high.w, panel_x1[k + 7u], x1);
  var y1 = fma(low.x, panel_y1[k], panel_y1[PANEL_DEPTH]);
  y1 = fma(low.y, panel_y1[k + 1u], y1);
  y1 = fma(low.z, panel_y1[k + 2u], y1);
  y1 = fma(low.w, panel_y1[k + 3u], y1);
  y1 = fma(high.x, panel_y1[k + 4u], y1);
  y1 = fma(high.y, panel_y1[k + 5u], y1);
  y1 = fma(high.z, panel_y1[k + 6u], y1);
  panel_y1[PANEL_DEPTH] = fma(high.w, panel_y1[k + 7u], y1);
  var z1 = fma(low.x, panel_z1[k], panel_z1[PANEL_DEPTH]);
  z1 = fma(low.y, panel_z1[k + 1u], z1);
  z1 = fma(low.z, panel_z1[k + 2u], z1);
  z1 = fma(low.w, panel_z1[k + 3u], z1);
  z1 = fma(high.x, panel_z1[k + 4u], z1);
  z1 = fma(high.y, panel_z1[k + 5u], z1);
  z1 = fma(high.z, panel_z1[k + 6u], z1);
  panel_z1[PANEL_DEPTH] = fma(high.w, panel_z1[k + 7u], z1);
  var w1 = fma(low.x, panel_w1[k], panel_w1[PANEL_DEPTH]);
  w1 = fma(low.y, panel_w1[k + 1u], w1);
  w1 = fma(low.z, panel_w1[k + 2u], w1);
  w1 = fma(low.w, panel_w1[k + 3u], w1);
  w1 = fma(high.x, panel_w1[k + 4u], w1);
  w1 = fma(high.y, panel_w1[k + 5u], w1);
  w1 = fma(high.z, panel_w1[k + 6u], w1);
  panel_w1[PANEL_DEPTH] = fma(high.w, panel_w1[k + 7u], w1);
}

fn start_sums() {
  panel_x0[PANEL_DEPTH] = 0.0;
  panel_y0[PANEL_DEPTH] = 0.0;
  panel_z0[PANEL_DEPTH] = 0.0;
  panel_w0[PANEL_DEPTH] = 0.0;
  panel_x1[PANEL_DEPTH] = 0.0;
  panel_y1[PANEL_DEPTH] = 0.0;
  panel_z1[PANEL_DEPTH] = 0.0;
  panel_w1[PANEL_DEPTH] = 0.0;
}

fn load_sums(row: u32) {
  panel_x0[PANEL_DEPTH] = partial_x0[row];
  panel_y0[PANEL_DEPTH] = partial_y0[row];
  panel_z0[PANEL_DEPTH] = partial_z0[row];
  panel_w0[PANEL_DEPTH] = partial_w0[row];
  panel_x1[PANEL_DEPTH] = partial_x1[row];
  panel_y1[PANEL_DEPTH] = partial_y1[row];
  panel_z1[PANEL_DEPTH] = partial_z1[row];
  panel_w1[PANEL_DEPTH] = partial_w1[row];
}

fn keep_sums(row: u32) {
  partial_x0[row] = panel_x0[PANEL_DEPTH];
  partial_y0[row] = panel_y0[PANEL_DEPTH];
  partial_z0[row] = panel_z0[PANEL_DEPTH];
  partial_w0[row] = panel_w0[PANEL_DEPTH];
  partial_x1[row] = panel_x1[PANEL_DEPTH];
  partial_y1[row] = panel_y1[PANEL_DEPTH];
  partial_z1[row] = panel_z1[PANEL_DEPTH];
  partial_w1[row] = panel_w1[PANEL_DEPTH];
}

// Of the row that is passing.
fn first_sums() -> vec4f { return vec4f(panel_x0[PANEL_DEPTH], panel_y0[PANEL_DEPTH], panel_z0[PANEL_DEPTH], panel_w0[PANEL_DEPTH]); }
fn last_sums() -> vec4f { return vec4f(panel_x1[PANEL_DEPTH], panel_y1[PANEL_DEPTH], panel_z1[PANEL_DEPTH], panel_w1[PANEL_DEPTH]); }
