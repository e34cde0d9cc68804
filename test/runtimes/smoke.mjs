// What every runtime must do with the package: estimate, a matrix, an abort, an end. Imports nothing but the package, so that
// Node, Deno, Bun and browsers run it as it is.
import { estimate, InterruptedError, matrix, open } from "remine";

const N = 300;

let state = 1;
const uniform = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

/** Two columns with a correlation of 0.8, one of noise, and one whose dependence on x only a trained critic or neighbours see. */
const x = Float32Array.from({ length: N }, normal);
const y = x.map((value) => 0.8 * value + 0.6 * normal());
const z = Float32Array.from({ length: N }, normal);
const w = x.map((value) => Math.abs(value) + 0.2 * normal());

/** The rows of the same sample as a CSV, for the command line. */
export const csv = `x,y,z\n${Array.from(x, (value, i) => `${value},${y[i]},${z[i]}`).join("\n")}\n`;

const TRAINING = { folds: 2, restarts: 1, hidden: [16], batch: 64, learningRate: 0.01 };

/** The error that a promise is rejected with. */
const errorOf = (promise) =>
  promise.then(
    () => undefined,
    (error) => error,
  );

/** Nats by neighbours and by training, of all pairs, and whether an abort and an end do what they say. */
export async function smoke() {
  const began = performance.now();
  const gpu = await open();
  const neighbors = await estimate(x, y, { gpu, estimator: "ksg" });
  const trained = await estimate(x, w, { gpu, ...TRAINING, steps: 100 });
  const { pairs } = await matrix({ x, y, z }, { gpu });

  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  const aborted = await errorOf(estimate(x, y, { gpu, ...TRAINING, steps: 1e6, signal: controller.signal }));
  const after = await estimate(x, y, { gpu, estimator: "ksg" });

  gpu.dispose();
  const disposed = await errorOf(estimate(x, y, { gpu, estimator: "ksg" }));
  return {
    adapter: gpu.name,
    neighbors: neighbors.mi,
    trained: trained.mi,
    matrix: pairs.map(({ mi }) => mi),
    abort: aborted instanceof InterruptedError && after.mi === neighbors.mi,
    dispose: disposed instanceof Error && !(disposed instanceof InterruptedError),
    seconds: (performance.now() - began) / 1000,
  };
}
