/**
 * Asks this machine for an adapter and runs one small kernel on it. Prints one line of JSON; exit code 0 when it works.
 * It runs in a process of its own, because a broken driver can take the process with it.
 */
import { rmSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The adapter search as the library has it. Bundled here, so that it needs no build and is written once. */
async function loadSearch() {
  const { buildSync } = await import("esbuild");
  // Inside node_modules, so that `import "webgpu"` resolves.
  const outfile = `${root}node_modules/.cache/remine/probe-${process.pid}.mjs`;
  try {
    const entryPoints = [`${root}src/gpu/adapter.node.ts`];
    buildSync({ entryPoints, outfile, bundle: true, format: "esm", platform: "node", external: ["webgpu"] });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(outfile, { force: true });
  }
}

async function squares(device, count) {
  const code = `@group(0) @binding(0) var<storage, read_write> out: array<f32>;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { out[id.x] = f32(id.x * id.x); }`;
  const module = device.createShaderModule({ code });
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module } });
  const size = 4 * count;
  const out = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const read = device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  const layout = pipeline.getBindGroupLayout(0);
  const group = device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer: out } }] });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(count / 64);
  pass.end();
  encoder.copyBufferToBuffer(out, 0, read, 0, size);
  device.queue.submit([encoder.finish()]);
  await read.mapAsync(GPUMapMode.READ);
  return Array.from(new Float32Array(read.getMappedRange()));
}

const report = { ok: false };
try {
  const search = await loadSearch();
  report.remedy = search.remedy();
  report.available = (await search.listNodeAdapters()).map(({ name }) => name);
  const { adapter, name, found } = await search.requestNodeAdapter();
  const { vendor, description, isFallbackAdapter: fallback } = adapter.info;
  Object.assign(report, { name, vendor, description, fallback, found });
  const device = await adapter.requestDevice();
  const values = await squares(device, 64);
  device.destroy();
  report.ok = values.every((value, i) => value === i * i);
  if (!report.ok) report.error = `${name} computes wrong values`;
} catch (error) {
  report.error = error instanceof Error ? error.message : String(error);
}
console.log(JSON.stringify(report));
process.exitCode = report.ok ? 0 : 1;
