// train_replica: many whole training steps of a small perceptron with two hidden layers, in one dispatch. A step draws its
// batch, runs both passes, steps the optimizer and moves the clock, and no other dispatch has a part in it. For GPUs, where
// thousands of small critics, each on its own compute unit, are limited by arithmetic if nothing of them leaves the chip.
//
//   dims      ReplicaDims  uniform
//   hyper     (R)          read
//   clock     (R)          read_write  (advanced)
//   chunk     Chunk        uniform     how many steps to take
//   params    (R, P)       read_write  (updated)
//   m_params  (R, P)       read_write  what the optimizer keeps; four elements where it keeps nothing  (updated)
//   v_params  (R, P)       read_write  (updated)
//   stats     (R)          read_write  ScoreStats of the last batch (overwritten)
//   history   (R, W)       read_write  StepRecord of step t at t mod W (overwritten)
//
// without   estimator_row_terms, estimator_d_baseline
// dispatch  R: a workgroup of 64 threads is one replica. It passes over its scores in tiles of 16, twice: for the
//           statistics, then, forward again, for the gradient. Computing a tile again costs a third of the arithmetic
//           more and saves the memory of 64 KiB of activations.
// memory    in workgroup memory 30 KiB, of the 32 KiB that GPUs give: the second layer's matrix (16 KiB), a tile (8 KiB:
//           the first hidden layer and the second one's gradient), all other weights (3 KiB), inputs, sums. In registers,
//           a thread has 64 entries of the matrix's gradient, 44 of the other weights', and one 4 x 4 block of whatever
//           layer is in work. In storage: moments, which one thread alone reads and writes, once a step
// numerics  fixed order: scores by tiles, then threads by a tree; how many steps a dispatch takes changes no bit. Units
//           beyond a layer's width have weights 0, so they add exact zeros; scores beyond the last have gradient 0
// gradient  ends here
import package::lib::activation::{activate_four};
import package::lib::geometry::{WG_SIZE};
import package::lib::monoids::{lse_identity, lse_of, lse_combine, lse_value, block_reduce_lse, block_reduce_sum};
import package::lib::optimizer::{Four, ascend, update_for, OPTIMIZER_SGD, OPTIMIZER_MOMENTUM, OPTIMIZER_ADAM};
import package::lib::pairs::{PairDims, rows_of_slot};
import package::lib::records::{Hyper, Clock, Update, RowStats, ScoreStats};
import package::lib::scores::{stats_of};
import package::lib::window::{StepRecord, record_of, next_clock};
import package::source::{source_draw, source_x, source_y};
import package::estimator::{estimator_joint_term, estimator_marginal_terms, estimator_d_joint, estimator_d_marginal, estimator_value, estimator_objective};

struct ReplicaDims {
  joint: u32,          // N
  marginals: u32,      // K
  rows: u32,           // B
  independent: u32,    // 1: marginal pairs have rows of their own
  x_width: u32,        // Dx
  y_width: u32,        // Dy
  stride: u32,         // P
  capacity: u32,       // steps that history holds per replica
}

struct Chunk { steps: u32 }

@group(0) @binding(0) var<uniform> dims: ReplicaDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read_write> clock: array<Clock>;
@group(0) @binding(3) var<uniform> chunk: Chunk;
@group(0) @binding(4) var<storage, read_write> params: array<f32>;
// 5 to 8 are the source's.
@group(0) @binding(9) var<storage, read_write> m_params: array<f32>;
@group(0) @binding(10) var<storage, read_write> v_params: array<f32>;
@group(0) @binding(11) var<storage, read_write> stats: array<ScoreStats>;
@group(0) @binding(12) var<storage, read_write> history: array<StepRecord>;

override OPTIMIZER: u32 = 0u;      // one of lib/optimizer.wgsl
override HIDDEN_1: u32 = 64u;      // width of the first hidden layer
override HIDDEN_2: u32 = 64u;      // and of the second
override OUTPUT_BIAS: u32 = 1u;

const REPLICA_WIDTH = 64u;         // most units of a layer
const REPLICA_INPUTS = 8u;         // most inputs, Dx + Dy
const REPLICA_BYTES = 30784u;      // of the workgroup memory below, and of lib/monoids
const REPLICA_TILE = 16u;          // scores that are in work at a time

