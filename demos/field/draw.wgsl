// draw: a field of the plane in a colour map that goes from `cold` over `middle` to `warm`, with a contour at every whole
// nat. Where no pairs fall, nothing says what the field should be, and it pales.

struct View {
  size: vec2f,     // of the canvas, pixels
  nodes: f32,      // G
  reach: f32,      // nats that get the full colour
  cold: vec4f,
  middle: vec4f,
  warm: vec4f,
  ink: vec4f,      // of the contours
}
@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var<storage, read> values: array<f32>;  // (G, G), nats; x along the rows, y up
@group(0) @binding(2) var<storage, read> support: array<f32>; // (G, G), 0 where no pairs fall, 1 where many do

fn colour(pixel: vec2f) -> vec4f {
  let size = u32(view.nodes);
  let at = clamp(vec2f(pixel.x, view.size.y - pixel.y) / view.size, vec2f(0.0), vec2f(1.0)) * f32(size - 1u);
  let low = min(vec2u(at), vec2u(size - 2u));
  let part = at - vec2f(low);
  let n = low.y * size + low.x;
  let value = mix(mix(values[n], values[n + 1u], part.x), mix(values[n + size], values[n + size + 1u], part.x), part.y);
  let known =
    mix(mix(support[n], support[n + 1u], part.x), mix(support[n + size], support[n + size + 1u], part.x), part.y);
  let share = clamp(value / view.reach, -1.0, 1.0);
  let shade = mix(view.middle, select(view.warm, view.cold, share < 0.0), abs(share));
  let width = max(fwidth(value), 1e-6); // nats a pixel
  let within = f32(abs(value) < view.reach + 0.5);
  let line = within * (1.0 - smoothstep(0.5, 1.5, abs(value - round(value)) / width)) * (1.0 - smoothstep(0.1, 0.3, width));
  return mix(view.middle, mix(shade, view.ink, 0.35 * line), 0.12 + 0.88 * known);
}
