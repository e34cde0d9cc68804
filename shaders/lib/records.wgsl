// records: the small per-replica structs that kernels hand to each other.

// What a replica's estimator and optimizer are told; one scalar each, so replicas can sweep them.
struct Hyper {
  seed: u32,            // key of the random numbers, with `stream`
  stream: u32,
  batch: u32,           // joint pairs of a step that count, with their marginal pairs; 0 is all of them
  // @parameters: an f32 for each that estimators state (scripts/estimator-facts.mjs); 0 where one does not take it
  learning_rate: f32,
  weight_decay: f32,    // decoupled (AdamW)
  clip_norm: f32,       // largest gradient norm; 0 never clips
  schedule: u32,        // SCHEDULE_*: how the learning rate falls
  warmup_steps: u32,    // steps over which it rises first
  decay_steps: u32,     // steps after these until it is 0, or until it is decay_factor smaller
  decay_factor: f32,
  beta1: f32,           // decay of Adam's first moment, or SGD's momentum
  beta2: f32,           // decay of Adam's second moment
  epsilon: f32,         // beside the root of Adam's second moment
  nesterov: u32,        // 1: SGD looks ahead along its momentum
}

// Where a replica stands. Written once a step, by what ends it.
struct Clock {
  step: u32,
  beta1_power: f32,     // Adam's bias corrections beta^t, by running product
  beta2_power: f32,
  ema_lse: f32,         // log of the moving average of E_q[exp T]
  bad_step: u32,        // 1 + the first step whose score or gradient was not finite; 0 while all is well
}

// What one step of the optimizer multiplies by, worked out once for many parameters.
struct Update {
  gradient_scale: f32,  // clips the gradient; 0 where it is not finite
  rate: f32,            // learning rate of this step
  decay: f32,           // of the parameters
  m_correction: f32,    // Adam's 1 / (1 - beta1^t)
  v_correction: f32,    // and 1 / (1 - beta2^t)
  is_finite: f32,       // 0: this step changes nothing
}

// One row of scores: joint pair i and its K marginal pairs, which share x_i. Written by reduce_rows.
struct RowStats {
  joint: f32,           // T of the joint pair
  lse: f32,             // log sum exp of T over all 1 + K pairs
  marginal_lse: f32,    // and over the K marginal pairs
  marginals: f32,       // K
  baseline: f32,        // what the baseline network says of this row; 0 without one
  first: f32,           // sums of estimator_row_terms over the marginal pairs
  second: f32,
}

// Averages of one batch of scores, or of a window of batches.
struct ScoreStats {
  joint_mean: f32,      // mean of T over joint pairs
  marginal_lme: f32,    // log mean exp of T over marginal pairs
  joint_term: f32,      // mean of estimator_joint_term over joint pairs
  marginal_term: f32,   // mean of estimator_marginal_terms over marginal pairs
  second_term: f32,     // and of its second component
  joint_count: f32,
  marginal_count: f32,
  ema_lse: f32,         // as in Clock, this batch included
}
