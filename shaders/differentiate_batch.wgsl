// differentiate_batch: the gradient of the objective on one batch by all parameters of a small perceptron with two hidden
// layers, in one dispatch: forward pass, score statistics, estimator and backward pass. For software adapters, where one
// memory access costs as much as dozens of multiplications: nothing that belongs to a pair leaves the registers.
//
//   dims      BatchMlpDims  uniform
//   hyper     (R)           read
//   clock     (R)           read        the moving average so far
//   batch_x   (R, B, Dx)    read
//   batch_y   (R, B, Dy)    read
//   params    (R, P)        read
//   stats     (R)           read_write  ScoreStats of this batch (overwritten)
//   d_params  (R, P)        read_write  (overwritten)
//
// without   estimator_row_terms, estimator_d_baseline
// dispatch  R: a workgroup is one subgroup of 8 lanes and one replica, without a barrier. Lane l has the units l, l + 8,
//           l + 16 ... of every layer, with their weights and gradients in private memory, at indices that the compiler
//           knows wherever a pair passes. Pairs pass one by one, twice: for the statistics, then, forward again, for the
//           gradient. Computing a pair again costs less than storing it.
// numerics  fixed order: sums over pairs run from the first to the last, sums over units over a lane's own, then over
//           lanes by a tree. Units beyond a layer's width have weights 0, so they add exact zeros
// gradient  ends here
enable subgroups;
import package::lib::activation::{activate};
import package::lib::monoids::{lse_identity, lse_of, lse_combine, lse_value};
import package::lib::pairs::{PairDims, rows_of_slot};
import package::lib::records::{Hyper, Clock, RowStats, ScoreStats};
import package::lib::scores::{stats_of};
import package::estimator::{estimator_joint_term, estimator_marginal_terms, estimator_d_joint, estimator_d_marginal};

struct BatchMlpDims {
  joint: u32,          // N
  marginals: u32,      // K
  rows: u32,           // B
  independent: u32,    // 1: marginal pairs have rows of their own
  stride: u32,         // P
}

@group(0) @binding(0) var<uniform> dims: BatchMlpDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read> clock: array<Clock>;
@group(0) @binding(3) var<storage, read> batch_x: array<f32>;
@group(0) @binding(4) var<storage, read> batch_y: array<f32>;
@group(0) @binding(5) var<storage, read> params: array<f32>;
@group(0) @binding(6) var<storage, read_write> stats: array<ScoreStats>;
@group(0) @binding(7) var<storage, read_write> d_params: array<f32>;

override X_WIDTH: u32 = 1u;      // Dx
override Y_WIDTH: u32 = 1u;      // Dy
override HIDDEN_1: u32 = 64u;    // width of the first hidden layer
override HIDDEN_2: u32 = 64u;    // and of the second
override OUTPUT_BIAS: u32 = 1u;

const BATCH_LANES = 8u;
const BATCH_WIDTH = 64u;         // most units of a layer: 8 a lane
const BATCH_INPUTS = 8u;         // most inputs, Dx + Dy

// Rows of `weights` and `d_weights`; a row has 8 columns, one for each unit of this lane. The second layer begins at 0.
const ROW_BIAS_2 = 64u;
const ROW_OUTPUT = 65u;          // weights of the one output
const ROW_OUTPUT_BIAS = 66u;     // its bias, in column 0
const ROW_SUMS = 67u;            // sums of the pair that is passing: only in `weights`
const ROW_FIRST = 68u;           // first layer: BATCH_INPUTS rows
const ROW_BIAS_1 = 76u;
const SLOTS = 616u;              // 8 * 77

// Both are also read and written at computed indices, which keeps them in memory: as values that live from one pair to
// the next, the compiler would spill them all. The sums of a pair share an array with them for the same reason.
var<private> weights: array<f32, SLOTS>;
var<private> d_weights: array<f32, SLOTS>;

var<private> inputs: array<f32, BATCH_INPUTS>;
var<private> hidden_1: array<vec2f, 8>;   // value and slope
var<private> hidden_2: array<vec2f, 8>;
var<private> d_hidden_2: array<f32, 8>;   // before the activation

// Where column c of this lane lies in a row of `width` units that begins at `start`; `width` itself where there is none.
fn unit_of(c: u32, lane: u32, width: u32) -> u32 {
  return min(8u * c + lane, width);
}

