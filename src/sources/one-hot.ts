/** Categories that are known exactly: shaders/sources/one_hot.wgsl draws them. */
import { InputError } from "../errors.ts";
import { keysOf } from "../options.ts";
import { refuseOther, type SourceKind } from "./bound.ts";

export interface OneHotSource {
  kind: "one_hot";
  xWidth: number;
  yWidth: number;
}

/** One of `categories` equally likely categories as a one-hot vector, y = x. True MI: ln(categories) nats. */
export function oneHot(categories: number): OneHotSource {
  if (!Number.isInteger(categories) || categories < 2) {
    throw new InputError(`"categories" must be an integer of at least 2, got ${categories}`);
  }
  return { kind: "one_hot", xWidth: categories, yWidth: categories };
}

/** It binds nothing, and nothing of it can change. */
export const oneHotKind: SourceKind<OneHotSource> = {
  maker: "oneHot",
  keys: keysOf<OneHotSource>()("kind xWidth yWidth"),
  bind: () => ({
    bindings: {},
    change(changes) {
      refuseOther(changes);
      return () => {};
    },
  }),
};