// All weights, by rows of up to 64 units: first the second layer's matrix, a row for each unit of the first.
const ROW_INPUTS = 64u;            // the first layer's weights of each input
const ROW_BIAS_1 = 72u;
const ROW_BIAS_2 = 73u;
const ROW_OUTPUT = 74u;            // weights of the one output
const ROW_OUTPUT_BIAS = 75u;       // its bias alone
const WEIGHT_ROWS = 76u;

// Units come in fours, a vec4f each: 16 of them a row, in the order of place().
var<workgroup> sh_weights: array<vec4f, 1216>;     // (WEIGHT_ROWS, 16)
// Rows 0-15 are the first hidden layer of 16 scores, rows 16-31 the gradient by the second before its activation. At the
// end of a step the threads exchange gradients of weights here.
var<workgroup> sh_tile: array<vec4f, 512>;         // (32, 16)
var<workgroup> sh_inputs: array<f32, 128>;         // (REPLICA_TILE, REPLICA_INPUTS)
var<workgroup> sh_partial: array<f32, 256>;        // (16, REPLICA_TILE): each score's sum over four units of the last layer
var<workgroup> sh_d_scores: array<f32, REPLICA_TILE>;

fn moments_at(at: u32) -> vec2f {
  if (OPTIMIZER == OPTIMIZER_ADAM) {
    return vec2f(m_params[at], v_params[at]);
  }
  if (OPTIMIZER == OPTIMIZER_MOMENTUM) {
    return vec2f(m_params[at], 0.0);
  }
  return vec2f();
}

fn keep_moments(at: u32, moments: vec2f) {
  if (OPTIMIZER != OPTIMIZER_SGD) {
    m_params[at] = moments.x;
  }
  if (OPTIMIZER == OPTIMIZER_ADAM) {
    v_params[at] = moments.y;
  }
}

// Where four units of a row lie. Threads that read one column of rows four apart would all ask the same bank of memory;
// turning every group of four rows by another number of columns spreads them over all.
fn place(row: u32, column: u32) -> u32 {
  return 16u * row + (column ^ ((row >> 2u) & 15u));
}

// Four rows (a multiple of four is the first) of four units: a row in each column of the WGSL matrix.
fn tile_block(row: u32, column: u32) -> mat4x4f {
  let at = place(row, column);
  return mat4x4f(sh_tile[at], sh_tile[at + 16u], sh_tile[at + 32u], sh_tile[at + 48u]);
}

fn weight_block(row: u32, column: u32) -> mat4x4f {
  let at = place(row, column);
  return mat4x4f(sh_weights[at], sh_weights[at + 16u], sh_weights[at + 32u], sh_weights[at + 48u]);
}

fn put_block(row: u32, column: u32, b: mat4x4f) {
  let at = place(row, column);
  sh_tile[at] = b[0];
  sh_tile[at + 16u] = b[1];
  sh_tile[at + 32u] = b[2];
  sh_tile[at + 48u] = b[3];
}

// Four inputs of four scores, a score in each column.
fn input_block(score: u32, input: u32) -> mat4x4f {
  return mat4x4f(input_four(score, input), input_four(score + 1u, input), input_four(score + 2u, input), input_four(score + 3u, input));
}

fn input_four(score: u32, input: u32) -> vec4f {
  let at = REPLICA_INPUTS * score + input;
  return vec4f(sh_inputs[at], sh_inputs[at + 1u], sh_inputs[at + 2u], sh_inputs[at + 3u]);
}

// c + b a: 64 multiplications for 8 loads of four numbers. Every product of this kernel is made of it.
fn add_product(c: mat4x4f, b: mat4x4f, a: mat4x4f) -> mat4x4f {
  return mat4x4f(add_column(c[0], b, a[0]), add_column(c[1], b, a[1]), add_column(c[2], b, a[2]), add_column(c[3], b, a[3]));
}

fn add_column(c: vec4f, b: mat4x4f, a: vec4f) -> vec4f {
  return fma(b[3], vec4f(a.w), fma(b[2], vec4f(a.z), fma(b[1], vec4f(a.y), fma(b[0], vec4f(a.x), c))));
}

fn same_columns(c: vec4f) -> mat4x4f { return mat4x4f(c, c, c, c); }

