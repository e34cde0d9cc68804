// monoids: the reductions of this project, each written once. One workgroup reduces: every lane folds its share with
// X_combine, then block_reduce_X joins the lanes in a fixed order, so that the bits do not depend on timing: eight lanes
// take every eighth share, two of them every second of these eight, and every lane the last two. A tree would meet at
// eight barriers instead of four, and Mesa would unroll it: a loop is safe whose first index is not known.
// A lane must call block_reduce_X in uniform control flow; the result reaches every lane.
import package::lib::geometry::{WG_SIZE, F32_LOWEST};

// A sum of exponentials exp(maximum) * sum, the online form of Milakov and Gimelshein 2018 (arXiv:1805.02867).
struct LogSumExp { maximum: f32, sum: f32 }

fn lse_identity() -> LogSumExp { return LogSumExp(F32_LOWEST, 0.0); }

fn lse_of(x: f32) -> LogSumExp { return LogSumExp(x, 1.0); }

fn lse_combine(a: LogSumExp, b: LogSumExp) -> LogSumExp {
  let top = max(a.maximum, b.maximum);
  return LogSumExp(top, a.sum * exp(a.maximum - top) + b.sum * exp(b.maximum - top));
}

fn lse_value(a: LogSumExp) -> f32 { return a.maximum + log(a.sum); }

const JOINERS = 8u;

var<workgroup> sh_lse: array<vec2f, WG_SIZE>;

// A lane's own share and every `stride`-th after it, of the first `count`.
fn join_lse(lane: u32, stride: u32, count: u32) {
  var all = LogSumExp(sh_lse[lane].x, sh_lse[lane].y);
  for (var i = lane + stride; i < count; i += stride) {
    all = lse_combine(all, LogSumExp(sh_lse[i].x, sh_lse[i].y));
  }
  sh_lse[lane] = vec2f(all.maximum, all.sum);
}

fn block_reduce_lse(lane: u32, x: LogSumExp) -> LogSumExp {
  sh_lse[lane] = vec2f(x.maximum, x.sum);
  workgroupBarrier();
  if (lane < JOINERS) {
    join_lse(lane, JOINERS, WG_SIZE);
  }
  workgroupBarrier();
  if (lane < 2u) {
    join_lse(lane, 2u, JOINERS);
  }
  workgroupBarrier();
  let even = LogSumExp(sh_lse[0].x, sh_lse[0].y);
  let odd = LogSumExp(sh_lse[1].x, sh_lse[1].y);
  workgroupBarrier();
  return lse_combine(even, odd);
}

var<workgroup> sh_sum: array<vec4f, WG_SIZE>;

fn join_sum(lane: u32, stride: u32, count: u32) {
  var all = sh_sum[lane];
  for (var i = lane + stride; i < count; i += stride) {
    all += sh_sum[i];
  }
  sh_sum[lane] = all;
}

fn block_reduce_sum(lane: u32, x: vec4f) -> vec4f {
  sh_sum[lane] = x;
  workgroupBarrier();
  if (lane < JOINERS) {
    join_sum(lane, JOINERS, WG_SIZE);
  }
  workgroupBarrier();
  if (lane < 2u) {
    join_sum(lane, 2u, JOINERS);
  }
  workgroupBarrier();
  let all = sh_sum[0] + sh_sum[1];
  workgroupBarrier();
  return all;
}
