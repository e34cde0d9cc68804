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
// dispatch  R: a workgroup of 128 threads is one replica, four subgroups of 32 for the four schedulers of a unit. It passes
//           over its scores in tiles of 16, or of 32 where no layer is wider than 32: marginal pairs forward and backward,
//           then joint pairs, where ONE_SWEEP says so, else all pairs twice: for the statistics, then, forward again, for the
//           gradient. The two halves of a workgroup split the depth of each product and exchange what they summed
// memory    in workgroup memory 30.1 KiB, of the 32 KiB that GPUs give: the second layer's matrix (16 KiB), a tile (8 KiB:
//           the first hidden layer and the second one's gradient), all other weights (3 KiB), the inputs of 64 scores, sums.
//           In registers, a thread has 32 entries of the matrix's gradient, 4 of each input's and of three other rows, and one
//           4 x 4 block of what is in work: about 150 with two inputs. In storage: moments, which one thread alone reads and
//           writes, once a step
// cost      of 2-64-64-1 and 256 scores in one sweep, for one unit: 25 000 cycles of 128 multiply-adds, 45 000 of all
//           instructions, 12 000 to 50 000 of workgroup memory, as far as threads that read the same share it. 35 to 45 us
//           are expected; never measured (bench/NOTES.md)
// numerics  fixed order: scores by tiles, products by halves, sums over threads from the first to the last; how many steps a
//           dispatch takes changes no bit. Units beyond a layer's width have weights 0, so they add exact zeros; scores beyond
//           the last have gradient 0
// gradient  ends here
import package::lib::activation::{activate_four};
import package::lib::monoids::{LogSumExp, lse_identity, lse_of, lse_combine, lse_value};
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
override FOURS: u32 = 16u;         // of units, in a row: 8 where no layer is wider than 32
override INPUTS: u32 = 8u;         // Dx + Dy, which says how many registers the first layer's gradient takes
// 1: the gradient by a marginal score is exp(T) times what is the same for the whole batch (the estimator's fact
// `marginal=exp`). So it can be summed with exp(T - reference) for it, and multiplied once at the end.
override ONE_SWEEP: u32 = 0u;

const REPLICA_THREADS = 128u;
const REPLICA_WIDTH = 64u;         // most units of a layer
const REPLICA_INPUTS = 8u;         // most inputs, Dx + Dy
const REPLICA_BYTES = 30852u;      // of the workgroup memory below
const DRAWN = 64u;                 // scores that are drawn at a time
const HIGHEST_WEIGHT = 40.0;       // largest T - reference: beyond it the marginal pairs are swept again

// All weights, by rows of up to 64 units: first the second layer's matrix, a row for each unit of the first.
const ROW_INPUTS = 64u;            // the first layer's weights of each input
const ROW_BIAS_1 = 72u;
const ROW_BIAS_2 = 73u;
const ROW_OUTPUT = 74u;            // weights of the one output
const ROW_OUTPUT_BIAS = 75u;       // its bias alone
const WEIGHT_ROWS = 76u;

// Units come in fours, a vec4f each: FOURS of them a row, in the order of place().
var<workgroup> sh_weights: array<vec4f, 1216>;     // (WEIGHT_ROWS, 16)
// The first hidden layer of a tile, then the gradient by the second before its activation. In that second half the two
// halves of the workgroup also exchange their parts of a product, and at the end of a step all of it is for sums over threads.
var<workgroup> sh_tile: array<vec4f, 512>;         // (2 scores(), FOURS)
const TILE = 256u;
var<workgroup> sh_inputs: array<f32, 512>;         // (REPLICA_INPUTS, DRAWN)
var<workgroup> sh_partial: array<f32, 256>;        // (FOURS, scores()): each score's sum over four units of the last layer
var<workgroup> sh_d_scores: array<f32, 32>;
var<workgroup> sh_excess: f32;                     // how far the highest marginal T is above the reference

// Scores of a tile: 16 of 64 units, or 32 of 32.
fn scores() -> u32 { return TILE / FOURS; }

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
// turning every group of four rows by another number of columns spreads eight of them over all.
fn place(row: u32, column: u32) -> u32 {
  return FOURS * row + (column ^ ((row >> 2u) & 7u));
}