fn load_rows(row: u32, count: u32, start: u32, width: u32, lane: u32) {
  for (var r = 0u; r < count; r++) {
    for (var c = 0u; c < 8u; c++) {
      let unit = unit_of(c, lane, width);
      let value = params[start + r * width + min(unit, width - 1u)];
      weights[8u * (row + r) + c] = select(0.0, value, unit < width);
    }
  }
}

fn store_rows(row: u32, count: u32, start: u32, width: u32, lane: u32) {
  for (var r = 0u; r < count; r++) {
    for (var c = 0u; c < 8u; c++) {
      let unit = unit_of(c, lane, width);
      if (unit < width) {
        d_params[start + r * width + unit] = d_weights[8u * (row + r) + c];
      }
    }
  }
}

fn load_pair(x: u32, y: u32) {
  load_input(0u, x, y);
  load_input(1u, x, y);
  load_input(2u, x, y);
  load_input(3u, x, y);
  load_input(4u, x, y);
  load_input(5u, x, y);
  load_input(6u, x, y);
  load_input(7u, x, y);
}

fn load_input(d: u32, x: u32, y: u32) {
  if (d < X_WIDTH) {
    inputs[d] = batch_x[x * X_WIDTH + d];
  } else if (d < X_WIDTH + Y_WIDTH) {
    inputs[d] = batch_y[y * Y_WIDTH + (d - X_WIDTH)];
  }
}

fn term_1(d: u32, c: u32, sum: f32) -> f32 {
  if (d < X_WIDTH + Y_WIDTH) {
    return fma(inputs[d], weights[8u * (ROW_FIRST + d) + c], sum);
  }
  return sum;
}

// Column c of the first hidden layer.
fn forward_1(c: u32) {
  if (8u * c < HIDDEN_1) {
    var z = weights[8u * ROW_BIAS_1 + c];
    z = term_1(0u, c, z);
    z = term_1(1u, c, z);
    z = term_1(2u, c, z);
    z = term_1(3u, c, z);
    z = term_1(4u, c, z);
    z = term_1(5u, c, z);
    z = term_1(6u, c, z);
    z = term_1(7u, c, z);
    hidden_1[c] = activate(z);
    weights[8u * ROW_SUMS + c] = weights[8u * ROW_BIAS_2 + c];
  }
}

// Eight more terms of column c of the second layer, from its weights' rows r to r + 7.
fn add_terms(low: vec4f, high: vec4f, r: u32, c: u32) {
  if (8u * c < HIDDEN_2) {
    let at = 8u * r + c;
    var sum = fma(low.x, weights[at], weights[8u * ROW_SUMS + c]);
    sum = fma(low.y, weights[at + 8u], sum);
    sum = fma(low.z, weights[at + 16u], sum);
    sum = fma(low.w, weights[at + 24u], sum);
    sum = fma(high.x, weights[at + 32u], sum);
    sum = fma(high.y, weights[at + 40u], sum);
    sum = fma(high.z, weights[at + 48u], sum);
    weights[8u * ROW_SUMS + c] = fma(high.w, weights[at + 56u], sum);
  }
}

// What column b of the first hidden layer, of all lanes, adds to the second layer.
fn forward_2(b: u32) {
  if (8u * b < HIDDEN_1) {
    let h = hidden_1[b].x;
    let low = vec4f(subgroupShuffle(h, 0u), subgroupShuffle(h, 1u), subgroupShuffle(h, 2u), subgroupShuffle(h, 3u));
    let high = vec4f(subgroupShuffle(h, 4u), subgroupShuffle(h, 5u), subgroupShuffle(h, 6u), subgroupShuffle(h, 7u));
    add_terms(low, high, 8u * b, 0u);
    add_terms(low, high, 8u * b, 1u);
    add_terms(low, high, 8u * b, 2u);
    add_terms(low, high, 8u * b, 3u);
    add_terms(low, high, 8u * b, 4u);
    add_terms(low, high, 8u * b, 5u);
    add_terms(low, high, 8u * b, 6u);
    add_terms(low, high, 8u * b, 7u);
  }
}

fn output_term(c: u32, sum: f32) -> f32 {
  if (8u * c < HIDDEN_2) {
    hidden_2[c] = activate(weights[8u * ROW_SUMS + c]);
    return fma(hidden_2[c].x, weights[8u * ROW_OUTPUT + c], sum);
  }
  return sum;
}

