// forward_mean: the mean over all pixels of an image, per channel (global average pooling).
//
//   dims    ImageDims    uniform     out_height and out_width are 1
//   input   (R, S, In)   read        images (height, width, channels)
//   output  (R, S, Out)  read_write  (channels)   (overwritten)
//
// dispatch  elements(Out) x S x R
// numerics  f32, summed in row-major order of the pixels
// gradient  backward_mean.wgsl
import package::lib::geometry::{WG_SIZE};
import package::lib::image::{ImageDims};

@group(0) @binding(0) var<uniform> dims: ImageDims;
@group(0) @binding(1) var<storage, read> input: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let channel = global_id.x;
  let image = global_id.z * dims.images + global_id.y;
  let channels = dims.channels;
  if (channel >= channels) {
    return;
  }
  let pixels = dims.height * dims.width;
  var at = image * pixels * channels + channel;
  var sum = 0.0;
  for (var i = 0u; i < pixels; i++) {
    sum += input[at];
    at += channels;
  }
  output[image * channels + channel] = sum / f32(pixels);
}
