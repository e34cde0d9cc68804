/** The random numbers: the published vectors, the edges of their ranges, their moments. What is drawn with them is in kernels/gather_batch and kernels/fill_weights. */
import { describe, expect, it as test } from "vitest";
import { modules } from "../src/gpu/shaders.gen.ts";
import { expectClose, gpu, it, prng, scoped, TRIG } from "./gpu.ts";
import { normalPair, philox, uniformIndex, uniformOpen } from "./oracle/random.ts";

/** Runs `body` on every four words of `input`, linked to the real lib/random.wgsl; it sets `out[i]`. */
async function random(body: string, input: Uint32Array): Promise<Uint32Array> {
  const code = `${modules["lib/random.wgsl"]}
@group(0) @binding(0) var<storage, read> input: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> out: array<vec4u>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i < arrayLength(&input)) { ${body} }
}`;
  const [from, to] = [gpu.tensor("input", input), gpu.tensor("out", input.length)];
  return scoped(async () => {
    const module = gpu.device.createShaderModule({ code });
    const pipeline = await gpu.device.createComputePipelineAsync({ layout: "auto", compute: { module } });
    const entries = [from, to].map(({ buffer }, binding) => ({ binding, resource: { buffer } }));
    const group = gpu.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    gpu.submit((encoder) => {
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(Math.ceil(input.length / 256));
      pass.end();
    });
    return new Uint32Array(await gpu.read(to));
  }).finally(() => {
    from.buffer.destroy();
    to.buffer.destroy();
  });
}

const words = (seed: number, count: number) => {
  const next = prng(seed);
  return Uint32Array.from({ length: count }, () => next() * 2 ** 32);
};
const floats = (bits: Uint32Array, component: number) =>
  new Float32Array(bits.buffer).filter((_, i) => i % 4 === component);
const philoxOfInput = "out[i] = philox(vec4u(input[2u * (i / 2u)]), input[2u * (i / 2u) + 1u].xy);";

