// jax-js on WebGPU or wasm: node bench/peers/jaxjs.mjs webgpu|wasm [ADAPTER]; bench/peers/serve.mjs has the protocol.
// One jitted function is the whole step; Adam is written out, because its optimizers are not on npm.
import { globals } from "webgpu";
import { requestNodeAdapter } from "../dist/library.js";
import { draw, floats, layersOf, serve, tableOf } from "./serve.mjs";

const [backend, adapter] = process.argv.slice(2);
let device = "CPU, 1 thread (Node has no Worker of the kind it needs)";
let naps = false;
if (backend === "webgpu") {
  const found = await requestNodeAdapter({ adapter, quiet: true });
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, "navigator", { value: { gpu: found.instance, userAgent: "Node" } });
  device = found.name;
  naps = found.adapter.info.isFallbackAdapter === true;
} else if (!globalThis.navigator) {
  Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Node" } });
}
const { blockUntilReady, defaultDevice, grad, init, jit, nn, numpy: np, tree } = await import("@jax-js/jax");
if (!(await init(backend)).includes(backend)) throw new Error(`jax-js has no backend "${backend}" here`);
defaultDevice(backend);

const rest = ([, ...list]) => list;

/** The sum over replicas of the objective, or with `each` the objective of each. Arguments are used up. */
function objective(w, lambda, layers, x, y, each = false) {
  const R = w.replicas;
  const lead = R === 1 ? [] : [R];
  const axis = lead.length;
  const N = w.joint;
  const slice = (t, from, to) => (axis === 0 ? t.slice([from, to]) : t.slice([], [from, to]));
  let hidden;
  let later = layers;
  if (w.negatives === "all") {
    const { weight, bias } = layers[0];
    const ofX = np.matmul(x, weight.ref.slice([0, w.x]));
    const ofY = np.matmul(y, weight.slice([w.x, w.x + w.y])).add(bias);
    hidden = nn.relu(np.expandDims(ofX, 1).add(np.expandDims(ofY, 0))).reshape([N * N, w.hidden[0]]);
    later = rest(layers);
  } else if (w.negatives === "shuffle") {
    const shifted = np.concatenate([slice(y.ref, 1, N), slice(y.ref, 0, 1)], axis);
    hidden = np.concatenate([np.concatenate([x.ref, x], axis), np.concatenate([y, shifted], axis)], axis + 1);
  } else hidden = np.concatenate([x, y], axis + 1);
  later.forEach(({ weight, bias }, l) => {
    hidden = np.matmul(hidden, weight);
    if (bias) hidden = hidden.add(bias);
    if (l < later.length - 1) hidden = nn.relu(hidden);
  });
  // By weights and not by slices: the gradient of a slice along the only axis comes out wrong under jit() of 0.1.25.
  const scores = hidden.reshape(w.negatives === "all" ? [N * N] : [...lead, 2 * N]);
  const isJoint =
    w.negatives === "all"
      ? np.eye(N).reshape([N * N])
      : np
          .arange(2 * N)
          .less(N)
          .astype(np.float32);
  const marginals = w.negatives === "all" ? N * (N - 1) : N;
  const joint = np.sum(scores.ref.mul(isJoint.ref), axis).mul(1 / N);
  const marginal = nn.logsumexp(scores.sub(isJoint.mul(1e9)), axis).sub(Math.log(marginals));
  const value = joint.sub(marginal.ref).sub(marginal.ref.mul(marginal).mul(lambda));
  return each ? value : np.sum(value);
}

/** What makes parameters and moments after a step of those before; `powers` are the bias corrections. */
function updateOf(w, gradient) {
  return (layers, moments, powers, x, y) => {
    const d = gradient(tree.ref(layers), x, y);
    if (w.optimizer !== "adam") {
      powers.dispose();
      return [tree.map((p, g) => p.add(g.mul(w.rate)), layers, d), moments];
    }
    const m = tree.map((a, g) => a.mul(0.9).add(g.mul(0.1)), moments.m, tree.ref(d));
    const v = tree.map((a, g) => a.mul(0.999).add(g.ref.mul(g).mul(0.001)), moments.v, d);
    const [first, second] = [powers.ref.slice(0), powers.slice(1)];
    const next = tree.map(
      (p, a, b) =>
        p.add(
          a
            .mul(first.ref)
            .div(np.sqrt(b.mul(second.ref)).add(1e-8))
            .mul(w.rate),
        ),
      layers,
      tree.ref(m),
      tree.ref(v),
    );
    first.dispose();
    second.dispose();
    return [next, { m, v }];
  };
}

async function prepare(w, { lambda, ...fixture }) {
  const R = w.replicas;
  const lead = R === 1 ? [] : [R];
  const repeated = (data, shape) => {
    const one = np.array(data).reshape(shape);
    return R === 1 ? one : np.tile(one.reshape([1, ...shape]), [R, ...shape.map(() => 1)]);
  };
  let params = layersOf(w, floats(fixture.params)).map(({ weight, bias, inputs, outputs }) => ({
    weight: repeated(weight, [inputs, outputs]),
    ...(bias && { bias: repeated(bias, [1, outputs]) }),
  }));
  const zeros = () => tree.map((t) => np.zerosLike(t), tree.ref(params));
  const adam = w.optimizer === "adam";
  let state = adam ? { m: zeros(), v: zeros() } : {};
  const table = tableOf(w);
  const [tableX, tableY] = [np.array(table.x).reshape([table.rows, w.x]), np.array(table.y).reshape([table.rows, w.y])];
  const rows = w.negatives === "independent" ? 2 * w.joint : w.joint;
  const fixed = [
    [fixture.x, w.x],
    [fixture.y, w.y],
  ].map(([text, width]) => repeated(floats(text), [rows, width]));
  const gradient = grad((layers, x, y) => objective(w, lambda, layers, x, y));
  const each = jit((layers, x, y) => objective(w, lambda, layers, x, y, true));

  const update = updateOf(w, gradient);
  const onFixture = jit(update);
  const onDraw = jit((layers, moments, powers, index, allX, allY) => {
    const batch = (t, i) => np.take(t, i, 0).reshape([...lead, rows, t.shape[1]]);
    return update(layers, moments, powers, batch(allX, index.ref), batch(allY, index));
  });
  let t = 0;
  const powers = () => {
    t++;
    return np.array(Float32Array.of(1 / (1 - 0.9 ** t), 1 / (1 - 0.999 ** t)));
  };
  return {
    objectives: async () => {
      const data = await each(tree.ref(params), fixed[0].ref, fixed[1].ref).data();
      return Array.from(data);
    },
    fixtureStep() {
      [params, state] = onFixture(params, state, powers(), fixed[0].ref, fixed[1].ref);
    },
    step() {
      const index = np.array(draw(R * rows, table.rows), { dtype: np.int32 });
      [params, state] = onDraw(params, state, powers(), index, tableX.ref, tableY.ref);
    },
    finish: () => blockUntilReady([params, state]),
    dispose() {
      tree.dispose([params, state, fixed, tableX, tableY]);
      for (const made of [each, onFixture, onDraw]) made.dispose();
    },
  };
}

await serve({ name: `jax-js, ${backend}`, version: "0.1.25", device, prepare }, { naps });