// T of the pair in `inputs`.
fn forward_pair() -> f32 {
  forward_1(0u);
  forward_1(1u);
  forward_1(2u);
  forward_1(3u);
  forward_1(4u);
  forward_1(5u);
  forward_1(6u);
  forward_1(7u);
  forward_2(0u);
  forward_2(1u);
  forward_2(2u);
  forward_2(3u);
  forward_2(4u);
  forward_2(5u);
  forward_2(6u);
  forward_2(7u);
  var t = output_term(0u, 0.0);
  t = output_term(1u, t);
  t = output_term(2u, t);
  t = output_term(3u, t);
  t = output_term(4u, t);
  t = output_term(5u, t);
  t = output_term(6u, t);
  t = output_term(7u, t);
  // Every lane adds the same numbers in the same tree.
  t += subgroupShuffleXor(t, 4u);
  t += subgroupShuffleXor(t, 2u);
  t += subgroupShuffleXor(t, 1u);
  return t + weights[8u * ROW_OUTPUT_BIAS];
}

fn backward_output(c: u32, d_t: f32) {
  d_hidden_2[c] = 0.0;
  if (8u * c < HIDDEN_2) {
    let d = d_t * weights[8u * ROW_OUTPUT + c] * hidden_2[c].y;
    d_hidden_2[c] = d;
    d_weights[8u * ROW_BIAS_2 + c] += d;
    d_weights[8u * ROW_OUTPUT + c] += d_t * hidden_2[c].x;
  }
}

fn backward_term(h: f32, at: u32, c: u32, sum: f32) -> f32 {
  if (8u * c < HIDDEN_2) {
    d_weights[at + c] = fma(h, d_hidden_2[c], d_weights[at + c]);
    return fma(weights[at + c], d_hidden_2[c], sum);
  }
  return sum;
}

// Row `row` of the second layer's gradient, and this lane's share of the gradient by what enters there.
fn backward_row(h: f32, row: u32) -> f32 {
  let at = 8u * row;
  var d = backward_term(h, at, 0u, 0.0);
  d = backward_term(h, at, 1u, d);
  d = backward_term(h, at, 2u, d);
  d = backward_term(h, at, 3u, d);
  d = backward_term(h, at, 4u, d);
  d = backward_term(h, at, 5u, d);
  d = backward_term(h, at, 6u, d);
  return backward_term(h, at, 7u, d);
}

fn backward_input(d: u32, c: u32, slope: f32) {
  if (d < X_WIDTH + Y_WIDTH) {
    d_weights[8u * (ROW_FIRST + d) + c] += inputs[d] * slope;
  }
}

// Column b of the first hidden layer, of all lanes: lane l ends with the gradient by its own unit, the sum of the lanes'
// shares in row 8 b + l. Half of the rows go to the other half of the lanes, three times.
fn backward_2(b: u32, lane: u32) {
  if (8u * b < HIDDEN_1) {
    let h = hidden_1[b].x;
    let low = vec4f(
      backward_row(subgroupShuffle(h, 0u), 8u * b), backward_row(subgroupShuffle(h, 1u), 8u * b + 1u),
      backward_row(subgroupShuffle(h, 2u), 8u * b + 2u), backward_row(subgroupShuffle(h, 3u), 8u * b + 3u));
    let high = vec4f(
      backward_row(subgroupShuffle(h, 4u), 8u * b + 4u), backward_row(subgroupShuffle(h, 5u), 8u * b + 5u),
      backward_row(subgroupShuffle(h, 6u), 8u * b + 6u), backward_row(subgroupShuffle(h, 7u), 8u * b + 7u));
    let upper = (lane & 4u) != 0u;
    let four = select(low, high, upper) + subgroupShuffleXor(select(high, low, upper), 4u);
    let odd_pair = (lane & 2u) != 0u;
    let two = select(four.xy, four.zw, odd_pair) + subgroupShuffleXor(select(four.zw, four.xy, odd_pair), 2u);
    let odd = (lane & 1u) != 0u;
    let one = select(two.x, two.y, odd) + subgroupShuffleXor(select(two.y, two.x, odd), 1u);

    let d = one * hidden_1[b].y;
    d_weights[8u * ROW_BIAS_1 + b] += d;
    backward_input(0u, b, d);
    backward_input(1u, b, d);
    backward_input(2u, b, d);
    backward_input(3u, b, d);
    backward_input(4u, b, d);
    backward_input(5u, b, d);
    backward_input(6u, b, d);
    backward_input(7u, b, d);
  }
}

