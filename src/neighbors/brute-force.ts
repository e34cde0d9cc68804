/** The two neighbour kernels, and how many replicas they take at once. */

import type { Gpu } from "../gpu/device.ts";
import { BYTES_AT_ONCE } from "../gpu/profile.ts";
import { type Dispatch, dispatch, Program } from "../gpu/program.ts";
import { geometry, kernels } from "../gpu/shaders.gen.ts";
import type { Tensor } from "../gpu/tensor.ts";

const constants = {
  ...kernels.search_neighbors.variants.only!.constants,
  ...kernels.count_neighbors.variants.only!.constants,
};

/** The most neighbours that a search keeps. */
export const MAX_NEIGHBORS = constants.MAX_NEIGHBORS!;
const ROWS_PER_GROUP = geometry.WG_SIZE * constants.QUERIES_PER_LANE!;

/** Which distances count as inside a radius; "open-or-point" also takes distance 0 where the radius is 0. */
export type Ball = "open" | "closed" | "open-or-point";
const balls: Record<Ball, number> = {
  open: constants.OPEN!,
  closed: constants.CLOSED!,
  "open-or-point": constants.OPEN_OR_POINT!,
};

/** Points on the GPU, coordinate-major: (R, Dx + Dy, B). */
export interface Points {
  tensor: Tensor;
  xWidth: number;
  yWidth: number;
}

/** Radii of every point, (R, B); Euclidean ones are squared. */
export interface Radii {
  radius_x: Tensor;
  radius_y: Tensor;
  /** Others nearer than the k-th, so fewer than k; where that one is at distance 0, all others at 0. */
  inside: Tensor;
}

/** How many replicas of `rows` points of `width` coordinates to search at once. */
export function replicasAtOnce(gpu: Gpu, rows: number, width: number): number {
  const { maxComputeWorkgroupsPerDimension } = gpu.device.limits;
  const bytes = 4 * rows * Math.max(2, width);
  const fit = Math.min(
    Math.floor(gpu.profile.searchWork / (rows * rows * width)),
    Math.floor(Math.min(BYTES_AT_ONCE, gpu.largestBuffer) / bytes),
    maxComputeWorkgroupsPerDimension,
  );
  return Math.max(1, fit);
}

/** Neighbour searches over some replicas of one table. Owns what it makes until `dispose`. */
export class Neighborhood {
  #gpu: Gpu;
  #table: { tensor: Tensor; columns: number };
  #rows: number;
  #replicas: number;
  #rowPairs: Tensor;
  #euclidean: boolean;
  #work: number;
  #tensors: Tensor[] = [];

  /**
   * @param pairs (row of x, row of y) of each replica, flattened; all of one length
   * @param options.work coordinate differences of one submit
   */
  constructor(
    gpu: Gpu,
    table: { tensor: Tensor; columns: number },
    pairs: readonly Uint32Array[],
    options: { euclidean: boolean; work?: number },
  ) {
    this.#gpu = gpu;
    this.#table = table;
    this.#rows = pairs[0]!.length / 2;
    this.#replicas = pairs.length;
    this.#euclidean = options.euclidean;
    this.#work = options.work ?? gpu.profile.searchWork;
    const flat = new Uint32Array(pairs.length * pairs[0]!.length);
    pairs.forEach((list, r) => {
      flat.set(list, r * list.length);
    });
    this.#rowPairs = this.#own(gpu.tensor("neighbors/row_pairs", flat));
  }

  /** @param picks columns of each replica: `xWidth` that go by the row of x, then those that go by the row of y */
  async gather(picks: readonly (readonly number[])[], xWidth: number): Promise<Points> {
    const width = picks[0]!.length;
    const columns = this.#own(this.#gpu.tensor("neighbors/columns", Uint32Array.from(picks.flat())));
    const points = this.#new("points", width);
    const dims = { rows: this.#rows, x_width: xWidth, y_width: width - xWidth, columns: this.#table.columns };
    await this.#run(
      dispatch("gather_points", { dims, table: this.#table.tensor, columns, row_pairs: this.#rowPairs, points }, [
        Math.ceil(this.#rows / geometry.WG_SIZE),
        this.#replicas,
        1,
      ]),
    );
    return { tensor: points, xWidth, yWidth: width - xWidth };
  }

  /** The distance to the k-th neighbour, or with `extents` the sides of the smallest box that holds the k neighbours. */
  async search(points: Points, k: number, extents = false): Promise<Radii> {
    const radii = { radius_x: this.#new("radius_x"), radius_y: this.#new("radius_y"), inside: this.#new("inside") };
    const overrides = { NEIGHBORS: k, EXTENTS: Number(extents), EUCLIDEAN: Number(this.#euclidean) };
    await this.#sweep(points, (dims, groups) =>
      dispatch("search_neighbors", { dims, points: points.tensor, ...radii }, groups, "only", overrides),
    );
    return radii;
  }

  /** How many other points lie within the radii, in x and in y. */
  async count(
    points: Points,
    { radius_x, radius_y }: Radii,
    ball: Ball,
  ): Promise<{ count_x: Tensor; count_y: Tensor }> {
    const counts = { count_x: this.#new("count_x"), count_y: this.#new("count_y") };
    const overrides = { BALL: balls[ball], EUCLIDEAN: Number(this.#euclidean) };
    const bindings = { points: points.tensor, radius_x, radius_y, ...counts };
    await this.#sweep(points, (dims, groups) =>
      dispatch("count_neighbors", { dims, ...bindings }, groups, "only", overrides),
    );
    return counts;
  }

  dispose(): void {
    for (const { buffer } of this.#tensors) buffer.destroy();
  }

  /** All queries against all candidates, in submits of bounded work. */
  async #sweep(
    { xWidth, yWidth }: Points,
    line: (
      dims: { rows: number; x_width: number; y_width: number; first_row: number },
      groups: readonly [number, number, number],
    ) => Dispatch,
  ): Promise<void> {
    const rows = this.#rows;
    const fit = Math.floor(this.#work / (rows * (xWidth + yWidth) * this.#replicas * ROWS_PER_GROUP));
    const step = Math.min(Math.max(1, fit), 65535) * ROWS_PER_GROUP;
    for (let first_row = 0; first_row < rows; first_row += step) {
      const groups = Math.ceil(Math.min(step, rows - first_row) / ROWS_PER_GROUP);
      await this.#run(line({ rows, x_width: xWidth, y_width: yWidth, first_row }, [groups, this.#replicas, 1]));
    }
  }

  async #run(line: Dispatch): Promise<void> {
    const program = await Program.compile(this.#gpu, [line]);
    try {
      program.run(this.#gpu);
      await this.#gpu.done();
    } finally {
      program.dispose();
    }
  }

  #new(name: string, width = 1): Tensor {
    return this.#own(this.#gpu.tensor(`neighbors/${name}`, this.#replicas * width * this.#rows));
  }

  #own(tensor: Tensor): Tensor {
    this.#tensors.push(tensor);
    return tensor;
  }
}
