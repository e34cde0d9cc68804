// backward_conv_weight: the gradient by one convolution's weights. A weight sums, over all pixels of the output, what
// it met in the input times the gradient there; d_b is one more row, a weight on an input that is always 1.
//
//   dims      ImageDims      uniform
//   input     (R, S, In)     read        images (height, width, channels)
//   d_output  (R, S, Out)    read        gradient by z of this layer, images (out_height, out_width, out_channels)
//   d_params  (R, P)         read_write  d_W (size, size, channels, out_channels), then d_b   (overwritten)
//
// without   sums_of
// dispatch  tiles(size size channels + bias, out_channels) x R
// numerics  f32; one workgroup sums over all pixels of all images in their order: no atomics, the same bits every time
import package::lib::image::{ImageDims};
import package::lib::windows::{begin_windows, place_of};
import package::matmul::{multiply_tile, Cell, CELL_SIZE, TILE_LANES};

@group(0) @binding(0) var<uniform> dims: ImageDims;
@group(0) @binding(1) var<storage, read> input: array<Cell>;
@group(0) @binding(2) var<storage, read> d_output: array<Cell>;
@group(0) @binding(3) var<storage, read_write> d_params: array<Cell>;

// Found once per thread: a software adapter would load them again for every element.
var<private> first_pixel: u32;
var<private> inputs: u32;
var<private> outputs: u32;
var<private> weights: u32;

const A_ALONG_K = false;

// The last row is the bias, a weight on an input that is always 1.
fn tile_a(row: u32, k: u32) -> Cell {
  let place = place_of(k, row);
  let outside = select(Cell(), Cell(1.0), row == inputs);
  return select(outside, input[place.at / CELL_SIZE], (row < inputs) & place.inside);
}

const B_ALONG_K = false;

fn tile_b(k: u32, col: u32) -> Cell { return d_output[((first_pixel + k) * outputs + col) / CELL_SIZE]; }

fn tile_store(row: u32, col: u32, value: Cell) {
  d_params[(weights + row * outputs + col) / CELL_SIZE] = value;
}

@compute @workgroup_size(TILE_LANES)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  begin_windows(dims, workgroup_id.z);
  inputs = dims.size * dims.size * dims.channels;
  outputs = dims.out_channels;
  weights = workgroup_id.z * dims.stride + dims.offset;
  // From dims, not from what is derived of it: the tile needs sizes that are the same for all lanes, provably.
  let rows = dims.size * dims.size * dims.channels + dims.bias;
  let depth = dims.images * dims.out_height * dims.out_width;
  first_pixel = workgroup_id.z * depth;
  multiply_tile(workgroup_id.xy, lane, rows, depth, dims.out_channels);
}
