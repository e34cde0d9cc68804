/**
 * No two threads of a workgroup touch one place of its memory without a barrier between, one of them writing: wgsl_reflect runs
 * each kernel that has barriers thread by thread and looks. Its arithmetic is not trusted here, only its order. It cannot run
 * what keeps matrices in registers (the tiled products, train_replica): of those the adapters run one subgroup after the other
 * up to each barrier, so that a missing one shows in the numbers that their own tests hold.
 */
import { describe, expect, test } from "vitest";
// @ts-expect-error: the package has types for its main file alone
import { detectRaces } from "wgsl_reflect/wgsl_reflect.module.js";
import { type KernelName, sourceOf } from "../src/gpu/program.ts";
import { kernels, structs } from "../src/gpu/shaders.gen.ts";
import { pack, type StructName } from "../src/gpu/structs.ts";

/** One workgroup of a kernel: what its uniforms say, and the words of each tensor that a loop or an index needs. */
interface Run {
  kernel: KernelName;
  slot: string;
  overrides?: Record<string, number>;
  dims: Record<string, number>;
  /** Words of each tensor; they are zeros. */
  words?: number;
}

const scores = { joint: 6, marginals: 3 };
const layer = {
  rows: 6,
  inputs: 40,
  outputs: 1,
  offset: 8,
  stride: 64,
  bias: 1,
  replicas: 1,
  sides: 1,
  apart: 0,
  parts: 2,
};
const parts = { count: 300, stride: 320, replicas: 1, parts: 2, capacity: 4 };
const runs: Run[] = [
  { kernel: "reduce_gradient", slot: "only", dims: parts },
  { kernel: "reduce_scores", slot: "remine", dims: scores },
  { kernel: "reduce_rows", slot: "infonce", dims: scores },
  { kernel: "evaluate_scores", slot: "remine", dims: scores },
  { kernel: "sum_gradient", slot: "only", dims: parts },
  { kernel: "take_step", slot: "only", dims: parts },
  { kernel: "finish_replica", slot: "only", dims: parts },
  { kernel: "forward_scores", slot: "four", dims: layer },
  { kernel: "backward_scores", slot: "four", dims: layer, words: 16384 },
];

/** The text of a variant as the interpreter takes it: no constants in the sizes of workgroups and arrays, and no `while`. */
function literal({ kernel, slot, overrides = {} }: Run): string {
  const variant = kernels[kernel].variants[slot]!;
  const known: Record<string, number> = { ...variant.constants, ...overrides };
  const value = (name: string) => `${known[name] ?? name}`;
  return sourceOf(variant)
    .replaceAll(/^override (\w+): u32 = \w+;/gm, (line, name) =>
      name in known ? `const ${name} = ${known[name]}u;` : line,
    )
    .replaceAll(
      /@workgroup_size\(([^)]+)\)/g,
      (_, sizes: string) => `@workgroup_size(${sizes.split(/, */).map(value)})`,
    )
    .replaceAll(/, (\w+)>;/g, (_, name) => `, ${value(name)}>;`)
    .replaceAll(/while \((.*)\) \{/g, "for (; $1;) {");
}

const BARRIER = /\b(workgroup|storage)Barrier\(\);/g;

function racesIn(code: string, { kernel, slot, dims, words = 4096 }: Run) {
  const bound = kernels[kernel].variants[slot]!.bindings.map(({ name, binding, access, struct }) => {
    const zeros = Object.fromEntries(
      structs[(struct ?? "ScoreDims") as StructName].fields.map(([field]) => [field, 0]),
    );
    const uniform = () => ({
      uniform: new Uint32Array(pack(struct as StructName, { ...zeros, ...(name === "chunk" ? { steps: 2 } : dims) })),
    });
    return [binding, access === "uniform" ? uniform() : new Float32Array(words)];
  });
  return detectRaces(code, "main", [1, 1, 1], { 0: Object.fromEntries(bound) });
}

describe("races within a workgroup", () => {
  test.each(runs)("$kernel, $slot: none, and some without its barriers", (run) => {
    const code = literal(run);
    expect(racesIn(code, run)).toEqual({ races: [], errors: [] });
    expect(racesIn(code.replaceAll(BARRIER, ""), run).races.length).toBeGreaterThan(0);
  });
});
