/** Every kernel in every form compiles on this adapter under Tint, and under Naga (Firefox, Deno) where it does not ask for subgroups. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { activationCode } from "../src/critics/critic.ts";
import { ShaderError } from "../src/errors.ts";
import { requestNodeAdapter } from "../src/gpu/adapter.node.ts";
import { swiftShaderDir } from "../src/gpu/driver-cache.node.ts";
import { dispatch, type KernelName, Program, sourceOf } from "../src/gpu/program.ts";
import { type KernelBindings, kernels, modules, structs, type Variant } from "../src/gpu/shaders.gen.ts";
import { gpu, it, scoped } from "./gpu.ts";

interface Form {
  name: string;
  kernel: KernelName;
  slot: string;
  variant: Variant;
  overrides: Record<string, number>;
}

/** A form for every value of an override, as the library sets it: never the default of the WGSL. */
const values: Record<string, number[]> = {
  COLUMNS_EACH: [4],
  ACTIVATION: Object.values(activationCode),
  SLOPE_STORED: [0, 1],
  TILE_LANES: [gpu?.subgroupSize ?? 0],
  PANEL_HALVES: [1, 2],
  TILE_BLOCKS: [2, 1],
  NEIGHBORS: [1, 3, 64],
  EXTENTS: [0, 1],
  EUCLIDEAN: [0, 1],
  BALL: [0, 1, 2],
  RADII: [0, 1],
  INSIDE: [1],
  X_WIDTH: [1],
  Y_WIDTH: [2],
  HIDDEN_1: [64],
  HIDDEN_2: [9],
  OUTPUT_BIAS: [0],
  FOURS: [16],
  INPUTS: [3],
  ONE_SWEEP: [1, 0],
  OPTIMIZER: [0, 1, 2],
  DIFFERENTIATED: [1, 0],
};

/** What of these a form takes: all, except where a kernel is long to compile and differs in nothing that matters here. */
function valuesOf(kernel: string, slot: string, name: string): number[] {
  if (kernel === "differentiate_batch" && name === "ONE_SWEEP") return [Number(slot === "remine")];
  if (name === "TILE_BLOCKS" && kernel === "forward_linear") return values[name]!; // elsewhere it changes nothing else
  if (name === "PANEL_HALVES" && slot === "subgroup") return [2]; // the narrow one is asked of "vectors"
  const one =
    ["vectors", "tiled", "ragged"].includes(slot) ||
    kernel.startsWith("train_") ||
    (kernel === "finish_step" && slot !== "remine") ||
    (kernel === "differentiate_batch" && (slot !== "remine" || name === "SLOPE_STORED"));
  return one ? values[name]!.slice(0, 1) : values[name]!;
}

/**
 * Of a kernel with two slots, every source once: the estimators are asked about in the kernels that have them alone. So they are
 * of those that do in one dispatch what others do in turn, and of the one that takes a second to compile.
 */
const together: Record<string, readonly string[]> = {
  evaluate_scores: ["remine", "infonce"],
  differentiate_batch: ["remine", "js"],
};
const asked = (kernel: string, slot: string) =>
  together[kernel]?.includes(slot) ?? (!slot.includes("/") || slot.endsWith("/remine"));
const forms = Object.entries(kernels).flatMap(([kernel, { variants }]) =>
  Object.entries(variants).flatMap(([slot, variant]) => {
    if (!asked(kernel, slot)) return [];
    let settings: Record<string, number>[] = [{}];
    for (const name of variant.overrides) {
      if (!values[name]) throw new Error(`${kernel}: this test has no values for the override ${name}`);
      settings = settings.flatMap((setting) =>
        valuesOf(kernel, slot, name).map((value) => ({ ...setting, [name]: value })),
      );
    }
    return settings.map((overrides): Form => {
      const set = Object.entries(overrides).map(([name, value]) => `, ${name} ${value}`);
      return { name: `${kernel}, ${slot}${set.join("")}`, kernel: kernel as KernelName, slot, variant, overrides };
    });
  }),
);

/** What Naga is asked about. SwiftShader zeroes workgroup memory word by word, half a minute for train_replica's 30 KiB. */
const portable = forms.filter(
  ({ kernel, variant }) =>
    variant.features.length === 0 && !(kernel === "train_replica" && /SwiftShader/.test(gpu?.name ?? "")),
);

