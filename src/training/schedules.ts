/** Schedules: how a learning rate goes over the steps. */
export {
  constant,
  cosine,
  exponential,
  type Falling,
  linear,
  type Shrinking,
  staircase,
  type Warmup,
} from "./schedule.ts";
