// draws: the random words of one row of a training batch. A kernel that draws from a source binds `hyper` and `clock`.
import package::lib::random::{philox, PURPOSE_ROWS};

// Four random words of this row and step; `element` tells the draws of one row apart.
fn row_bits(replica: u32, row: u32, element: u32) -> vec4u {
  let key = vec2u(hyper[replica].seed, hyper[replica].stream);
  return philox(vec4u(row, clock[replica].step, element, PURPOSE_ROWS), key);
}
