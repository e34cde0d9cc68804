// forward_output: the last layer of the critic, one score per pair. T = input w + b.
//
//   dims    LayerDims    uniform
//   input   (R, S, In)   read        activations of the last hidden layer
//   params  (R, P)       read        w (In) at dims.offset, then b if the layer has one
//   scores  (R, N, 1+K)  read_write  T of every pair, S = N (1 + K) of them   (overwritten)
//
// dispatch  elements(S) x R
// numerics  f32, summed in order, or every fourth term in order
// gradient  backward_output.wgsl (input), backward_weight.wgsl (w and b)
import package::lib::geometry::{WG_SIZE};
import package::vector::{Cell, CELL_SIZE, four_of, sum_of};
import package::lib::layer::{LayerDims};

@group(0) @binding(0) var<uniform> dims: LayerDims;
@group(0) @binding(1) var<storage, read> input: array<Cell>;
@group(0) @binding(2) var<storage, read> params: array<Cell>;
@group(0) @binding(3) var<storage, read_write> scores: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let row = global_id.x;
  let replica = global_id.y;
  if (row >= dims.rows) {
    return;
  }
  let at = replica * dims.rows + row;
  let inputs = dims.inputs / CELL_SIZE;
  let weights = (replica * dims.stride + dims.offset) / CELL_SIZE;
  var score = Cell();
  for (var k = 0u; k < inputs; k++) {
    score += input[at * inputs + k] * params[weights + k];
  }
  var bias = 0.0;
  if (dims.bias == 1u) {
    bias = four_of(params[weights + inputs]).x;
  }
  scores[at] = sum_of(score) + bias;
}
