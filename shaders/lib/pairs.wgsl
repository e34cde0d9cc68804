// pairs: which rows of the batch a score compares. Slot s = i (1 + K) + c of a replica's S = N (1 + K) scores holds
//   c = 0   the joint pair (x_i, y_i)
//   c >= 1  shifted      (x_i, y_(i + c mod N)): a derangement, because 1 <= c <= K <= N - 1; K = N - 1 makes all pairs
//           independent  (x_r, y_r) of a row r of its own, whose x and y were drawn apart
// Rows are drawn independently of each other, so the fixed shift c is as random as a drawn one.

struct PairDims {
  joint: u32,         // N
  marginals: u32,     // K
  rows: u32,          // B
  independent: u32,   // 1: marginal pairs have rows of their own
  width: u32,         // of what a row brings to its pairs: H, E or Dy
}

// (row of x, row of y) of slot (i, c). Integer division is slow on software adapters, so there is none.
fn rows_of_slot(dims: PairDims, i: u32, c: u32) -> vec2u {
  if (dims.independent == 1u && c > 0u) {
    return vec2u(dims.joint + i * dims.marginals + c - 1u);
  }
  return vec2u(i, select(i + c, i + c - dims.joint, i + c >= dims.joint));
}

// With independent marginals a row is in one slot: a joint row i in slot (i, 0), a row of its own in the one it was
// drawn for.
fn slot_of_row(dims: PairDims, row: u32) -> u32 {
  let columns = 1u + dims.marginals;
  if (row < dims.joint) {
    return row * columns;
  }
  let own = row - dims.joint;
  return (own / dims.marginals) * columns + 1u + own % dims.marginals;
}
