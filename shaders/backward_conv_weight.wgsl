// backward_conv_weight: the gradient by one convolution's weights. A weight sums, over all pixels of the output, what
// it met in the input times the gradient there; d_b is one more row, a weight on an input that is always 1.
//
//   dims      ImageDims      uniform
//   input     (R, S, In)     read        images (height, width, channels)
//   d_output  (R, S, Out)    read        gradient by z of this layer, images (out_height, out_width, out_channels)
//   d_params  (R, P)         read_write  d_W (size, size, channels, out_channels), then d_b   (overwritten)
//
// dispatch  tiles(size size channels + bias, out_channels) x R
// numerics  f32; one workgroup sums over all pixels of all images in their order: no atomics, the same bits every time
import package::lib::image::{ImageDims, Divisor, divisor, divide, divide_large};
import package::tile::{multiply_tile, TILE_LANES};

@group(0) @binding(0) var<uniform> dims: ImageDims;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read> d_output: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_params: array<f32>;

// Found once per thread: a software adapter would load them again for every element.
var<private> first_image: u32;
var<private> first_pixel: u32;
var<private> height: u32;
var<private> width: u32;
var<private> pixel_stride: u32;
var<private> pad: vec2u;
var<private> inputs: u32;
var<private> outputs: u32;
var<private> weights: u32;
var<private> out_plane: Divisor;
var<private> out_width: Divisor;
var<private> channels: Divisor;
var<private> size: Divisor;

fn tile_a(row: u32, k: u32) -> f32 {
  let image = divide_large(k, out_plane);
  let pixel = divide(image.y, out_width);
  let tap = divide(row, channels);
  let window = divide(tap.x, size);
  // Above and to the left of the input this wraps to a number far beyond its size.
  let y = pixel.x * pixel_stride + window.x - pad.x;
  let x = pixel.y * pixel_stride + window.y - pad.y;
  // & and not &&: a branch here, copied for every row of a tile, takes a software adapter minutes to compile.
  let inside = (row < inputs) & (y < height) & (x < width);
  let at = (((first_image + image.x) * height + y) * width + x) * channels.value + tap.y;
  let outside = select(0.0, 1.0, row == inputs);
  return select(outside, input[select(0u, at, inside)], inside);
}

fn tile_b(k: u32, col: u32) -> f32 { return d_output[(first_pixel + k) * outputs + col]; }

fn tile_store(row: u32, col: u32, value: f32) {
  d_params[weights + row * outputs + col] = value;
}

@compute @workgroup_size(TILE_LANES)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  first_image = workgroup_id.z * dims.images;
  height = dims.height;
  width = dims.width;
  pixel_stride = dims.pixel_stride;
  pad = vec2u(dims.pad_top, dims.pad_left);
  inputs = dims.size * dims.size * dims.channels;
  outputs = dims.out_channels;
  weights = workgroup_id.z * dims.stride + dims.offset;
  out_plane = divisor(dims.out_height * dims.out_width);
  out_width = divisor(dims.out_width);
  channels = divisor(dims.channels);
  size = divisor(dims.size);
  // From dims, not from what is derived of it: the tile needs sizes that are the same for all lanes, provably.
  let rows = dims.size * dims.size * dims.channels + dims.bias;
  let depth = dims.images * dims.out_height * dims.out_width;
  first_pixel = workgroup_id.z * depth;
  multiply_tile(workgroup_id.xy, lane, rows, depth, dims.out_channels);
}
