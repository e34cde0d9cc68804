// train_cells: many whole training steps, in one dispatch, of a perceptron with one hidden layer on categories: x and y are
// one-hot vectors, so a critic has at most 16 x 16 different scores, one a cell of their table, however many pairs a step
// draws. A step counts its pairs by cell, scores every cell once, and passes back the gradient by every cell once. This is
// the same mathematics as a pass for each pair, with equal terms summed as a count times one of them; it serves no other
// source. For software adapters: nothing leaves the registers but the weights.
//
//   dims      ReplicaDims  uniform
//   hyper     (R)          read
//   clock     (R)          read_write  (advanced)
//   stretch   Stretch      uniform     how many steps to take
//   params    (R, P)       read_write  (updated)
//   m_params  (R, P)       read_write  what the optimizer keeps; four elements where it keeps nothing  (updated)
//   v_params  (R, P)       read_write  (updated)
//   stats     (R)          read_write  ScoreStats of the last batch (overwritten)
//   history   (R, W)       read_write  StepRecord of step t at t mod W (overwritten)
//
// without   estimator_row_terms, estimator_d_baseline
// dispatch  R: a workgroup is one subgroup of 8 lanes and one replica. Lanes are categories: lane l has the weights of the
//           categories l and l + 8 of x and of y, and the cells of its two categories of y. A unit of the hidden layer at a
//           time passes through all cells; a category of x comes from its lane by a shuffle. No barrier: a lane reads of
//           storage what it wrote itself
// numerics  fixed order: sums over cells by a lane's own, then over lanes by a tree; sums over units from the first to the
//           last. How many steps a dispatch takes changes no bit. Counts are exact up to 2^24 pairs. Cells beyond the last
//           category and cells that no pair has add exact zeros, if their scores are finite
// gradient  ends here
enable subgroups;
import package::lib::activation::{activate};
import package::lib::geometry::{is_finite_bits};
import package::lib::monoids::{LogSumExp, lse_identity, lse_combine, lse_value};
import package::lib::optimizer::{Four, update_for};
import package::lib::pairs::{PairDims, rows_of_slot};
import package::lib::records::{Hyper, Clock, Update, RowStats, ScoreStats};
import package::lib::replica::{ReplicaDims, Stretch, moments_at, keep_moments, ascended};
import package::lib::scores::{stats_of};
import package::lib::window::{StepRecord, record_of, next_clock};
import package::source::{source_draw, source_categories};
import package::estimator::{estimator_joint_term, estimator_marginal_terms, estimator_d_joint, estimator_d_marginal, estimator_value, estimator_objective};

@group(0) @binding(0) var<uniform> dims: ReplicaDims;
@group(0) @binding(1) var<storage, read> hyper: array<Hyper>;
@group(0) @binding(2) var<storage, read_write> clock: array<Clock>;
@group(0) @binding(3) var<uniform> stretch: Stretch;
@group(0) @binding(4) var<storage, read_write> params: array<f32>;
// 5 to 8 are the source's.
@group(0) @binding(9) var<storage, read_write> m_params: array<f32>;
@group(0) @binding(10) var<storage, read_write> v_params: array<f32>;
@group(0) @binding(11) var<storage, read_write> stats: array<ScoreStats>;
@group(0) @binding(12) var<storage, read_write> history: array<StepRecord>;

override X_WIDTH: u32 = 16u;     // Dx
override Y_WIDTH: u32 = 16u;     // Dy
override HIDDEN: u32 = 256u;     // width of the hidden layer
override OUTPUT_BIAS: u32 = 1u;

const CELL_LANES = 8u;
const CELL_CATEGORIES = 16u;     // most of x, and of y
const CELLS = 32u;               // of a lane

