// backward_pool: a pixel gets the gradients of the windows that it won, times the slope of the layer below.
//
//   dims      ImageDims    uniform
//   d_output  (R, S, Out)  read        images (out_height, out_width, channels)
//   winner    (R, S, Out)  read        y * width + x of each window's largest, as u32
//   slope     (R, S, In)   read        act'(z) of the layer below; its activations unless SLOPE_STORED
//   d_input   (R, S, In)   read_write  gradient by z of the layer below, images (height, width, channels) (overwritten)
//
// dispatch  elements(In) x S x R
// numerics  f32; a pixel gathers its windows in row-major order, so nothing is added atomically
import package::lib::geometry::{WG_SIZE};
import package::lib::activation::{slope_from};
import package::lib::image::{ImageDims, divisor, divide};

@group(0) @binding(0) var<uniform> dims: ImageDims;
@group(0) @binding(1) var<storage, read> d_output: array<f32>;
@group(0) @binding(2) var<storage, read> winner: array<u32>;
@group(0) @binding(3) var<storage, read> slope: array<f32>;
@group(0) @binding(4) var<storage, read_write> d_input: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let unit = global_id.x;
  let image = global_id.z * dims.images + global_id.y;
  let channels = dims.channels;
  let units = dims.height * dims.width * channels;
  if (unit >= units) {
    return;
  }
  let pixel = divide(unit, divisor(channels));
  let padded = divide(pixel.x, divisor(dims.width)) + vec2u(dims.pad_top, dims.pad_left);
  // The windows that begin at most size - 1 before this pixel, and not after it.
  let stride = divisor(dims.pixel_stride);
  let before = max(padded + 1u, vec2u(dims.size)) - dims.size + dims.pixel_stride - 1u;
  let start = vec2u(divide(before.x, stride).x, divide(before.y, stride).x);
  let last = vec2u(divide(padded.x, stride).x, divide(padded.y, stride).x);
  let end = min(last + 1u, vec2u(dims.out_height, dims.out_width));
  let first = image * dims.out_height;

  var sum = 0.0;
  for (var y = start.x; y < end.x; y++) {
    for (var x = start.y; x < end.y; x++) {
      let at = ((first + y) * dims.out_width + x) * channels + pixel.y;
      if (winner[at] == pixel.x) {
        sum += d_output[at];
      }
    }
  }
  let at = image * units + unit;
  d_input[at] = sum * slope_from(slope[at]);
}
