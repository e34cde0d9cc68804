/** A trainer's state as bytes: what was trained, and the buffers that the next step depends on. */
import { InputError } from "../errors.ts";
import { packed, unpacked } from "../saved.ts";

/** What a state belongs to. A trainer of anything else cannot go on from it. */
export interface Trained {
  estimator: string;
  /** Kind and layers. */
  critic: string;
  optimizer: string;
  replicas: number;
  /** Steps that the averages look back. */
  window: number;
}

interface State {
  trained: Trained;
  steps: number;
  /** In the trainer's own order. */
  buffers: Uint32Array[];
}

const FORMAT = { kind: "remine trainer", version: 3 };

export const packState = (state: State): Uint8Array<ArrayBuffer> => packed(FORMAT, state);

/**
 * @param trained what the trainer is that is to go on
 * @throws {InputError} for bytes that are no state, or one of another version, estimator, critic or optimizer; names both
 */
export function unpackState(bytes: Uint8Array, trained: Trained): State {
  const state = unpacked<State>(FORMAT, bytes);
  for (const [what, here] of Object.entries(trained)) {
    const there = state.trained[what as keyof Trained];
    if (there === here) continue;
    throw new InputError(
      `this state was saved by a trainer with other options: its ${what} is ${there}, and here it is ${here}; make one with the same options to load it`,
    );
  }
  return state;
}
