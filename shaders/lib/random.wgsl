// random: Philox4x32-10, a counter-based generator (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
// The key is (seed, stream of the replica), the counter says what the numbers are for (purpose, step, index). So any
// number can be drawn in any order, by any thread, and a host can replay it (test/oracle/random.ts does).

const PURPOSE_WEIGHTS = 1u;   // counter = (element, tensor, 0, PURPOSE_WEIGHTS)
const PURPOSE_ROWS = 2u;      // counter = (row of the batch, step, element, PURPOSE_ROWS)

// The 64-bit product of two 32-bit numbers as (high, low), by halves: WGSL has no wide multiply.
fn multiply_wide(a: u32, b: u32) -> vec2u {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let low = a_low * b_low;
  let middle = a_high * b_low + (low >> 16u);
  let cross = a_low * b_high + (middle & 0xffffu);
  return vec2u(a_high * b_high + (middle >> 16u) + (cross >> 16u), a * b);
}

fn philox(counter: vec4u, key: vec2u) -> vec4u {
  var c = counter;
  var k = key;
  for (var round = 0u; round < 10u; round++) {
    let p0 = multiply_wide(0xD2511F53u, c.x);
    let p1 = multiply_wide(0xCD9E8D57u, c.z);
    c = vec4u(p1.x ^ c.y ^ k.x, p1.y, p0.x ^ c.w ^ k.y, p0.y);
    k += vec2u(0x9E3779B9u, 0xBB67AE85u);
  }
  return c;
}

// In the open interval (0, 1): 24 bits, centred in their cells, so log() never sees 0. The last cell's centre would round
// to 1.
fn uniform_open(bits: u32) -> f32 {
  return min((f32(bits >> 8u) + 0.5) * 5.9604644775390625e-8, 0.99999994);
}

// An index in [0, count). The bias is below count / 2^32.
fn uniform_index(bits: u32, count: u32) -> u32 {
  return multiply_wide(bits, count).x;
}

// Two standard normals (Box and Muller 1958). WGSL lets log() of a number near 1 come out above 0.
fn normal_pair(bits: vec2u) -> vec2f {
  let radius = sqrt(max(-2.0 * log(uniform_open(bits.x)), 0.0));
  let angle = 6.283185307179586 * uniform_open(bits.y);
  return radius * vec2f(cos(angle), sin(angle));
}
