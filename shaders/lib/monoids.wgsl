// monoids: the reductions of this project, each written once. One workgroup reduces: every lane folds its share with
// X_combine, then block_reduce_X joins the lanes by a fixed tree, so that the bits do not depend on timing.
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

var<workgroup> sh_lse: array<vec2f, WG_SIZE>;

fn block_reduce_lse(lane: u32, x: LogSumExp) -> LogSumExp {
  sh_lse[lane] = vec2f(x.maximum, x.sum);
  workgroupBarrier();
  for (var stride = WG_SIZE / 2u; stride > 0u; stride /= 2u) {
    if (lane < stride) {
      let other = sh_lse[lane + stride];
      let joined = lse_combine(LogSumExp(sh_lse[lane].x, sh_lse[lane].y), LogSumExp(other.x, other.y));
      sh_lse[lane] = vec2f(joined.maximum, joined.sum);
    }
    workgroupBarrier();
  }
  let all = sh_lse[0];
  workgroupBarrier();
  return LogSumExp(all.x, all.y);
}

var<workgroup> sh_sum: array<vec4f, WG_SIZE>;

fn block_reduce_sum(lane: u32, x: vec4f) -> vec4f {
  sh_sum[lane] = x;
  workgroupBarrier();
  for (var stride = WG_SIZE / 2u; stride > 0u; stride /= 2u) {
    if (lane < stride) {
      sh_sum[lane] += sh_sum[lane + stride];
    }
    workgroupBarrier();
  }
  let all = sh_sum[0];
  workgroupBarrier();
  return all;
}
