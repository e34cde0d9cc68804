// Nothing is timed that was not found right: one step in float64, for the library's own trainer and for the peers.
import {
  adamStep,
  backward,
  batchOf,
  forward,
  LAMBDA,
  marginalsOf,
  matricesOf,
  numbers,
  optionsOf,
  oracles,
  scored,
  selfConsistency,
  sideOf,
  slots,
  unpackArray,
  widthsOf,
} from "./dist/library.js";

const largest = (list) => list.reduce((top, v) => Math.max(top, Math.abs(v)), 0);
/** Rows that a step draws. */
const rowsOf = (w) => (w.negatives === "independent" ? 2 * w.joint : w.joint);
const parameters = { lambda: LAMBDA, C: 0 };

/** The critic in float64: T of a pair under some parameters, and what adds d_t times its gradient. */
function criticOf(w, params) {
  if (w.source === "images") {
    const [side, own] = [sideOf(w), Float64Array.from(params)];
    const network = { height: side, width: side, channels: [1, 1], layers: selfConsistency, activation: "relu" };
    return (x, y) => scored(network, own, x, y);
  }
  const net = { widths: widthsOf(w).slice(0, -1), activation: "relu", outputBias: w.outputBias };
  const [own, magnitude] = [Array.from(params), new Float64Array(params.length)];
  return (x, y) => {
    const made = forward(net, own, [...x, ...y]);
    return { t: made.t, backward: (d_t, gradient) => backward(net, own, made, d_t, gradient, magnitude) };
  };
}

/** Value, objective and gradient of one replica's batch, (rows, Dx) and (rows, Dy), by the chain rule in float64. */
function reference(w, params, x, y) {
  const K = marginalsOf(w);
  const critic = criticOf(w, params);
  const row = (data, i, width) => data.subarray(i * width, (i + 1) * width);
  const list = slots(w.joint, K, w.negatives === "independent");
  const passes = list.map((slot) => critic(row(x, slot.x, w.x), row(y, slot.y, w.y)));
  const scores = passes.map(({ t }) => t);
  const batch = batchOf(scores, K);
  const top = largest(batch.marginal);
  const weights = scores.map((t, s) => (list[s].isJoint ? 0 : Math.exp(t - top)));
  const total = weights.reduce((a, b) => a + b, 0);
  const g = top + Math.log(total / batch.marginal.length);
  return {
    value: oracles.remine.value(batch),
    objective: oracles.remine.objective(batch, parameters),
    gradient() {
      const gradient = new Float64Array(params.length);
      passes.forEach((pass, s) => {
        pass.backward(list[s].isJoint ? 1 / w.joint : -(1 + 2 * LAMBDA * g) * (weights[s] / total), gradient);
      });
      return gradient;
    },
  };
}

/** The rows that the last step drew. A kernel of whole steps keeps none, so a layered trainer draws them again. */
async function drawnBy(m, gpu, trainer, w) {
  const layered =
    trainer.engine === "layered" ? trainer : await m.createTrainer(gpu, { ...optionsOf(m, w), engine: "layered" });
  try {
    if (layered !== trainer) await layered.step(trainer.steps);
    const { batch_x, batch_y } = layered.tensors.batch;
    return [new Float32Array(await gpu.read(batch_x)), new Float32Array(await gpu.read(batch_y))];
  } finally {
    if (layered !== trainer) layered.dispose();
  }
}

/**
 * Takes three steps and holds the third against float64, in the first and the last replica: the value, the gradient (as
 * the optimizer's state shows it, so that it serves every engine) and the new parameters. `m` is the trainer's library.
 *
 * @throws when one is off by more than rounding; else returns the largest errors
 */