// A 4 x 4 block of a hidden layer: four units, in the rows, of four scores, in the columns.
struct Hidden { value: mat4x4f, slope: mat4x4f }

fn activate_block(z: mat4x4f) -> Hidden {
  let a = activate_four(z[0]);
  let b = activate_four(z[1]);
  let c = activate_four(z[2]);
  let d = activate_four(z[3]);
  return Hidden(mat4x4f(a[0], b[0], c[0], d[0]), mat4x4f(a[1], b[1], c[1], d[1]));
}

// Thread `lane` has scores 4 * group ... and units 4 * four ... of a tile of a layer.
struct Seat { replica: u32, lane: u32, group: u32, four: u32 }

// Where a row of weights begins among a replica's parameters, and its width. From unit 4 * four on it has count_of().
struct Row { start: u32, width: u32 }

fn count_of(row: Row, four: u32) -> u32 { return min(row.width - min(row.width, 4u * four), 4u); }

fn row_of(row: u32) -> Row {
  let inputs = dims.x_width + dims.y_width;
  let second = (inputs + 1u) * HIDDEN_1;
  let output = second + (HIDDEN_1 + 1u) * HIDDEN_2;
  if (row < ROW_INPUTS) {
    return Row(second + row * HIDDEN_2, select(0u, HIDDEN_2, row < HIDDEN_1));
  }
  switch (row) {
    case ROW_BIAS_1: { return Row(inputs * HIDDEN_1, HIDDEN_1); }
    case ROW_BIAS_2: { return Row(second + HIDDEN_1 * HIDDEN_2, HIDDEN_2); }
    case ROW_OUTPUT: { return Row(output, HIDDEN_2); }
    case ROW_OUTPUT_BIAS: { return Row(output + HIDDEN_2, OUTPUT_BIAS); }
    default: { return Row((row - ROW_INPUTS) * HIDDEN_1, select(0u, HIDDEN_1, row - ROW_INPUTS < inputs)); }
  }
}

fn load_four(replica: u32, row: Row, four: u32) -> vec4f {
  let at = replica * dims.stride + row.start + 4u * four;
  let count = count_of(row, four);
  var w = vec4f();
  if (count > 0u) { w.x = params[at]; }
  if (count > 1u) { w.y = params[at + 1u]; }
  if (count > 2u) { w.z = params[at + 2u]; }
  if (count > 3u) { w.w = params[at + 3u]; }
  return w;
}

fn store_four(replica: u32, row: Row, four: u32, w: vec4f) {
  let at = replica * dims.stride + row.start + 4u * four;
  let count = count_of(row, four);
  if (count > 0u) { params[at] = w.x; }
  if (count > 1u) { params[at + 1u] = w.y; }
  if (count > 2u) { params[at + 2u] = w.z; }
  if (count > 3u) { params[at + 3u] = w.w; }
}

// Draws the inputs of a tile's scores, in the random numbers of gather_batch.
fn draw_tile(seat: Seat, tile: u32) {
  let pairs = PairDims(dims.joint, dims.marginals, dims.rows, dims.independent, 0u);
  let columns = 1u + dims.marginals;
  for (var e = seat.lane; e < REPLICA_TILE * REPLICA_INPUTS; e += WG_SIZE) {
    let score = e % REPLICA_TILE;
    let input = e / REPLICA_TILE;
    let slot = REPLICA_TILE * tile + score;
    let i = slot / columns;
    var value = 0.0;
    if (i < dims.joint && input < dims.x_width + dims.y_width) {
      let rows = rows_of_slot(pairs, i, slot - i * columns);
      if (input < dims.x_width) {
        value = source_x(source_draw(seat.replica, rows.x, rows.x < dims.joint), input);
      } else {
        value = source_y(source_draw(seat.replica, rows.y, rows.y < dims.joint), input - dims.x_width);
      }
    }
    sh_inputs[REPLICA_INPUTS * score + input] = value;
  }
}

fn forward_1(seat: Seat) -> Hidden {
  var z = same_columns(sh_weights[place(ROW_BIAS_1, seat.four)]);
  z = add_product(z, weight_block(ROW_INPUTS, seat.four), input_block(4u * seat.group, 0u));
  if (dims.x_width + dims.y_width > 4u) {
    z = add_product(z, weight_block(ROW_INPUTS + 4u, seat.four), input_block(4u * seat.group, 4u));
  }
  return activate_block(z);
}

