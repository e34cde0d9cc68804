// forward_pool: the largest value of every window, per channel, and which pixel it came from.
//
//   dims    ImageDims    uniform
//   input   (R, S, In)   read        images (height, width, channels)
//   output  (R, S, Out)  read_write  images (out_height, out_width, channels)   (overwritten)
//   winner  (R, S, Out)  read_write  y * width + x of the largest, as u32       (overwritten)
//
// dispatch  elements(Out) x S x R
// numerics  exact; of equal values the first in row-major order wins; pixels outside the input take no part
// gradient  backward_pool.wgsl
import package::lib::geometry::{WG_SIZE};
import package::lib::image::{ImageDims, divisor, divide};

@group(0) @binding(0) var<uniform> dims: ImageDims;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;
@group(0) @binding(3) var<storage, read_write> winner: array<u32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let unit = global_id.x;
  let image = global_id.z * dims.images + global_id.y;
  let channels = dims.channels;
  let units = dims.out_height * dims.out_width * channels;
  if (unit >= units) {
    return;
  }
  let pixel = divide(unit, divisor(channels));
  let window = divide(pixel.x, divisor(dims.out_width)) * dims.pixel_stride;
  let pad = vec2u(dims.pad_top, dims.pad_left);
  let start = max(window, pad) - pad;
  let end = min(window + dims.size - pad, vec2u(dims.height, dims.width));
  let first = image * dims.height * dims.width;

  var best_pixel = start.x * dims.width + start.y;
  var best = input[(first + best_pixel) * channels + pixel.y];
  for (var y = start.x; y < end.x; y++) {
    for (var x = start.y; x < end.y; x++) {
      let at = y * dims.width + x;
      let value = input[(first + at) * channels + pixel.y];
      if (value > best) {
        best = value;
        best_pixel = at;
      }
    }
  }
  output[image * units + unit] = best;
  winner[image * units + unit] = best_pixel;
}