/** The known answers of Random123's kat_vectors for philox4x32 with 10 rounds: counter, key, result. */
const known = [
  ["00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
  ["ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"],
  ["243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"],
].map((row) => row.map((text) => text.split(" ").map((word) => Number.parseInt(word, 16))));

describe("Philox4x32-10", () => {
  test.each(known)("the oracle gives the published vector of counter %j", (counter, key, result) => {
    expect(philox(counter!, key!)).toEqual(result);
  });

  it("the shader gives the published vectors", async () => {
    const input = Uint32Array.from(known.flatMap(([counter, key]) => [...counter!, ...key!, 0, 0]));
    const got = await random(philoxOfInput, input);
    known.forEach(([, , result], v) => {
      expect([...got.subarray(8 * v, 8 * v + 4)]).toEqual(result);
    });
  });

  it("the shader gives the oracle's bits for any counter and key", async () => {
    const input = words(1, 8 * 257);
    const got = await random(philoxOfInput, input);
    for (let v = 0; v < 257; v++) {
      const want = philox([...input.subarray(8 * v, 8 * v + 4)], [...input.subarray(8 * v + 4, 8 * v + 6)]);
      expect([...got.subarray(8 * v, 8 * v + 4)]).toEqual(want);
    }
  });
});

describe("what is made of the bits", () => {
  const edges = [
    0, 1, 0xff, 0x100, 0x7fffffff, 0x80000000, 0x800000ff, 0x80000100, 0xfffffe00, 0xfffffeff, 0xffffff00, 0xffffffff,
  ];

  it("uniform_open stays inside (0, 1), to the bit what the oracle says", async () => {
    const input = Uint32Array.from(edges.flatMap((bits) => [bits, 0, 0, 0]));
    const got = floats(await random("out[i].x = bitcast<u32>(uniform_open(input[i].x));", input), 0);
    expect([...got]).toEqual(edges.map(uniformOpen));
    expect(Math.min(...got)).toBeGreaterThan(0);
    expect(Math.max(...got)).toBeLessThan(1);
  });

  it("uniform_index is an exact 64-bit product", async () => {
    const counts = [1, 2, 3, 16, 10_000, 0xffff, 0x10000, 0x10001, 0x7fffffff, 0xffffffff];
    const pairs = edges.flatMap((bits) => counts.map((count) => [bits, count] as const));
    const input = Uint32Array.from(pairs.flatMap(([bits, count]) => [bits, count, 0, 0]));
    const got = await random("out[i].x = uniform_index(input[i].x, input[i].y);", input);
    pairs.forEach(([bits, count], i) => {
      expect(got[4 * i], `${bits} of ${count}`).toBe(uniformIndex(bits, count));
      expect(got[4 * i]).toBeLessThan(count);
    });
  });

  it("normal_pair is finite at the edges and equals the oracle's", async () => {
    const pairs = edges.flatMap((a) => edges.map((b) => [a, b] as const));
    const input = Uint32Array.from([...pairs.flatMap(([a, b]) => [a, b, 0, 0]), ...words(2, 4 * 257)]);
    const got = await random("let z = normal_pair(input[i].xy); out[i] = vec4u(bitcast<vec2u>(z), 0u, 0u);", input);
    const want = Array.from({ length: input.length / 4 }, (_, i) => normalPair(input[4 * i]!, input[4 * i + 1]!));
    // The radius is sqrt(-2 log u), and log is good to 2e-7: that is 2e-7 / radius, which matters near u = 1.
    const radii = want.map(([x, y]) => Math.hypot(x, y));
    const scale = radii.map((radius) => TRIG * radius + 2e-7 / radius);
    for (const c of [0, 1]) {
      const column = want.map((pair) => pair[c]!);
      expectClose(floats(got, c), column, { tolerance: 1, scale, what: "normal_pair" });
    }
  });

  it("has the moments of 10^5 draws", async () => {
    const n = 1e5;
    const input = new Uint32Array(4 * n);
    for (let i = 0; i < n; i++) input[4 * i] = i;
    const body = `let bits = philox(vec4u(input[i].x, 7u, 0u, PURPOSE_ROWS), vec2u(42u, 3u));
      out[i] = vec4u(bitcast<u32>(uniform_open(bits.x)), bits.y, bitcast<vec2u>(normal_pair(bits.zw)));`;
    const bits = await random(body, input);
    const mean = (x: ArrayLike<number>, f: (v: number) => number) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += f(x[i]!);
      return sum / n;
    };
    // Every band is five standard errors of an average of n independent draws.
    const band = (sd: number) => (5 * sd) / Math.sqrt(n);
    const u = floats(bits, 0);
    expect(Math.abs(mean(u, (v) => v) - 1 / 2)).toBeLessThan(band(Math.sqrt(1 / 12)));
    expect(Math.abs(mean(u, (v) => v * v) - 1 / 3)).toBeLessThan(band(Math.sqrt(4 / 45)));
    for (const z of [floats(bits, 2), floats(bits, 3)]) {
      expect(Math.abs(mean(z, (v) => v))).toBeLessThan(band(1));
      expect(Math.abs(mean(z, (v) => v * v) - 1)).toBeLessThan(band(Math.sqrt(2)));
      expect(Math.abs(mean(z, (v) => v ** 4) - 3)).toBeLessThan(band(Math.sqrt(96)));
    }
    const [a, b] = [floats(bits, 2), floats(bits, 3)];
    expect(Math.abs(a.reduce((sum, v, i) => sum + v * b[i]!, 0) / n)).toBeLessThan(band(1));
    // 64 cells: chi squared has mean 63 and standard deviation sqrt(126).
    const cells = new Float64Array(64);
    for (let i = 0; i < n; i++) cells[uniformIndex(bits[4 * i + 1]!, 64)]!++;
    const chi2 = cells.reduce((sum, count) => sum + (count - n / 64) ** 2 / (n / 64), 0);
    expect(Math.abs(chi2 - 63)).toBeLessThan(5 * Math.sqrt(126));
  });
});
