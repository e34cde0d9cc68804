// forward_add: the end of a residual block. output = act(branch + skip), slope = act'(branch + skip).
//
//   dims    ImageDims   uniform     height, width and channels of the images that are added
//   branch  (R, S, H)   read        what the block's convolutions made
//   skip    (R, S, H)   read        the block's input, or its projection
//   output  (R, S, H)   read_write  (overwritten)
//   slope   (R, S, H)   read_write  what the layer above multiplies by (overwritten; untouched by the identity
//                                          and unless SLOPE_STORED)
//
// dispatch  elements(H) x S x R
// gradient  the gradient by branch + skip is that by branch and that by skip; backward_add.wgsl joins them below
import package::lib::geometry::{WG_SIZE};
import package::lib::activation::{activate, ACTIVATION, ACTIVATION_IDENTITY, SLOPE_STORED};
import package::lib::image::{ImageDims};

@group(0) @binding(0) var<uniform> dims: ImageDims;
@group(0) @binding(1) var<storage, read> branch: array<f32>;
@group(0) @binding(2) var<storage, read> skip: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;
@group(0) @binding(4) var<storage, read_write> slope: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let units = dims.height * dims.width * dims.channels;
  if (global_id.x >= units) {
    return;
  }
  let at = (global_id.z * dims.images + global_id.y) * units + global_id.x;
  let result = activate(branch[at] + skip[at]);
  output[at] = result.x;
  if (ACTIVATION != ACTIVATION_IDENTITY && SLOPE_STORED == 1u) {
    slope[at] = result.y;
  }
}
