// backward_mean: every pixel gets an equal share of its channel's gradient, times the slope of the layer below.
//
//   dims      ImageDims    uniform     out_height and out_width are 1
//   d_output  (R, S, Out)  read        (channels)
//   slope     (R, S, In)   read        act'(z) of the layer below; its activations unless SLOPE_STORED
//   d_input   (R, S, In)   read_write  gradient by z of the layer below, images (height, width, channels) (overwritten)
//
// dispatch  elements(In) x S x R
import package::lib::geometry::{WG_SIZE};
import package::lib::activation::{slope_from};
import package::lib::image::{ImageDims, divisor, divide};

@group(0) @binding(0) var<uniform> dims: ImageDims;
@group(0) @binding(1) var<storage, read> d_output: array<f32>;
@group(0) @binding(2) var<storage, read> slope: array<f32>;
@group(0) @binding(3) var<storage, read_write> d_input: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let unit = global_id.x;
  let image = global_id.z * dims.images + global_id.y;
  let pixels = dims.height * dims.width;
  let units = pixels * dims.channels;
  if (unit >= units) {
    return;
  }
  let channel = divide(unit, divisor(dims.channels)).y;
  let at = image * units + unit;
  let share = d_output[image * dims.channels + channel] / f32(pixels);
  d_input[at] = share * slope_from(slope[at]);
}