fn forward_2(seat: Seat) -> Hidden {
  var z = same_columns(sh_weights[place(ROW_BIAS_2, seat.four)]);
  for (var k = 0u; 4u * k < HIDDEN_1; k++) {
    z = add_product(z, weight_block(4u * k, seat.four), tile_block(4u * seat.group, k));
  }
  return activate_block(z);
}

// By the first hidden layer, from the second one's gradient in the tile.
fn backward_2(seat: Seat) -> mat4x4f {
  var d = mat4x4f();
  for (var k = 0u; 4u * k < HIDDEN_2; k++) {
    d = add_product(d, transpose(weight_block(4u * seat.four, k)), tile_block(REPLICA_TILE + 4u * seat.group, k));
  }
  return d;
}

// Both hidden layers of a tile. Afterwards score_of() knows its scores.
struct Passed { first: Hidden, second: Hidden }

fn forward_tile(seat: Seat, tile: u32) -> Passed {
  draw_tile(seat, tile);
  workgroupBarrier();
  let first = forward_1(seat);
  put_block(4u * seat.group, seat.four, first.value);
  workgroupBarrier();
  let second = forward_2(seat);
  let sums = sh_weights[place(ROW_OUTPUT, seat.four)] * second.value;
  let at = REPLICA_TILE * seat.four + 4u * seat.group;
  sh_partial[at] = sums.x;
  sh_partial[at + 1u] = sums.y;
  sh_partial[at + 2u] = sums.z;
  sh_partial[at + 3u] = sums.w;
  workgroupBarrier();
  return Passed(first, second);
}

fn score_of(score: u32) -> f32 {
  var t = sh_weights[place(ROW_OUTPUT_BIAS, 0u)].x;
  for (var four = 0u; 4u * four < HIDDEN_2; four++) {
    t += sh_partial[REPLICA_TILE * four + score];
  }
  return t;
}

// What one thread has summed over its scores.
struct Gradient {
  // A thread's 64 entries of the matrix: rows 4 j ... and 4 j + 32 ..., units 4 u ... and 4 u + 32 ..., where lane = 8 j + u.
  // A row in each column.
  low_low: mat4x4f,
  low_high: mat4x4f,
  high_low: mat4x4f,
  high_high: mat4x4f,
  // Of the units of its seat, over its seat's scores: an input in each column.
  inputs_low: mat4x4f,
  inputs_high: mat4x4f,
  bias_1: vec4f,
  bias_2: vec4f,
  output: vec4f,
  output_bias: f32,
}

// What a batch gives: its statistics, then the gradient.
struct Swept { stats: ScoreStats, gradient: Gradient }

