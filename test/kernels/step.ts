/** What the tests of the two optimizers share. */
import { awkward, hyperWith, normals, range, records } from "../gpu.ts";

export interface StepCase {
  replicas: number;
  count: number;
  /** Workgroups along x: with fewer than P / 256 a thread strides over several vectors. */
  workgroups: number;
}

export const stepCases: StepCase[] = [
  { replicas: 1, count: 1, workgroups: 1 },
  { replicas: 3, count: 63, workgroups: 1 },
  { replicas: 1, count: 64, workgroups: 1 },
  { replicas: 3, count: 65, workgroups: 1 },
  { replicas: 1, count: 257, workgroups: 2 },
  { replicas: 3, count: 700, workgroups: 2 },
  { replicas: 1, count: 1030, workgroups: 2 },
];

/** `count` parameters, padded to whole vectors, and one vector more. */
const padded = (count: number) => 4 * Math.ceil(count / 4) + 4;

/** Gradients, parameters and an Update record per replica; the second replica's gradient was not finite. */
export function stepInputs({ replicas, count }: StepCase, t: number) {
  const stride = padded(count);
  const updates = range(replicas).map((r) => {
    const finite = r === 1 ? 0 : 1;
    const [rate, weightDecay] = [0.1 / (r + 1), 0.1 * r];
    // Replicas differ in everything that a record holds. f32, as the shader has them: 1 - beta would show the difference.
    const betas = [[0.9, 0.999] as const, [0, 0.9] as const, [0.5, 0.99] as const][r]!.map(Math.fround) as [
      number,
      number,
    ];
    const hyper = { beta1: betas[0], beta2: betas[1], epsilon: [1e-8, 1e-8, 1e-3][r]!, nesterov: r === 2 ? 1 : 0 };
    return {
      gradient_scale: 1 / (r + 1),
      rate,
      weightDecay,
      decay: rate * weightDecay,
      is_finite: finite,
      betas,
      hyper,
    };
  });
  const corrections = ({ betas }: { betas: [number, number] }) => ({
    m_correction: 1 / (1 - betas[0] ** t),
    v_correction: 1 / (1 - betas[1] ** t),
  });
  return {
    updates,
    stride,
    inputs: {
      dims: { count, stride },
      hyper: records(
        "Hyper",
        updates.map(({ hyper }) => hyperWith(hyper)),
      ),
      update: records(
        "Update",
        updates.map((u) => ({ ...u, ...corrections(u) })),
      ),
      d_params: awkward(1, replicas * stride),
      params: normals(2, replicas * stride),
    },
    /** Whether parameter `at` is one that the step changes. */
    isStepped: (at: number) => at % stride < count && updates[Math.floor(at / stride)]!.is_finite === 1,
  };
}
