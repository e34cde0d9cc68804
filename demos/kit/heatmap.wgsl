// heatmap: values (rows, cols), row 0 at the bottom, in a colour map that goes from `cold` over `middle` to `warm` as a
// value goes from -reach over 0 to reach.

struct View {
  size: vec2f,
  cols: f32,
  rows: f32,
  cold: vec4f,
  middle: vec4f,
  warm: vec4f,
  reach: f32,
}
@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var<storage, read> values: array<f32>; // (rows, cols)

fn colour(pixel: vec2f) -> vec4f {
  let at = vec2f(pixel.x, view.size.y - pixel.y) / view.size * vec2f(view.cols, view.rows);
  let col = min(u32(max(at.x, 0.0)), u32(view.cols) - 1u);
  let row = min(u32(max(at.y, 0.0)), u32(view.rows) - 1u);
  let value = clamp(values[row * u32(view.cols) + col] / view.reach, -1.0, 1.0);
  return mix(view.middle, select(view.warm, view.cold, value < 0.0), abs(value));
}