// Both sweeps, in one text: a compiler then meets the forward pass once.
fn sweep_batch(seat: Seat, h: Hyper, now: Clock) -> Swept {
  let columns = 1u + dims.marginals;
  let slots = dims.joint * columns;
  let tiles = (slots + REPLICA_TILE - 1u) / REPLICA_TILE;
  let no_row = RowStats();
  let j = seat.lane / 8u;
  let u = seat.lane % 8u;
  var sums = vec4f();         // joint T, joint term, marginal terms
  var exponentials = lse_identity();
  var s = ScoreStats();
  var d = Gradient();
  for (var turn = 0u; turn < 2u * tiles; turn++) {
    if (turn == tiles) {
      let all = block_reduce_sum(seat.lane, sums);
      s = stats_of(all, lse_value(block_reduce_lse(seat.lane, exponentials)), dims.joint, dims.marginals, h, now);
    }
    let tile = select(turn, turn - tiles, turn >= tiles);
    let passed = forward_tile(seat, tile);
    let slot = REPLICA_TILE * tile + seat.lane;
    let is_joint = slot % columns == 0u;
    let is_score = seat.lane < REPLICA_TILE && slot < slots;
    if (turn < tiles) {
      if (is_score) {
        let t = score_of(seat.lane);
        if (is_joint) {
          sums += vec4f(t, estimator_joint_term(t, no_row, h), 0.0, 0.0);
        } else {
          sums += vec4f(0.0, 0.0, estimator_marginal_terms(t, no_row, h));
          exponentials = lse_combine(exponentials, lse_of(t));
        }
      }
      continue;
    }

    if (seat.lane < REPLICA_TILE) {
      var d_t = 0.0;
      if (is_score) {
        let t = score_of(seat.lane);
        if (is_joint) {
          d_t = estimator_d_joint(t, no_row, s, h);
        } else {
          d_t = estimator_d_marginal(t, no_row, s, h);
        }
      }
      sh_d_scores[seat.lane] = d_t;
      d.output_bias += d_t;
    }
    workgroupBarrier();
    let score = 4u * seat.group;
    let d_scores = vec4f(sh_d_scores[score], sh_d_scores[score + 1u], sh_d_scores[score + 2u], sh_d_scores[score + 3u]);
    let weights = sh_weights[place(ROW_OUTPUT, seat.four)];
    let slope = passed.second.slope;
    let d_second = mat4x4f(
      d_scores.x * weights * slope[0], d_scores.y * weights * slope[1],
      d_scores.z * weights * slope[2], d_scores.w * weights * slope[3]);
    put_block(REPLICA_TILE + score, seat.four, d_second);
    d.output += passed.second.value * d_scores;
    d.bias_2 += d_second[0] + d_second[1] + d_second[2] + d_second[3];
    workgroupBarrier();

    let by_first = backward_2(seat);
    let below = passed.first.slope;
    let d_first = mat4x4f(by_first[0] * below[0], by_first[1] * below[1], by_first[2] * below[2], by_first[3] * below[3]);
    d.bias_1 += d_first[0] + d_first[1] + d_first[2] + d_first[3];
    d.inputs_low = add_product(d.inputs_low, d_first, transpose(input_block(score, 0u)));
    if (dims.x_width + dims.y_width > 4u) {
      d.inputs_high = add_product(d.inputs_high, d_first, transpose(input_block(score, 4u)));
    }
    for (var row = 0u; row < REPLICA_TILE; row += 4u) {
      let low = transpose(tile_block(row, j));
      let d_low = tile_block(REPLICA_TILE + row, u);
      d.low_low = add_product(d.low_low, d_low, low);
      if (HIDDEN_2 > 32u) {
        d.low_high = add_product(d.low_high, tile_block(REPLICA_TILE + row, u + 8u), low);
      }
      if (HIDDEN_1 > 32u) {
        let high = transpose(tile_block(row, j + 8u));
        d.high_low = add_product(d.high_low, d_low, high);
        if (HIDDEN_2 > 32u) {
          d.high_high = add_product(d.high_high, tile_block(REPLICA_TILE + row, u + 8u), high);
        }
      }
    }
    // The next tile overwrites what others may still read.
    workgroupBarrier();
  }
  return Swept(s, d);
}

// The sum over the four groups of what they put into rows 0, `apart`, 2 `apart` and 3 `apart` from `row` on.
fn sum_groups(row: u32, apart: u32, four: u32) -> vec4f {
  return (sh_tile[place(row, four)] + sh_tile[place(row + apart, four)])
    + (sh_tile[place(row + 2u * apart, four)] + sh_tile[place(row + 3u * apart, four)]);
}

fn squares(b: mat4x4f) -> f32 {
  return dot(b[0], b[0]) + dot(b[1], b[1]) + dot(b[2], b[2]) + dot(b[3], b[3]);
}

// Four weights after a step along d. All moments are asked for before any is written: the wait for memory is then one.
fn ascend_four(replica: u32, row: Row, four: u32, old: vec4f, d: vec4f, h: Hyper, update: Update) -> vec4f {
  let count = count_of(row, four);
  if (count == 0u || update.is_finite == 0.0) {
    return old;
  }
  let first = replica * dims.stride + row.start + 4u * four;
  let at = vec4u(first) + min(vec4u(0u, 1u, 2u, 3u), vec4u(count - 1u));
  let kept = transpose(mat4x2f(moments_at(at.x), moments_at(at.y), moments_at(at.z), moments_at(at.w)));
  let fresh = ascend(OPTIMIZER, h, update, Four(old, kept[0], kept[1]), d);
  keep_moments(at.x, vec2f(fresh.m.x, fresh.v.x));
  if (count > 1u) { keep_moments(at.y, vec2f(fresh.m.y, fresh.v.y)); }
  if (count > 2u) { keep_moments(at.z, vec2f(fresh.m.z, fresh.v.z)); }
  if (count > 3u) { keep_moments(at.w, vec2f(fresh.m.w, fresh.v.w)); }
  return select(old, fresh.params, vec4u(0u, 1u, 2u, 3u) < vec4u(count));
}

