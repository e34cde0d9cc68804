// record_outputs: copies up to KEEP joint and KEEP marginal outputs of the batch into one column of the picture, and
// states the least and the largest of all outputs.
//
//   dims     RecordDims             uniform
//   scores   (N, 1 + K)             read        T of the batch, the joint pair first in each row
//   columns  (COLUMNS, 2, KEEP)     read_write  column dims.slot overwritten; EMPTY where the batch has fewer
//   extent   (2)                    read_write  overwritten
//
// dispatch  one workgroup

const LANES = 64u;
const KEEP = 128u;
const EMPTY = 3.0e38;

struct RecordDims {
  slot: u32,
  joint: u32,      // N
  marginals: u32,  // K
}
@group(0) @binding(0) var<uniform> dims: RecordDims;
@group(0) @binding(1) var<storage, read> scores: array<f32>;
@group(0) @binding(2) var<storage, read_write> columns: array<f32>;
@group(0) @binding(3) var<storage, read_write> extent: array<f32>;

var<workgroup> sh_least: array<f32, LANES>;
var<workgroup> sh_largest: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  let width = 1u + dims.marginals;
  let count = dims.joint * width;
  var least = scores[0];
  var largest = scores[0];
  for (var i = lane; i < count; i += LANES) {
    least = min(least, scores[i]);
    largest = max(largest, scores[i]);
  }
  sh_least[lane] = least;
  sh_largest[lane] = largest;

  let marginals = dims.joint * dims.marginals;
  for (var i = lane; i < KEEP; i += LANES) {
    var joint = EMPTY;
    var marginal = EMPTY;
    if (i < dims.joint) { joint = scores[i * width]; }
    if (i < marginals) { marginal = scores[i / dims.marginals * width + 1u + i % dims.marginals]; }
    columns[dims.slot * 2u * KEEP + i] = joint;
    columns[dims.slot * 2u * KEEP + KEEP + i] = marginal;
  }

  workgroupBarrier();
  if (lane == 0u) {
    for (var i = 1u; i < LANES; i++) {
      least = min(least, sh_least[i]);
      largest = max(largest, sh_largest[i]);
    }
    extent[0] = least;
    extent[1] = largest;
  }
}
