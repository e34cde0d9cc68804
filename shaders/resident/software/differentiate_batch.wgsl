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
//           knows wherever a pair passes. Pairs pass one by one, forward and backward at once where ONE_SWEEP says so,
//           else twice: for the statistics, then, forward again, for the gradient.
// numerics  fixed order: sums over pairs run from the first to the last, sums over units over a lane's own, then over
//           lanes by a tree. Units beyond a layer's width have weights 0, so they add exact zeros
// gradient  ends here
//
// Tint cannot see that lanes of a subgroup go together through loops that end by a score, which sum_lanes makes the same
// in all of them: hence diagnostic(off, subgroup_uniformity) where lanes are shuffled.
enable subgroups;
import package::lib::activation::{activate};
import package::lib::geometry::{F32_LOWEST};
import package::lib::monoids::{LogSumExp, lse_identity, lse_of, lse_combine, lse_value};
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
// 1: the gradient by a marginal score is exp(T) times what is the same for the whole batch (the estimator's fact
// `marginal=exp`). So it can be summed with exp(T - reference) for it, and multiplied once at the end.
override ONE_SWEEP: u32 = 0u;

const BATCH_LANES = 8u;
const BATCH_WIDTH = 64u;         // most units of a layer: 8 a lane
const BATCH_INPUTS = 8u;         // most inputs, Dx + Dy
const BLOCK = 4u;                // pairs that go into the second layer's gradient together: a sum is stored once for all
const HIGHEST_WEIGHT = 40.0;     // largest T - reference: beyond it the marginal pairs are swept again

// A row has 8 columns, one for each unit of this lane. These are the rows of `edges` and `d_edges`: all weights but the
// matrix of the second layer.
const ROW_BIAS_2 = 0u;
const ROW_OUTPUT = 1u;           // weights of the one output
const ROW_OUTPUT_BIAS = 2u;      // its bias, in column 0 of lane 0
const ROW_BIAS_1 = 3u;
const ROW_FIRST = 4u;            // first layer: BATCH_INPUTS rows
const ROW_SUMS = 12u;            // sums of the product that is being made; only in `edges`
const EDGES = 104u;              // 8 * 13

// The second layer's matrix, its transpose, or its gradient: entry r of column c is [c][r]. Where c is known to the compiler
// each column is an array of its own, which compiles much sooner.
alias Matrix = array<array<f32, BATCH_WIDTH>, 8>;

// All arrays are also read or written at computed indices, which keeps them in memory: as values that live from one pair
// to the next, the compiler would spill them all. A product's sums are among them for the same reason.
// An array starts as zeros, one store an element, and compile time grows faster than the stores in a row. So the three
// large ones are variables of functions, with a loop between one and the next.
var<private> edges: array<f32, EDGES>;
var<private> d_edges: array<f32, EDGES>;

var<private> inputs: array<f32, BATCH_INPUTS>;
var<private> hidden_1: array<vec2f, 8>;   // value and slope
var<private> hidden_2: array<vec2f, 8>;
// Of the pairs of a block, the last one first: values of the first hidden layer, and the gradient by the second, before
// the activation. Column c of pair p is element 8 p + c.
var<private> kept_hidden_1: array<f32, 32>;
var<private> d_hidden_2: array<f32, 32>;

// Column c of a row belongs to this unit of its layer.
fn unit_of(c: u32, lane: u32) -> u32 {
  return 8u * c + lane;
}

// Where a row of `edges` begins among the parameters of a replica, and how many units it has.
fn place_of(row: u32) -> vec2u {
  let inputs = X_WIDTH + Y_WIDTH;
  let second = (inputs + 1u) * HIDDEN_1;
  let output = second + (HIDDEN_1 + 1u) * HIDDEN_2;
  switch (row) {
    case ROW_BIAS_2: {
      return vec2u(second + HIDDEN_1 * HIDDEN_2, HIDDEN_2);
    }
    case ROW_OUTPUT: {
      return vec2u(output, HIDDEN_2);
    }
    case ROW_OUTPUT_BIAS: {
      return vec2u(output + HIDDEN_2, OUTPUT_BIAS);
    }
    case ROW_BIAS_1: {
      return vec2u(inputs * HIDDEN_1, HIDDEN_1);
    }
    default: {
      let d = row - ROW_FIRST;
      return vec2u(d * HIDDEN_1, select(0u, HIDDEN_1, d < inputs));
    }
  }
}

