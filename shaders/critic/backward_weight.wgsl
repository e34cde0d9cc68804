// backward_weight: the gradient by one layer's weights. d_W = input^T d_output, and d_b is one more row of it, because
// a bias is a weight on an input that is always 1.
//
//   dims      LayerDims      uniform
//   input     (Z, R, S, In)  read        activations of the layer below
//   d_output  (Z, R, S, Out)  read        gradient by z of this layer
//   d_params  (M, R, P)      read_write  d_W (In, Out) at dims.offset, then d_b (Out): of each part of S   (overwritten)
//
// dispatch  tiles(In + bias, Out) x M Z R
// numerics  f32; one workgroup sums over a part of S in their order: no atomics, the same bits every time. An empty part is 0
import package::lib::layer::{LayerDims, weights_of, biases_of};
import package::matmul::{multiply_tile, Cell, CELL_SIZE, TILE_LANES};

@group(0) @binding(0) var<uniform> dims: LayerDims;
@group(0) @binding(1) var<storage, read> input: array<Cell>;
@group(0) @binding(2) var<storage, read> d_output: array<Cell>;
@group(0) @binding(3) var<storage, read_write> d_params: array<Cell>;

// Found once per thread: a software adapter would load them again for every element.
var<private> first_row: u32;
var<private> inputs: u32;
var<private> outputs: u32;
var<private> weights: u32;

const A_ALONG_K = false;

fn tile_a(row: u32, k: u32) -> Cell {
  let value = input[((first_row + k) * inputs + min(row, inputs - CELL_SIZE)) / CELL_SIZE];
  return select(Cell(1.0), value, row < inputs);
}

const B_ALONG_K = false;

fn tile_b(k: u32, col: u32) -> Cell { return d_output[((first_row + k) * outputs + col) / CELL_SIZE]; }

fn tile_store(row: u32, col: u32, value: Cell) {
  d_params[(weights + row * outputs + col) / CELL_SIZE] = value;
}

@compute @workgroup_size(TILE_LANES)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let networks = dims.sides * dims.replicas;
  let part = workgroup_id.z / networks;
  let network = workgroup_id.z % networks;
  let each = (dims.rows + dims.parts - 1u) / dims.parts;
  let begin = min(part * each, dims.rows);
  first_row = network * dims.rows + begin;
  inputs = dims.inputs;
  outputs = dims.outputs;
  weights = part * dims.replicas * dims.stride + weights_of(dims, network);
  multiply_tile(workgroup_id.xy, lane, dims.inputs + biases_of(dims, network), min(each, dims.rows - begin), dims.outputs);
}
