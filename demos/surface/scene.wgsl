// scene: the loss L(j, jbar) = -(j - jbar) + lambda (jbar - C)^2 as a surface, the line j - jbar = I(X;Y) on it, beyond
// which no critic stays, and the optimizer's path, from the records that training left on the GPU.
//
// The world is a cube from -1 to 1: x is j, -z is jbar, y is the loss.

struct View {
  camera: mat4x4f,
  cold: vec4f,
  middle: vec4f,
  warm: vec4f,
  ink: vec4f,
  path: vec4f,
  truth: vec4f,
  size: vec2f,        // of the canvas, pixels
  pixel: f32,         // device pixels of a CSS pixel
  lambda: f32,
  target_constant: f32,
  information: f32,   // I(X;Y), nats
  reach: f32,         // j and jbar are shown from -reach to reach
  height: f32,        // loss at the top of the cube; what is higher is cut off
  first: u32,         // oldest point of the path
  count: u32,         // points of it
  capacity: u32,      // records that the ring holds
  stride: u32,        // words of a record; j and jbar come first
}
@group(0) @binding(0) var<uniform> view: View;
@group(0) @binding(1) var<storage, read> records: array<f32>; // (capacity, stride)

const CELLS = 72u;   // of the surface, a side
const SMOOTH = 6;    // neighbours on each side that a point of the path is averaged with

fn loss(j: f32, jbar: f32) -> f32 {
  let off = jbar - view.target_constant;
  return jbar - j + view.lambda * off * off;
}

fn world(j: f32, jbar: f32) -> vec4f {
  return vec4f(j / view.reach, loss(j, jbar) / view.height, -jbar / view.reach, 1.0);
}

struct Spot {
  @builtin(position) position: vec4f,
  @location(0) value: vec3f,  // j, jbar, loss
}

@vertex
fn surface(@builtin(vertex_index) i: u32) -> Spot {
  let cell = i / 6u;
  let k = i % 6u;
  // Two triangles: corners 0 1 2 and 2 1 3.
  let n = select(k, array(2u, 1u, 3u)[k % 3u], k > 2u);
  let at = (vec2f(vec2u(cell % CELLS + (n & 1u), cell / CELLS + (n >> 1u))) / f32(CELLS) * 2.0 - 1.0) * view.reach;
  return Spot(view.camera * world(at.x, at.y), vec3f(at, loss(at.x, at.y)));
}

fn grid_line(value: f32, spacing: f32) -> f32 {
  let at = value / spacing;
  let width = max(fwidth(at), 1e-6);
  return (1.0 - smoothstep(0.4, 1.4, abs(at - round(at)) / width)) * (1.0 - smoothstep(0.2, 0.5, width));
}

@fragment
fn shade(spot: Spot) -> @location(0) vec4f {
  let spacing = view.reach / 5.0;
  let lines = max(grid_line(spot.value.x, spacing), grid_line(spot.value.y, spacing));
  let line = max(0.16 * lines, 0.4 * grid_line(spot.value.z, 2.0 * spacing));
  let share = clamp(spot.value.z / (0.8 * view.height), -1.0, 1.0);
  let tint = mix(view.middle, select(view.warm, view.cold, share < 0.0), abs(share));
  // Beyond the line no critic stays: the surface is there, but pale.
  let beyond = smoothstep(0.0, 0.3 * spacing, spot.value.x - spot.value.y - view.information);
  let colour = mix(mix(tint, view.ink, line), view.middle, 0.55 * beyond);
  if (spot.value.z > view.height) {
    discard;
  }
  return vec4f(colour.rgb, 1.0);
}

struct Stroke {
  @builtin(position) position: vec4f,
  @location(0) colour: vec4f,
  @location(1) at: vec2f,
}

// A corner of a band `width` CSS pixels wide from a to b, a little before the surface.
fn band(a: vec4f, b: vec4f, i: u32, width: f32) -> vec4f {
  let way = normalize((b.xy / b.w - a.xy / a.w) * view.size + vec2f(1e-4, 0.0));
  let at_b = (i & 1u) == 1u;
  let end = select(a, b, at_b);
  let side = select(-1.0, 1.0, i > 1u) * vec2f(-way.y, way.x) + select(-0.5, 0.5, at_b) * way;
  let shift = side * width * view.pixel / view.size;
  return vec4f(end.xy + shift * end.w, end.z - 0.004 * end.w, end.w);
}

const OUTSIDE = vec4f(2.0, 2.0, 2.0, 1.0);

@vertex
fn bound(@builtin(vertex_index) i: u32, @builtin(instance_index) n: u32) -> Stroke {
  // 24 dashes, twice as long as the gaps.
  let from_jbar = (f32(n) / 12.0 - 1.0) * view.reach;
  let to_jbar = from_jbar + view.reach / 18.0;
  let seen = to_jbar + view.information < view.reach && loss(from_jbar + view.information, from_jbar) < view.height;
  let a = view.camera * world(from_jbar + view.information, from_jbar);
  let b = view.camera * world(to_jbar + view.information, to_jbar);
  return Stroke(select(OUTSIDE, band(a, b, i, 3.0), seen), view.truth, vec2f());
}

// The n-th point of the path, averaged with its neighbours: single batches jump.
fn point(n: u32) -> vec2f {
  var sum = vec2f();
  var weight = 0.0;
  for (var d = -SMOOTH; d <= SMOOTH; d++) {
    let k = i32(n) + d;
    if (k >= 0 && k < i32(view.count)) {
      let at = (view.first + u32(k)) % view.capacity * view.stride;
      sum += vec2f(records[at], records[at + 1u]);
      weight += 1.0;
    }
  }
  return sum / max(weight, 1.0);
}

@vertex
fn path(@builtin(vertex_index) i: u32, @builtin(instance_index) n: u32) -> Stroke {
  let from_point = point(n);
  let to_point = point(n + 1u);
  let a = view.camera * world(from_point.x, from_point.y);
  let b = view.camera * world(to_point.x, to_point.y);
  let age = f32(n + 1u) / f32(view.count);
  return Stroke(band(a, b, i, 3.0), vec4f(view.path.rgb, mix(0.3, 1.0, age * age)), vec2f());
}

@fragment
fn paint(stroke: Stroke) -> @location(0) vec4f {
  return vec4f(stroke.colour.rgb * stroke.colour.a, stroke.colour.a);
}

// Where the optimizer is now.
@vertex
fn head(@builtin(vertex_index) i: u32) -> Stroke {
  let corner = vec2f(f32(i & 1u), f32(i >> 1u)) * 2.0 - 1.0;
  let now = point(view.count - 1u);
  let at = view.camera * world(now.x, now.y);
  let shift = corner * 16.0 * view.pixel / view.size;
  return Stroke(vec4f(at.xy + shift * at.w, at.z - 0.008 * at.w, at.w), view.path, corner);
}

@fragment
fn disc(stroke: Stroke) -> @location(0) vec4f {
  let radius = length(stroke.at);
  if (radius > 1.0) {
    discard;
  }
  return vec4f(mix(stroke.colour.rgb, view.middle.rgb, smoothstep(0.62, 0.72, radius)), 1.0);
}
