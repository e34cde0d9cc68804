/** Every kernel in every form compiles on this adapter under Tint, and under Naga (Firefox, Deno) where it does not ask for subgroups. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { cacheDir, requestNodeAdapter } from "../src/adapter.node.ts";
import { dispatch, type KernelName, Program, sourceOf } from "../src/kernel.ts";
import { type KernelBindings, kernels, structs } from "../src/shaders.gen.ts";
import { gpu, it, scoped } from "./gpu.ts";

const forms = Object.entries(kernels).flatMap(([kernel, { variants }]) =>
  Object.entries(variants).map(([slot, variant]) => ({ kernel: kernel as KernelName, slot, variant })),
);
const portable = forms.filter(({ variant }) => variant.features.length === 0);

describe("Tint", () => {
  it.each(forms)("compiles $kernel, $slot", async ({ kernel, slot, variant }) => {
    if (variant.features.some((feature) => !gpu.device.features.has(feature as GPUFeatureName))) return;
    const tensor = gpu.tensor("any", 64);
    const zeros = (name: string) =>
      Object.fromEntries(structs[name as keyof typeof structs].fields.map(([field]) => [field, 0]));
    const bound = variant.bindings.map(({ name, access, struct }) => [
      name,
      access === "uniform" ? zeros(struct!) : tensor,
    ]);
    const line = dispatch(kernel, Object.fromEntries(bound) as KernelBindings[KernelName], [0, 0, 0], slot);
    // As the library compiles it: with the layout that the build found by reflection. Binding one buffer twice is
    // wrong only when it runs.
    const program = await scoped(() => Program.compile(gpu, [line]));
    program.dispose();
    tensor.buffer.destroy();
  });
});

/** Compiles { name: WGSL } in Deno, whose WebGPU is wgpu with Naga. Resolves to { name: error or "" }. */
async function naga(texts: Record<string, string>): Promise<Record<string, string>> {
  const script = `
    const texts = await new Response(Deno.stdin.readable).json();
    const adapter = await navigator.gpu.requestAdapter();
    if (!adapter) throw new Error("Deno finds no adapter");
    const device = await adapter.requestDevice();
    const verdicts = {};
    for (const [name, code] of Object.entries(texts)) {
      device.pushErrorScope("validation");
      try {
        const module = device.createShaderModule({ code });
        await device.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint: "main" } });
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
    env.LD_LIBRARY_PATH = cacheDir();
    env.VK_DRIVER_FILES = join(cacheDir(), "vk_swiftshader_icd.json");
  } else if (found !== "environment") env.VK_DRIVER_FILES = found;
  const deno = createRequire(import.meta.url).resolve("deno/bin.cjs");
  const child = spawn(process.execPath, [deno, "eval", script], { env });
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
  });
  if (code !== 0) throw new Error(`deno ended with ${code}: ${err}`);
  return JSON.parse(out);
}

describe("Naga", () => {
  const storage = "@group(0) @binding(0) var<storage, read_write> out: array<f32>;";
  const main = "@compute @workgroup_size(1) fn main()";
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
      portable.map(({ kernel, slot, variant }) => [`${kernel}, ${slot}`, sourceOf(variant)]),
    );
    const verdicts = await naga({ ...texts, ...refused });
    expect(Object.keys(verdicts)).toHaveLength(portable.length + Object.keys(refused).length);
    const rejected = Object.entries(verdicts).filter(([, message]) => message !== "");
    expect(rejected.filter(([name]) => name in texts)).toEqual([]);
    expect(rejected.map(([name]) => name).sort()).toEqual(Object.keys(refused).sort());
    expect(verdicts["enable subgroups"]).toMatch(/subgroups/);
  });

  it("is asked about every kernel", () => {
    expect(new Set(portable.map(({ kernel }) => kernel))).toEqual(new Set(Object.keys(kernels)));
  });
});
