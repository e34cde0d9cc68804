/**
 * The walk: what one training step dispatches, in order. Kernels are named after their files in shaders/.
 *
 *   source -> pairs -> critic forward -> score statistics -> estimator's gradient
 *                                                                |
 *   average <- window <- optimizer <- critic backward <----------+
 */
import { type Activation, activationCode, type Critic, initialScale, type Layer } from "./critic.ts";
import type { Tensor } from "./device.ts";
import { LimitError } from "./errors.ts";
import { type Dispatch, dispatch, type TileForm } from "./kernel.ts";
import { geometry, type KernelBindings, kernels } from "./shaders.gen.ts";
import { type Activations, rowsOf, type Shape, slotsOf, type Training } from "./tensors.ts";

const { WG_SIZE } = geometry;
const ROWS_EACH = kernels.backward_output.variants.only!.constants.ROWS_EACH!;
const MOST_WORKGROUPS = 65535;

type Workgroups = readonly [number, number, number];

function grid(x: number, y: number, z: number): Workgroups {
  const most = Math.max(x, y, z);
  if (most > MOST_WORKGROUPS) {
    throw new LimitError(
      `a step would need ${most} workgroups along one axis; WebGPU allows ${MOST_WORKGROUPS}. ` +
        `Use a batch, width or number of replicas ${Math.ceil(most / MOST_WORKGROUPS)} times smaller.`,
    );
  }
  return [x, y, z];
}
const strided = (count: number, replicas: number): Workgroups => grid(Math.ceil(count / (8 * WG_SIZE)), replicas, 1);
const elements = (count: number, replicas: number): Workgroups => grid(Math.ceil(count / WG_SIZE), replicas, 1);

/** What a step is made of; `choice` names what fills the kernels' slots. */
export interface Walk {
  shape: Shape;
  critic: Critic;
  choice: { source: string; estimator: string; optimizer: "step_adam" | "step_sgd"; tile: TileForm };
  /** What the source binds besides the batch. */
  sourceBindings: object;
  window: number;
  capacity: number;
}

/** One training step. */
export function stepPlan(
  { shape: s, critic, choice, sourceBindings, window, capacity }: Walk,
  a: Activations,
  t: Training,
): Dispatch[] {
  const { replicas: R, joint, marginals } = s;
  const B = rowsOf(s);
  const S = slotsOf(s);
  const scores = { joint, marginals };
  const params = { count: s.layout.count, stride: s.layout.stride };
  const windowDims = { replicas: R, capacity, window };
  const batch = { rows: B, joint, x_width: s.xWidth, y_width: s.yWidth };
  const { hyper, clock, stats, update, history, d_params } = t;
  const { batch_x, batch_y } = a;
  return [
    dispatch(
      "gather_batch",
      { dims: batch, hyper, clock, batch_x, batch_y, ...sourceBindings } as KernelBindings["gather_batch"],
      elements(B, R),
      choice.source,
    ),
    ...forwardPlan(s, critic, choice.tile, a, t.params),
    dispatch("reduce_scores", { dims: scores, hyper, clock, scores: a.scores, stats }, [R, 1, 1], choice.estimator),
    dispatch(
      "differentiate_scores",
      { dims: scores, hyper, scores: a.scores, stats, d_scores: t.d_scores },
      elements(S, R),
      choice.estimator,
    ),
    ...backwardPlan(s, choice.tile, a, t),
    dispatch("reduce_gradient", { dims: params, hyper, clock, d_params, update }, [R, 1, 1]),
    choice.optimizer === "step_adam"
      ? dispatch(
          "step_adam",
          { dims: params, update, d_params, params: t.params, m_params: t.m_params, v_params: t.v_params },
          strided(params.count, R),
        )
      : dispatch("step_sgd", { dims: params, update, d_params, params: t.params }, strided(params.count, R)),
    dispatch(
      "push_window",
      { dims: windowDims, hyper, stats, update, clock, history },
      elements(R, 1),
      choice.estimator,
    ),
  ];
}

/** The critic on a gathered batch: batch_x, batch_y -> scores. */
export function forwardPlan(s: Shape, critic: Critic, tile: TileForm, a: Activations, params: Tensor): Dispatch[] {
  const { hidden } = s;
  const last = hidden.length - 1;
  const act = (name: Activation | "identity") => ({ ...tile.overrides, ACTIVATION: activationCode[name] });
  const [ofX, ofY] = firstLayers(s);
  return [
    dispatch(
      "forward_linear",
      { dims: ofX, input: a.batch_x, params, output: a.part_x, slope: a.no_slope },
      tiles(tile, ofX.rows, ofX.outputs, s),
      tile.slot,
      act("identity"),
    ),
    dispatch(
      "forward_linear",
      { dims: ofY, input: a.batch_y, params, output: a.part_y, slope: a.no_slope },
      tiles(tile, ofY.rows, ofY.outputs, s),
      tile.slot,
      act("identity"),
    ),
    dispatch(
      "forward_pairs",
      { dims: pairDims(s), part_x: a.part_x, part_y: a.part_y, output: a.output[0]!, slope: a.slope[0]! },
      grid(Math.ceil(hidden[0]! / WG_SIZE), s.joint, s.replicas),
      "only",
      act(critic.activation),
    ),
    ...hidden.slice(1).map((_, i) => {
      const dims = layerDims(s, i + 1);
      return dispatch(
        "forward_linear",
        { dims, input: a.output[i]!, params, output: a.output[i + 1]!, slope: a.slope[i + 1]! },
        tiles(tile, dims.rows, dims.outputs, s),
        tile.slot,
        act(critic.activation),
      );
    }),
    dispatch(
      "forward_output",
      { dims: layerDims(s, last + 1), input: a.output[last]!, params, scores: a.scores },
      elements(slotsOf(s), s.replicas),
    ),
  ];
}