// Each place in the text that accesses storage takes long to compile, so one serves all rows.
fn load_edges(start: u32, lane: u32) {
  for (var e = 0u; e < 8u * ROW_SUMS; e++) {
    let place = place_of(e / 8u);
    let unit = unit_of(e % 8u, lane);
    let value = params[start + place.x + min(unit, max(place.y, 1u) - 1u)];
    edges[e] = select(0.0, value, unit < place.y);
  }
}

fn store_edges(start: u32, lane: u32) {
  for (var e = 0u; e < 8u * ROW_SUMS; e++) {
    let place = place_of(e / 8u);
    let unit = unit_of(e % 8u, lane);
    if (unit < place.y) {
      d_params[start + place.x + unit] = d_edges[e];
    }
  }
}

// Entry (r, unit) lies at start + r * by_row + unit * by_unit.
fn load_matrix(matrix: ptr<function, Matrix>, start: u32, rows: u32, by_row: u32, width: u32, by_unit: u32, lane: u32) {
  for (var r = 0u; r < rows; r++) {
    for (var c = 0u; c < 8u; c++) {
      let unit = unit_of(c, lane);
      let value = params[start + r * by_row + min(unit, width - 1u) * by_unit];
      (*matrix)[c][r] = select(0.0, value, unit < width);
    }
  }
}

fn store_matrix(matrix: ptr<function, Matrix>, start: u32, lane: u32) {
  for (var r = 0u; r < HIDDEN_1; r++) {
    for (var c = 0u; c < 8u; c++) {
      let unit = unit_of(c, lane);
      if (unit < HIDDEN_2) {
        d_params[start + r * HIDDEN_2 + unit] = (*matrix)[c][r];
      }
    }
  }
}

// A lane loads one input, and all lanes get it.
@diagnostic(off, subgroup_uniformity)
fn load_pair(rows: vec2u, lane: u32) {
  let of_x = batch_x[rows.x * X_WIDTH + min(lane, X_WIDTH - 1u)];
  let of_y = batch_y[rows.y * Y_WIDTH + min(max(lane, X_WIDTH) - X_WIDTH, Y_WIDTH - 1u)];
  let own = select(of_y, of_x, lane < X_WIDTH);
  inputs[0] = subgroupShuffle(own, 0u);
  inputs[1] = subgroupShuffle(own, 1u);
  inputs[2] = subgroupShuffle(own, 2u);
  inputs[3] = subgroupShuffle(own, 3u);
  inputs[4] = subgroupShuffle(own, 4u);
  inputs[5] = subgroupShuffle(own, 5u);
  inputs[6] = subgroupShuffle(own, 6u);
  inputs[7] = subgroupShuffle(own, 7u);
}

fn term_1(d: u32, c: u32, sum: f32) -> f32 {
  if (d < X_WIDTH + Y_WIDTH) {
    return fma(inputs[d], edges[8u * (ROW_FIRST + d) + c], sum);
  }
  return sum;
}

// Column c of the first hidden layer.
fn forward_1(c: u32) {
  edges[8u * ROW_SUMS + c] = edges[8u * ROW_BIAS_2 + c];
  if (8u * c < HIDDEN_1) {
    var z = edges[8u * ROW_BIAS_1 + c];
    z = term_1(0u, c, z);
    z = term_1(1u, c, z);
    z = term_1(2u, c, z);
    z = term_1(3u, c, z);
    z = term_1(4u, c, z);
    z = term_1(5u, c, z);
    z = term_1(6u, c, z);
    z = term_1(7u, c, z);
    hidden_1[c] = activate(z);
  }
}

// One value of each lane, in all of them.
struct OfLanes { low: vec4f, high: vec4f }

