/** The outputs of a trainer's critics at pairs of one's own choice, while it trains on something else. */
import { layersOf } from "../../critics/critic.ts";
import { tileForm } from "../../gpu/program.ts";
import { everyRow, identityPairs, rows } from "../../sources/table.ts";
import { Scorer } from "../../training/scorer.ts";
import type { Trainer } from "../../training/trainer.ts";

/** Values of one side, row-major. */
interface Side {
  data: Float32Array;
  columns: number;
}

/** Scores rows (x_i, y_i) with the parameters that the trainer has when it is asked. */
export interface Outputs {
  /** T of every row, for each replica, nats. */
  score(): Promise<Float32Array[]>;
  [Symbol.dispose](): void;
}

/** @param x, y as many rows each */
export async function outputsOf(trainer: Trainer, x: Side, y: Side): Promise<Outputs> {
  const { gpu, shape, params } = trainer;
  const { critic, replicas, tile } = { tile: undefined, ...trainer.options };
  const source = rows(x, y);
  const table = gpu.tensor("outputs/table", source.data);
  const columns = gpu.tensor("outputs/columns", Uint32Array.from(Array(replicas).fill(source.picks[0]).flat()));
  const batch = Math.min(source.rows, 4096);
  const scorer = await Scorer.create(gpu, {
    ...{ replicas, xWidth: shape.xWidth, yWidth: shape.yWidth, layout: shape.layout },
    ...{ critic, layers: layersOf(critic, shape), source, tile: tileForm(gpu, tile), params },
    ...{ table, columns, tableColumns: source.columns, batch },
  });
  const pairs = Array(replicas).fill(identityPairs(everyRow(source.rows)));
  return {
    score: () => scorer.score(pairs),
    [Symbol.dispose]() {
      scorer.dispose();
      for (const { buffer } of [table, columns]) buffer.destroy();
    },
  };
}