// The weights follow their gradient. Returns whether it was finite.
fn ascend_all(seat: Seat, d: Gradient, h: Hyper, now: Clock) -> bool {
  // Sums over groups of scores, of all weights but the matrix: afterwards a group has rows `group`, `group` + 4 ... of them.
  put_block(8u * seat.group, seat.four, d.inputs_low);
  put_block(8u * seat.group + 4u, seat.four, d.inputs_high);
  workgroupBarrier();
  let inputs_low = sum_groups(seat.group, 8u, seat.four);
  let inputs_high = sum_groups(4u + seat.group, 8u, seat.four);
  workgroupBarrier();
  let output_bias = select(0.0, d.output_bias, OUTPUT_BIAS == 1u);
  put_block(4u * seat.group, seat.four, mat4x4f(d.bias_1, d.bias_2, d.output, vec4f()));
  workgroupBarrier();
  var others = sum_groups(seat.group, 4u, seat.four);

  let matrix = squares(d.low_low) + squares(d.low_high) + squares(d.high_low) + squares(d.high_high);
  let edges = dot(inputs_low, inputs_low) + dot(inputs_high, inputs_high) + dot(others, others);
  let sums = block_reduce_sum(seat.lane, vec4f(matrix + edges, output_bias, 0.0, 0.0));
  let update = update_for(h, now, sums.x + sums.y * sums.y);
  if (seat.group == 3u) {
    others = vec4f(sums.y, 0.0, 0.0, 0.0);
  }

  // 32 rows at a time pass through the tile, so that neighbouring threads read neighbouring moments.
  let j = 4u * (seat.lane / 8u);
  let u = seat.lane % 8u;
  for (var first = 0u; first < WEIGHT_ROWS; first += 32u) {
    if (first == ROW_INPUTS) {
      sh_tile[place(seat.group, seat.four)] = inputs_low;
      sh_tile[place(seat.group + 4u, seat.four)] = inputs_high;
      sh_tile[place(seat.group + 8u, seat.four)] = others;
    } else if (first == 0u) {
      put_block(j, u, d.low_low);
      put_block(j, u + 8u, d.low_high);
    } else {
      put_block(j, u, d.high_low);
      put_block(j, u + 8u, d.high_high);
    }
    workgroupBarrier();
    for (var row = seat.group; row < min(32u, WEIGHT_ROWS - first); row += 4u) {
      let at = place(first + row, seat.four);
      sh_weights[at] = ascend_four(
        seat.replica, row_of(first + row), seat.four, sh_weights[at], sh_tile[place(row, seat.four)], h, update);
    }
    workgroupBarrier();
  }
  return update.is_finite == 1.0;
}

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let seat = Seat(workgroup_id.x, lane, lane / 16u, lane % 16u);
  let h = hyper[seat.replica];
  for (var row = seat.group; row < WEIGHT_ROWS; row += 4u) {
    sh_weights[place(row, seat.four)] = load_four(seat.replica, row_of(row), seat.four);
  }
  workgroupBarrier();
  for (var step = 0u; step < chunk.steps; step++) {
    let now = clock[seat.replica];
    let swept = sweep_batch(seat, h, now);
    let is_finite = ascend_all(seat, swept.gradient, h, now);
    if (lane == 0u) {
      let s = swept.stats;
      let record = record_of(s, estimator_value(s, h), estimator_objective(s, h));
      history[seat.replica * dims.capacity + now.step % dims.capacity] = record;
      clock[seat.replica] = next_clock(now, h, record, s.ema_lse, is_finite);
      stats[seat.replica] = s;
    }
    // The next step draws by the clock.
    storageBarrier();
  }
  for (var row = seat.group; row < WEIGHT_ROWS; row += 4u) {
    store_four(seat.replica, row_of(row), seat.four, sh_weights[place(row, seat.four)]);
  }
}
