// activation: the nonlinearity of a layer and its slope, chosen when the pipeline is made.

const ACTIVATION_IDENTITY = 0u;
const ACTIVATION_RELU = 1u;
const ACTIVATION_SILU = 2u;
override ACTIVATION: u32 = 1u;
// 0: nobody keeps the slope, because the value tells it. That holds for ReLU, and saves a store of every activation.
override SLOPE_STORED: u32 = 1u;

// (value, slope) at z. SiLU is z * sigmoid(z) (Elfwing et al. 2018, arXiv:1702.03118).
fn activate(z: f32) -> vec2f {
  if (ACTIVATION == ACTIVATION_IDENTITY) {
    return vec2f(z, 1.0);
  }
  if (ACTIVATION == ACTIVATION_RELU) {
    return select(vec2f(0.0, 0.0), vec2f(z, 1.0), z > 0.0);
  }
  // exp(80) is finite in f32, and beyond it the sigmoid is 0 to the last bit.
  let sigmoid = 1.0 / (1.0 + exp(min(-z, 80.0)));
  return vec2f(z * sigmoid, sigmoid * (1.0 + z * (1.0 - sigmoid)));
}

// The slope, from what the forward pass kept: the slope itself, or ReLU's value.
fn slope_from(kept: f32) -> f32 {
  if (SLOPE_STORED == 1u) {
    return kept;
  }
  return select(0.0, 1.0, kept > 0.0);
}