// Adds what the pair in `inputs` gives to the gradient.
fn backward_pair(d_t: f32, lane: u32) {
  d_weights[8u * ROW_OUTPUT_BIAS] += d_t;
  backward_output(0u, d_t);
  backward_output(1u, d_t);
  backward_output(2u, d_t);
  backward_output(3u, d_t);
  backward_output(4u, d_t);
  backward_output(5u, d_t);
  backward_output(6u, d_t);
  backward_output(7u, d_t);
  backward_2(0u, lane);
  backward_2(1u, lane);
  backward_2(2u, lane);
  backward_2(3u, lane);
  backward_2(4u, lane);
  backward_2(5u, lane);
  backward_2(6u, lane);
  backward_2(7u, lane);
}

@compute @workgroup_size(BATCH_LANES)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let replica = workgroup_id.x;
  let h = hyper[replica];
  let pairs = PairDims(dims.joint, dims.marginals, dims.rows, dims.independent, 0u);
  let no_row = RowStats();

  let inputs_count = X_WIDTH + Y_WIDTH;
  let first = replica * dims.stride;
  let second = first + (inputs_count + 1u) * HIDDEN_1;
  let output = second + (HIDDEN_1 + 1u) * HIDDEN_2;
  load_rows(ROW_FIRST, inputs_count, first, HIDDEN_1, lane);
  load_rows(ROW_BIAS_1, 1u, first + inputs_count * HIDDEN_1, HIDDEN_1, lane);
  load_rows(0u, HIDDEN_1, second, HIDDEN_2, lane);
  load_rows(ROW_BIAS_2, 1u, second + HIDDEN_1 * HIDDEN_2, HIDDEN_2, lane);
  load_rows(ROW_OUTPUT, 1u, output, HIDDEN_2, lane);
  if (OUTPUT_BIAS == 1u) {
    weights[8u * ROW_OUTPUT_BIAS] = params[output + HIDDEN_2];
  }

  var sums = vec4f();         // joint T, joint term, marginal terms
  var exponentials = lse_identity();
  var s = ScoreStats();
  // Sweep 0 is for the statistics, sweep 1 for the gradient. A loop that runs once or never is skipped where it does not
  // run; a software adapter walks through an `if` with all lanes masked.
  for (var sweep = 0u; sweep < 2u; sweep++) {
    for (var i = 0u; i < dims.joint; i++) {
      for (var c = 0u; c <= dims.marginals; c++) {
        let rows = replica * dims.rows + rows_of_slot(pairs, i, c);
        load_pair(rows.x, rows.y);
        let t = forward_pair();
        let is_joint = c == 0u;
        for (var once = sweep; once < 1u; once++) {
          let marginal = vec4f(0.0, 0.0, estimator_marginal_terms(t, no_row, h));
          sums += select(marginal, vec4f(t, estimator_joint_term(t, no_row, h), 0.0, 0.0), is_joint);
          let more = lse_combine(exponentials, lse_of(t));
          exponentials.maximum = select(more.maximum, exponentials.maximum, is_joint);
          exponentials.sum = select(more.sum, exponentials.sum, is_joint);
        }
        for (var once = 0u; once < sweep; once++) {
          let d_t = select(estimator_d_marginal(t, no_row, s, h), estimator_d_joint(t, no_row, s, h), is_joint);
          backward_pair(d_t, lane);
        }
      }
    }
    for (var once = sweep; once < 1u; once++) {
      s = stats_of(sums, lse_value(exponentials), dims.joint, dims.marginals, h, clock[replica]);
    }
  }

  store_rows(ROW_FIRST, inputs_count, first, HIDDEN_1, lane);
  store_rows(ROW_BIAS_1, 1u, first + inputs_count * HIDDEN_1, HIDDEN_1, lane);
  store_rows(0u, HIDDEN_1, second, HIDDEN_2, lane);
  store_rows(ROW_BIAS_2, 1u, second + HIDDEN_1 * HIDDEN_2, HIDDEN_2, lane);
  store_rows(ROW_OUTPUT, 1u, output, HIDDEN_2, lane);
  if (lane == 0u) {
    stats[replica] = s;
    if (OUTPUT_BIAS == 1u) {
      d_params[output + HIDDEN_2] = d_weights[8u * ROW_OUTPUT_BIAS];
    }
  }
}
