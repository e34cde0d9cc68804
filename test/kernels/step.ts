/** What the tests of the two optimizers share. */
import { awkward, normals, range, records } from "../gpu.ts";

export interface StepCase {
  replicas: number;
  count: number;
  /** Workgroups along x: with fewer than P / 64 a thread strides over several parameters. */
  workgroups: number;
}

export const stepCases: StepCase[] = [
  { replicas: 1, count: 1, workgroups: 1 },
  { replicas: 3, count: 63, workgroups: 1 },
  { replicas: 1, count: 64, workgroups: 1 },
  { replicas: 3, count: 65, workgroups: 1 },
  { replicas: 1, count: 257, workgroups: 2 },
  { replicas: 3, count: 700, workgroups: 2 },
];

const PAD = 5;

/** Gradients, parameters and an Update record per replica; the second replica's gradient was not finite. */
export function stepInputs({ replicas, count }: StepCase, t: number) {
  const stride = count + PAD;
  const updates = range(replicas).map((r) => {
    const finite = r === 1 ? 0 : 1;
    const [rate, weightDecay] = [0.1 / (r + 1), 0.1 * r];
    return { gradient_scale: 1 / (r + 1), rate, weightDecay, decay: rate * weightDecay, is_finite: finite };
  });
  const corrections = { m_correction: 1 / (1 - 0.9 ** t), v_correction: 1 / (1 - 0.999 ** t) };
  return {
    updates,
    stride,
    inputs: {
      dims: { count, stride },
      update: records(
        "Update",
        updates.map((u) => ({ ...u, ...corrections })),
      ),
      d_params: awkward(1, replicas * stride),
      params: normals(2, replicas * stride),
    },
    /** Whether parameter `at` is one that the step changes. */
    isStepped: (at: number) => at % stride < count && updates[Math.floor(at / stride)]!.is_finite === 1,
  };
}
