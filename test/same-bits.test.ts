/**
 * Same seed, same adapter: the same bits, from one version of remine to the next. A change that only moves code leaves every
 * one of these values as it was; one that means to change them writes them anew with `PIN=write npx vitest run same-bits`;
 * `PIN=all` also checks what is slow on SwiftShader.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect } from "vitest";
import { conditional } from "../src/critics/conditional.ts";
import { mlp } from "../src/critics/mlp.ts";
import { estimate } from "../src/estimate/estimate.ts";
import { estimatorByName, estimatorNames } from "../src/estimators/estimator.ts";
import { estimators } from "../src/gpu/shaders.gen.ts";
import { matrix } from "../src/matrix/matrix.ts";
import { readTable } from "../src/readers/read.ts";
import { gaussian } from "../src/sources/gaussian.ts";
import { createTrainer } from "../src/training/trainer.ts";
import { gpu, it } from "./gpu.ts";

/** A number to read, and a hash of all the bits behind it. */
interface Pin {
  value: number;
  bits: string;
}

const file = new URL("fixtures/same-bits.json", import.meta.url);
const pins = JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, Pin>>;

/** Software adapters compile for the processor, so what it can do is part of what is pinned. */
function processor(): string {
  const info = existsSync("/proc/cpuinfo") ? readFileSync("/proc/cpuinfo", "utf8") : "";
  const flags = /^flags\s*:(.*)$/m.exec(info)?.[1]?.split(" ") ?? [];
  return flags
    .filter((flag) => /^(avx|fma|f16c|sse)/.test(flag))
    .sort()
    .join(" ");
}
const machine = gpu && `${gpu.name}, ${processor()}`;
const found: Record<string, Pin> = {};

/**
 * Holds a value and the bits of arrays against what is pinned.
 *
 * @param near how far the value may lie from a pin of the same adapter on another processor
 */
function pin(name: string, value: number, arrays: readonly ArrayBufferView[], near: number): void {
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of arrays) hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  found[name] = { value, bits: hash.digest("hex").slice(0, 16) };
  if (process.env.PIN === "write") return;
  const adapter = gpu.name.split(":")[0]!;
  const known = pins[machine] ?? Object.entries(pins).find(([key]) => key.startsWith(adapter))?.[1];
  if (!known) return;
  const pinned = known[name];
  expect.assert(pinned, `there is no pin of "${name}": PIN=write npx vitest run same-bits, on both adapters`);
  if (pins[machine]) expect(found[name]).toEqual(pinned);
  else expect(Math.abs(value - pinned.value), `${name}: ${value}`).toBeLessThan(near);
}

afterAll(() => {
  if (process.env.PIN === "write")
    writeFileSync(file, `${JSON.stringify({ ...pins, [machine]: { ...pins[machine], ...found } }, null, 2)}\n`);
});

describe("ten steps of every estimator", () => {
  it.each(estimatorNames)("%s", async (name) => {
    const density = estimators[name].critic === "density";
    using trainer = await createTrainer(gpu, {
      source: gaussian({ dims: 3, mi: 1 }),
      pairs: { joint: 48, negatives: "all" },
      critic: density ? conditional() : mlp([24, 16], { activation: "silu" }),
      estimator: estimatorByName(name),
      replicas: 2,
      seed: 11,
    });
    await trainer.step(10);
    const { trace } = await trainer.read();
    const arrays = trace.flatMap((t) => [t.joint, t.logPartition, t.value, t.objective]);
    pin(`trainer ${name}`, trace[1]!.value[9]!, [...arrays, new Uint32Array(await gpu.read(trainer.params))], 1e-3);
  });
});

const weather = async () => {
  const { columns } = await readTable(new URL("../data/seattle-weather.csv", import.meta.url).pathname);
  return (name: string) => columns.find((column) => column.name === name)!;
};

/** What trains for a minute there. */
const slow = () => /SwiftShader/.test(gpu.name) && !process.env.PIN;

it("the default estimate of the table that is shipped", async (context) => {
  if (slow()) context.skip("slow");
  const column = await weather();
  const x = column("temp_max").values;
  const y = column("wind").values;
  const { raw, mi, interval, pointwise } = await estimate(x, y, { gpu });
  pin("estimate", mi, [Float64Array.of(raw, mi, ...interval), pointwise], 0.03);
});

describe("a matrix of it with permutations", () => {
  it.for(["ksg", "remine"] as const)("%s", async (estimator, context) => {
    if (estimator === "remine" && slow()) context.skip("slow");
    const column = await weather();
    const input = ["precipitation", "temp_max", "wind", "weather"].map((name) => column(name));
    const { pairs } = await matrix(input, { gpu, estimator, permutations: 20, seed: 3 });
    const values = pairs.flatMap(({ raw, standardError, p, pFamily }) => [raw, standardError, p!, pFamily!]);
    pin(`matrix ${estimator}`, pairs[0]!.raw, [Float64Array.from(values)], estimator === "ksg" ? 1e-3 : 0.03);
  });
});
