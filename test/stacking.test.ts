/** The stack's weights against a search of the whole simplex, against what makes a best point one, and on awkward scores. */
import { describe, expect, it } from "vitest";
import { stackWeights } from "../src/crossfit/stacking.ts";
import { bound, combine, type RowScores } from "../src/math/statistics.ts";
import { normals, prng, range } from "./gpu.ts";

const total = (weights: readonly number[]) => weights.reduce((sum, w) => sum + w, 0);

function boundOf(members: readonly RowScores<Float64Array>[], weights: readonly number[]): number {
  const { joint, marginal } = combine(members, weights);
  return bound(joint, marginal);
}

/** Partial derivatives of the bound by each weight: E_p[T_m] − E[T_m] under q e^T / Z. */
function slopes(members: readonly RowScores<Float64Array>[], weights: readonly number[]): number[] {
  const { marginal } = combine(members, weights);
  const top = marginal.reduce((a, b) => Math.max(a, b));
  const density = marginal.map((t) => Math.exp(t - top));
  const partition = density.reduce((a, b) => a + b);
  return members.map(
    (m) =>
      m.joint.reduce((a, b) => a + b) / m.joint.length -
      m.marginal.reduce((sum, t, j) => sum + density[j]! * t, 0) / partition,
  );
}

/** No weight below 0, no sum above 1, and moving weight to the steepest member, or to none, gains less than 1e-6 nats. */
function expectBest(members: readonly RowScores<Float64Array>[], weights: readonly number[]) {
  for (const w of weights) expect(w).toBeGreaterThanOrEqual(0);
  expect(total(weights)).toBeLessThanOrEqual(1 + 1e-12);
  const slope = slopes(members, weights);
  const left = Math.max(0, ...slope) - slope.reduce((sum, g, m) => sum + (weights[m]! > 0 ? weights[m]! * g : 0), 0);
  expect(left).toBeLessThan(1e-6);
}

/** Scores of normal pairs with correlation rho by the true log ratio, scaled, shifted and noisy as each member has it. */
function scores(
  rho: number,
  sizes: { joint: number; marginal: number },
  kinds: { scale: number; noise: number; shift?: number }[],
  seed = 1,
): RowScores<Float64Array>[] {
  const ratio = (u: number, v: number) =>
    -Math.log(1 - rho * rho) / 2 - (rho * rho * (u * u + v * v) - 2 * rho * u * v) / (2 * (1 - rho * rho));
  const draw = (count: number, dependent: boolean, from: number) => {
    const [u, e] = [normals(from, count), normals(from + 1, count)];
    return Float64Array.from(u, (a, i) => ratio(a, dependent ? rho * a + Math.sqrt(1 - rho * rho) * e[i]! : e[i]!));
  };
  const [joint, marginal] = [draw(sizes.joint, true, 100 * seed), draw(sizes.marginal, false, 100 * seed + 10)];
  return kinds.map(({ scale, noise, shift = 0 }, m) => {
    const off = (values: Float64Array, from: number) => {
      const e = normals(from, values.length);
      return values.map((t, i) => scale * t + noise * e[i]! + shift);
    };
    return { joint: off(joint, 1000 * seed + m), marginal: off(marginal, 1000 * seed + 50 + m) };
  });
}

const small = { joint: 300, marginal: 1500 };

