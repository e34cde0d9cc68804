/** Trained critics on pairs of rows: named ones, or blocks of rows with their marginal partners. */

import type { Critic } from "../critics/critic.ts";
import type { Layer, Layout, Shape } from "../critics/shape.ts";
import type { Gpu } from "../gpu/device.ts";
import { dispatch, Program, type TileForm } from "../gpu/program.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { elements } from "../gpu/workgroups.ts";
import type { RowScores } from "../math/statistics.ts";
import type { Source } from "../sources/source.ts";
import { identityPairs } from "../sources/table.ts";
import { batchTensors } from "./buffers.ts";
import { blockOf } from "./pairing.ts";

/** Scores named pairs of rows of a table with trained critics. */
export class Scorer {
  #gpu: Gpu;
  #tensors: Tensor[] = [];
  #program: Program;
  #rowPairs: Tensor;
  #scores: Tensor;
  #replicas: number;
  #batch: number;
  #marginals: number;

  private constructor(
    gpu: Gpu,
    program: Program,
    [rowPairs, scores]: readonly [Tensor, Tensor],
    { replicas, joint: batch, marginals }: Shape,
  ) {
    this.#gpu = gpu;
    this.#program = program;
    this.#rowPairs = rowPairs;
    this.#scores = scores;
    this.#replicas = replicas;
    this.#batch = batch;
    this.#marginals = marginals;
  }

  /**
   * @param batch pairs that pass through the critic at once, per replica
   * @param table every column, transformed (n, C); `columns` the inputs of each replica (R, Dx + Dy)
   */
  static async create(
    gpu: Gpu,
    options: {
      /** R, Dx, Dy, and where parameters lie. */
      replicas: number;
      xWidth: number;
      yWidth: number;
      layout: Layout;
      critic: Critic;
      /** Of the critic, in the shape's layout. */
      layers: readonly Layer[];
      source: Source;
      tile: TileForm;
      params: Tensor;
      table: Tensor;
      columns: Tensor;
      tableColumns: number;
      batch: number;
      /** Marginal pairs of each row of a block, for `scoreBlocks`; default 0, for named pairs. */
      marginals?: number | undefined;
      /** Some replicas in a row, with copies of their parameters; default all. */
      part?: { first: number; count: number } | undefined;
    },
  ): Promise<Scorer> {
    const { critic, layers, source, tile, table, tableColumns, batch, marginals = 0 } = options;
    const tensors: Tensor[] = [];
    const own = (tensor: Tensor) => {
      tensors.push(tensor);
      return tensor;
    };
    const { first, count: replicas } = options.part ?? { first: 0, count: options.replicas };
    const partOf = (tensor: Tensor): Tensor => {
      if (!options.part) return tensor;
      const bytes = tensor.bytes / options.replicas;
      const part = own(gpu.tensor(`score/${tensor.label}`, (replicas * bytes) / 4));
      gpu.submit((encoder) =>
        encoder.copyBufferToBuffer(tensor.buffer, first * bytes, part.buffer, 0, replicas * bytes),
      );
      return part;
    };
    const [params, columns] = [partOf(options.params), partOf(options.columns)];
    // A named pair is a joint pair of a batch without marginals.
    const { xWidth, yWidth, layout } = options;
    const s: Shape = { replicas, xWidth, yWidth, layout, joint: batch, marginals, independent: false, parts: 1 };
    const a = batchTensors(gpu, own, s);
    const row_pairs = own(gpu.tensor("score/row_pairs", replicas * batch * 2));
    const dims = { rows: batch, x_width: s.xWidth, y_width: s.yWidth, columns: tableColumns };
    const { batch_x, batch_y } = a;
    const program = await Program.compile(gpu, [
      dispatch("gather_rows", { dims, table, columns, row_pairs, batch_x, batch_y }, elements(batch, s.replicas)),
      ...critic.passes({ gpu, own, shape: s, layers, tile, source, sourceBindings: {}, params, ...a }).forward,
    ]);
    const scorer = new Scorer(gpu, program, [row_pairs, a.scores], s);
    scorer.#tensors = tensors;
    return scorer;
  }

  /** Says which pairs `refresh` scores: (row of x, row of y), flattened (R, batch, 2). */
  name(pairs: Uint32Array): void {
    this.#gpu.write(this.#rowPairs, pairs);
  }

  /** Scores the named pairs with the parameters as they are now. Submitted, not awaited: whoever draws waits for nothing. */
  refresh(): void {
    this.#program.run(this.#gpu);
  }

  /** T of the pairs as of the last `refresh`, (R, batch), nats, on the GPU: to draw it without a readback. */
  get scores(): Tensor {
    return this.#scores;
  }

  /**
   * @param pairs (row of x, row of y) per replica, flattened; all replicas have the same number
   * @returns T of each pair, per replica
   */
  async score(pairs: readonly Uint32Array[]): Promise<Float32Array[]> {
    const count = pairs[0]!.length / 2;
    const results = pairs.map(() => new Float32Array(count));
    const chunk = new Uint32Array(this.#replicas * this.#batch * 2);
    for (let start = 0; start < count; start += this.#batch) {
      const size = Math.min(this.#batch, count - start);
      pairs.forEach((list, r) => {
        chunk.set(list.subarray(2 * start, 2 * (start + size)), r * this.#batch * 2);
      });
      this.name(chunk);
      this.refresh();
      const scores = new Float32Array(await this.#gpu.read(this.#scores));
      results.forEach((result, r) => {
        result.set(scores.subarray(r * this.#batch, r * this.#batch + size), start);
      });
    }
    return results;
  }

  /**
   * Scores rows and their marginal partners, block by block (pairing.ts); `batch` is the size of a block.
   *
   * @param rows of each replica, at least a block
   * @param make gives the arrays of the result
   */
  async scoreBlocks(
    rows: readonly Uint32Array[],
    make: (length: number) => Float32Array = (length) => new Float32Array(length),
  ): Promise<RowScores[]> {
    const [size, columns] = [this.#batch, 1 + this.#marginals];
    const results = rows.map(({ length }) => ({
      joint: make(length),
      marginal: make(length * this.#marginals),
    }));
    const chunk = new Uint32Array(this.#replicas * size * 2);
    const longest = Math.max(...rows.map((list) => list.length));
    for (let first = 0; first < longest; first += size) {
      const starts = rows.map(({ length }) => blockOf(Math.min(first, length - 1), length, size));
      rows.forEach((list, r) => {
        chunk.set(identityPairs(list.subarray(starts[r]!, starts[r]! + size)), r * size * 2);
      });
      this.name(chunk);
      this.refresh();
      const scores = new Float32Array(await this.#gpu.read(this.#scores));
      results.forEach(({ joint, marginal }, r) => {
        for (let i = first; i < Math.min(first + size, joint.length); i++) {
          const at = (r * size + i - starts[r]!) * columns;
          joint[i] = scores[at]!;
          marginal.set(scores.subarray(at + 1, at + columns), i * this.#marginals);
        }
      });
    }
    return results;
  }

  /** Frees its buffers. The trainer and its parameters stay. */
  dispose(): void {
    for (const { buffer } of this.#tensors) buffer.destroy();
    this.#program.dispose();
  }
}
