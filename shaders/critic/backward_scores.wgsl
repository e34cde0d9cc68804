// backward_scores: the gradient through the last layer and by its weights on a GPU, in one pass over the activations.
// d_input = d_score w * slope of the layer below, d_w = sum of d_score input, d_b = sum of d_score. A workgroup takes few units
// and a part of the rows, its lanes side by side and one below the other: a sum over thousands of pairs is no thread's alone.
//
//   dims      LayerDims    uniform
//   d_scores  (R, N, 1+K)  read
//   params    (R, P)       read        w (In) at dims.offset
//   input     (R, S, In)   read        activations of the last hidden layer
//   slope     (R, S, In)   read        act'(z) of the last hidden layer; not read unless SLOPE_STORED
//   d_input   (R, S, In)   read_write  gradient by z of the last hidden layer (overwritten)
//   d_params  (M, R, P)    read_write  d_w (In) at dims.offset, then d_b: of each part of S   (overwritten)
//
// dispatch  SCORE_UNITS units a workgroup x M x R
// numerics  f32; a lane sums every row of its own in their order, then lanes are added in theirs: no atomics. An empty part is 0
import package::lib::activation::{slopes_from, SLOPE_STORED};
import package::lib::layer::{LayerDims};
import package::lib::wide::{WIDE_SIZE};
import package::vector::{Cell, CELL_SIZE, four_of, cell_of, with_first};

const SCORE_UNITS = 32u;
const ACROSS = SCORE_UNITS / CELL_SIZE; // lanes side by side, a cell of units each
const DOWN = WIDE_SIZE / ACROSS;        // rows at a time

@group(0) @binding(0) var<uniform> dims: LayerDims;
@group(0) @binding(1) var<storage, read> d_scores: array<f32>;
@group(0) @binding(2) var<storage, read> params: array<Cell>;
@group(0) @binding(3) var<storage, read> input: array<Cell>;
@group(0) @binding(4) var<storage, read> slope: array<Cell>;
@group(0) @binding(5) var<storage, read_write> d_input: array<Cell>;
@group(0) @binding(6) var<storage, read_write> d_params: array<Cell>;

var<workgroup> weight_shares: array<Cell, WIDE_SIZE>;
var<workgroup> bias_shares: array<f32, WIDE_SIZE>;

// Through one activation; `d_pair` is d_score w.
fn pass_through(at: u32, d_pair: Cell, value: Cell) {
  var kept = value;
  if (SLOPE_STORED == 1u) {
    kept = slope[at];
  }
  d_input[at] = d_pair * cell_of(slopes_from(four_of(kept)));
}

@compute @workgroup_size(WIDE_SIZE)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let replica = workgroup_id.z;
  let inputs = dims.inputs / CELL_SIZE;
  let weights = (replica * dims.stride + dims.offset) / CELL_SIZE;
  let each = (dims.rows + dims.parts - 1u) / dims.parts;
  let first = replica * dims.rows;
  let end = first + min((workgroup_id.y + 1u) * each, dims.rows);
  let unit = workgroup_id.x * ACROSS + lane % ACROSS;
  let is_unit = unit < inputs;
  var d_weight = Cell();
  var d_bias = 0.0;
  if (is_unit) {
    let weight = params[weights + unit];
    var row = first + workgroup_id.y * each + lane / ACROSS;
    // Four rows are on their way at a time.
    while (row + 3u * DOWN < end) {
      let at = row * inputs + unit;
      let next = DOWN * inputs;
      let d0 = d_scores[row];
      let d1 = d_scores[row + DOWN];
      let d2 = d_scores[row + 2u * DOWN];
      let d3 = d_scores[row + 3u * DOWN];
      let value0 = input[at];
      let value1 = input[at + next];
      let value2 = input[at + 2u * next];
      let value3 = input[at + 3u * next];
      pass_through(at, d0 * weight, value0);
      pass_through(at + next, d1 * weight, value1);
      pass_through(at + 2u * next, d2 * weight, value2);
      pass_through(at + 3u * next, d3 * weight, value3);
      d_weight += d0 * value0 + d1 * value1 + d2 * value2 + d3 * value3;
      d_bias += d0 + d1 + d2 + d3;
      row += 4u * DOWN;
    }
    while (row < end) {
      let at = row * inputs + unit;
      let d = d_scores[row];
      let value = input[at];
      pass_through(at, d * weight, value);
      d_weight += d * value;
      d_bias += d;
      row += DOWN;
    }
  }
  weight_shares[lane] = d_weight;
  if (lane % ACROSS == 0u) {
    bias_shares[lane / ACROSS] = d_bias;
  }
  workgroupBarrier();
  let place = workgroup_id.y * (dims.replicas * dims.stride / CELL_SIZE) + weights;
  if (lane < ACROSS && is_unit) {
    for (var k = lane + ACROSS; k < WIDE_SIZE; k += ACROSS) {
      d_weight += weight_shares[k];
    }
    d_params[place + unit] = d_weight;
  }
  // By a lane that has no cell to add up.
  if (lane == ACROSS && workgroup_id.x == 0u && dims.bias == 1u) {
    var all = 0.0;
    for (var k = 0u; k < DOWN; k++) {
      all += bias_shares[k];
    }
    d_params[place + inputs] = with_first(d_params[place + inputs], all);
  }
}
