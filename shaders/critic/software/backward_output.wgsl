// backward_output: the gradient through the last layer and by its weights, in one pass over the activations.
// d_input = d_score w * slope of the layer below, d_w = sum of d_score input, d_b = sum of d_score.
//
//   dims      LayerDims    uniform
//   d_scores  (R, N, 1+K)  read
//   params    (R, P)       read        w (In) at dims.offset
//   input     (R, S, In)   read        activations of the last hidden layer
//   slope     (R, S, In)   read        act'(z) of the last hidden layer; not read unless SLOPE_STORED
//   d_input   (R, S, In)   read_write  gradient by z of the last hidden layer (overwritten)
//   d_params  (R, P)       read_write  d_w (In) at dims.offset, then d_b      (overwritten)
//
// dispatch  elements(In) x R: a thread takes one cell of units through all rows
// numerics  f32; sums over all S in their order: no atomics, the same bits every time
import package::vector::{Cell, CELL_SIZE, CELL_THREADS, four_of, cell_of, with_first};
import package::lib::activation::{slopes_from, SLOPE_STORED};
import package::lib::layer::{LayerDims};

@group(0) @binding(0) var<uniform> dims: LayerDims;
@group(0) @binding(1) var<storage, read> d_scores: array<f32>;
@group(0) @binding(2) var<storage, read> params: array<Cell>;
@group(0) @binding(3) var<storage, read> input: array<Cell>;
@group(0) @binding(4) var<storage, read> slope: array<Cell>;
@group(0) @binding(5) var<storage, read_write> d_input: array<Cell>;
@group(0) @binding(6) var<storage, read_write> d_params: array<Cell>;

@compute @workgroup_size(CELL_THREADS)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let unit = global_id.x;
  let replica = global_id.y;
  let inputs = dims.inputs / CELL_SIZE;
  if (unit >= inputs) {
    return;
  }
  let weights = (replica * dims.stride + dims.offset) / CELL_SIZE;
  let weight = params[weights + unit];
  let first = replica * dims.rows;
  var d_weight = Cell();
  var d_bias = 0.0;
  for (var row = first; row < first + dims.rows; row++) {
    let at = row * inputs + unit;
    let d = d_scores[row];
    let value = input[at];
    var kept = value;
    if (SLOPE_STORED == 1u) {
      kept = slope[at];
    }
    d_input[at] = d * weight * cell_of(slopes_from(four_of(kept)));
    d_weight += d * value;
    d_bias += d;
  }
  d_params[weights + unit] = d_weight;
  if (unit == 0u && dims.bias == 1u) {
    d_params[weights + inputs] = with_first(d_params[weights + inputs], d_bias);
  }
}