@diagnostic(off, subgroup_uniformity)
fn of_lanes(value: f32) -> OfLanes {
  return OfLanes(
    vec4f(subgroupShuffle(value, 0u), subgroupShuffle(value, 1u), subgroupShuffle(value, 2u), subgroupShuffle(value, 3u)),
    vec4f(subgroupShuffle(value, 4u), subgroupShuffle(value, 5u), subgroupShuffle(value, 6u), subgroupShuffle(value, 7u)));
}

// Eight terms of column c of a product, from rows r to r + 7. Summed by a tree: a chain of additions would wait for each
// other.
fn eight_terms(matrix: ptr<function, Matrix>, x: OfLanes, r: u32, c: u32) -> f32 {
  let first = fma(x.low.y, (*matrix)[c][r + 1u], x.low.x * (*matrix)[c][r]);
  let second = fma(x.low.w, (*matrix)[c][r + 3u], x.low.z * (*matrix)[c][r + 2u]);
  let third = fma(x.high.y, (*matrix)[c][r + 5u], x.high.x * (*matrix)[c][r + 4u]);
  let fourth = fma(x.high.w, (*matrix)[c][r + 7u], x.high.z * (*matrix)[c][r + 6u]);
  return (first + second) + (third + fourth);
}

// Sixteen more terms of column c of a product, from rows r to r + 15.
fn add_terms(matrix: ptr<function, Matrix>, x: OfLanes, y: OfLanes, r: u32, c: u32, width: u32) {
  if (8u * c < width) {
    edges[8u * ROW_SUMS + c] += eight_terms(matrix, x, r, c) + eight_terms(matrix, y, r + 8u, c);
  }
}

// What two units of every lane add to a product with the 16 rows from r.
fn add_units(matrix: ptr<function, Matrix>, units: vec2f, r: u32, width: u32) {
  let x = of_lanes(units.x);
  let y = of_lanes(units.y);
  add_terms(matrix, x, y, r, 0u, width);
  add_terms(matrix, x, y, r, 1u, width);
  add_terms(matrix, x, y, r, 2u, width);
  add_terms(matrix, x, y, r, 3u, width);
  add_terms(matrix, x, y, r, 4u, width);
  add_terms(matrix, x, y, r, 5u, width);
  add_terms(matrix, x, y, r, 6u, width);
  add_terms(matrix, x, y, r, 7u, width);
}

// Columns b and b + 1 of the first hidden layer, of all lanes, into the second layer. What is beyond its width is 0.
fn forward_2(matrix: ptr<function, Matrix>, b: u32) {
  if (8u * b < HIDDEN_1) {
    add_units(matrix, vec2f(hidden_1[b].x, hidden_1[b + 1u].x), 8u * b, HIDDEN_2);
  }
}

// Columns b and b + 1 of the gradient by the second layer, of all lanes, back into the first.
fn backward_2(matrix: ptr<function, Matrix>, b: u32) {
  if (8u * b < HIDDEN_2) {
    add_units(matrix, vec2f(d_hidden_2[b], d_hidden_2[b + 1u]), 8u * b, HIDDEN_1);
  }
}

@diagnostic(off, subgroup_uniformity)
fn sum_lanes(x: f32) -> f32 {
  return ((subgroupShuffle(x, 0u) + subgroupShuffle(x, 1u)) + (subgroupShuffle(x, 2u) + subgroupShuffle(x, 3u)))
    + ((subgroupShuffle(x, 4u) + subgroupShuffle(x, 5u)) + (subgroupShuffle(x, 6u) + subgroupShuffle(x, 7u)));
}

fn output_term(c: u32, sum: f32) -> f32 {
  if (8u * c < HIDDEN_2) {
    hidden_2[c] = activate(edges[8u * ROW_SUMS + c]);
    return fma(hidden_2[c].x, edges[8u * ROW_OUTPUT + c], sum);
  }
  return sum;
}

// T of the pair in `inputs`.
fn forward_pair(matrix: ptr<function, Matrix>) -> f32 {
  forward_1(0u);
  forward_1(1u);
  forward_1(2u);
  forward_1(3u);
  forward_1(4u);
  forward_1(5u);
  forward_1(6u);
  forward_1(7u);
  forward_2(matrix, 0u);
  forward_2(matrix, 2u);
  forward_2(matrix, 4u);
  forward_2(matrix, 6u);
  var t = output_term(0u, edges[8u * ROW_OUTPUT_BIAS]);
  t = output_term(1u, t);
  t = output_term(2u, t);
  t = output_term(3u, t);
  t = output_term(4u, t);
  t = output_term(5u, t);
  t = output_term(6u, t);
  t = output_term(7u, t);
  return sum_lanes(t);
}

