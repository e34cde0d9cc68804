// TensorFlow.js on WebGPU or wasm: node bench/peers/tfjs.mjs webgpu|wasm [ADAPTER]; bench/peers/serve.mjs has the protocol.
// Forward and backward by its own autodiff, its own optimizers, fused matrix products where they have a gradient.
import { createRequire } from "node:module";
import { globals } from "webgpu";
import { requestNodeAdapter } from "../dist/library.js";
import { draw, floats, layersOf, serve, tableOf } from "./serve.mjs";

const [backend, adapter] = process.argv.slice(2);
const require = createRequire(import.meta.url);
let device = "CPU, 1 thread";
let naps = false;
if (backend === "webgpu") {
  const found = await requestNodeAdapter({ adapter, quiet: true });
  Object.assign(globalThis, globals, { window: globalThis, self: globalThis });
  Object.defineProperty(globalThis, "navigator", { value: { gpu: found.instance, userAgent: "Node" } });
  device = found.name;
  naps = found.adapter.info.isFallbackAdapter === true;
}
// By require, so that the backend finds the same tfjs-core, and with the gradients that tfjs-core leaves out.
const tf = require("@tensorflow/tfjs");
const library = require(`@tensorflow/tfjs-backend-${backend}`);
if (backend === "wasm") library.setWasmPaths(`${import.meta.dirname}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);
if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend "${backend}" here`);
await tf.ready();

/** The same for each of R replicas; without an axis for one. */
const repeated = (R, data, shape) =>
  R === 1 ? tf.tensor(data, shape) : tf.tile(tf.tensor(data, [1, ...shape]), [R, ...shape.map(() => 1)]);

function linear(input, { weight, bias }, activation) {
  if (weight.rank === 2) return tf.fused.matMul({ a: input, b: weight, bias, activation });
  const z = tf.matMul(input, weight);
  const sum = bias ? tf.add(z, bias) : z;
  return activation === "relu" ? tf.relu(sum) : sum;
}

/** The objective of each replica, (R) or a scalar, from x and y, ([R,] rows, width). */
function objective(w, lambda, layers, x, y) {
  const axis = x.rank - 2;
  const N = w.joint;
  const part = (t, from, count) =>
    axis === 0 ? tf.slice(t, [from, 0], [count, -1]) : tf.slice(t, [0, from, 0], [-1, count, -1]);
  let hidden;
  let rest = layers;
  if (w.negatives === "all") {
    // Every pair through the first layer is a sum of two rows.
    const { weight, bias } = layers[0];
    const ofX = tf.matMul(x, part(weight, 0, w.x));
    const ofY = tf.add(tf.matMul(y, part(weight, w.x, w.y)), bias);
    hidden = tf.reshape(tf.relu(tf.add(tf.expandDims(ofX, 1), tf.expandDims(ofY, 0))), [N * N, -1]);
    rest = layers.slice(1);
  } else if (w.negatives === "shuffle") {
    const shifted = tf.concat([part(y, 1, N - 1), part(y, 0, 1)], axis);
    hidden = tf.concat([tf.concat([x, x], axis), tf.concat([y, shifted], axis)], axis + 1);
  } else hidden = tf.concat([x, y], axis + 1);
  for (const [l, layer] of rest.entries()) hidden = linear(hidden, layer, l < rest.length - 1 ? "relu" : "linear");
  let joint;
  let marginal;
  if (w.negatives === "all") {
    const scores = tf.reshape(hidden, [N, N]);
    joint = tf.mul(tf.sum(tf.mul(scores, eye(N))), 1 / N);
    marginal = tf.sub(tf.logSumExp(tf.sub(scores, tf.mul(eye(N), 1e9))), Math.log(N * (N - 1)));
  } else {
    joint = tf.mean(part(hidden, 0, N), [axis, axis + 1]);
    marginal = tf.sub(tf.logSumExp(part(hidden, N, N), [axis, axis + 1]), Math.log(N));
  }
  return tf.sub(tf.sub(joint, marginal), tf.mul(tf.square(marginal), lambda));
}

const eyes = new Map();
function eye(N) {
  if (!eyes.has(N)) eyes.set(N, tf.keep(tf.eye(N)));
  return eyes.get(N);
}

async function prepare(w, { lambda, ...fixture }) {
  const R = w.replicas;
  const bias = (layer) =>
    layer.bias && tf.variable(repeated(R, layer.bias, R === 1 ? [layer.outputs] : [1, layer.outputs]));
  const layers = layersOf(w, floats(fixture.params)).map((layer) => ({
    weight: tf.variable(repeated(R, layer.weight, [layer.inputs, layer.outputs])),
    bias: bias(layer),
  }));
  const variables = layers.flatMap((layer) => Object.values(layer).filter(Boolean));
  const table = tableOf(w);
  const [tableX, tableY] = [tf.tensor2d(table.x, [table.rows, w.x]), tf.tensor2d(table.y, [table.rows, w.y])];
  const rows = w.negatives === "independent" ? 2 * w.joint : w.joint;
  const fixed = [
    [fixture.x, w.x],
    [fixture.y, w.y],
  ].map(([text, width]) => repeated(R, floats(text), [rows, width]));
  const optimizer = w.optimizer === "adam" ? tf.train.adam(w.rate, 0.9, 0.999, 1e-8) : tf.train.sgd(w.rate);
  const descend = (x, y) =>
    optimizer.minimize(() => tf.neg(tf.sum(objective(w, lambda, layers, x, y))), false, variables);
  return {
    objectives: async () => Array.from(await tf.tidy(() => objective(w, lambda, layers, ...fixed)).data()),
    fixtureStep: () => tf.tidy(() => void descend(...fixed)),
    step: () =>
      tf.tidy(() => {
        const index = tf.tensor1d(draw(R * rows, table.rows), "int32");
        const batch = (t) => {
          const drawn = tf.gather(t, index);
          return R === 1 ? drawn : tf.reshape(drawn, [R, rows, -1]);
        };
        descend(batch(tableX), batch(tableY));
      }),
    // Reading the last parameter waits for everything before it.
    finish: () => variables.at(-1).data(),
    dispose() {
      optimizer.dispose();
      tf.dispose([...variables, ...fixed, tableX, tableY]);
    },
  };
}

await serve({ name: `TensorFlow.js, ${backend}`, version: tf.version.tfjs, device, prepare }, { naps });
