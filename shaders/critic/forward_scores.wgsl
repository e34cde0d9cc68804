// forward_scores: the last layer of the critic on a GPU, one score per pair. T = input w + b. Neighbouring lanes share a row, so
// that they read neighbouring cells of it, and there are workgroups for all of the GPU even where pairs are few.
//
//   dims    LayerDims    uniform
//   input   (R, S, In)   read        activations of the last hidden layer
//   params  (R, P)       read        w (In) at dims.offset, then b if the layer has one
//   scores  (R, N, 1+K)  read_write  T of every pair, S = N (1 + K) of them   (overwritten)
//
// dispatch  SCORE_ROWS rows a workgroup x R, or fewer: workgroups stride over the rows of their replica
// numerics  f32; a lane sums every ROW_LANES-th cell, four of these by turns, and the lanes of a row are added in their order
// gradient  backward_scores.wgsl
import package::lib::geometry::{WG_SIZE};
import package::lib::layer::{LayerDims};
import package::vector::{Cell, CELL_SIZE, four_of, sum_of};

const SCORE_ROWS = 4u;
const ROW_LANES = 16u;

@group(0) @binding(0) var<uniform> dims: LayerDims;
@group(0) @binding(1) var<storage, read> input: array<Cell>;
@group(0) @binding(2) var<storage, read> params: array<Cell>;
@group(0) @binding(3) var<storage, read_write> scores: array<f32>;

var<workgroup> shares: array<f32, WG_SIZE>;

// What a lane, k-th of its row, adds to the row's score. Four sums at a time keep four loads on their way.
fn share_of(row_start: u32, weights: u32, inputs: u32, first: u32) -> f32 {
  var a = Cell();
  var b = Cell();
  var c = Cell();
  var d = Cell();
  var k = first;
  while (k + 3u * ROW_LANES < inputs) {
    a += input[row_start + k] * params[weights + k];
    b += input[row_start + k + ROW_LANES] * params[weights + k + ROW_LANES];
    c += input[row_start + k + 2u * ROW_LANES] * params[weights + k + 2u * ROW_LANES];
    d += input[row_start + k + 3u * ROW_LANES] * params[weights + k + 3u * ROW_LANES];
    k += 4u * ROW_LANES;
  }
  while (k < inputs) {
    a += input[row_start + k] * params[weights + k];
    k += ROW_LANES;
  }
  return sum_of((a + b) + (c + d));
}

@compute @workgroup_size(WG_SIZE)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let replica = workgroup_id.y;
  let inputs = dims.inputs / CELL_SIZE;
  let weights = (replica * dims.stride + dims.offset) / CELL_SIZE;
  var bias = 0.0;
  if (dims.bias == 1u) {
    bias = four_of(params[weights + inputs]).x;
  }
  for (var begin = workgroup_id.x * SCORE_ROWS; begin < dims.rows; begin += workgroups.x * SCORE_ROWS) {
    let row = min(begin + lane / ROW_LANES, dims.rows - 1u);
    shares[lane] = share_of((replica * dims.rows + row) * inputs, weights, inputs, lane % ROW_LANES);
    workgroupBarrier();
    if (lane < SCORE_ROWS && begin + lane < dims.rows) {
      var score = bias;
      for (var k = 0u; k < ROW_LANES; k++) {
        score += shares[lane * ROW_LANES + k];
      }
      scores[replica * dims.rows + begin + lane] = score;
    }
    workgroupBarrier();
  }
}
