/** What `estimate` returns as data: kinds, JSON, critics that are saved and loaded. */
import { describe, expect, it as test } from "vitest";
import { InputError } from "../src/errors.ts";
import { load } from "../src/estimate/critics.ts";
import { estimate } from "../src/estimate/estimate.ts";
import { packed, unpacked } from "../src/saved.ts";
import { oneHot } from "../src/sources/one-hot.ts";
import { createTrainer } from "../src/training/trainer.ts";
import { gpu, it, normals } from "./gpu.ts";

const rows = 600;
const x = { height: normals(1, rows), group: Float64Array.from({ length: rows }, (_, i) => i % 3) };
const y = { weight: normals(2, rows).map((e, i) => 0.8 * x.height[i]! + e) };
const z = { age: normals(3, rows) };
const few = { height: x.height.slice(0, 50), group: x.group.slice(0, 50) };
const short = { folds: 3, restarts: 2, steps: 60, seed: 4 };

describe("critics that were saved", () => {
  it.for([
    ["of two sides", undefined],
    ["given a third", z],
  ] as const)("%s score new rows to the bit as before", async ([, given]) => {
    const { critics } = await estimate(x, y, { gpu, ...short, given });
    const side = given && { age: z.age.slice(0, 50) };
    const weight = { weight: y.weight.slice(0, 50) };
    const before = await critics!.score(few, weight, side);
    const bytes = critics!.save();
    const loaded = load(bytes, { gpu });
    expect(loaded.estimator).toBe("remine");
    expect(loaded.columns.x).toEqual(["height", "group"]);
    expect(await loaded.score(few, weight, side)).toEqual(before);
    expect(before.every(Number.isFinite)).toBe(true);
    // They hold the maps and the networks, and no rows.
    expect(bytes.length).toBeLessThan(2e6);
    // Columns have their names still.
    await expect(loaded.score({ height: few.height, wing: few.group }, weight, side)).rejects.toThrow(
      /no column "group"/,
    );
  });

  it("are refused where they are not what they should be", async () => {
    using trainer = await createTrainer(gpu, { source: oneHot(4), pairs: { joint: 8, negatives: "all" } });
    const { critics } = await estimate(x, y, { gpu, ...short, steps: 20 });
    const own = critics!.save();
    const text = new TextDecoder("latin1").decode(own);
    const bad: [Uint8Array, RegExp][] = [
      [new Uint8Array(3), /no saved remine estimate/],
      [new TextEncoder().encode("age,height\n1,2\n"), /no saved remine estimate/],
      [await trainer.save(), /hold a remine trainer, and a remine estimate is wanted/],
      [own.slice(0, -8), /cut off/],
      [own.with(own.length - 5, own.at(-5)! ^ 4), /bytes in it were changed/],
      [
        Uint8Array.from(text.replace('"version":2', '"version":9'), (c) => c.charCodeAt(0)),
        /version 9.*reads version 2/,
      ],
    ];
    for (const [bytes, message] of bad) {
      expect(() => load(bytes)).toThrow(InputError);
      expect(() => load(bytes)).toThrow(message);
    }
    expect(() => trainer.load(own)).toThrow(/hold a remine estimate, and a remine trainer is wanted/);
  });
});

it("a result says how it was made, and JSON holds all of it that is data", async () => {
  const trained = await estimate(x, y, { gpu, ...short, steps: 20 });
  const near = await estimate({ height: x.height }, y, { gpu, estimator: "ksg" });
  expect([trained.kind, near.kind]).toEqual(["trained", "neighbors"]);
  expect(Object.keys(near)).not.toContain("trace");
  for (const result of [trained, near]) {
    const json = JSON.parse(JSON.stringify(result));
    expect(json).toMatchObject({ kind: result.kind, mi: result.mi, interval: result.interval, unit: "nats", rows });
    expect(json.pointwise).toEqual(Array.from(result.pointwise));
    expect("critics" in json).toBe(false);
  }
  expect(JSON.parse(JSON.stringify(trained)).trace.value).toEqual(Array.from(trained.trace.value));
});

test("typed arrays of every type keep their bits in what is packed", () => {
  const format = { kind: "test", version: 3 };
  const value = {
    name: "naïve\nlines",
    parts: [Float64Array.of(Math.PI, Number.NaN, -0), Float32Array.of(1e-40), Uint32Array.of(2 ** 32 - 1)],
    bytes: Uint8Array.of(10, 123, 0),
    empty: new Float64Array(),
    view: new Float64Array([1, 2, 3, 4]).subarray(1, 3),
  };
  expect(unpacked(format, packed(format, value))).toEqual({ ...value, view: Float64Array.of(2, 3) });
});
