/**
 * No two threads of a workgroup touch one place of its memory without a barrier between, one of them writing: wgsl_reflect runs
 * each kernel that has barriers thread by thread and looks. Its arithmetic is not trusted here, only its order.
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

const runs: Run[] = [
  { kernel: "reduce_gradient", slot: "only", dims: { count: 300, stride: 320 } },
  { kernel: "reduce_scores", slot: "remine", dims: { joint: 20, marginals: 5 } },
  { kernel: "reduce_rows", slot: "infonce", dims: { joint: 3, marginals: 70 } },
  {
    kernel: "train_replica",
    slot: "gaussian/remine",
    overrides: { HIDDEN_1: 5, HIDDEN_2: 6 },
    dims: {
      joint: 3,
      marginals: 2,
      rows: 3,
      x_width: 1,
      y_width: 1,
      stride: 64,
      capacity: 8,
      dims: 1,
      levels: 1,
      level_steps: 1,
    },
  },
];

/** The text of a variant as the interpreter takes it: it knows no constants in the sizes of workgroups and arrays. */
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
    .replaceAll(/, (\w+)>;/g, (_, name) => `, ${value(name)}>;`);
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
