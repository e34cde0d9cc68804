// panel: what subgroup.wgsl and vectors.wgsl keep in private memory: a panel of B, 64 deep and 8 columns per lane,
// and the sums of the rows of A that stream past it.
const TILE_ROWS = 132u;           // of C, per workgroup, at most: 257 rows, a layer of 256 and its bias, make 2 blocks
const TILE_COLS_PER_LANE = 8u;
const PANEL_DEPTH = 64u;
const PARTIAL_SIZE = 132u;        // one of the eight columns' sums, of TILE_ROWS rows
override PANEL_HALVES: u32 = 2u;  // 1: C has no columns for the last four of a lane

// A column of the panel, and the sum of the row that is passing.
alias PanelColumn = array<f32, PANEL_DEPTH + 1u>;

// Each of a lane's eight columns has an array of the panel and one of sums. What the compiler finds out about an index,
// which is most of the cost of using it, then serves all of them; and the time to compile grows with the square of the
// accesses of one array. Behind a column of the panel stands the sum of the row that is passing: it shares an array with
// what is written at computed indices so that the compiler leaves it in memory. It would put off all additions and spill
// all products.
var<private> panel_x0: PanelColumn;
var<private> panel_y0: PanelColumn;
var<private> panel_z0: PanelColumn;
var<private> panel_w0: PanelColumn;
var<private> panel_x1: PanelColumn;
var<private> panel_y1: PanelColumn;
var<private> panel_z1: PanelColumn;
var<private> panel_w1: PanelColumn;
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

// Eight more terms of one column's sum.
fn add_to(column: ptr<private, PanelColumn>, low: vec4f, high: vec4f, k: u32) {
  var sum = fma(low.x, (*column)[k], (*column)[PANEL_DEPTH]);
  sum = fma(low.y, (*column)[k + 1u], sum);
  sum = fma(low.z, (*column)[k + 2u], sum);
  sum = fma(low.w, (*column)[k + 3u], sum);
  sum = fma(high.x, (*column)[k + 4u], sum);
  sum = fma(high.y, (*column)[k + 5u], sum);
  sum = fma(high.z, (*column)[k + 6u], sum);
  (*column)[PANEL_DEPTH] = fma(high.w, (*column)[k + 7u], sum);
}

// The same of all eight.
fn add_eight(low: vec4f, high: vec4f, k: u32) {
  add_to(&panel_x0, low, high, k);
  add_to(&panel_y0, low, high, k);
  add_to(&panel_z0, low, high, k);
  add_to(&panel_w0, low, high, k);
  if (PANEL_HALVES == 2u) {
    add_to(&panel_x1, low, high, k);
    add_to(&panel_y1, low, high, k);
    add_to(&panel_z1, low, high, k);
    add_to(&panel_w1, low, high, k);
  }
}

fn start_sums() {
  panel_x0[PANEL_DEPTH] = 0.0;
  panel_y0[PANEL_DEPTH] = 0.0;
  panel_z0[PANEL_DEPTH] = 0.0;
  panel_w0[PANEL_DEPTH] = 0.0;
  if (PANEL_HALVES == 2u) {
    panel_x1[PANEL_DEPTH] = 0.0;
    panel_y1[PANEL_DEPTH] = 0.0;
    panel_z1[PANEL_DEPTH] = 0.0;
    panel_w1[PANEL_DEPTH] = 0.0;
  }
}

fn load_sums(row: u32) {
  panel_x0[PANEL_DEPTH] = partial_x0[row];
  panel_y0[PANEL_DEPTH] = partial_y0[row];
  panel_z0[PANEL_DEPTH] = partial_z0[row];
  panel_w0[PANEL_DEPTH] = partial_w0[row];
  if (PANEL_HALVES == 2u) {
    panel_x1[PANEL_DEPTH] = partial_x1[row];
    panel_y1[PANEL_DEPTH] = partial_y1[row];
    panel_z1[PANEL_DEPTH] = partial_z1[row];
    panel_w1[PANEL_DEPTH] = partial_w1[row];
  }
}

fn keep_sums(row: u32) {
  partial_x0[row] = panel_x0[PANEL_DEPTH];
  partial_y0[row] = panel_y0[PANEL_DEPTH];
  partial_z0[row] = panel_z0[PANEL_DEPTH];
  partial_w0[row] = panel_w0[PANEL_DEPTH];
  if (PANEL_HALVES == 2u) {
    partial_x1[row] = panel_x1[PANEL_DEPTH];
    partial_y1[row] = panel_y1[PANEL_DEPTH];
    partial_z1[row] = panel_z1[PANEL_DEPTH];
    partial_w1[row] = panel_w1[PANEL_DEPTH];
  }
}

// Of the row that is passing.
fn first_sums() -> vec4f { return vec4f(panel_x0[PANEL_DEPTH], panel_y0[PANEL_DEPTH], panel_z0[PANEL_DEPTH], panel_w0[PANEL_DEPTH]); }
fn last_sums() -> vec4f { return vec4f(panel_x1[PANEL_DEPTH], panel_y1[PANEL_DEPTH], panel_z1[PANEL_DEPTH], panel_w1[PANEL_DEPTH]); }
