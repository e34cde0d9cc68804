/** What the bench takes from src/ and test/ besides the public interface; build.mjs bundles it into bench/dist/. */

export { operations } from "../src/cli/bench/costs.ts";
export { kernelRates, peaks, Stopwatch } from "../src/cli/bench/kernels.ts";
export { h100, laptop, lavapipe, machineBy } from "../src/cli/bench/machines.ts";
export { commitOf, figure, machineOf, median, rate, spread } from "../src/cli/bench/measure.ts";
export { peers, predict, predictMatrix, predictPeer, predictStep } from "../src/cli/bench/predict.ts";
export { kernelTable, stepLine } from "../src/cli/bench/table.ts";
export {
  chosen,
  LAMBDA,
  marginalsOf,
  matricesOf,
  numbers,
  operationsOf,
  optionsOf,
  sideOf,
  steps,
  usual,
  widthsOf,
} from "../src/cli/bench/workloads.ts";
export { requestNodeAdapter } from "../src/gpu/adapter.node.ts";
export { nap } from "../src/gpu/platform.node.ts";
export * from "../src/index.ts";
export { panelsFigure } from "../src/report/lines.ts";
export * from "../src/research.ts";
export { scored, selfConsistency } from "../test/oracle/conv-gradient.ts";
export { batchOf, logMeanExp, oracles } from "../test/oracle/estimators.ts";
export { ksg } from "../test/oracle/neighbors.ts";
export { adamStep } from "../test/oracle/optimizer.ts";
export { slots } from "../test/oracle/pairs.ts";
export { backward, forward } from "../test/oracle/perceptron.ts";
export { countsOf, plansOf } from "./plans.ts";
