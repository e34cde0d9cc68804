// forward_conv: a convolution (as networks mean it: a cross-correlation) of every image. z = W * input + b,
// output = act(z), slope = act'(z). An implicit matrix product: a row is a pixel of the output, the inner axis walks
// the window (row, column, channel), and nothing is unfolded in memory.
//
//   dims    ImageDims      uniform
//   input   (R, S, In)     read        images (height, width, channels)
//   params  (R, P)         read        W (size, size, channels, out_channels) at dims.offset, then b (out_channels)
//   output  (R, S, Out)    read_write  images (out_height, out_width, out_channels)   (overwritten)
//   slope   (R, S, Out)    read_write  what backward_conv multiplies by (overwritten; untouched by the identity
//                                          and unless SLOPE_STORED)
//
// without   sums_of
// dispatch  tiles(S out_height out_width, out_channels) x R
// numerics  f32, summed in the order of the inner axis; a pixel outside the input counts as 0
// gradient  backward_conv.wgsl (input), backward_conv_weight.wgsl (W and b)
import package::lib::activation::{activate_four, ACTIVATION, ACTIVATION_IDENTITY, SLOPE_STORED};
import package::lib::image::{ImageDims};
import package::lib::windows::{begin_windows, place_of};
import package::matmul::{multiply_tile, Cell, CELL_SIZE, four_of, cell_of, TILE_LANES};

@group(0) @binding(0) var<uniform> dims: ImageDims;
@group(0) @binding(1) var<storage, read> input: array<Cell>;
@group(0) @binding(2) var<storage, read> params: array<Cell>;
@group(0) @binding(3) var<storage, read_write> output: array<Cell>;
@group(0) @binding(4) var<storage, read_write> slope: array<Cell>;

// Found once per thread: a software adapter would load them again for every element.
var<private> first_pixel: u32;
var<private> inputs: u32;
var<private> outputs: u32;
var<private> weights: u32;

const A_ALONG_K = true;

fn tile_a(row: u32, k: u32) -> Cell {
  let place = place_of(row, k);
  return select(Cell(), input[place.at / CELL_SIZE], place.inside);
}

const B_ALONG_K = false;

fn tile_b(k: u32, col: u32) -> Cell { return params[(weights + k * outputs + col) / CELL_SIZE]; }

fn tile_store(row: u32, col: u32, value: Cell) {
  let at = ((first_pixel + row) * outputs + col) / CELL_SIZE;
  var z = value;
  if (dims.bias == 1u) {
    z += tile_b(inputs, col);
  }
  let result = activate_four(four_of(z));
  output[at] = cell_of(result[0]);
  if (ACTIVATION != ACTIVATION_IDENTITY && SLOPE_STORED == 1u) {
    slope[at] = cell_of(result[1]);
  }
}

@compute @workgroup_size(TILE_LANES)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  begin_windows(dims, workgroup_id.z);
  outputs = dims.out_channels;
  weights = workgroup_id.z * dims.stride + dims.offset;
  // From dims, not from what is derived of it: the tile needs sizes that are the same for all lanes, provably.
  let rows = dims.images * dims.out_height * dims.out_width;
  let depth = dims.size * dims.size * dims.channels;
  first_pixel = workgroup_id.z * rows;
  inputs = depth;
  multiply_tile(workgroup_id.xy, lane, rows, depth, dims.out_channels);
}