// Four rows (a multiple of four is the first) of four units: a row in each column of the WGSL matrix. No index needs the
// min: with it a compiler knows that all four are inside, does not clamp each, and one address serves them.
fn tile_block(row: u32, column: u32) -> mat4x4f {
  let at = min(place(row, column), 511u - 3u * FOURS);
  return mat4x4f(sh_tile[at], sh_tile[at + FOURS], sh_tile[at + 2u * FOURS], sh_tile[at + 3u * FOURS]);
}

fn weight_block(row: u32, column: u32) -> mat4x4f {
  let at = min(place(row, column), 1215u - 3u * FOURS);
  return mat4x4f(sh_weights[at], sh_weights[at + FOURS], sh_weights[at + 2u * FOURS], sh_weights[at + 3u * FOURS]);
}

fn put_block(row: u32, column: u32, b: mat4x4f) {
  let at = min(place(row, column), 511u - 3u * FOURS);
  sh_tile[at] = b[0];
  sh_tile[at + FOURS] = b[1];
  sh_tile[at + 2u * FOURS] = b[2];
  sh_tile[at + 3u * FOURS] = b[3];
}

// c + b a: 64 multiplications for 8 loads of four numbers. Every large product of this kernel is made of it.
fn add_product(c: mat4x4f, b: mat4x4f, a: mat4x4f) -> mat4x4f {
  return mat4x4f(add_column(c[0], b, a[0]), add_column(c[1], b, a[1]), add_column(c[2], b, a[2]), add_column(c[3], b, a[3]));
}

fn add_column(c: vec4f, b: mat4x4f, a: vec4f) -> vec4f {
  return fma(b[3], vec4f(a.w), fma(b[2], vec4f(a.z), fma(b[1], vec4f(a.y), fma(b[0], vec4f(a.x), c))));
}

// What a thread does. Two threads, one in each half of the workgroup, make the same 4 x 4 block of a layer, scores
// 4 * group ... and units 4 * four ..., each over half of the units below, and then each finishes two scores of it.
struct Seat {
  replica: u32,
  lane: u32,
  half: u32,
  group: u32,
  four: u32,
  score: u32,   // the first of its two, in the tile
}

// Eight threads in a row have eight fours in a row, so what they load together is 128 bytes in a row, or one and the same.
fn seat_of(replica: u32, lane: u32) -> Seat {
  let half = lane / 64u;
  let within = lane % 64u;
  let high = select(0u, within / 32u, FOURS == 16u);
  let group = (within / 8u) % (scores() / 4u);
  return Seat(replica, lane, half, group, within % 8u + 8u * high, 4u * group + 2u * half);
}

// Where a row of weights begins among a replica's parameters, and its width. From unit 4 * four on it has count_of().
struct Row { start: u32, width: u32 }

fn count_of(row: Row, four: u32) -> u32 { return min(row.width - min(row.width, 4u * four), 4u); }

