// wide: block reductions by the lanes of a wide workgroup, where one workgroup takes all that a replica has and a GPU would
// idle with fewer. A lane must call them in uniform control flow; the order is fixed; the result reaches every lane.
import package::lib::monoids::{LogSumExp};

const WIDE_SIZE = 256u;
const WIDE_JOINERS = 16u; // lanes that join the shares of as many lanes each

var<workgroup> wide_shares: array<vec4f, WIDE_SIZE>;

fn wide_sum(lane: u32, x: vec4f) -> vec4f {
  wide_shares[lane] = x;
  workgroupBarrier();
  if (lane < WIDE_JOINERS) {
    var joined = x;
    for (var i = lane + WIDE_JOINERS; i < WIDE_SIZE; i += WIDE_JOINERS) {
      joined += wide_shares[i];
    }
    wide_shares[lane] = joined;
  }
  workgroupBarrier();
  var all = vec4f();
  for (var i = 0u; i < WIDE_JOINERS; i++) {
    all += wide_shares[i];
  }
  workgroupBarrier();
  return all;
}

fn wide_max(lane: u32, x: f32) -> f32 {
  wide_shares[lane].x = x;
  workgroupBarrier();
  if (lane < WIDE_JOINERS) {
    var joined = x;
    for (var i = lane + WIDE_JOINERS; i < WIDE_SIZE; i += WIDE_JOINERS) {
      joined = max(joined, wide_shares[i].x);
    }
    wide_shares[lane].x = joined;
  }
  workgroupBarrier();
  var all = wide_shares[0].x;
  for (var i = 1u; i < WIDE_JOINERS; i++) {
    all = max(all, wide_shares[i].x);
  }
  workgroupBarrier();
  return all;
}

// First the maximum of all: then an exponential a lane is enough, and the rest is a sum.
fn wide_lse(lane: u32, x: LogSumExp) -> LogSumExp {
  let top = wide_max(lane, x.maximum);
  let sum = wide_sum(lane, vec4f(x.sum * exp(x.maximum - top), 0.0, 0.0, 0.0)).x;
  return LogSumExp(top, sum);
}