fn backward_output(c: u32, d_t: f32) {
  edges[8u * ROW_SUMS + c] = 0.0;
  if (8u * c < HIDDEN_2) {
    let d = d_t * edges[8u * ROW_OUTPUT + c] * hidden_2[c].y;
    d_hidden_2[c] = d;
    d_edges[8u * ROW_BIAS_2 + c] += d;
    d_edges[8u * ROW_OUTPUT + c] += d_t * hidden_2[c].x;
  }
}

fn weight_term(d_matrix: ptr<function, Matrix>, h: vec4f, row: u32, c: u32) {
  if (8u * c < HIDDEN_2) {
    var sum = (*d_matrix)[c][row];
    sum = fma(h.x, d_hidden_2[c], sum);
    sum = fma(h.y, d_hidden_2[8u + c], sum);
    sum = fma(h.z, d_hidden_2[16u + c], sum);
    (*d_matrix)[c][row] = fma(h.w, d_hidden_2[24u + c], sum);
  }
}

// The second layer's weights that column b of the first hidden layer of lane l meets.
@diagnostic(off, subgroup_uniformity)
fn weight_row(d_matrix: ptr<function, Matrix>, b: u32, l: u32) {
  let h = vec4f(
    subgroupShuffle(kept_hidden_1[b], l), subgroupShuffle(kept_hidden_1[8u + b], l),
    subgroupShuffle(kept_hidden_1[16u + b], l), subgroupShuffle(kept_hidden_1[24u + b], l));
  let row = 8u * b + l;
  weight_term(d_matrix, h, row, 0u);
  weight_term(d_matrix, h, row, 1u);
  weight_term(d_matrix, h, row, 2u);
  weight_term(d_matrix, h, row, 3u);
  weight_term(d_matrix, h, row, 4u);
  weight_term(d_matrix, h, row, 5u);
  weight_term(d_matrix, h, row, 6u);
  weight_term(d_matrix, h, row, 7u);
}

fn weight_rows(d_matrix: ptr<function, Matrix>, b: u32) {
  if (8u * b < HIDDEN_1) {
    weight_row(d_matrix, b, 0u);
    weight_row(d_matrix, b, 1u);
    weight_row(d_matrix, b, 2u);
    weight_row(d_matrix, b, 3u);
    weight_row(d_matrix, b, 4u);
    weight_row(d_matrix, b, 5u);
    weight_row(d_matrix, b, 6u);
    weight_row(d_matrix, b, 7u);
  }
}

// Adds what the pairs of a block give to the second layer's gradient.
fn backward_block(d_matrix: ptr<function, Matrix>) {
  weight_rows(d_matrix, 0u);
  weight_rows(d_matrix, 1u);
  weight_rows(d_matrix, 2u);
  weight_rows(d_matrix, 3u);
  weight_rows(d_matrix, 4u);
  weight_rows(d_matrix, 5u);
  weight_rows(d_matrix, 6u);
  weight_rows(d_matrix, 7u);
}

fn input_term(d: u32, c: u32, by_unit: f32) {
  if (d < X_WIDTH + Y_WIDTH) {
    d_edges[8u * (ROW_FIRST + d) + c] += inputs[d] * by_unit;
  }
}

// The first layer's weights that make column b of the first hidden layer.
fn backward_1(b: u32) {
  if (8u * b < HIDDEN_1) {
    let d = edges[8u * ROW_SUMS + b] * hidden_1[b].y;
    d_edges[8u * ROW_BIAS_1 + b] += d;
    input_term(0u, b, d);
    input_term(1u, b, d);
    input_term(2u, b, d);
    input_term(3u, b, d);
    input_term(4u, b, d);
    input_term(5u, b, d);
    input_term(6u, b, d);
    input_term(7u, b, d);
  }
}