/** The reverse of forwardPlan: d_scores -> d_params. */
function backwardPlan(s: Shape, tile: TileForm, a: Activations, t: Training): Dispatch[] {
  const { hidden } = s;
  const last = hidden.length - 1;
  const { params, d_params, d_hidden } = t;
  const [ofX, ofY] = firstLayers(s);
  const weight = (dims: LayerDims, input: Tensor, d_output: Tensor) =>
    dispatch(
      "backward_weight",
      { dims, input, d_output, d_params },
      tiles(tile, dims.inputs + dims.bias, dims.outputs, s),
      tile.slot,
      tile.overrides,
    );
  const top = layerDims(s, last + 1);
  return [
    weight(top, a.output[last]!, t.d_scores),
    dispatch(
      "backward_output",
      { dims: top, d_scores: t.d_scores, params, slope: a.slope[last]!, d_input: d_hidden[last]! },
      grid(Math.ceil(top.inputs / WG_SIZE), Math.ceil(slotsOf(s) / ROWS_EACH), s.replicas),
    ),
    ...hidden.slice(1).flatMap((_, i) => {
      const l = last - i;
      const dims = layerDims(s, l);
      return [
        weight(dims, a.output[l - 1]!, d_hidden[l]!),
        dispatch(
          "backward_linear",
          { dims, d_output: d_hidden[l]!, params, slope: a.slope[l - 1]!, d_input: d_hidden[l - 1]! },
          tiles(tile, dims.rows, dims.inputs, s),
          tile.slot,
          tile.overrides,
        ),
      ];
    }),
    dispatch(
      "backward_pairs",
      { dims: pairDims(s), d_output: d_hidden[0]!, d_part_x: t.d_part_x, d_part_y: t.d_part_y },
      grid(Math.ceil(hidden[0]! / WG_SIZE), rowsOf(s), s.replicas),
    ),
    weight(ofX, a.batch_x, t.d_part_x),
    weight(ofY, a.batch_y, t.d_part_y),
  ];
}

/** Draws the first weights: one dispatch a layer. */
export function initialPlan(s: Shape, critic: Critic, t: Training): Dispatch[] {
  return s.layout.layers.map((layer, tensor) => {
    const weights = layer.inputs * layer.outputs;
    const biases = layer.bias ? layer.outputs : 0;
    const dims = {
      offset: layer.offset,
      weights,
      biases,
      stride: s.layout.stride,
      tensor,
      ...initialScale(critic.initialisation, layer),
    };
    return dispatch("fill_weights", { dims, hyper: t.hyper, params: t.params }, elements(weights + biases, s.replicas));
  });
}

/** The two averages over the window. */
export function averagePlan(
  { shape: s, choice, window, capacity }: Walk,
  { hyper, clock, stats, history, averages }: Training,
): Dispatch[] {
  const dims = { replicas: s.replicas, capacity, window };
  return [
    dispatch("average_window", { dims, hyper, clock, stats, history, averages }, [s.replicas, 1, 1], choice.estimator),
  ];
}

type LayerDims = KernelBindings["forward_linear"]["dims"];

/** Layer `index` of the critic, as the pairs pass through it. */
function layerDims(s: Shape, index: number): LayerDims {
  const { inputs, outputs, offset, bias } = s.layout.layers[index]!;
  return { rows: slotsOf(s), inputs, outputs, offset, stride: s.layout.stride, bias: Number(bias) };
}

/** The first layer, split into W_x x and W_y y + b: each row of the batch passes once, whatever the number of pairs. */
function firstLayers(s: Shape): [LayerDims, LayerDims] {
  const { outputs, offset } = s.layout.layers[0] as Layer;
  const both = { rows: rowsOf(s), outputs, stride: s.layout.stride };
  return [
    { ...both, inputs: s.xWidth, offset, bias: 0 },
    { ...both, inputs: s.yWidth, offset: offset + s.xWidth * outputs, bias: 1 },
  ];
}

const pairDims = (s: Shape) => ({
  joint: s.joint,
  marginals: s.marginals,
  rows: rowsOf(s),
  independent: Number(s.independent),
  width: s.hidden[0]!,
});

const tiles = (tile: TileForm, rows: number, cols: number, s: Shape): Workgroups =>
  grid(Math.ceil(rows / tile.rows), Math.ceil(cols / tile.cols), s.replicas);
