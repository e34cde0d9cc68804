// sum_gradient: adds up the parts of each replica's gradient, and the squares of what comes out. First of the two dispatches
// that end a step on a GPU, where parameters are so many that a replica needs many workgroups.
//
//   dims      PartDims   uniform
//   d_params  (M, R, P)  read_write  (part 0 becomes the sum; the others stay)
//   squares   (R, G)     read_write  sum of squares by each workgroup (overwritten)
//
// dispatch  G x R: threads stride over the parameters of their replica
// numerics  f32, parts in their order by fours; what is padding does not count
import package::lib::geometry::{WG_SIZE};
import package::lib::monoids::{block_reduce_sum};
import package::lib::optimizer::{are_params};
import package::lib::parts::{PartDims, sum_of_parts};

@group(0) @binding(0) var<uniform> dims: PartDims;
@group(0) @binding(1) var<storage, read_write> d_params: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> squares: array<f32>;

@compute @workgroup_size(WG_SIZE)
fn main(
  @builtin(workgroup_id) workgroup_id: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(num_workgroups) workgroups: vec3u,
) {
  let count = dims.count;
  let first = workgroup_id.y * dims.stride / 4u;
  var own = vec4f();
  for (var p = workgroup_id.x * WG_SIZE + lane; 4u * p < count; p += workgroups.x * WG_SIZE) {
    let sum = sum_of_parts(first + p, dims);
    if (dims.parts > 1u) {
      d_params[first + p] = sum;
    }
    let d = select(vec4f(), sum, are_params(p, count));
    own += d * d;
  }
  own = block_reduce_sum(lane, own);
  if (lane == 0u) {
    squares[workgroup_id.y * workgroups.x + workgroup_id.x] = (own.x + own.y) + (own.z + own.w);
  }
}