// Cell (x, y) is element x + 16 (y / 8) of lane y mod 8.
var<private> scores: array<f32, CELLS>;
var<private> d_scores: array<f32, CELLS>;  // summed over the pairs of the cell
var<private> counts: array<f32, 64>;       // of joint pairs by cell, then of marginal ones
var<private> magnitude: f32;               // of all weights that this lane has read, summed

@diagnostic(off, subgroup_uniformity)
fn sum_lanes(x: f32) -> f32 {
  let twos = x + subgroupShuffleXor(x, 4u);
  let fours = twos + subgroupShuffleXor(twos, 2u);
  return fours + subgroupShuffleXor(fours, 1u);
}

@diagnostic(off, subgroup_uniformity)
fn fold_lanes(x: LogSumExp) -> LogSumExp {
  var all = x;
  for (var apart = 4u; apart > 0u; apart /= 2u) {
    all = lse_combine(all, LogSumExp(subgroupShuffleXor(all.maximum, apart), subgroupShuffleXor(all.sum, apart)));
  }
  return all;
}

// Counts the pairs of this step by cell, in the random numbers of gather_batch.
@diagnostic(off, subgroup_uniformity)
fn count_pairs(replica: u32, lane: u32) {
  for (var e = 0u; e < 2u * CELLS; e++) {
    counts[e] = 0.0;
  }
  let pairs = PairDims(dims.joint, dims.marginals, dims.rows, dims.independent, 0u);
  let every_other = dims.independent == 0u && dims.marginals + 1u == dims.joint;
  for (var c = 0u; c <= select(dims.marginals, 0u, every_other); c++) {
    for (var first = 0u; first < dims.joint; first += CELL_LANES) {
      let rows = rows_of_slot(pairs, min(first + lane, dims.joint - 1u), c);
      let x = source_categories(source_draw(replica, rows.x, rows.x < dims.joint)).x;
      let y = source_categories(source_draw(replica, rows.y, rows.y < dims.joint)).y;
      for (var l = 0u; l < min(CELL_LANES, dims.joint - first); l++) {
        let of_y = subgroupShuffle(y, l);
        let e = subgroupShuffle(x, l) + CELL_CATEGORIES * (of_y / CELL_LANES) + select(0u, CELLS, c > 0u);
        counts[e] += select(0.0, 1.0, of_y % CELL_LANES == lane);
      }
    }
  }
  if (every_other) {
    // Each x meets each y but its own.
    var of_y = vec2f();
    for (var x = 0u; x < CELL_CATEGORIES; x++) {
      of_y += vec2f(counts[x], counts[CELL_CATEGORIES + x]);
    }
    for (var x = 0u; x < CELL_CATEGORIES; x++) {
      let joint = vec2f(counts[x], counts[CELL_CATEGORIES + x]);
      let marginal = sum_lanes(joint.x + joint.y) * of_y - joint;
      counts[CELLS + x] = marginal.x;
      counts[CELLS + CELL_CATEGORIES + x] = marginal.y;
    }
  }
}

// A parameter of this replica: a row is a category's weights, then the biases, the output's weights, the output's bias.
fn place(start: u32, row: u32, unit: u32) -> u32 { return start + row * HIDDEN + unit; }

// A unit's four weights of this lane: of categories `lane` and `lane` + 8 of x, then of y. Not all lanes own them all.
fn places_of(start: u32, unit: u32, lane: u32) -> vec4u {
  let x = min(vec2u(lane, lane + 8u), vec2u(X_WIDTH - 1u));
  let y = X_WIDTH + min(vec2u(lane, lane + 8u), vec2u(Y_WIDTH - 1u));
  return vec4u(place(start, x.x, unit), place(start, x.y, unit), place(start, y.x, unit), place(start, y.y, unit));
}

fn owns(lane: u32) -> vec4<bool> {
  return vec4<bool>(
    (lane < X_WIDTH), (X_WIDTH > 8u && lane + 8u < X_WIDTH), (lane < Y_WIDTH), (Y_WIDTH > 8u && lane + 8u < Y_WIDTH));
}

