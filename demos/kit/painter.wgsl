// painter: covers a canvas with what `colour` says of each pixel. It stands before a page's own fragment code, which
// declares its bindings and `fn colour(pixel: vec2f) -> vec4f`: pixel from the top left, colour with premultiplied alpha.

@vertex
fn cover(@builtin(vertex_index) i: u32) -> @builtin(position) vec4f {
  // One triangle around the whole canvas.
  return vec4f(f32(i & 1u) * 4.0 - 1.0, f32(i >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn paint(@builtin(position) position: vec4f) -> @location(0) vec4f {
  return colour(position.xy);
}