describe("against a search of the simplex", () => {
  it.each([
    [
      "a member too steep",
      0.7,
      [
        { scale: 2, noise: 0.1 },
        { scale: 0.5, noise: 1 },
      ],
    ],
    [
      "members that complete each other",
      0.8,
      [
        { scale: 1, noise: 1 },
        { scale: 1, noise: 1 },
      ],
    ],
    [
      "noise and a weak member",
      0.6,
      [
        { scale: 0, noise: 2 },
        { scale: 0.6, noise: 0.3 },
      ],
    ],
    [
      "constants",
      0.5,
      [
        { scale: 0, noise: 0, shift: 3 },
        { scale: 1.5, noise: 0.2, shift: -40 },
      ],
    ],
  ])("%s", async (_, rho, kinds) => {
    const members = scores(rho, small, kinds);
    const weights = await stackWeights(members);
    expectBest(members, weights);
    let best = 0;
    for (const a of range(101)) {
      for (const b of range(101 - a)) best = Math.max(best, boundOf(members, [a / 100, b / 100]));
    }
    expect(boundOf(members, weights)).toBeGreaterThanOrEqual(best - 1e-7);
    expect(boundOf(members, weights)).toBeLessThan(best + 1e-3);
  });

  it("of more pairs than a block, whose first block says otherwise", async () => {
    const kinds = [0.9, 0.8].map((scale) => ({ scale, noise: 0.5 }));
    const members = scores(0.7, { joint: 1000, marginal: 150_000 }, kinds);
    const [first] = members as [RowScores<Float64Array>];
    for (let i = 0; i < 2 ** 16; i++) first.marginal[i]! *= 1.5;
    const ofFirst = await stackWeights(members.map((m) => ({ ...m, marginal: m.marginal.subarray(0, 2 ** 16) })));
    const weights = await stackWeights(members);
    expect(Math.abs(weights[0]! - ofFirst[0]!)).toBeGreaterThan(0.02);
    expectBest(members, weights);
  });

  it("of three members", async () => {
    const kinds = [0.2, 0.9, 1.4].map((scale) => ({ scale, noise: scale / 2 }));
    const members = scores(0.7, { joint: 200, marginal: 600 }, kinds);
    const weights = await stackWeights(members);
    expectBest(members, weights);
    let best = 0;
    for (const a of range(41)) {
      for (const b of range(41 - a)) {
        for (const c of range(41 - a - b)) best = Math.max(best, boundOf(members, [a / 40, b / 40, c / 40]));
      }
    }
    expect(boundOf(members, weights)).toBeGreaterThanOrEqual(best - 1e-7);
    expect(boundOf(members, weights)).toBeLessThan(best + 3e-3);
  });
});

describe("where the best point lies", () => {
  it("inside, where a member is too steep: a lone member 4 times too steep gets a quarter", async () => {
    const members = scores(0.7, { joint: 20_000, marginal: 100_000 }, [{ scale: 4, noise: 0 }]);
    expect((await stackWeights(members))[0]).toBeCloseTo(0.25, 1);
    expectBest(members, await stackWeights(members));
  });

  it("on the face Σw = 1, where members are too flat, with more than one of them", async () => {
    const kinds = [0.5, 0.52, 0.48, 0.3].map((scale) => ({ scale, noise: 0.3 }));
    const members = scores(0.8, small, kinds);
    const weights = await stackWeights(members);
    expect(total(weights)).toBeCloseTo(1, 12);
    expect(weights.filter((w) => w > 0.05).length).toBeGreaterThan(1);
    expectBest(members, weights);
  });

  it("at 1 where free weights would rise without end: all marginals lie below all joint scores", async () => {
    const members = scores(0.5, small, [
      { scale: 0.1, noise: 0.5 },
      { scale: 0, noise: 0.2 },
    ]).map((m, k) => ({
      joint: m.joint.map((t) => t / 100),
      marginal: m.marginal.map((t) => t - 10 + k),
    }));
    const weights = await stackWeights(members);
    expect(total(weights)).toBeCloseTo(1, 12);
    expectBest(members, weights);
    expect(boundOf(members, weights)).toBeGreaterThan(8);
  });

  it("at 0 where nothing beats 0", async () => {
    const upsideDown = scores(0.7, small, [
      { scale: -1, noise: 0.1 },
      { scale: -0.3, noise: 2 },
    ]);
    expect(await stackWeights(upsideDown)).toEqual([0, 0]);
    expect(await stackWeights([{ joint: new Float64Array(5), marginal: new Float64Array(20) }])).toEqual([0]);
    expect(await stackWeights([])).toEqual([]);
  });
});