fn keep(c: u32) {
  kept_hidden_1[24u + c] = kept_hidden_1[16u + c];
  kept_hidden_1[16u + c] = kept_hidden_1[8u + c];
  kept_hidden_1[8u + c] = kept_hidden_1[c];
  kept_hidden_1[c] = hidden_1[c].x;
  d_hidden_2[24u + c] = d_hidden_2[16u + c];
  d_hidden_2[16u + c] = d_hidden_2[8u + c];
  d_hidden_2[8u + c] = d_hidden_2[c];
}

// Adds what the pair in `inputs` gives to the gradient, all but the second layer's weights.
fn backward_pair(turned: ptr<function, Matrix>, d_t: f32) {
  keep(0u);
  keep(1u);
  keep(2u);
  keep(3u);
  keep(4u);
  keep(5u);
  keep(6u);
  keep(7u);
  d_edges[8u * ROW_OUTPUT_BIAS] += d_t;
  backward_output(0u, d_t);
  backward_output(1u, d_t);
  backward_output(2u, d_t);
  backward_output(3u, d_t);
  backward_output(4u, d_t);
  backward_output(5u, d_t);
  backward_output(6u, d_t);
  backward_output(7u, d_t);
  backward_2(turned, 0u);
  backward_2(turned, 2u);
  backward_2(turned, 4u);
  backward_2(turned, 6u);
  backward_1(0u);
  backward_1(1u);
  backward_1(2u);
  backward_1(3u);
  backward_1(4u);
  backward_1(5u);
  backward_1(6u);
  backward_1(7u);
}

// The statistics of the batch, for an estimator whose gradient needs them.
fn sweep_statistics(matrix: ptr<function, Matrix>, replica: u32, lane: u32) -> ScoreStats {
  let h = hyper[replica];
  let pairs = PairDims(dims.joint, dims.marginals, dims.rows, dims.independent, 0u);
  let no_row = RowStats();
  var sums = vec4f();         // joint T, joint term, marginal terms
  var exponentials = lse_identity();
  for (var i = 0u; i < dims.joint; i++) {
    for (var c = 0u; c <= dims.marginals; c++) {
      load_pair(replica * dims.rows + rows_of_slot(pairs, i, c), lane);
      let t = forward_pair(matrix);
      let is_joint = c == 0u;
      let marginal = vec4f(0.0, 0.0, estimator_marginal_terms(t, no_row, h));
      sums += select(marginal, vec4f(t, estimator_joint_term(t, no_row, h), 0.0, 0.0), is_joint);
      let more = lse_combine(exponentials, lse_of(t));
      exponentials.maximum = select(more.maximum, exponentials.maximum, is_joint);
      exponentials.sum = select(more.sum, exponentials.sum, is_joint);
    }
  }
  return stats_of(sums, lse_value(exponentials), dims.joint, dims.marginals, h, clock[replica]);
}

