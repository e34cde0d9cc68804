/** Sizes of grids: how many workgroups a dispatch takes. */

import { LimitError } from "../errors.ts";
import { geometry } from "./shaders.gen.ts";

export const { WG_SIZE } = geometry;
/** Along one axis of a dispatch. */
export const MOST_WORKGROUPS = 65535;
export type Workgroups = readonly [number, number, number];

/** @throws {LimitError} when one axis is longer than WebGPU allows */
export function grid(x: number, y: number, z: number): Workgroups {
  const most = Math.max(x, y, z);
  if (most > MOST_WORKGROUPS) {
    throw new LimitError(
      `a step would need ${most} workgroups along one axis; WebGPU allows ${MOST_WORKGROUPS}. ` +
        `Use a batch, width or number of replicas ${Math.ceil(most / MOST_WORKGROUPS)} times smaller.`,
    );
  }
  return [x, y, z];
}

/** A thread per element. */
export const elements = (count: number, replicas: number): Workgroups => grid(Math.ceil(count / WG_SIZE), replicas, 1);

/** A workgroup per `each` of `count`, or as many as WebGPU allows: for kernels whose workgroups stride over what is left. */
export const spread = (count: number, each: number, replicas: number): Workgroups =>
  grid(Math.min(Math.ceil(count / each), MOST_WORKGROUPS), replicas, 1);

/**
 * A thread per eight vectors of four parameters, because it first reads what its replica is told. A critic without
 * parameters still gets a workgroup: Dawn warns of dispatches of none.
 */
export const strided = (count: number, replicas: number): Workgroups =>
  grid(Math.max(1, Math.ceil(count / (32 * WG_SIZE))), replicas, 1);
