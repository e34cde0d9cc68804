// geometry: the shapes every kernel speaks of, and the workgroup that most of them use.
//
// glossary
//   R   replicas: independent estimators that train side by side; the first axis of every buffer
//   N   joint pairs a step
//   K   marginal pairs per joint pair
//   S   scores a step, S = N (1 + K): slot i (1 + K) + c holds joint pair i (c = 0) or its c-th marginal pair
//   B   rows drawn a step: N, or N (1 + K) when marginal pairs have rows of their own
//   Dx  width of x          Dy  width of y
//   H   width of a layer    In, Out  widths on the two sides of a layer; of images: height x width x channels
//   E   width of an embedding of x or y
//   P   parameters of one replica, padded to a multiple of 64
//   M   parts that a sum over S is cut into, each summed by workgroups of its own
//   Z   sides: layers of one size that stand side by side, 1 or 2
//   G   workgroups that share the sum over a replica's gradient
//   W   steps that the window remembers
//   n   rows of the table   C   columns of the table
//   F   features of a column, as a test of independence sees it
//   L   correlation levels of the Gaussian staircase
//
// Arrays are row-major, the last axis contiguous.

const WG_SIZE = 64u;
const F32_LOWEST = -3.4028234663852886e38f;

// WGSL may assume that no value is infinite or NaN, so x != x proves nothing. The exponent bits do.
fn is_finite_bits(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}
