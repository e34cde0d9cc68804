// panel: what tile_subgroup.wgsl and tile_vectors.wgsl keep in private memory: a panel of B, 64 deep and 8 columns per lane,
// and the sums of the rows of A that stream past it.
const TILE_ROWS = 72u;            // of C, per workgroup, at most: 257 rows, a layer of 256 and its bias, make 4 blocks
const TILE_COLS_PER_LANE = 8u;
const PANEL_DEPTH = 64u;
const PANEL_SIZE = 512u;          // PANEL_DEPTH * TILE_COLS_PER_LANE
const PARTIAL_SIZE = 576u;        // TILE_ROWS * TILE_COLS_PER_LANE

// The panel, then the 8 sums of the row that is passing. The sums share an array with what is written at computed
// indices so that the compiler leaves them in memory: it would put off all additions and spill all products.
var<private> panel: array<f32, PANEL_SIZE + TILE_COLS_PER_LANE>;
// Sums of all rows between one panel and the next.
var<private> partial: array<f32, PARTIAL_SIZE>;

// Eight more terms of one column's sum.
fn add_terms(low: vec4f, high: vec4f, k: u32, column: u32) {
  let sum = PANEL_SIZE + column;
  let at = TILE_COLS_PER_LANE * k + column;
  var c = fma(low.x, panel[at], panel[sum]);
  c = fma(low.y, panel[at + TILE_COLS_PER_LANE], c);
  c = fma(low.z, panel[at + 2u * TILE_COLS_PER_LANE], c);
  c = fma(low.w, panel[at + 3u * TILE_COLS_PER_LANE], c);
  c = fma(high.x, panel[at + 4u * TILE_COLS_PER_LANE], c);
  c = fma(high.y, panel[at + 5u * TILE_COLS_PER_LANE], c);
  c = fma(high.z, panel[at + 6u * TILE_COLS_PER_LANE], c);
  panel[sum] = fma(high.w, panel[at + 7u * TILE_COLS_PER_LANE], c);
}

// Eight more terms of all eight sums.
fn add_eight(low: vec4f, high: vec4f, k: u32) {
  add_terms(low, high, k, 0u);
  add_terms(low, high, k, 1u);
  add_terms(low, high, k, 2u);
  add_terms(low, high, k, 3u);
  add_terms(low, high, k, 4u);
  add_terms(low, high, k, 5u);
  add_terms(low, high, k, 6u);
  add_terms(low, high, k, 7u);
}

fn load_sums(at: u32) {
  panel[PANEL_SIZE] = partial[at];
  panel[PANEL_SIZE + 1u] = partial[at + 1u];
  panel[PANEL_SIZE + 2u] = partial[at + 2u];
  panel[PANEL_SIZE + 3u] = partial[at + 3u];
  panel[PANEL_SIZE + 4u] = partial[at + 4u];
  panel[PANEL_SIZE + 5u] = partial[at + 5u];
  panel[PANEL_SIZE + 6u] = partial[at + 6u];
  panel[PANEL_SIZE + 7u] = partial[at + 7u];
}

fn keep_sums(at: u32) {
  partial[at] = panel[PANEL_SIZE];
  partial[at + 1u] = panel[PANEL_SIZE + 1u];
  partial[at + 2u] = panel[PANEL_SIZE + 2u];
  partial[at + 3u] = panel[PANEL_SIZE + 3u];
  partial[at + 4u] = panel[PANEL_SIZE + 4u];
  partial[at + 5u] = panel[PANEL_SIZE + 5u];
  partial[at + 6u] = panel[PANEL_SIZE + 6u];
  partial[at + 7u] = panel[PANEL_SIZE + 7u];
}