// Those that no category has are 0.
fn load_unit(at: vec4u, lane: u32) -> vec4f {
  var w = vec4f(params[at.x], 0.0, params[at.z], 0.0);
  if (X_WIDTH > 8u) { w.y = params[at.y]; }
  if (Y_WIDTH > 8u) { w.w = params[at.w]; }
  return select(vec4f(), w, owns(lane));
}

@diagnostic(off, subgroup_uniformity)
fn weight_of(x: u32, w: vec4f) -> f32 {
  return subgroupShuffle(select(w.x, w.y, x >= 8u), x % 8u);
}

// What a unit adds to the scores of category x.
fn forward_row(x: u32, w: vec4f, output: f32) {
  if (x < X_WIDTH) {
    let of_x = weight_of(x, w);
    scores[x] += output * activate(of_x + w.z).x;
    if (max(X_WIDTH, Y_WIDTH) > 8u) {
      scores[CELL_CATEGORIES + x] += output * activate(of_x + w.w).x;
    }
  }
}

@diagnostic(off, subgroup_uniformity)
fn forward_cells(start: u32, lane: u32) {
  let inputs = X_WIDTH + Y_WIDTH;
  var bias = 0.0;
  if (OUTPUT_BIAS == 1u) { bias = params[place(start, inputs + 2u, 0u)]; }
  for (var e = 0u; e < CELLS; e++) {
    scores[e] = bias;
  }
  magnitude = 0.0;
  for (var first = 0u; first < HIDDEN; first += CELL_LANES) {
    let own = min(first + lane, HIDDEN - 1u);
    let biases = params[place(start, inputs, own)];
    let outputs = params[place(start, inputs + 1u, own)];
    magnitude += abs(biases) + abs(outputs);
    for (var l = 0u; l < min(CELL_LANES, HIDDEN - first); l++) {
      let weights = load_unit(places_of(start, first + l, lane), lane);
      magnitude += dot(abs(weights), vec4f(1.0));
      let bias = subgroupShuffle(biases, l);
      let w = weights + vec4f(0.0, 0.0, bias, bias);
      let output = subgroupShuffle(outputs, l);
      forward_row(0u, w, output);
      forward_row(1u, w, output);
      forward_row(2u, w, output);
      forward_row(3u, w, output);
      forward_row(4u, w, output);
      forward_row(5u, w, output);
      forward_row(6u, w, output);
      forward_row(7u, w, output);
      forward_row(8u, w, output);
      forward_row(9u, w, output);
      forward_row(10u, w, output);
      forward_row(11u, w, output);
      forward_row(12u, w, output);
      forward_row(13u, w, output);
      forward_row(14u, w, output);
      forward_row(15u, w, output);
    }
  }
}

// The statistics of the batch, and from them the gradient by the score of each cell. A cell without pairs may have a score
// whose terms are not finite.
fn differentiate_cells(h: Hyper, now: Clock) -> ScoreStats {
  let no_row = RowStats();
  var sums = vec4f();         // joint T, joint term, marginal terms
  var exponentials = lse_identity();
  for (var e = 0u; e < CELLS; e++) {
    let t = scores[e];
    let joint = counts[e];
    let marginal = counts[CELLS + e];
    sums += select(vec4f(), joint * vec4f(t, estimator_joint_term(t, no_row, h), 0.0, 0.0), joint > 0.0);
    sums += select(vec4f(), marginal * vec4f(0.0, 0.0, estimator_marginal_terms(t, no_row, h)), marginal > 0.0);
    let more = lse_combine(exponentials, LogSumExp(t, marginal));
    exponentials.maximum = select(exponentials.maximum, more.maximum, marginal > 0.0);
    exponentials.sum = select(exponentials.sum, more.sum, marginal > 0.0);
  }
  sums = vec4f(sum_lanes(sums.x), sum_lanes(sums.y), sum_lanes(sums.z), sum_lanes(sums.w));
  let s = stats_of(sums, lse_value(fold_lanes(exponentials)), dims.joint, dims.marginals, h, now);
  for (var e = 0u; e < CELLS; e++) {
    let t = scores[e];
    let joint = counts[e];
    let marginal = counts[CELLS + e];
    d_scores[e] = select(0.0, joint * estimator_d_joint(t, no_row, s, h), joint > 0.0)
      + select(0.0, marginal * estimator_d_marginal(t, no_row, s, h), marginal > 0.0);
  }
  return s;
}

