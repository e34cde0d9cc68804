// staircase: which correlation the Gaussian source has at a step. Every level lasts level_steps steps, the last one on.

struct GaussianDims {
  levels: u32,       // L
  level_steps: u32,
}

fn level_at(dims: GaussianDims, step: u32) -> u32 {
  return min(step / dims.level_steps, dims.levels - 1u);
}