it("others have a turn between two looks at all pairs, and can end it", async () => {
  const one = { joint: Float64Array.of(1, 0.5, 0.2), marginal: Float64Array.of(0.3, -1, -0.5, 0.1, -2, 0) };
  const other = { joint: Float64Array.of(0.2, 0.9, 0), marginal: Float64Array.of(-0.3, 0.4, -1, -0.1, 0.2, -3) };
  let turns = 0;
  const weights = await stackWeights([one, other], async () => void turns++);
  // The corners and the middle, then two a step.
  expect(turns).toBeGreaterThan(4 + 2);
  expect(await stackWeights([one, other])).toEqual(weights);
  const ends = async () => {
    if (--turns === 0) throw new Error("enough");
  };
  await expect(stackWeights([one, other], ends)).rejects.toThrow("enough");
});

describe("awkward scores", () => {
  const good = { scale: 1, noise: 0.3 };

  it("equal members share what one of them gets", async () => {
    const [one] = scores(0.7, small, [{ scale: 2.5, noise: 0.3 }]);
    const weights = await stackWeights([one!, one!, one!]);
    expect(total(weights)).toBeCloseTo((await stackWeights([one!]))[0]!, 4);
    expectBest([one!, one!, one!], weights);
    expect(await stackWeights([one!, one!, one!])).toEqual(weights);
  });

  it("nearly equal members", async () => {
    const members = scores(
      0.7,
      small,
      range(4).map((m) => ({ scale: 1.2, noise: 1e-4 * (m + 1) })),
    );
    expectBest(members, await stackWeights(members));
  });

  it.each([50, -50, 1e10, -1e10, 1e30, -1e30])("single scores of %d", async (value) => {
    const members = scores(0.7, small, [good, { scale: 1, noise: 0.5 }]);
    const with1 = (place: "joint" | "marginal") => [
      members[0]!,
      { ...members[1]!, [place]: members[1]![place].with(7, value) },
    ];
    for (const place of ["joint", "marginal"] as const) {
      const awkward = with1(place);
      const weights = await stackWeights(awkward);
      if (place === "joint" && value > 1e9) expect(weights).toEqual([0, 1]);
      else expectBest(awkward, weights);
      expect(boundOf(awkward, weights)).toBeGreaterThan(0.2);
    }
  });

  it("a member as sharp as a copy's ratio: marginals to −1e10", async () => {
    const random = prng(5);
    const sharp = {
      joint: Float64Array.from(range(500), () => 10 - random()),
      marginal: Float64Array.from(range(5000), () => 10 - 1e10 * (random() - random()) ** 2),
    };
    const members = [...scores(0.7, { joint: 500, marginal: 5000 }, [good]), sharp];
    expectBest(members, await stackWeights(members));
    expectBest([sharp], await stackWeights([sharp]));
    const off = { ...sharp, joint: sharp.joint.with(3, -1e5) };
    expectBest([members[0]!, off], await stackWeights([members[0]!, off]));
  });

  it("a member that is not finite takes no part, wherever it stands", async () => {
    const members = scores(0.7, small, [good, good, good]);
    const broken = [
      { ...members[0]!, joint: members[0]!.joint.with(0, Number.NaN) },
      members[1]!,
      { ...members[2]!, marginal: members[2]!.marginal.with(0, -Infinity) },
    ];
    expect(await stackWeights(broken)).toEqual([0, (await stackWeights([members[1]!]))[0], 0]);
  });

  it("random members of all kinds, 1 to 10 of them, meet the conditions", async () => {
    const random = prng(9);
    for (const seed of range(40)) {
      const kinds = range(1 + (seed % 10)).map(() => ({
        scale: 3 * random() - 0.5,
        noise: 2 * random(),
        shift: random(),
      }));
      const members = scores(0.95 * random(), { joint: 100, marginal: 1000 }, kinds, seed + 2);
      expectBest(members, await stackWeights(members));
    }
  });
});
