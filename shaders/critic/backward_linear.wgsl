// backward_linear: the gradient through one layer. d_input = (d_output W^T) * slope of the layer below.
//
//   dims      LayerDims      uniform
//   d_output  (Z, R, S, Out)  read        gradient by z of this layer
//   params    (R, P)         read        W (In, Out) at dims.offset
//   slope     (Z, R, S, In)  read        act'(z) of the layer below; its activations unless SLOPE_STORED
//   d_input   (Z, R, S, In)  read_write  gradient by z of the layer below (overwritten)
//
// dispatch  tiles(S, In) x Z R
// numerics  f32, summed in the order of the inner axis
import package::lib::activation::{slopes_from};
import package::lib::layer::{LayerDims, weights_of};
import package::matmul::{multiply_tile, Cell, CELL_SIZE, four_of, cell_of, TILE_LANES};

@group(0) @binding(0) var<uniform> dims: LayerDims;
@group(0) @binding(1) var<storage, read> d_output: array<Cell>;
@group(0) @binding(2) var<storage, read> params: array<Cell>;
@group(0) @binding(3) var<storage, read> slope: array<Cell>;
@group(0) @binding(4) var<storage, read_write> d_input: array<Cell>;

// Found once per thread: a software adapter would load them again for every element.
var<private> first_row: u32;
var<private> inputs: u32;
var<private> outputs: u32;
var<private> weights: u32;

const A_ALONG_K = true;

fn tile_a(row: u32, k: u32) -> Cell { return d_output[((first_row + row) * outputs + k) / CELL_SIZE]; }

const B_ALONG_K = true;

fn tile_b(k: u32, col: u32) -> Cell { return params[(weights + col * outputs + k) / CELL_SIZE]; }

fn tile_store(row: u32, col: u32, value: Cell) {
  let at = ((first_row + row) * inputs + col) / CELL_SIZE;
  d_input[at] = value * cell_of(slopes_from(four_of(slope[at])));
}

@compute @workgroup_size(TILE_LANES)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  first_row = workgroup_id.z * dims.rows;
  inputs = dims.inputs;
  outputs = dims.outputs;
  weights = weights_of(dims, workgroup_id.z);
  multiply_tile(workgroup_id.xy, lane, dims.rows, dims.outputs, dims.inputs);
}