// Of the unit that is passing back, over this lane's cells: the gradient by the output's weight, and that by the two
// categories of y but for the output's weight, which is a factor of all.
var<private> d_output: f32;
var<private> by_y: vec2f;

// The same by category x, over this lane's two cells alone.
fn backward_row(x: u32, w: vec4f) -> f32 {
  if (x >= X_WIDTH) {
    return 0.0;
  }
  let of_x = weight_of(x, w);
  let low = activate(of_x + w.z);
  let d_low = d_scores[x] * low.y;
  d_output += d_scores[x] * low.x;
  by_y.x += d_low;
  if (max(X_WIDTH, Y_WIDTH) <= 8u) {
    return d_low;
  }
  let high = activate(of_x + w.w);
  let d_high = d_scores[CELL_CATEGORIES + x] * high.y;
  d_output += d_scores[CELL_CATEGORIES + x] * high.x;
  by_y.y += d_high;
  return d_low + d_high;
}

// Two sums over lanes become one: lanes whose bit `apart` is 0 go on with a, the others with b, each for itself and the
// lane `apart` from it. Three levels of it sum eight rows over all lanes, and lane l has that of row l.
@diagnostic(off, subgroup_uniformity)
fn merge(a: f32, b: f32, apart: u32, lane: u32) -> f32 {
  let upper = (lane & apart) != 0u;
  return select(a, b, upper) + subgroupShuffleXor(select(b, a, upper), apart);
}

fn backward_two(x: u32, w: vec4f, lane: u32) -> f32 {
  return merge(backward_row(x, w), backward_row(x + 4u, w), 4u, lane);
}

fn backward_four(x: u32, w: vec4f, lane: u32) -> f32 {
  return merge(backward_two(x, w, lane), backward_two(x + 2u, w, lane), 2u, lane);
}

// By category x + lane.
fn backward_eight(x: u32, w: vec4f, lane: u32) -> f32 {
  if (x >= X_WIDTH) {
    return 0.0;
  }
  return merge(backward_four(x, w, lane), backward_four(x + 1u, w, lane), 1u, lane);
}

// Up to four parameters that are this lane's own follow their gradient.
fn ascend_four(at: vec4u, own: vec4<bool>, old: vec4f, d: vec4f, h: Hyper, update: Update) {
  let kept = transpose(mat4x2f(moments_at(at.x), moments_at(at.y), moments_at(at.z), moments_at(at.w)));
  let fresh = ascended(h, update, Four(old, kept[0], kept[1]), d);
  if (own.x) { params[at.x] = fresh.params.x; keep_moments(at.x, vec2f(fresh.m.x, fresh.v.x)); }
  if (own.y) { params[at.y] = fresh.params.y; keep_moments(at.y, vec2f(fresh.m.y, fresh.v.y)); }
  if (own.z) { params[at.z] = fresh.params.z; keep_moments(at.z, vec2f(fresh.m.z, fresh.v.z)); }
  if (own.w) { params[at.w] = fresh.params.w; keep_moments(at.w, vec2f(fresh.m.w, fresh.v.w)); }
}

