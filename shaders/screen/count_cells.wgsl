// count_cells: how far pairs of binned columns are from independence. Of every bin of a column there is one bit for each
// row, so that a cell of two bins holds as many rows as both words have bits in common; of four bins with four others
// eight loads serve sixteen cells. Cells enter through a table of whole numbers, so a sum has no rounding and no order.
//
//   dims     CellDims    uniform
//   bits     (C, B)      read        4 bins at a time, which rows are in each: (C, bins / 4, words, 4)
//   weights  (n)         read        what a cell of so many rows adds, from 0 rows on
//   sums     (R, C)      read_write  over the cells of column first + r with each other (overwritten)
//
// dispatch  elements(C) x R; with `later` only columns after first + r
import package::lib::geometry::{WG_SIZE};

struct CellDims {
  columns: u32,  // C
  words: u32,    // of 32 rows
  fours: u32,    // of bins
  first: u32,    // column of the first replica
  later: u32,    // 1: leave out the columns up to first + r
}

@group(0) @binding(0) var<uniform> dims: CellDims;
@group(0) @binding(1) var<storage, read> bits: array<vec4u>;
@group(0) @binding(2) var<storage, read> weights: array<u32>;
@group(0) @binding(3) var<storage, read_write> sums: array<u32>;

fn weigh(cells: vec4u) -> u32 {
  return weights[cells.x] + weights[cells.y] + weights[cells.z] + weights[cells.w];
}

@compute @workgroup_size(WG_SIZE)
fn main(@builtin(global_invocation_id) global_id: vec3u) {
  let other = global_id.x;
  let own = dims.first + global_id.y;
  let left_out = dims.later != 0u && own >= other;
  if (left_out || other >= dims.columns) {
    return;
  }
  var sum = 0u;
  for (var four = 0u; four < dims.fours * dims.fours; four++) {
    let start = dims.words * (own * dims.fours + four / dims.fours);
    let start_other = dims.words * (other * dims.fours + four % dims.fours);
    var cells_x = vec4u();
    var cells_y = vec4u();
    var cells_z = vec4u();
    var cells_w = vec4u();
    for (var word = 0u; word < dims.words; word++) {
      let a = bits[start + word];
      let b = bits[start_other + word];
      cells_x += countOneBits(a.xxxx & b);
      cells_y += countOneBits(a.yyyy & b);
      cells_z += countOneBits(a.zzzz & b);
      cells_w += countOneBits(a.wwww & b);
    }
    sum += weigh(cells_x) + weigh(cells_y) + weigh(cells_z) + weigh(cells_w);
  }
  sums[global_id.y * dims.columns + other] = sum;
}
