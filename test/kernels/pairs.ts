/** Batches of every kind of marginal pairs, for the kernels that make pairs and take them apart. */
import { cellForms } from "../gpu.ts";
import type { Slot } from "../oracle/pairs.ts";
import { slots } from "../oracle/pairs.ts";

export interface Pairing {
  replicas: number;
  joint: number;
  marginals: number;
  independent: boolean;
  width: number;
}

export const pairings: Pairing[] = [
  { replicas: 1, joint: 1, marginals: 0, independent: false, width: 3 }, // as Scorer scores named pairs
  { replicas: 1, joint: 2, marginals: 1, independent: false, width: 1 },
  { replicas: 3, joint: 63, marginals: 1, independent: false, width: 5 },
  { replicas: 1, joint: 65, marginals: 7, independent: false, width: 64 },
  { replicas: 3, joint: 6, marginals: 5, independent: false, width: 65 }, // K = N - 1: every pair
  { replicas: 1, joint: 257, marginals: 2, independent: false, width: 3 },
  { replicas: 1, joint: 1, marginals: 1, independent: true, width: 63 },
  { replicas: 3, joint: 64, marginals: 3, independent: true, width: 7 },
  { replicas: 1, joint: 3, marginals: 65, independent: true, width: 257 },
  { replicas: 2, joint: 5, marginals: 1, independent: false, width: 68 },
  { replicas: 1, joint: 3, marginals: 2, independent: true, width: 4 },
];

/** Every pairing in every form that serves its width. */
export const pairingForms = pairings.flatMap((pairing) =>
  cellForms(pairing.width).map((form): Pairing & { form: "one" | "four" } => ({ ...pairing, form })),
);

/** Every pairing with no products, some, and nothing else, in every form that serves both numbers. */
export const joinForms = pairings.flatMap((pairing) => {
  const { width } = pairing;
  const counts = [...new Set([0, 1, 2, 4, width].filter((products) => products <= width))];
  return counts.flatMap((products) =>
    cellForms(width, products).map((form): Pairing & { products: number; form: "one" | "four" } => {
      return { ...pairing, products, form };
    }),
  );
});

export interface Geometry {
  /** Slots of one replica in order. */
  list: Slot[];
  /** Rows of one replica. */
  rows: number;
  dims: object;
}

export function geometryOf({ joint, marginals, independent, width }: Pairing): Geometry {
  const list = slots(joint, marginals, independent);
  const rows = independent ? list.length : joint;
  return { list, rows, dims: { joint, marginals, rows, independent: Number(independent), width } };
}