describe("Tint", () => {
  const runs = ({ features }: Variant) => features.every((feature) => gpu.device.features.has(feature));

  async function compile({ kernel, slot, variant, overrides }: Form): Promise<void> {
    const tensor = gpu.tensor("any", 64);
    const zeros = (name: string) =>
      Object.fromEntries(structs[name as keyof typeof structs].fields.map(([field]) => [field, 0]));
    const bound = variant.bindings.map(({ name, access, struct }) => [
      name,
      access === "uniform" ? zeros(struct!) : tensor,
    ]);
    const line = dispatch(kernel, Object.fromEntries(bound) as KernelBindings[KernelName], [0, 0, 0], slot, overrides);
    // As the library compiles it: with the layout that the build found by reflection. Binding one buffer twice is
    // wrong only when it runs.
    try {
      (await Program.compile(gpu, [line])).dispose();
    } finally {
      tensor.buffer.destroy();
    }
  }

  for (const form of forms) {
    it(`compiles ${form.name}`, async (context) => {
      const { kernel, variant, overrides } = form;
      if (kernel === "differentiate_batch" && gpu.subgroupSize !== variant.constants.BATCH_LANES)
        context.skip(`it never runs on ${gpu.name}, and takes seconds to compile`);
      if (kernel.startsWith("train_")) context.skip("it takes seconds to compile; the tests that run it do");
      if (!runs(variant) || overrides.TILE_LANES === 0) context.skip(`${gpu.name} has no subgroups of one size`);
      await scoped(() => compile(form));
    });
  }

  it("has no warnings", async () => {
    for (const { name, variant } of forms) {
      if (!runs(variant)) continue;
      const { messages } = await gpu.device.createShaderModule({ code: sourceOf(variant) }).getCompilationInfo();
      expect(
        messages.map(({ type, lineNum, message }) => `${type} ${lineNum}: ${message}`),
        name,
      ).toEqual([]);
    }
  });

  it("refuses a wrong type, and the error names the file and line of shaders/", async () => {
    modules["wrong.wgsl"] = "const LANES = 8u;\n@compute @workgroup_size(LANES)\nfn main() { let a: u32 = 1.5; }";
    const files = ["lib/geometry.wgsl", "wrong.wgsl"];
    const variant: Variant = { files, features: [], bindings: [], constants: {}, overrides: [] };
    kernels.step_sgd.variants.wrong = variant;
    try {
      const form: Form = { name: "wrong", kernel: "step_sgd", slot: "wrong", variant, overrides: {} };
      const error = await compile(form).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(ShaderError);
      expect(error.message).toMatch(/^shaders\/wrong\.wgsl:3: /);
    } finally {
      delete kernels.step_sgd.variants.wrong;
      delete modules["wrong.wgsl"];
    }
  });
});

/** What Deno is to make a pipeline of. Without bindings, the layout is what Naga reads from the text. */
interface Text {
  code: string;
  overrides?: Record<string, number>;
  bindings?: Variant["bindings"];
}

/** npm's `deno`: it links its binary into place when it first runs, if no install script did. */
function denoPath(): string {
  try {
    return createRequire(import.meta.url).resolve("deno/bin.cjs");
  } catch (cause) {
    throw new Error("Naga comes with npm's deno, which is not installed. Install it: npm install", { cause });
  }
}