// The gradient, and in one sweep the statistics too: marginal pairs first, with exp(T - reference) as their gradient, and
// then, when all statistics that the gradient needs are known, the joint pairs. The reference is T of the first pair, and
// if others are too far above it for their exp, the highest of them, in a second attempt.
fn sweep_gradient(
  matrix: ptr<function, Matrix>, turned: ptr<function, Matrix>,
  d_matrix: ptr<function, Matrix>, before: ScoreStats, replica: u32, lane: u32,
) -> ScoreStats {
  let h = hyper[replica];
  let pairs = PairDims(dims.joint, dims.marginals, dims.rows, dims.independent, 0u);
  let no_row = RowStats();
  var s = before;
  var sums = vec4f();             // as in sweep_statistics
  var exponentials = lse_identity();
  var highest = F32_LOWEST;
  var again = false;
  for (var phase = 1u - ONE_SWEEP; phase < 2u; phase += select(1u, 0u, again)) {
    let first = select(0u, 1u, phase == 0u);
    let last = select(dims.marginals, 0u, ONE_SWEEP == 1u && phase == 1u);
    let count = dims.joint * (last + 1u - first);
    var i = 0u;
    var c = first;
    for (var begin = 0u; begin < count; begin += BLOCK) {
      for (var p = begin; p < begin + BLOCK; p++) {
        let counts = p < count;   // the last block may go beyond the last pair
        load_pair(replica * dims.rows + rows_of_slot(pairs, min(i, dims.joint - 1u), c), lane);
        let t = forward_pair(matrix);
        var d_t = 0.0;
        if (ONE_SWEEP == 0u) {
          d_t = select(estimator_d_marginal(t, no_row, s, h), estimator_d_joint(t, no_row, s, h), c == 0u);
        } else {
          let is_joint = phase == 1u;
          exponentials.maximum = select(exponentials.maximum, t, p == 0u && !is_joint && !again);
          let weight = exp(t - exponentials.maximum);
          d_t = select(weight, estimator_d_joint(t, no_row, s, h), is_joint);
          let marginal = vec4f(0.0, 0.0, estimator_marginal_terms(t, no_row, h));
          let terms = select(marginal, vec4f(t, estimator_joint_term(t, no_row, h), 0.0, 0.0), is_joint);
          sums += select(vec4f(), terms, counts);
          exponentials.sum += select(0.0, weight, counts && !is_joint);
          highest = select(highest, max(highest, t), !is_joint);
        }
        backward_pair(turned, select(0.0, d_t, counts));
        c++;
        i += select(0u, 1u, c > last);
        c = select(c, first, c > last);
      }
      backward_block(d_matrix);
    }
    if (ONE_SWEEP == 1u) {
      s = stats_of(sums, lse_value(exponentials), dims.joint, dims.marginals, h, clock[replica]);
      let factor = estimator_d_marginal(s.marginal_lme, no_row, s, h) * s.marginal_count / exponentials.sum;
      again = phase == 0u && !again && highest - exponentials.maximum > HIGHEST_WEIGHT;
      scale_gradient(d_matrix, factor, phase == 0u, again);
      if (again) {
        sums = vec4f();
        exponentials = LogSumExp(highest, 0.0);
      }
    }
  }
  return s;
}

// Of the marginal pairs; 0 if they are to be swept again, whatever it was.
fn scale_gradient(d_matrix: ptr<function, Matrix>, factor: f32, wanted: bool, again: bool) {
  let edges_count = select(0u, EDGES, wanted);
  for (var e = 0u; e < edges_count; e++) {
    d_edges[e] = select(d_edges[e] * factor, 0.0, again);
  }
  let rows = select(0u, BATCH_WIDTH, wanted);
  for (var r = 0u; r < rows; r++) {
    for (var c = 0u; c < 8u; c++) {
      (*d_matrix)[c][r] = select((*d_matrix)[c][r] * factor, 0.0, again);
    }
  }
}

fn with_gradient(
  matrix: ptr<function, Matrix>, turned: ptr<function, Matrix>, s: ScoreStats, replica: u32, start: u32, lane: u32,
) -> ScoreStats {
  var d_matrix: Matrix;
  let after = sweep_gradient(matrix, turned, &d_matrix, s, replica, lane);
  store_matrix(&d_matrix, start, lane);
  return after;
}

fn with_transpose(matrix: ptr<function, Matrix>, s: ScoreStats, replica: u32, start: u32, lane: u32) -> ScoreStats {
  var turned: Matrix;
  load_matrix(&turned, start, HIDDEN_2, 1u, HIDDEN_1, HIDDEN_2, lane);
  return with_gradient(matrix, &turned, s, replica, start, lane);
}

fn with_matrix(replica: u32, start: u32, lane: u32) -> ScoreStats {
  var matrix: Matrix;
  load_matrix(&matrix, start, HIDDEN_1, HIDDEN_2, HIDDEN_2, 1u, lane);
  var s = ScoreStats();
  if (ONE_SWEEP == 0u) {
    s = sweep_statistics(&matrix, replica, lane);
  }
  return with_transpose(&matrix, s, replica, start, lane);
}

@compute @workgroup_size(BATCH_LANES)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let replica = workgroup_id.x;
  let start = replica * dims.stride;
  load_edges(start, lane);
  let s = with_matrix(replica, start + (X_WIDTH + Y_WIDTH + 1u) * HIDDEN_1, lane);
  store_edges(start, lane);
  if (lane == 0u) {
    stats[replica] = s;
  }
}
