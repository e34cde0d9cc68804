// activation: the nonlinearity of a layer and its slope, chosen when the pipeline is made.

const ACTIVATION_IDENTITY = 0u;
const ACTIVATION_RELU = 1u;
const ACTIVATION_SILU = 2u;
const ACTIVATION_LEAKY_RELU = 3u;
const ACTIVATION_ELU = 4u;
const ACTIVATION_TANH = 5u;
override ACTIVATION: u32 = 1u;
// 0: nobody keeps the slope, because the value tells it. That holds for ReLU and the identity, and saves a store of every
// activation.
override SLOPE_STORED: u32 = 1u;

const LEAK = 0.01; // slope of the leaky ReLU below 0

// e^x - 1 for x <= 0, to a few ulp: exp() of a software adapter is off by 64, and the subtraction would lose what is left
// near 0. x = k ln 2 + r with |r| <= ln 2 / 2; of e^r - 1 the first term left out is below 2e-8 of the sum.
fn expm1_below_zero(x: f32) -> f32 {
  let held = max(x, -87.0); // 2^k stays a normal number
  let k = round(held * 1.4426950408889634);
  let r = (held - k * 0.693359375) + k * 2.1219444005469057e-4; // ln 2 in two parts, the first times k exact
  let series = r * (1.0 + r * (1.0 / 2.0 + r * (1.0 / 6.0 + r * (1.0 / 24.0
    + r * (1.0 / 120.0 + r * (1.0 / 720.0 + r * (1.0 / 5040.0)))))));
  let power = bitcast<f32>(u32(i32(k) + 127) << 23u);
  return power * series + (power - 1.0);
}

// (value, slope) at z. SiLU is z * sigmoid(z) (Elfwing et al. 2018, arXiv:1702.03118), ELU has alpha = 1 (Clevert et al.
// 2016, arXiv:1511.07289).
fn activate(z: f32) -> vec2f {
  if (ACTIVATION == ACTIVATION_IDENTITY) {
    return vec2f(z, 1.0);
  }
  if (ACTIVATION == ACTIVATION_RELU) {
    return select(vec2f(0.0, 0.0), vec2f(z, 1.0), z > 0.0);
  }
  if (ACTIVATION == ACTIVATION_LEAKY_RELU) {
    return select(vec2f(LEAK * z, LEAK), vec2f(z, 1.0), z > 0.0);
  }
  if (ACTIVATION == ACTIVATION_ELU) {
    let below = expm1_below_zero(min(z, 0.0));
    return select(vec2f(below, below + 1.0), vec2f(z, 1.0), z > 0.0);
  }
  if (ACTIVATION == ACTIVATION_TANH) {
    // tanh |z| = (1 - e^(-2|z|)) / (1 + e^(-2|z|)), and its slope is 4 e^(-2|z|) over the same squared.
    let e = expm1_below_zero(-2.0 * abs(z));
    let value = -e / (2.0 + e);
    return vec2f(select(value, -value, z < 0.0), 4.0 * (1.0 + e) / ((2.0 + e) * (2.0 + e)));
  }
  // exp(80) is finite in f32, and beyond it the sigmoid is 0 to the last bit.
  let sigmoid = 1.0 / (1.0 + exp(min(-z, 80.0)));
  return vec2f(z * sigmoid, sigmoid * (1.0 + z * (1.0 - sigmoid)));
}

// Values in the first column, slopes in the second.
fn activate_four(z: vec4f) -> mat2x4f {
  return transpose(mat4x2f(activate(z.x), activate(z.y), activate(z.z), activate(z.w)));
}

// The slope, from what the forward pass kept: the slope itself, or ReLU's value. The identity needs neither.
fn slopes_from(kept: vec4f) -> vec4f {
  if (ACTIVATION == ACTIVATION_IDENTITY) {
    return vec4f(1.0);
  }
  if (SLOPE_STORED == 1u) {
    return kept;
  }
  return select(vec4f(), vec4f(1.0), kept > vec4f());
}

fn slope_from(kept: f32) -> f32 { return slopes_from(vec4f(kept)).x; }
