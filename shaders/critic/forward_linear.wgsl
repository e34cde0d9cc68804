// forward_linear: one layer of the critic. z = input W + b, output = act(z), slope = act'(z).
//
//   dims      LayerDims      uniform
//   input     (Z, R, S, In)  read        activations of the layer below
//   params    (R, P)         read        W (In, Out) at dims.offset, then b (Out)
//   output    (Z, R, S, Out)  read_write  (overwritten)
//   slope     (Z, R, S, Out)  read_write  what backward_linear multiplies by (overwritten if SLOPE_STORED; untouched by the identity)
//
// dispatch  tiles(S, Out) x Z R
// numerics  f32, summed in the order of the inner axis
// gradient  backward_linear.wgsl (input), backward_weight.wgsl (W and b)
import package::lib::activation::{activate_four, ACTIVATION, ACTIVATION_IDENTITY, SLOPE_STORED};
import package::lib::layer::{LayerDims, weights_of, biases_of};
import package::matmul::{multiply_tile, Cell, CELL_SIZE, four_of, cell_of, TILE_LANES};

@group(0) @binding(0) var<uniform> dims: LayerDims;
@group(0) @binding(1) var<storage, read> input: array<Cell>;
@group(0) @binding(2) var<storage, read> params: array<Cell>;
@group(0) @binding(3) var<storage, read_write> output: array<Cell>;
@group(0) @binding(4) var<storage, read_write> slope: array<Cell>;

// Found once per thread: a software adapter would load them again for every element.
var<private> first_row: u32;
var<private> inputs: u32;
var<private> outputs: u32;
var<private> weights: u32;
var<private> biases: u32;

const A_ALONG_K = true;

fn tile_a(row: u32, k: u32) -> Cell { return input[((first_row + row) * inputs + k) / CELL_SIZE]; }

const B_ALONG_K = false;

fn tile_b(k: u32, col: u32) -> Cell { return params[(weights + k * outputs + col) / CELL_SIZE]; }

fn tile_store(row: u32, col: u32, value: Cell) {
  let at = ((first_row + row) * outputs + col) / CELL_SIZE;
  var z = value;
  if (biases == 1u) {
    z += params[(weights + inputs * outputs + col) / CELL_SIZE];
  }
  let result = activate_four(four_of(z));
  output[at] = cell_of(result[0]);
  if (ACTIVATION != ACTIVATION_IDENTITY && SLOPE_STORED == 1u) {
    slope[at] = cell_of(result[1]);
  }
}

@compute @workgroup_size(TILE_LANES)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  first_row = workgroup_id.z * dims.rows;
  inputs = dims.inputs;
  outputs = dims.outputs;
  weights = weights_of(dims, workgroup_id.z);
  biases = biases_of(dims, workgroup_id.z);
  multiply_tile(workgroup_id.xy, lane, dims.rows, dims.inputs, dims.outputs);
}
