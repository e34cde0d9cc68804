// window: what is remembered of each step.

struct WindowDims {
  replicas: u32,     // R
  capacity: u32,     // steps that history holds per replica
  window: u32,       // W: steps that are averaged, at most capacity
}

struct StepRecord {
  joint_mean: f32,   // mean of T over joint pairs
  marginal_lme: f32, // log mean exp of T over marginal pairs
  joint_term: f32,
  marginal_term: f32,
  second_term: f32,
  value: f32,        // the estimator's value of this batch, nats
  objective: f32,    // what the step ascended
}
