/** The sizes that shape every buffer of a trainer. */

/** The sizes that shape every buffer. Symbols as in shaders/lib/geometry.wgsl. */
export interface Shape {
  /** R */
  replicas: number;
  /** N */
  joint: number;
  /** K */
  marginals: number;
  /** Marginal pairs have rows of their own. */
  independent: boolean;
  /** Dx, Dy */
  xWidth: number;
  yWidth: number;
  /** Parts that sums over pairs are cut into, each by workgroups of its own; their results are added up in the end. */
  parts: number;
  layout: Layout;
}

/** S: scores a step. */
export const slotsOf = (s: Pick<Shape, "joint" | "marginals">): number => s.joint * (1 + s.marginals);

/** B: rows drawn a step. */
export const rowsOf = (s: Pick<Shape, "joint" | "marginals" | "independent">): number =>
  s.independent ? slotsOf(s) : s.joint;

/** Pairs of a part, at least: what a tile of a product takes in four to eight turns. */
const LEAST_PAIRS = 128;

/** All parts are written and read again. */
const MOST_PARTS = 16;

/**
 * Parts for sums over the pairs of a step, where an adapter has more than one workgroup to fill: a power of two. It follows from
 * the pairs alone, not from the replicas, so that a replica has the same bits whoever trains beside it.
 */
export function partsOf(fullAt: number, s: Pick<Shape, "joint" | "marginals">): number {
  if (fullAt === 1) return 1;
  return 2 ** Math.floor(Math.log2(Math.max(1, Math.min(MOST_PARTS, slotsOf(s) / LEAST_PAIRS))));
}

/** A layer of a network: its widths, and whether it adds a constant. */
export interface LayerSize {
  inputs: number;
  outputs: number;
  bias: boolean;
  /** Multiplies the scale of the first weights. Default 1. */
  gain?: number;
}

/** One layer's place in a replica's parameters: W (inputs × outputs) at `offset`, then b. */
export interface Layer extends LayerSize {
  offset: number;
}

/** All layers of a critic, and how many parameters (float32) one replica of it has. */
export interface Layout {
  layers: readonly Layer[];
  /** Parameters of one replica. */
  count: number;
  /** `count`, padded to a multiple of 64 words and at least that, so that replicas begin at aligned addresses. */
  stride: number;
}

/** Lays parameters out in one row: layer after layer, biases right after their weights. */
export function layoutOf(sizes: readonly LayerSize[]): Layout {
  let offset = 0;
  const layers = sizes.map((size) => {
    const layer = { ...size, offset };
    offset += (size.inputs + (size.bias ? 1 : 0)) * size.outputs;
    return layer;
  });
  return { layers, count: offset, stride: Math.max(1, Math.ceil(offset / 64)) * 64 };
}
