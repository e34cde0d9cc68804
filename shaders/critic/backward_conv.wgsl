// backward_conv: the gradient through one convolution. A pixel of the input collects from every window that looked at
// it, through the weight it met there; then times the slope of the layer below.
//
//   dims      ImageDims      uniform
//   d_output  (R, S, Out)    read        gradient by z of this layer, images (out_height, out_width, out_channels)
//   params    (R, P)         read        W (size, size, channels, out_channels) at dims.offset
//   slope     (R, S, In)     read        act'(z) of the layer below; its activations unless SLOPE_STORED
//   d_input   (R, S, In)     read_write  gradient by z of the layer below, images (height, width, channels)
//                                          (overwritten)
//
// without   sums_of
// dispatch  tiles(S height width, channels) x R
// numerics  f32, summed in the order of the inner axis: window row, window column, channel of the output
import package::lib::activation::{slopes_from};
import package::lib::image::{ImageDims, Divisor, divisor, divide, divide_large};
import package::matmul::{multiply_tile, Cell, CELL_SIZE, four_of, cell_of, TILE_LANES};

@group(0) @binding(0) var<uniform> dims: ImageDims;
@group(0) @binding(1) var<storage, read> d_output: array<Cell>;
@group(0) @binding(2) var<storage, read> params: array<Cell>;
@group(0) @binding(3) var<storage, read> slope: array<Cell>;
@group(0) @binding(4) var<storage, read_write> d_input: array<Cell>;

// Found once per thread: a software adapter would load them again for every element.
var<private> first_image: u32;
var<private> out_height: u32;
var<private> out_width: u32;
var<private> pad: vec2u;
var<private> inputs: u32;
var<private> weights: u32;
var<private> plane: Divisor;
var<private> width: Divisor;
var<private> out_channels: Divisor;
var<private> size: Divisor;
var<private> pixel_stride: Divisor;

const A_ALONG_K = true;

fn tile_a(row: u32, k: u32) -> Cell {
  let image = divide_large(row, plane);
  let pixel = divide(image.y, width) + pad;
  let tap = divide(k, out_channels);
  let window = divide(tap.x, size);
  // The window that met this pixel at `window` began there, if one did.
  let reached = all(pixel >= window);
  let start = select(vec2u(0u), pixel - window, reached);
  let y = divide(start.x, pixel_stride);
  let x = divide(start.y, pixel_stride);
  // & and not &&: a branch here, copied for every row of a tile, takes a software adapter minutes to compile.
  let inside = reached & (y.y == 0u) & (x.y == 0u) & (y.x < out_height) & (x.x < out_width);
  let at = (((first_image + image.x) * out_height + y.x) * out_width + x.x) * out_channels.value + tap.y;
  return select(Cell(), d_output[select(0u, at, inside) / CELL_SIZE], inside);
}

const B_ALONG_K = true;

fn tile_b(k: u32, col: u32) -> Cell {
  let tap = divide(k, out_channels);
  return params[(weights + (tap.x * inputs + col) * out_channels.value + tap.y) / CELL_SIZE];
}

fn tile_store(row: u32, col: u32, value: Cell) {
  let at = ((first_image * plane.value + row) * inputs + col) / CELL_SIZE;
  d_input[at] = value * cell_of(slopes_from(four_of(slope[at])));
}

@compute @workgroup_size(TILE_LANES)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  first_image = workgroup_id.z * dims.images;
  out_height = dims.out_height;
  out_width = dims.out_width;
  pad = vec2u(dims.pad_top, dims.pad_left);
  inputs = dims.channels;
  weights = workgroup_id.z * dims.stride + dims.offset;
  plane = divisor(dims.height * dims.width);
  width = divisor(dims.width);
  out_channels = divisor(dims.out_channels);
  size = divisor(dims.size);
  pixel_stride = divisor(dims.pixel_stride);
  // From dims, not from what is derived of it: the tile needs sizes that are the same for all lanes, provably.
  let rows = dims.images * dims.height * dims.width;
  let depth = dims.size * dims.size * dims.out_channels;
  multiply_tile(workgroup_id.xy, lane, rows, depth, dims.channels);
}
