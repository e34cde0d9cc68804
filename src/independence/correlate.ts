/** The sums of products of features, of many columns in many orders of their rows. */

import type { Gpu } from "../gpu/device.ts";
import { BYTES_AT_ONCE } from "../gpu/profile.ts";
import { dispatch, Program } from "../gpu/program.ts";
import { packArray } from "../gpu/structs.ts";
import { elements } from "../gpu/workgroups.ts";
import type { Features } from "./features.ts";

/** Two columns, each with its rows in an order. */
export interface Paired {
  x: Features;
  y: Features;
  orderX: Uint32Array;
  orderY: Uint32Array;
}

/**
 * How many replicas of so many rows, and so many orders each of its own, go together at most: by memory, and by how long a
 * submit may take.
 *
 * @param areOwn whether each replica also has features of x of its own
 */
export function correlatedAtOnce(gpu: Gpu, rows: number, fours: number, areOwn = false): number {
  const words = Math.min(BYTES_AT_ONCE, gpu.largestBuffer) / 4;
  const fit = Math.min(
    words / ((areOwn ? 2 + 4 * fours : 2) * rows),
    words / (16 * fours ** 2),
    gpu.profile.searchWork / (rows * 4 * fours ** 2),
  );
  return Math.max(1, Math.floor(fit));
}

/**
 * (R, Fx, Fy): Σ over rows of each feature of x times each of y, where Fx and Fy are four times the fours of the first.
 *
 * @param replicas all with equally wide features and equally many rows; features and orders that they share are sent once
 */
export async function correlateFeatures(gpu: Gpu, replicas: readonly Paired[]): Promise<Float32Array> {
  const lists = new Set(replicas.flatMap((r) => [r.x.values, r.y.values]));
  const bytes = [...lists].reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes <= gpu.largestBuffer || replicas.length === 1) return correlateAtOnce(gpu, replicas);
  // Of many rows few columns go together.
  const half = replicas.length >> 1;
  const parts = [
    await correlateFeatures(gpu, replicas.slice(0, half)),
    await correlateFeatures(gpu, replicas.slice(half)),
  ];
  return Float32Array.from(parts.flatMap((part) => [...part]));
}

async function correlateAtOnce(gpu: Gpu, replicas: readonly Paired[]): Promise<Float32Array> {
  const { x, y, orderX } = replicas[0]!;
  const rows = orderX.length;
  const tables = placed(
    replicas.flatMap((r) => [r.x.values, r.y.values]),
    (length) => new Float32Array(length),
  );
  const orders = placed(
    replicas.flatMap((r) => [r.orderX, r.orderY]),
    (length) => new Uint32Array(length),
  );
  const tasks = replicas.map((r) => ({
    x: tables.place.get(r.x.values)! / 4,
    y: tables.place.get(r.y.values)! / 4,
    order_x: orders.place.get(r.orderX)! / rows,
    order_y: orders.place.get(r.orderY)! / rows,
  }));
  const tensors = {
    features: gpu.tensor("independence/features", tables.all),
    orders: gpu.tensor("independence/orders", orders.all),
    tasks: gpu.tensor("independence/tasks", new Uint32Array(packArray("FeatureTask", tasks))),
    products: gpu.tensor("independence/products", 16 * x.fours * y.fours * replicas.length),
  };
  try {
    const dims = { rows, replicas: replicas.length, fours_x: x.fours, fours_y: y.fours };
    const groups = elements(Math.ceil(x.fours / 2) * Math.ceil(y.fours / 2) * replicas.length, 1);
    const program = await Program.compile(gpu, [dispatch("correlate_features", { dims, ...tensors }, groups)]);
    try {
      program.run(gpu);
      return new Float32Array(await gpu.read(tensors.products));
    } finally {
      program.dispose();
    }
  } finally {
    for (const { buffer } of Object.values(tensors)) buffer.destroy();
  }
}

/** Lists laid end to end, those that are one and the same once, and where each starts. */
function placed<T extends Float32Array | Uint32Array>(
  lists: readonly T[],
  make: (length: number) => T,
): { all: T; place: Map<T, number> } {
  const place = new Map<T, number>();
  let length = 0;
  for (const list of lists) {
    if (place.has(list)) continue;
    place.set(list, length);
    length += list.length;
  }
  const all = make(length);
  for (const [list, at] of place) all.set(list, at);
  return { all, place };
}
