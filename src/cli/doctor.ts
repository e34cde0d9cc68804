/** `remine doctor`: adapters, limits, a self-test, and how to get what is missing. */
import type { Command } from "commander";
import { AdapterError } from "../errors.ts";
import { listNodeAdapters, remedy, requestNodeAdapter } from "../gpu/adapter.node.ts";
import { type Gpu, open } from "../gpu/device.ts";
import { tileForm } from "../gpu/program.ts";
import { table } from "../report/table.ts";
import { selfTest } from "../training/self-test.ts";

export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("which adapters are there, what they can do, and whether they compute right")
    .option("--json", "print one JSON object on stdout")
    .option("--adapter <name>", "test this one")
    .action(run);
}

async function run(options: { json?: boolean; adapter?: string }): Promise<void> {
  const adapters = await listNodeAdapters(); // what the drivers say meanwhile is part of the answer
  if (adapters.length === 0) {
    const fetched = process.platform === "linux" ? "\n  npx remine setup  (into your cache, without root)\n  or" : "";
    throw new AdapterError(`no WebGPU adapter answers.${fetched} ${remedy()}`);
  }
  using gpu = await open({ adapter: options.adapter, quiet: true });
  const { found: driver } = await requestNodeAdapter({ adapter: options.adapter, quiet: true });
  const checks = await selfTest(gpu);
  const found = { adapters, driver, tested: facts(gpu), checks, ok: checks.every((check) => check.ok) };
  if (!found.ok) process.exitCode = 1;
  if (options.json) return console.log(JSON.stringify(found));

  console.log("Adapters");
  for (const { name, backend } of adapters)
    console.log(`  ${name.split(" ")[0] === gpu.name.split(/[ :]/)[0] ? "*" : " "} ${name} (${backend})`);
  console.log("Limits and features of the one in use (*)");
  const rows = Object.entries({ ...found.tested, driver }).map(([name, value]) => [name, String(value)]);
  console.log(table(rows, { align: ["left", "left"], indent: 2 }));
  console.log("Self-test against float64");
  for (const { ok, message } of checks) console.log(`  ${ok ? "ok  " : "FAIL"} ${message}`);
  if (gpu.isSoftware) {
    console.log("This adapter computes on the CPU. A GPU with a Vulkan, Metal or D3D12 driver is found by itself.");
    if (!/llvmpipe/i.test(gpu.name)) console.log("lavapipe is several times faster: npx remine setup");
  }
}

function facts(gpu: Gpu): Record<string, string | number> {
  const { limits, features } = gpu.device;
  return {
    adapter: gpu.name,
    "computes on": gpu.isSoftware ? "the CPU" : "a GPU",
    "matrix product": `${tileForm(gpu).slot} form`,
    "subgroup size": gpu.subgroupSize || "varies, or no subgroups",
    maxStorageBufferBindingSize: `${limits.maxStorageBufferBindingSize / 2 ** 20} MiB`,
    maxBufferSize: `${Math.round(limits.maxBufferSize / 2 ** 20)} MiB`,
    maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
    maxComputeWorkgroupStorageSize: `${limits.maxComputeWorkgroupStorageSize / 1024} KiB`,
    maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    features: [...features].sort().join(", "),
  };
}