export async function checkTrainer(m, gpu, trainer, w) {
  const { training } = trainer.tensors;
  const read = async (tensor) => new Float32Array(await gpu.read(tensor));
  const { count, stride } = trainer.shape.layout;
  const state = async () => ({
    params: await read(training.params),
    ...(w.optimizer === "adam" && { m: await read(training.m_params), v: await read(training.v_params) }),
  });
  // Branches of residual blocks begin as zero, and what is below them has no gradient.
  if (w.source === "images") gpu.write(training.params, fixtureOf(w).params);
  await trainer.step(2);
  const before = await state();
  await trainer.step(1);
  const after = await state();
  const [xs, ys] = await drawnBy(m, gpu, trainer, w);
  const stats = unpackArray("ScoreStats", await gpu.read(training.stats));
  const errors = { value: 0, gradient: 0, update: 0 };
  for (const r of new Set([0, w.replicas - 1])) {
    const part = (list, size, n = size) => list.subarray(r * size, r * size + n);
    const own = (list) => part(list, stride, count);
    const rows = rowsOf(w);
    const want = reference(w, own(before.params), part(xs, rows * w.x), part(ys, rows * w.y));
    const gradient = want.gradient();
    const value = stats[r].joint_mean - stats[r].marginal_lme;
    const [p, q] = [own(before.params), own(after.params)];
    let [got, update] = [undefined, 0];
    if (w.optimizer === "adam") {
      const [m, v] = [own(before.m), own(before.v)];
      got = own(after.m).map((now, i) => (now - 0.9 * m[i]) / (1 - 0.9));
      const settings = { rate: w.rate, weightDecay: 0, betas: [0.9, 0.999], epsilon: 1e-8 };
      const moved = (i) => adamStep({ p: p[i], m: m[i], v: v[i] }, got[i], 3, settings).p;
      update = largest(q.map((now, i) => (now - moved(i)) / (w.rate + 1e-5 * Math.abs(now))));
    } else got = q.map((now, i) => (now - p[i]) / w.rate);
    errors.value = Math.max(errors.value, Math.abs(value - want.value));
    errors.gradient = Math.max(errors.gradient, largest(got.map((d, i) => d - gradient[i])) / largest(gradient));
    errors.update = Math.max(errors.update, update);
  }
  // f32 sums of thousands of terms with an exp of 4e-6 each; 2 % of a step where a gradient is nearly nothing. A weight of
  // W7 sums 200 704 terms, and of a million windows that are pooled some have two that are largest as far as f32 can tell.
  const allowed = { value: 1e-5, gradient: w.source === "images" ? 5e-4 : 1e-4, update: 0.02 };
  for (const [what, error] of Object.entries(errors)) {
    if (!(error <= allowed[what])) throw new Error(`the ${what} is off by ${error}; ${allowed[what]} is allowed`);
  }
  return errors;
}

/** One batch and one set of parameters that every peer is asked about, as they travel: base64 of float32. */
export function fixtureOf(w) {
  const wave = (count, scale, shift) =>
    Float32Array.from({ length: count }, (_, i) => scale * Math.sin(12.9898 * i + shift));
  // A convolution's weights have to look random: those of a wave make all channels combinations of two.
  const random = (count, scale, seed) => numbers(count, seed).map((v) => scale * Math.sqrt(1.5) * (2 * v - 1));
  const weights = w.source === "images" ? random : wave;
  const params = matricesOf(w).map(({ inputs, outputs, bias }, l) => [
    ...weights(inputs * outputs, Math.sqrt(4 / inputs), l),
    ...wave(bias ? outputs : 0, 0.1, l + 0.5),
  ]);
  const rows = rowsOf(w);
  const coded = (seed) =>
    Float32Array.from({ length: rows * w.x }, (_, i) => Number((seed * Math.floor(i / w.x)) % w.x === i % w.x));
  const batches = {
    "one-hot": () => [coded(3), coded(5)],
    gaussian: () => [wave(rows * w.x, 1.5, 1), wave(rows * w.y, 1.5, 2)],
    images: () => [numbers(rows * w.x, 3), numbers(rows * w.y, 4)],
  };
  const [x, y] = batches[w.source]();
  return { params: Float32Array.from(params.flat()), x, y };
}

const base64 = (list) => Buffer.from(list.buffer, list.byteOffset, list.byteLength).toString("base64");
export const encoded = ({ params, x, y }) => ({ params: base64(params), x: base64(x), y: base64(y) });

/** What the objective of the fixture is in float64, and after one step of the optimizer. */
export function answerOf(w) {
  const { params, x, y } = fixtureOf(w);
  const { objective, ...first } = reference(w, params, x, y);
  const gradient = first.gradient();
  const settings = { rate: w.rate, weightDecay: 0, betas: [0.9, 0.999], epsilon: 1e-8 };
  const step = (p, i) =>
    w.optimizer === "adam" ? adamStep({ p, m: 0, v: 0 }, gradient[i], 1, settings).p : p + w.rate * gradient[i];
  const next = reference(w, Float64Array.from(params, step), x, y).objective;
  return { objective, gain: next - objective };
}

/** @throws when a peer's objectives (of every replica, before and after a step) are not those of `answer` */
export function checkPeer({ before, after }, { objective, gain }) {
  const off = largest(before.map((v) => v - objective)) / Math.max(1, Math.abs(objective));
  const gains = largest(after.map((v, r) => v - before[r] - gain)) / Math.max(Math.abs(gain), 1e-3);
  if (!(off <= 2e-5)) throw new Error(`its objective is ${before[0]}, not ${objective}`);
  if (!(gains <= 0.02)) throw new Error(`its first step gains ${after[0] - before[0]}, not ${gain}`);
  return { objective: off, gain: gains };
}