/** Compiles { name: text } in Deno, whose WebGPU is wgpu with Naga. Resolves to { name: error or "" }. */
async function naga(texts: Record<string, Text>): Promise<Record<string, string>> {
  const script = `
    const texts = await new Response(Deno.stdin.readable).json();
    const adapter = await navigator.gpu.requestAdapter();
    if (!adapter) throw new Error("Deno finds no adapter");
    const { maxStorageBuffersPerShaderStage, maxComputeWorkgroupStorageSize } = adapter.limits;
    const requiredLimits = { maxStorageBuffersPerShaderStage, maxComputeWorkgroupStorageSize };
    const device = await adapter.requestDevice({ requiredLimits });
    const verdicts = {};
    const types = { uniform: "uniform", read: "read-only-storage", read_write: "storage" };
    const layoutOf = (bindings) => {
      const entries = bindings.map(({ binding, access }) =>
        ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type: types[access] } }));
      return device.createPipelineLayout({ bindGroupLayouts: [device.createBindGroupLayout({ entries })] });
    };
    for (const [name, { code, overrides = {}, bindings }] of Object.entries(texts)) {
      device.pushErrorScope("validation");
      try {
        const module = device.createShaderModule({ code });
        const layout = bindings ? layoutOf(bindings) : "auto";
        await device.createComputePipelineAsync({ layout, compute: { module, entryPoint: "main", constants: overrides } });
        verdicts[name] = (await device.popErrorScope())?.message ?? "";
      } catch (error) {
        verdicts[name] = (await device.popErrorScope())?.message ?? String(error);
      }
    }
    await new Blob([JSON.stringify(verdicts)]).stream().pipeTo(Deno.stdout.writable);`;
  const { found } = await requestNodeAdapter();
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? "/tmp",
    NO_COLOR: "1",
  };
  if (found === "cache") {
    env.LD_LIBRARY_PATH = swiftShaderDir();
    env.VK_DRIVER_FILES = join(swiftShaderDir(), "vk_swiftshader_icd.json");
  } else if (found !== "environment") env.VK_DRIVER_FILES = found;
  const deno = denoPath();
  env.DENO_DIR = mkdtempSync(join(tmpdir(), "remine-deno-"));
  env.DENO_NO_UPDATE_CHECK = "1";
  const child = spawn(process.execPath, [deno, "eval", script], { env, timeout: 90_000 });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => {
    out += text;
  });
  child.stderr.on("data", (text) => {
    err += text;
  });
  child.stdin.end(JSON.stringify(texts));
  const code = await new Promise((resolve, reject) => {
    child.on("close", resolve);
    child.on("error", reject);
  }).finally(() => rmSync(env.DENO_DIR!, { recursive: true }));
  if (code !== 0) throw new Error(`deno ended with ${code}: ${err}`);
  return JSON.parse(out);
}

describe("Naga", () => {
  const storage = "@group(0) @binding(0) var<storage, read_write> out: array<f32>;";
  const main = "@compute @workgroup_size(1) fn main()";
  /** What both refuse. Without these, a check that looks at nothing would pass. */
  const wrong: Record<string, Text> = {
    "a wrong type": { code: `${main} { let a: u32 = 1.5; }` },
    "a binding that the layout lacks": { code: `${storage}\n${main} { out[0] = 1.0; }`, bindings: [] },
    "an override that the text lacks": { code: `${main} {}`, overrides: { LANES: 4 } },
  };

  /** What Tint takes and Naga refuses: the rules of scripts/lint-wgsl.mjs. If one of them passes, the rule can go. */
  const refused = {
    "enable subgroups": `enable subgroups;\n${storage}\n${main} { out[0] = subgroupAdd(1.0); }`,
    "pointer to storage": `${storage}\nfn f(p: ptr<storage, array<f32>, read_write>) { (*p)[0] = 1.0; }\n${main} { f(&out); }`,
    "pointer to workgroup memory": `${storage}\nvar<workgroup> w: f32;\nfn f(p: ptr<workgroup, f32>) { *p = 1.0; }\n${main} { f(&w); out[0] = w; }`,
    "assignment to a swizzle": `${storage}\n${main} { var v = vec3f(); v.xy = vec2f(1.0); out[0] = v.x; }`,
    "a newer builtin": `${storage}\n@compute @workgroup_size(1) fn main(@builtin(global_invocation_index) i: u32) { out[i] = 1.0; }`,
    "a language extension": `requires immediate_address_space;\n${storage}\n${main} { out[0] = 1.0; }`,
  };

  it("compiles every form without subgroups, and refuses what it must", async () => {
    const texts = Object.fromEntries(
      portable.map(({ name, variant, overrides }): [string, Text] => {
        return [name, { code: sourceOf(variant), overrides, bindings: variant.bindings }];
      }),
    );
    const bad = { ...wrong, ...Object.fromEntries(Object.entries(refused).map(([name, code]) => [name, { code }])) };
    const verdicts = await naga({ ...texts, ...bad });
    expect(Object.keys(verdicts)).toHaveLength(portable.length + Object.keys(bad).length);
    const rejected = Object.entries(verdicts).filter(([, message]) => message !== "");
    expect(rejected.filter(([name]) => name in texts)).toEqual([]);
    expect(rejected.map(([name]) => name).sort()).toEqual(Object.keys(bad).sort());
    expect(verdicts["a wrong type"]).toMatch(/u32/);
    expect(verdicts["enable subgroups"]).toMatch(/subgroups/);
  });

  it("is asked about every kernel", () => {
    // Kernels for lavapipe are subgroups alone.
    const alone = ["differentiate_batch", "finish_step", "sweep_sorted", "train_replica"];
    const known = new Set([...portable.map(({ kernel }) => kernel), ...alone]);
    expect(known).toEqual(new Set(Object.keys(kernels)));
  });
});
