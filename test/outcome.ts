/** What a run leaves behind, to the bit. */
import type { Tensor } from "../src/gpu/tensor.ts";
import { momentsOf } from "../src/training/optimizer.ts";
import type { Trainer } from "../src/training/trainer.ts";
import { gpu, range } from "./gpu.ts";

/** The words of a tensor, one array a replica. */
export async function bits(trainer: Trainer, tensor: Tensor = trainer.params): Promise<Uint32Array[]> {
  const all = new Uint32Array(await gpu.read(tensor));
  const { replicas } = trainer.shape;
  return range(replicas).map((r) => all.slice((r * all.length) / replicas, ((r + 1) * all.length) / replicas));
}

/** Everything that a run leaves behind, of one replica. */
export async function outcome(trainer: Trainer, replica: number) {
  const { averages, trace } = await trainer.read();
  const { params, m_params, v_params, clock } = trainer.tensors.training;
  const trained = [params, m_params, v_params].slice(0, 1 + momentsOf(trainer.options.optimizer));
  const tensors = trainer.shape.layout.count > 0 ? [...trained, clock] : [clock];
  const words = await Promise.all(tensors.map(async (tensor) => (await bits(trainer, tensor))[replica]!));
  return { averages: averages[replica], trace: trace[replica], words };
}
