// backward_add: below a residual block, where its paths part. d_input = (d_branch + d_skip) * slope of the layer below.
//
//   dims      ImageDims   uniform     height, width and channels of the images that are added
//   d_branch  (R, S, H)   read        gradient by the block's input, through its convolutions
//   d_skip    (R, S, H)   read        and past them
//   slope     (R, S, H)   read        act'(z) of the layer below; its activations unless SLOPE_STORED
//   d_input   (R, S, H)   read_write  gradient by z of the layer below (overwritten)
//
// dispatch  elements(H) x S x R
import package::lib::geometry::{WG_SIZE};
import package::lib::activation::{slope_from};
import package::lib::image::{ImageDims};

@group(0) @binding(0) var<uniform> dims: ImageDims;
@group(0) @binding(1) var<storage, read> d_branch: array<f32>;
@group(0) @binding(2) var<storage, read> d_skip: array<f32>;
@group(0) @binding(3) var<storage, read> slope: array<f32>;
@group(0) @binding(4) var<storage, read_write> d_input: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let units = dims.height * dims.width * dims.channels;
  if (global_id.x >= units) {
    return;
  }
  let at = (global_id.z * dims.images + global_id.y) * units + global_id.x;
  let sum = d_branch[at] + d_skip[at];
  d_input[at] = sum * slope_from(slope[at]);
}
