/** What every step leaves behind: a record a replica, kept on the host if they are asked for. */
import { type StepRecord, structs } from "../gpu/shaders.gen.ts";

/** One number per step, nats. */
export interface Trace {
  joint: Float32Array;
  logPartition: Float32Array;
  value: Float32Array;
  objective: Float32Array;
}

const WORDS = structs.StepRecord.size / 4;
const FIELDS = structs.StepRecord.fields.map(([name]) => name) as readonly (keyof StepRecord)[];

/** The records of the steps of `replicas` trained side by side. */
export class Records {
  readonly #replicas: number;
  #parts: Float32Array[] = [];

  constructor(replicas: number) {
    this.#replicas = replicas;
  }

  /**
   * Keeps the records of the last steps.
   *
   * @param history (R, W) StepRecord, as a ring over the steps
   * @param steps taken in all, `count` of them last
   */
  keep(history: Float32Array, steps: number, count: number): void {
    const replicas = this.#replicas;
    const capacity = history.length / (replicas * WORDS);
    const records = new Float32Array(count * replicas * WORDS);
    for (let i = 0; i < count; i++) {
      const slot = (steps - count + i) % capacity;
      for (let r = 0; r < replicas; r++) {
        const from = (r * capacity + slot) * WORDS;
        records.set(history.subarray(from, from + WORDS), (i * replicas + r) * WORDS);
      }
    }
    this.#parts.push(records);
  }

  /** Those of a state that was loaded are not known. */
  clear(): void {
    this.#parts = [];
  }

  /** One number a step for every replica; NaN for steps that were taken before the records began. */
  traces(steps: number): Trace[] {
    return Array.from({ length: this.#replicas }, (_, r) => ({
      joint: this.#column(r, "joint_mean", steps),
      logPartition: this.#column(r, "marginal_lme", steps),
      value: this.#column(r, "value", steps),
      objective: this.#column(r, "objective", steps),
    }));
  }

  #column(replica: number, field: keyof StepRecord, steps: number): Float32Array {
    const width = this.#replicas * WORDS;
    const out = new Float32Array(steps).fill(Number.NaN);
    let step = steps - this.#parts.reduce((sum, part) => sum + part.length / width, 0);
    for (const part of this.#parts) {
      for (let i = replica * WORDS + FIELDS.indexOf(field); i < part.length; i += width) out[step++] = part[i]!;
    }
    return out;
  }
}
