// sorted: what the two forms of the search in sorted order share.
import package::lib::geometry::{F32_LOWEST};

override NEIGHBORS: u32 = 3u;  // k, at most MAX_NEIGHBORS and below B
override RADII: u32 = 0u;      // 1: the bits of the distance itself, twice, instead of counts
override INSIDE: u32 = 0u;     // 1: a third count, of others nearer than the k-th

const MAX_NEIGHBORS = 64u;
const F32_HIGHEST = -F32_LOWEST;

struct SortedDims {
  rows: u32,       // B
  first_row: u32,  // first place of this dispatch
}
