// bin_outputs: counts the recorded outputs of each column in rows of equal height.
//
//   dims     BinDims                     uniform
//   order    (dims.columns)              read        slots of the columns, the oldest first
//   columns  (COLUMNS, 2, KEEP)          read        see record_outputs
//   counts   (dims.columns + 1, ROWS, 2) read_write  joint and marginal outputs; the last column sums the newest
//                                                    dims.recent ones. Zero beforehand.
//
// dispatch  one workgroup a column

const LANES = 64u;
const KEEP = 128u;
const EMPTY = 3.0e38;
const ROWS = 96u;

struct BinDims {
  columns: u32,
  recent: u32,
  low: f32,     // output at the lower edge of row 0
  high: f32,    // and at the upper edge of the last row
}
@group(0) @binding(0) var<uniform> dims: BinDims;
@group(0) @binding(1) var<storage, read> order: array<u32>;
@group(0) @binding(2) var<storage, read> columns: array<f32>;
@group(0) @binding(3) var<storage, read_write> counts: array<atomic<u32>>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let column = workgroup_id.x;
  let start = order[column] * 2u * KEEP;
  for (var i = lane; i < 2u * KEEP; i += LANES) {
    let output = columns[start + i];
    if (output < EMPTY) {
      let at = (output - dims.low) / (dims.high - dims.low) * f32(ROWS);
      let row = u32(clamp(at, 0.0, f32(ROWS) - 1.0));
      let kind = i / KEEP;
      atomicAdd(&counts[(column * ROWS + row) * 2u + kind], 1u);
      if (column + dims.recent >= dims.columns) {
        atomicAdd(&counts[(dims.columns * ROWS + row) * 2u + kind], 1u);
      }
    }
  }
}