// The weights follow their gradient; returns whether it was finite. A gradient is computed twice, for its norm and for the
// step, because memory for it would cost as much. Where nothing is clipped, the norm says only whether the gradient is
// finite, and a bound that is no overflow saves the first turn: an activation is at most a sum of three weights, a slope
// less than 2.
@diagnostic(off, subgroup_uniformity)
fn ascend_cells(start: u32, lane: u32, h: Hyper, now: Clock) -> bool {
  let inputs = X_WIDTH + Y_WIDTH;
  var d_bias = 0.0;
  var d_magnitude = 0.0;
  for (var e = 0u; e < CELLS; e++) {
    d_bias += d_scores[e];
    d_magnitude += abs(d_scores[e]);
  }
  d_bias = select(0.0, sum_lanes(d_bias), OUTPUT_BIAS == 1u);
  let most = max(2.0 * sum_lanes(magnitude), 1.0) * sum_lanes(d_magnitude);
  let is_sure = h.clip_norm == 0.0 && is_finite_bits(most * most * f32(dims.stride));
  var squares = 0.0;
  var update = Update();
  for (var turn = select(0u, 1u, is_sure); turn < 2u; turn++) {
    if (turn == 1u) {
      update = update_for(h, now, sum_lanes(squares) + d_bias * d_bias);
    }
    let steps = turn == 1u && update.is_finite == 1.0;
    for (var first = 0u; first < HIDDEN; first += CELL_LANES) {
      let own = min(first + lane, HIDDEN - 1u);
      let edges = vec4u(place(start, inputs, own), place(start, inputs + 1u, own), start, start);
      let old_edges = vec4f(params[edges.x], params[edges.y], 0.0, 0.0);
      var d_edges = vec4f();
      for (var l = 0u; l < min(CELL_LANES, HIDDEN - first); l++) {
        let at = places_of(start, first + l, lane);
        let old = load_unit(at, lane);
        let bias = subgroupShuffle(old_edges.x, l);
        let output = subgroupShuffle(old_edges.y, l);
        let w = old + vec4f(0.0, 0.0, bias, bias);
        d_output = 0.0;
        by_y = vec2f();
        let by_x = vec2f(backward_eight(0u, w, lane), backward_eight(8u, w, lane));
        let d = select(vec4f(), output * vec4f(by_x, by_y), owns(lane));
        let d_edge = vec4f(output * sum_lanes(by_y.x + by_y.y), sum_lanes(d_output), 0.0, 0.0);
        d_edges = select(d_edges, d_edge, l == lane);
        squares += dot(d, d);
        if (steps) {
          ascend_four(at, owns(lane), old, d, h, update);
        }
      }
      squares += dot(d_edges, d_edges);
      if (steps) {
        let is_unit = first + lane < HIDDEN;
        ascend_four(edges, vec4<bool>(is_unit, is_unit, false, false), old_edges, d_edges, h, update);
      }
    }
  }
  if (OUTPUT_BIAS == 1u && update.is_finite == 1.0) {
    // The same in all lanes.
    let at = vec4u(place(start, inputs + 2u, 0u));
    ascend_four(at, vec4<bool>(true, false, false, false), vec4f(params[at.x]), vec4f(d_bias), h, update);
  }
  return update.is_finite == 1.0;
}

@compute @workgroup_size(CELL_LANES)
fn main(@builtin(workgroup_id) workgroup_id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let replica = workgroup_id.x;
  let start = replica * dims.stride;
  let h = hyper[replica];
  var now = clock[replica];
  for (var step = 0u; step < stretch.steps; step++) {
    count_pairs(replica, lane);
    forward_cells(start, lane);
    let s = differentiate_cells(h, now);
    let is_finite = ascend_cells(start, lane, h, now);
    let record = record_of(s, estimator_value(s, h), estimator_objective(s, h));
    if (lane == 0u) {
      history[replica * dims.capacity + now.step % dims.capacity] = record;
      stats[replica] = s;
    }
    // The next step draws by the clock: every lane writes the same, and so reads what it wrote itself.
    now = next_clock(now, h, record, s.ema_lse, is_finite);
    clock[replica] = now;
  }
}
