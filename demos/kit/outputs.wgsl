// outputs: what bin_outputs counted as a picture: time to the right, outputs upwards, and beside it, lying on its side,
// the histogram of the newest ones.

const ROWS = 96u;

struct View {
  size: vec2f,
  plot: f32,         // width of the part over time, pixels
  gap: f32,          // between it and the histogram
  columns: f32,
  first: f32,        // training step at the left edge
  last: f32,         // and at the right edge
  largest: f32,      // outputs of one kind in a column, at most
  recent: f32,       // columns that the histogram sums
  low: f32,          // output at the lower edge
  high: f32,
  unused: f32,
  joint: vec4f,
  marginal: vec4f,
  line: vec4f,
}
@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var<storage, read> counts: array<u32>; // (columns + 1, ROWS, 2)
@group(0) @binding(2) var<storage, read> steps: array<f32>;  // (columns) training step of each

// The first column whose step is not below `step`.
fn column_at(step: f32) -> u32 {
  var low = 0u;
  var high = u32(view.columns);
  while (low < high) {
    let middle = (low + high) / 2u;
    if (steps[middle] < step) { low = middle + 1u; } else { high = middle; }
  }
  return low;
}

fn over(top: vec4f, bottom: vec4f) -> vec4f {
  return top + bottom * (1.0 - top.a);
}

fn colour(pixel: vec2f) -> vec4f {
  let row = min(u32((1.0 - pixel.y / view.size.y) * f32(ROWS)), ROWS - 1u);
  let zero = view.size.y * view.high / (view.high - view.low);
  let ground = view.line * select(0.0, 1.0, abs(pixel.y - zero) < 0.75);
  var at = u32(view.columns);
  if (pixel.x < view.plot) {
    at = column_at(mix(view.first, view.last, pixel.x / view.plot));
    if (at >= u32(view.columns)) { return ground; }
  } else if (pixel.x < view.plot + view.gap) {
    return vec4f(0.0);
  }
  let joint = f32(counts[(at * ROWS + row) * 2u]);
  let marginal = f32(counts[(at * ROWS + row) * 2u + 1u]);
  if (at < u32(view.columns)) {
    // A single output still shows; a quarter of the batch in one row is full colour.
    let strength = saturate(0.35 + 0.65 * vec2f(joint, marginal) / (0.25 * view.largest)) * sign(vec2f(joint, marginal));
    return over(view.joint * strength.x, over(view.marginal * strength.y, ground));
  }
  // Square roots, so that a few outputs far away are seen beside the many.
  let reach = (pixel.x - view.plot - view.gap) / (view.size.x - view.plot - view.gap);
  let bars = sqrt(vec2f(joint, marginal) / (view.largest * view.recent));
  let shown = vec2f(select(0.0, 0.8, reach < bars.x), select(0.0, 0.8, reach < bars.y));
  return over(view.joint * shown.x, over(view.marginal * shown.y, ground));
}
