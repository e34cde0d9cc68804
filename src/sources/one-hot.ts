/** Categories that are known exactly: shaders/sources/one_hot.wgsl draws them. */
import { InputError } from "../errors.ts";
import { keysOf } from "../options.ts";
import { refuseOther, type SourceKind } from "./bound.ts";

/** One-hot vectors of equally likely categories. Made by `sources.oneHot`. */
export interface OneHotSource {
  kind: "one_hot";
  xWidth: number;
  yWidth: number;
}

/** One of `categories` equally likely categories as a one-hot vector, y = x. True MI: ln(categories) nats. */
export function oneHot(categories: number): OneHotSource {
  const source = { kind: "one_hot", xWidth: categories, yWidth: categories } as const;
  check(source);
  return source;
}

function check({ xWidth: categories, yWidth }: OneHotSource): void {
  if (!Number.isInteger(categories) || categories < 2) {
    throw new InputError(`"categories" must be an integer of at least 2, got ${categories}`);
  }
  if (yWidth !== categories)
    throw new InputError(`x has ${categories} categories and y ${yWidth}: y is x, so give as many`);
}

/** It binds nothing, and nothing of it can change. */
export const oneHotKind: SourceKind<OneHotSource> = {
  maker: "oneHot",
  keys: keysOf<OneHotSource>()("kind xWidth yWidth"),
  bind: (_gpu, _own, source) => {
    check(source);
    return {
      bindings: {},
      change(changes) {
        refuseOther(changes);
        return () => {};
      },
    };
  },
};