fn row_of(row: u32) -> Row {
  let second = (INPUTS + 1u) * HIDDEN_1;
  let output = second + (HIDDEN_1 + 1u) * HIDDEN_2;
  if (row < ROW_INPUTS) {
    return Row(second + row * HIDDEN_2, select(0u, HIDDEN_2, row < HIDDEN_1));
  }
  switch (row) {
    case ROW_BIAS_1: { return Row(INPUTS * HIDDEN_1, HIDDEN_1); }
    case ROW_BIAS_2: { return Row(second + HIDDEN_1 * HIDDEN_2, HIDDEN_2); }
    case ROW_OUTPUT: { return Row(output, HIDDEN_2); }
    case ROW_OUTPUT_BIAS: { return Row(output + HIDDEN_2, OUTPUT_BIAS); }
    default: { return Row((row - ROW_INPUTS) * HIDDEN_1, select(0u, HIDDEN_1, row - ROW_INPUTS < INPUTS)); }
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

// The pairs that a sweep passes over, in this order: of each joint pair's row of scores, `columns` of them from `first` on.
struct Sweep { first: u32, columns: u32, count: u32 }

fn sweep_of(turn: u32) -> Sweep {
  if (ONE_SWEEP == 0u) {
    return Sweep(0u, 1u + dims.marginals, dims.joint * (1u + dims.marginals));
  }
  if (turn == 0u) {
    return Sweep(1u, dims.marginals, dims.joint * dims.marginals);
  }
  return Sweep(0u, 1u, dims.joint);
}

// (joint pair, column) of the index-th pair.
fn pair_of(sweep: Sweep, index: u32) -> vec2u {
  let i = index / sweep.columns;
  return vec2u(i, sweep.first + index - i * sweep.columns);
}

// Draws the inputs of the next scores, in the random numbers of gather_batch.
fn draw_inputs(seat: Seat, sweep: Sweep, begin: u32) {
  let pairs = PairDims(dims.joint, dims.marginals, dims.rows, dims.independent, 0u);
  workgroupBarrier();
  for (var e = seat.lane; e < DRAWN * INPUTS; e += REPLICA_THREADS) {
    let index = begin + e % DRAWN;
    let input = e / DRAWN;
    var value = 0.0;
    if (index < sweep.count) {
      let pair = pair_of(sweep, index);
      let rows = rows_of_slot(pairs, pair.x, pair.y);
      if (input < dims.x_width) {
        value = source_x(source_draw(seat.replica, rows.x, rows.x < dims.joint), input);
      } else {
        value = source_y(source_draw(seat.replica, rows.y, rows.y < dims.joint), input - dims.x_width);
      }
    }
    sh_inputs[e] = value;
  }
  workgroupBarrier();
}

// One input of a thread's two scores, of which the first is the at-th that were drawn.
fn inputs_of(input: u32, at: u32) -> vec2f {
  return vec2f(sh_inputs[DRAWN * input + at], sh_inputs[DRAWN * input + at + 1u]);
}

// Four units of a hidden layer for a thread's two scores, a score in each column.
struct Hidden { value: mat2x4f, slope: mat2x4f }

fn activate_two(z: mat2x4f) -> Hidden {
  let a = activate_four(z[0]);
  let b = activate_four(z[1]);
  return Hidden(mat2x4f(a[0], b[0]), mat2x4f(a[1], b[1]));
}

fn forward_1(seat: Seat, at: u32) -> Hidden {
  let bias = sh_weights[place(ROW_BIAS_1, seat.four)];
  var z = mat2x4f(bias, bias);
  for (var input = 0u; input < INPUTS; input++) {
    let w = sh_weights[place(ROW_INPUTS + input, seat.four)];
    let x = inputs_of(input, at);
    z = mat2x4f(fma(w, vec4f(x.x), z[0]), fma(w, vec4f(x.y), z[1]));
  }
  return activate_two(z);
}

// A block of the second layer before its activation, over this half's part of the first.
fn forward_2(seat: Seat) -> mat4x4f {
  let part = (HIDDEN_1 + 7u) / 8u;
  var z = mat4x4f();
  for (var i = 0u; i < part; i++) {
    let k = seat.half * part + i;
    z = add_product(z, weight_block(4u * k, seat.four), tile_block(4u * seat.group, k));
  }
  return z;
}

// A block by the first hidden layer, from this half's part of the second one's gradient.
fn backward_2(seat: Seat) -> mat4x4f {
  let part = (HIDDEN_2 + 7u) / 8u;
  var d = mat4x4f();
  for (var i = 0u; i < part; i++) {
    let k = seat.half * part + i;
    d = add_product(d, transpose(weight_block(4u * seat.four, k)), tile_block(scores() + 4u * seat.group, k));
  }
  return d;
}

// Both threads of a block have summed over their parts, and each is to finish two scores: the sums of the other two it puts
// where the other finds them, and after a barrier it takes its own.
fn put_part(seat: Seat, z: mat4x4f) {
  let at = TILE + 128u * (1u - seat.half) + seat.lane % 64u;
  sh_tile[at] = select(z[0], z[2], seat.half == 0u);
  sh_tile[at + 64u] = select(z[1], z[3], seat.half == 0u);
}

fn take_part(seat: Seat, z: mat4x4f) -> mat2x4f {
  let at = TILE + 128u * seat.half + seat.lane % 64u;
  return mat2x4f(
    select(z[2], z[0], seat.half == 0u) + sh_tile[at],
    select(z[3], z[1], seat.half == 0u) + sh_tile[at + 64u]);
}

// Both hidden layers of a tile: of the first only the slope is needed once more. Afterwards score_of() knows its scores.
struct Passed { slope: mat2x4f, second: Hidden }

fn forward_tile(seat: Seat, drawn: u32) -> Passed {
  let first = forward_1(seat, drawn + seat.score);
  sh_tile[place(seat.score, seat.four)] = first.value[0];
  sh_tile[place(seat.score + 1u, seat.four)] = first.value[1];
  workgroupBarrier();
  let part = forward_2(seat);
  put_part(seat, part);
  workgroupBarrier();
  let bias = sh_weights[place(ROW_BIAS_2, seat.four)];
  let second = activate_two(take_part(seat, part) + mat2x4f(bias, bias));
  let weights = sh_weights[place(ROW_OUTPUT, seat.four)];
  let at = scores() * seat.four + seat.score;
  sh_partial[at] = dot(weights, second.value[0]);
  sh_partial[at + 1u] = dot(weights, second.value[1]);
  workgroupBarrier();
  return Passed(first.slope, second);
}

fn score_of(score: u32) -> f32 {
  var t = sh_weights[place(ROW_OUTPUT_BIAS, 0u)].x;
  for (var four = 0u; 4u * four < HIDDEN_2; four++) {
    t += sh_partial[scores() * four + score];
  }
  return t;
}

// What one thread has summed over its scores.
struct Gradient {
  // Of the matrix, a row in each column: rows 4 j ... and 4 j + 32 ..., units 4 * four ..., where j = first_row() / 4. In
  // layers of at most 32 units each half of the workgroup sums over half of the scores, and `high` is nothing.
  low: mat4x4f,
  high: mat4x4f,
  // Of the units of its seat, over its seat's two scores: an input in each column.
  inputs_low: mat4x4f,
  inputs_high: mat4x4f,
  bias_1: vec4f,
  bias_2: vec4f,
  output: vec4f,
  output_bias: f32,
}

fn first_row(seat: Seat) -> u32 { return 4u * seat.group + select(0u, 16u * seat.half, FOURS == 16u); }

// By the matrix: 128 multiplications for 12 loads of four numbers, where layers are wide.
fn add_weights(seat: Seat, before: Gradient) -> Gradient {
  var d = before;
  let j = first_row(seat) / 4u;
  let first = select(16u * seat.half, 0u, FOURS == 16u);
  for (var i = 0u; i < 16u; i += 4u) {
    let score = first + i;
    let by_unit = tile_block(scores() + score, seat.four);
    d.low = add_product(d.low, by_unit, transpose(tile_block(score, j)));
    if (HIDDEN_1 > 32u) {
      d.high = add_product(d.high, by_unit, transpose(tile_block(score, j + 8u)));
    }
  }
  return d;
}

// By the weights of one input, from the gradient by four units of two scores.
fn add_input(c: vec4f, d: mat2x4f, input: u32, at: u32) -> vec4f {
  if (input >= INPUTS) {
    return c;
  }
  let x = inputs_of(input, at);
  return fma(d[1], vec4f(x.y), fma(d[0], vec4f(x.x), c));
}

fn add_inputs(c: mat4x4f, d: mat2x4f, input: u32, at: u32) -> mat4x4f {
  return mat4x4f(
    add_input(c[0], d, input, at), add_input(c[1], d, input + 1u, at),
    add_input(c[2], d, input + 2u, at), add_input(c[3], d, input + 3u, at));
}

// What a tile adds to the gradient, from sh_d_scores.
fn backward_tile(seat: Seat, before: Gradient, passed: Passed, drawn: u32) -> Gradient {
  var d = before;
  let d_scores = vec2f(sh_d_scores[seat.score], sh_d_scores[seat.score + 1u]);
  let weights = sh_weights[place(ROW_OUTPUT, seat.four)];
  let d_second = mat2x4f(d_scores.x * weights * passed.second.slope[0], d_scores.y * weights * passed.second.slope[1]);
  sh_tile[place(scores() + seat.score, seat.four)] = d_second[0];
  sh_tile[place(scores() + seat.score + 1u, seat.four)] = d_second[1];
  d.output += passed.second.value * d_scores;
  d.bias_2 += d_second[0] + d_second[1];
  workgroupBarrier();
  d = add_weights(seat, d);
  let part = backward_2(seat);
  workgroupBarrier();
  put_part(seat, part);
  workgroupBarrier();
  let by_first = take_part(seat, part);
  let d_first = mat2x4f(by_first[0] * passed.slope[0], by_first[1] * passed.slope[1]);
  d.bias_1 += d_first[0] + d_first[1];
  d.inputs_low = add_inputs(d.inputs_low, d_first, 0u, drawn + seat.score);
  d.inputs_high = add_inputs(d.inputs_high, d_first, 4u, drawn + seat.score);
  return d;
}

// What the statistics are made of.
struct Seen {
  sums: vec4f,                  // joint T, joint term, marginal terms
  exponentials: LogSumExp,      // of marginal T
}

// One score more.
fn see(seen: Seen, t: f32, is_joint: bool, h: Hyper) -> Seen {
  if (is_joint) {
    return Seen(seen.sums + vec4f(t, estimator_joint_term(t, RowStats(), h), 0.0, 0.0), seen.exponentials);
  }
  return Seen(
    seen.sums + vec4f(0.0, 0.0, estimator_marginal_terms(t, RowStats(), h)),
    lse_combine(seen.exponentials, lse_of(t)));
}

// All that the threads have seen, in all of them.
fn see_all(seat: Seat, seen: Seen) -> Seen {
  if (seat.lane < scores()) {
    sh_tile[seat.lane] = seen.sums;
    sh_tile[seat.lane + 32u] = vec4f(seen.exponentials.maximum, seen.exponentials.sum, 0.0, 0.0);
  }
  workgroupBarrier();
  var all = Seen(vec4f(), lse_identity());
  // A count that no compiler knows: it would unroll thirty times two exp().
  for (var i = 0u; i < min(scores(), dims.joint * (1u + dims.marginals)); i++) {
    let of_one = sh_tile[i + 32u];
    all = Seen(all.sums + sh_tile[i], lse_combine(all.exponentials, LogSumExp(of_one.x, of_one.y)));
  }
  return all;
}

// What the first thread says, as a number that all threads are known to share.
fn in_all(seat: Seat, excess: f32) -> f32 {
  if (seat.lane == 0u) {
    sh_excess = excess;
  }
  return workgroupUniformLoad(&sh_excess);
}

// The gradient by a score, or by a marginal one in one sweep what it is to be multiplied by.
fn d_score(t: f32, is_joint: bool, s: ScoreStats, reference: f32, h: Hyper) -> f32 {
  if (is_joint) {
    return estimator_d_joint(t, RowStats(), s, h);
  }
  if (ONE_SWEEP == 1u) {
    return exp(min(t - reference, 2.0 * HIGHEST_WEIGHT));
  }
  return estimator_d_marginal(t, RowStats(), s, h);
}

fn times(d: Gradient, factor: f32) -> Gradient {
  return Gradient(
    d.low * factor, d.high * factor, d.inputs_low * factor, d.inputs_high * factor,
    d.bias_1 * factor, d.bias_2 * factor, d.output * factor, d.output_bias * factor);
}

// What a batch gives: its statistics and the gradient.
struct Swept { stats: ScoreStats, gradient: Gradient }

// Two turns over tiles, in one text: a compiler then meets each pass once. In one sweep they are the marginal pairs, with
// exp(T - reference) as their gradient, and, when all statistics that the gradient needs are known, the joint pairs. The
// reference is T of the first pair, and if others are too far above it for their exp, the highest of them, in a second
// attempt. Else they are all pairs for the statistics and, forward again, all for the gradient.
fn sweep_batch(seat: Seat) -> Swept {
  var d = Gradient();
  var s = ScoreStats();
  var seen = Seen(vec4f(), lse_identity());
  var reference = 0.0;
  var again = false;
  for (var turn = 0u; turn < 2u; turn += select(1u, 0u, again)) {
    let sweep = sweep_of(turn);
    let sees = ONE_SWEEP == 1u || turn == 0u;
    let differentiates = ONE_SWEEP == 1u || turn == 1u;
    for (var begin = 0u; begin < sweep.count; begin += scores()) {
      let drawn = begin % DRAWN;
      if (drawn == 0u) {
        draw_inputs(seat, sweep, begin);
      }
      let passed = forward_tile(seat, drawn);
      if (ONE_SWEEP == 1u && turn == 0u && begin == 0u && !again) {
        reference = score_of(0u);
      }
      if (seat.lane < scores()) {
        var d_t = 0.0;
        if (begin + seat.lane < sweep.count) {
          let h = hyper[seat.replica];
          let t = score_of(seat.lane);
          let is_joint = pair_of(sweep, begin + seat.lane).y == 0u;
          if (sees) {
            seen = see(seen, t, is_joint, h);
          }
          if (differentiates) {
            d_t = d_score(t, is_joint, s, reference, h);
          }
        }
        sh_d_scores[seat.lane] = d_t;
        d.output_bias += d_t;
      }
      if (differentiates) {
        workgroupBarrier();
        d = backward_tile(seat, d, passed, drawn);
      }
    }
    if (sees) {
      let all = see_all(seat, seen);
      let h = hyper[seat.replica];
      s = stats_of(all.sums, lse_value(all.exponentials), dims.joint, dims.marginals, h, clock[seat.replica]);
      if (ONE_SWEEP == 1u && turn == 0u) {
        let excess = in_all(seat, all.exponentials.maximum - reference);
        again = !again && excess > HIGHEST_WEIGHT;
        if (again) {
          d = Gradient();
          seen = Seen(vec4f(), lse_identity());
          reference = all.exponentials.maximum;
        } else {
          let weights = all.exponentials.sum * exp(excess);
          d = times(d, estimator_d_marginal(s.marginal_lme, RowStats(), s, h) * s.marginal_count / weights);
        }
      }
    }
  }
  return Swept(s, d);
}

// Four rows of which every thread has a part, summed over the threads that have the same four units: afterwards row i is in
// the threads from i * FOURS on, and 0 in those beyond the fourth.
fn sum_rows(seat: Seat, rows: mat4x4f) -> vec4f {
  let at = (2u * seat.group + seat.half) * FOURS + seat.four;
  sh_tile[at] = rows[0];
  sh_tile[at + 128u] = rows[1];
  sh_tile[at + 256u] = rows[2];
  sh_tile[at + 384u] = rows[3];
  workgroupBarrier();
  var sum = vec4f();
  if (seat.lane < 4u * FOURS) {
    let first = 128u * (seat.lane / FOURS) + seat.lane % FOURS;
    for (var part = 0u; part < 128u; part += FOURS) {
      sum += sh_tile[first + part];
    }
  }
  workgroupBarrier();
  return sum;
}

// Sums over all threads.
fn sum_all(seat: Seat, x: vec2f) -> vec2f {
  sh_partial[seat.lane] = x.x;
  sh_partial[seat.lane + REPLICA_THREADS] = x.y;
  workgroupBarrier();
  if (seat.lane < 16u) {
    var sum = 0.0;
    for (var i = 0u; i < 16u; i++) {
      sum += sh_partial[16u * seat.lane + i];
    }
    sh_d_scores[seat.lane] = sum;
  }
  workgroupBarrier();
  var all = vec2f();
  for (var i = 0u; i < 8u; i++) {
    all += vec2f(sh_d_scores[i], sh_d_scores[8u + i]);
  }
  return all;
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

// Sums over threads, of all weights but the matrix: the thread at i * FOURS + j has four units, from 4 j on, of row i of
// each, counted from ROW_INPUTS, ROW_INPUTS + 4 and ROW_BIAS_1.
struct Edges { low: vec4f, high: vec4f, others: vec4f }

fn edges_of(seat: Seat, d: Gradient) -> Edges {
  var edges = Edges();
  edges.low = sum_rows(seat, d.inputs_low);
  if (INPUTS > 4u) {
    edges.high = sum_rows(seat, d.inputs_high);
  }
  edges.others = sum_rows(seat, mat4x4f(d.bias_1, d.bias_2, d.output, vec4f()));
  return edges;
}

// Where each half has summed over half of the scores, the first half gets the sum and the other has nothing left.
fn join_halves(seat: Seat, low: mat4x4f) -> mat4x4f {
  let at = seat.lane % 64u;
  if (seat.half == 1u) {
    sh_tile[at] = low[0];
    sh_tile[at + 64u] = low[1];
    sh_tile[at + 128u] = low[2];
    sh_tile[at + 192u] = low[3];
  }
  workgroupBarrier();
  var sum = mat4x4f();
  if (seat.half == 0u) {
    sum = low + mat4x4f(sh_tile[at], sh_tile[at + 64u], sh_tile[at + 128u], sh_tile[at + 192u]);
  }
  workgroupBarrier();
  return sum;
}

// The weights follow their gradient. Returns whether it was finite.
fn ascend_all(seat: Seat, summed: Gradient) -> bool {
  var d = summed;
  workgroupBarrier();
  let edges = edges_of(seat, d);
  if (FOURS == 8u) {
    d.low = join_halves(seat, d.low);
  }
  let own = squares(d.low) + squares(d.high)
    + dot(edges.low, edges.low) + dot(edges.high, edges.high) + dot(edges.others, edges.others);
  let sums = sum_all(seat, vec2f(own, select(0.0, d.output_bias, OUTPUT_BIAS == 1u)));
  let h = hyper[seat.replica];
  let update = update_for(h, clock[seat.replica], sums.x + sums.y * sums.y);

  // 32 rows at a time pass through the tile, so that neighbouring threads read neighbouring moments.
  let four = seat.lane % FOURS;
  for (var first = 0u; first < WEIGHT_ROWS; first += 32u) {
    if (first == 0u && (FOURS == 16u || seat.half == 0u)) {
      put_block(first_row(seat), seat.four, d.low);
    } else if (first == 32u && FOURS == 16u) {
      put_block(first_row(seat), seat.four, d.high);
    } else if (first == ROW_INPUTS && seat.lane < 4u * FOURS) {
      let row = seat.lane / FOURS;
      sh_tile[place(row, four)] = edges.low;
      sh_tile[place(row + 4u, four)] = edges.high;
      sh_tile[place(row + 8u, four)] = select(edges.others, vec4f(sums.y, 0.0, 0.0, 0.0), row == 3u);
    }
    workgroupBarrier();
    for (var row = seat.lane / FOURS; row < min(32u, WEIGHT_ROWS - first); row += REPLICA_THREADS / FOURS) {
      let at = place(first + row, four);
      sh_weights[at] = ascend_four(
        seat.replica, row_of(first + row), four, sh_weights[at], sh_tile[place(row, four)], h, update);
    }
    workgroupBarrier();
  }
  return update.is_finite == 1.0;
}

@compute @workgroup_size(REPLICA_THREADS)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let seat = seat_of(workgroup_id.x, lane);
  let four = lane % FOURS;
  for (var row = lane / FOURS; row < WEIGHT_ROWS; row += REPLICA_THREADS / FOURS) {
    sh_weights[place(row, four)] = load_four(seat.replica, row_of(row), four);
  }
  for (var step = 0u; step < chunk.steps; step++) {
    let swept = sweep_batch(seat);
    let is_finite = ascend_all(seat, swept.gradient);
    if (lane == 0u) {
      let h = hyper[seat.replica];
      let now = clock[seat.replica];
      let s = swept.stats;
      let record = record_of(s, estimator_value(s, h), estimator_objective(s, h));
      history[seat.replica * dims.capacity + now.step % dims.capacity] = record;
      clock[seat.replica] = next_clock(now, h, record, s.ema_lse, is_finite);
      stats[seat.replica] = s;
    }
    // The next step draws by the clock.
    storageBarrier();
  }
  for (var row = lane / FOURS; row < WEIGHT_ROWS; row += REPLICA_THREADS / FOURS) {
    store_four(seat.replica, row_of(row), four, sh_weights[place(row, four)]);
  }
}
