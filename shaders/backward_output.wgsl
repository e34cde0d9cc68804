// backward_output: the gradient through the last layer. d_input = d_score w * slope of the layer below.
//
//   dims      LayerDims    uniform
//   d_scores  (R, N, 1+K)  read
//   params    (R, P)       read        w (In) at dims.offset
//   slope     (R, S, In)   read        act'(z) of the last hidden layer (not read if its ACTIVATION is the identity)
//   d_input   (R, S, In)   read_write  gradient by z of the last hidden layer (overwritten)
//
// dispatch  elements(In) x rows(S) x R, each workgroup ROWS_EACH rows
import package::lib::activation::{ACTIVATION, ACTIVATION_IDENTITY};
import package::lib::geometry::{WG_SIZE};
import package::lib::layer::{LayerDims};

const ROWS_EACH = 8u;

@group(0) @binding(0) var<uniform> dims: LayerDims;
@group(0) @binding(1) var<storage, read> d_scores: array<f32>;
@group(0) @binding(2) var<storage, read> params: array<f32>;
@group(0) @binding(3) var<storage, read> slope: array<f32>;
@group(0) @binding(4) var<storage, read_write> d_input: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let unit = global_id.x;
  let replica = global_id.z;
  let inputs = dims.inputs;
  if (unit >= inputs) {
    return;
  }
  let weight = params[replica * dims.stride + dims.offset + unit];
  let start = global_id.y * ROWS_EACH;
  let end = min(start + ROWS_EACH, dims.rows);
  for (var row = start; row < end; row++) {
    let score = replica * dims.rows + row;
    let at = score * inputs + unit;
    var d_z = d_scores[score] * weight;
    if (ACTIVATION != ACTIVATION_IDENTITY) {
      d_z *= slope[at];
    }
    d_input[at] = d_z;
  }
}
