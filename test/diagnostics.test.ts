/**
 * For each way in which an estimate goes wrong a data set on which it does, and the check that says so; and data sets on
 * which all goes well and every check is silent. Critics are small and train for a second, so that lavapipe keeps up; what
 * the limits do at the default budget is measured by `npm run accuracy`.
 */
import { describe, expect, it as test } from "vitest";
import { learned } from "../src/crossfit/diagnostics.ts";
import { splitRows } from "../src/crossfit/folds.ts";
import { type Diagnostic, type EstimateOptions, type EstimateResult, estimate, InputError } from "../src/index.ts";
import { gpu, it, prng } from "./gpu.ts";

const short: EstimateOptions = {
  ...{ folds: 2, restarts: 2, hidden: [16, 16], embed: 16, steps: 150, batch: 64, learningRate: 8e-3 },
  ...{ heldOutMarginals: 20, validationMarginals: 20, checkEvery: 25 },
};

function random(seed: number) {
  const uniform = prng(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const normals = (count: number) => Array.from({ length: count }, normal);
  return { uniform, normal, normals, whole: (count: number) => Math.floor(count * uniform()) };
}
type Random = ReturnType<typeof random>;
type Draw = (r: Random) => [x: number[], y: number[]];

function drawn(rows: number, draw: Draw, seed = 1) {
  const r = random(seed);
  const all = Array.from({ length: rows }, () => draw(r));
  return { x: all.map(([x]) => x), y: all.map(([, y]) => y) };
}

async function estimated(rows: number, draw: Draw, options: EstimateOptions = {}): Promise<EstimateResult> {
  const { x, y } = drawn(rows, draw);
  return estimate(x, y, { gpu, ...short, ...options });
}

const correlated =
  (columns: number, rho: number): Draw =>
  (r) => {
    const x = r.normals(columns);
    return [x, x.map((v) => rho * v + Math.sqrt(1 - rho * rho) * r.normal())];
  };

/** Normals that share e^-noise of their spread: MI is about -log(noise), however few the rows. */
const near =
  (noise: number): Draw =>
  (r) => {
    const x = r.normal();
    return [[x], [x + noise * r.normal()]];
  };
/** Every column of y is one of x, up to noise. */
const copies =
  (columns: number, noise: number): Draw =>
  (r) => {
    const x = r.normals(columns);
    return [x, x.map((v) => v + noise * r.normal())];
  };
/** Every column of y is one of x with the sign of the next: no pair of columns shows it. */
const tangled =
  (columns: number): Draw =>
  (r) => {
    const x = r.normals(columns);
    return [x, x.map((v, i) => v * Math.sign(x[(i + 1) % columns]!) + 0.01 * r.normal())];
  };
const sharpCurve: Draw = (r) => {
  const x = r.normal();
  return [[x], [x * x + 1e-4 * r.normal()]];
};
const checkerboard: Draw = (r) => {
  for (;;) {
    const [a, b] = [8 * r.uniform(), 8 * r.uniform()];
    if ((Math.floor(a) + Math.floor(b)) % 2 === 0) return [[a], [b]];
  }
};
const parabola: Draw = (r) => {
  const x = r.normal();
  return [[x], [x * x]];
};

/** Where the sum of two uniform numbers points, 3 nats: two edges all over the cube. */
const clock: Draw = (r) => {
  const x = [r.uniform(), r.uniform()];
  return [x, [(x[0]! + x[1]! + 0.05 * r.uniform()) % 1]];
};

/** A ring in one column of each side, and six columns of noise beside each. */
const hiddenRing: Draw = (r) => {
  const angle = 2 * Math.PI * r.uniform();
  return [
    [Math.cos(angle) + 0.1 * r.normal(), ...r.normals(6)],
    [Math.sin(angle) + 0.1 * r.normal(), ...r.normals(6)],
  ];
};

/** The sign of y is that of the product of two of ten columns: no column shows it by itself. */
const hiddenProduct: Draw = (r) => {
  const x = r.normals(10);
  return [x, [Math.sign(x[3]! * x[7]!) * Math.abs(r.normal())]];
};
const commonScale: Draw = (r) => {
  const scale = Math.exp(1.2 * r.normal());
  return [r.normals(3).map((v) => v * scale), r.normals(3).map((v) => v * scale)];
};

describe("neighbours find what critics miss", () => {
  it("20 periods of a sine with a tenth of noise: 1.699 nats by quadrature", async () => {
    const result = await estimated(1000, (r) => {
      const x = r.uniform();
      return [[x], [Math.sin(40 * Math.PI * x) + 0.1 * r.normal()]];
    });
    expect(result.bound).toBeLessThan(0.3);
    expect(result.mi).toBeGreaterThan(1);
    expect(result.mi).toBeLessThan(1.9);
    expect(result.interval[1]).toBeGreaterThan(1.699);
  });
  it("a sign of a product among columns of noise: ln 2", async () => {
    const { mi, interval } = await estimated(300, hiddenProduct);
    expect(mi).toBeGreaterThan(0.3);
    expect(interval[1]).toBeGreaterThan(Math.log(2));
  });
});

describe("what goes wrong is said", () => {
  const hasty = { estimator: "donsker-varadhan", learningRate: 0.05 } as const;
  const byHeart = { weightDecay: [0], steps: 400 };
  const failing: [Diagnostic["name"], string, number, Draw, EstimateOptions?][] = [
    ["rows", "60 rows of 5 + 5 columns", 60, correlated(5, 0.6)],
    ["learning", "a curve that training leaves half-way", 300, sharpCurve],
    ["snapshot", "validation rows that flatter", 300, copies(5, 0.01), hasty],
    ["log-partition", "23 nats in 300 rows", 300, copies(5, 0.01)],
    ["effective-sample", "6 nats in 300 rows", 300, near(Math.exp(-6))],
    ["outputs", "80 nats in 300 rows", 300, copies(12, 1e-3)],
    ["explosion", "6 nats in 300 rows", 300, near(Math.exp(-6))],
    ["marginals", "few pairs for many nats", 300, near(Math.exp(-6)), { heldOutMarginals: 2 }],
    ["ceiling", "8 nats in 300 rows", 300, correlated(5, 0.98)],
    ["determined", "x with a thousandth of noise", 300, near(1e-3)],
    ["determined", "a parabola without noise", 300, parabola],
    ["overfitting", "signs of 10 pairs, learned by heart", 200, tangled(10), byHeart],
    ["disagreement", "signs of 10 pairs, learned by heart", 300, tangled(10), byHeart],
    ["neighbors", "a checkerboard of 8 x 8", 1000, checkerboard],
    ["neighbors", "a sum round the clock, with a little noise", 300, clock],
    ["pair", "a ring among columns of noise", 400, hiddenRing],
    ["triple", "a sign of a product among columns of noise", 300, hiddenProduct],
    ["radius", "scales that move together, hardly trained", 400, commonScale, { steps: 30 }],
  ];
  it.each(failing)("%s: %s", async (name, _, rows, draw, options) => {
    const { diagnostics } = await estimated(rows, draw, options);
    const check = diagnostics.find((d) => d.name === name)!;
    expect(check.ok).toBe(false);
    expect(check.value).toBeTypeOf("number");
    expect(check.message).toMatch(/\d/);
  });

  test("failure: a bound far below 0", () => {
    const folds = [{ held: -2, members: ["network 1"], weights: [1] }];
    const evidence = {
      ...{ held: -2, standardError: 0.3, seen: 1, disagreement: 0, closed: 0 },
      ...{ neighbors: 0, finer: 0, loss: 0, freedom: 2, rows: 300, columns: 2 },
    };
    const of = (raw: number) =>
      learned(folds, { raw, standardError: 0.3, z: 2, evidence }).find((d) => d.name === "failure")!;
    expect(of(-2)).toMatchObject({ ok: false, message: expect.stringMatching(/-2.000 nats/) });
    expect(of(-0.3).ok).toBe(true);
  });

  it("folds: rows of one fold are unlike the others", async () => {
    const { x, y } = drawn(400, correlated(1, 0));
    for (const row of splitRows(400, { folds: 2 }, 0)[0]!.test)
      y[row] = x[row]!.map((v, c) => 0.98 * v + 0.2 * y[row]![c]!);
    const { diagnostics } = await estimate(x, y, { gpu, ...short });
    expect(diagnostics.find(({ name }) => name === "folds")!.ok).toBe(false);
  });
});

describe("second opinions", () => {
  it("of labels come by Mixed KSG, and count where the critics see less", async () => {
    const stripes: Draw = (r) => {
      const a = 8 * r.uniform();
      return [[a], [Math.floor(a) % 2]];
    };
    const { opinions, bound, mi, interval, upperFrom } = await estimated(600, stripes, { steps: 30 });
    const mixed = opinions.find(({ method }) => method === "mixed-ksg")!;
    expect(Math.abs(mixed.mi - Math.LN2)).toBeLessThan(0.1);
    expect(bound).toBeLessThan(0.3);
    expect(mi).toBeCloseTo(mixed.mi, 6);
    // No label of two levels has more.
    expect(interval[1]).toBe(Math.LN2);
    expect(upperFrom).toMatch(/logarithm of a side's levels/);
  });

  it("of numbers are five, and agree on what all of them see", async () => {
    const { opinions, interval } = await estimated(400, correlated(2, 0.7));
    expect(opinions.map(({ method }) => method)).toEqual(["ksg", "gaussian-copula", "pair", "triple", "radius"]);
    expect(opinions.filter(({ remark }) => remark)).toEqual([]);
    const copula = opinions[1]!;
    expect(copula.mi).toBeGreaterThan(interval[0]);
    expect(copula.mi).toBeLessThan(interval[1]);
  });

  it("of rare labels there is none", async () => {
    const labelled: Draw = (r) => {
      const label = r.whole(20);
      return [[label], [label + r.normal()]];
    };
    const { opinions } = await estimated(300, labelled, { categories: { x: [true], y: [false] } });
    expect(opinions).toEqual([]);
  });
});

describe("columns that determine each other", () => {
  const x = random(3).normals(100);
  it("are refused when they are copies up to sign, scale and offset", async () => {
    for (const y of [x.map((v) => -v), x.map((v) => 1.8 * v + 32), x.map((v) => 1e-200 * v), x.map((v) => 1e300 * v)]) {
      const call = estimate(x, y, { gpu, ...short, names: { x: ["height"], y: ["feet"] } });
      await expect(call).rejects.toThrow(/"height" of x and column "feet" of y.*one determines the other/);
      await expect(call).rejects.toBeInstanceOf(InputError);
    }
  });

  it("are refused when one of them lost digits, with an outlier in them", async () => {
    const wide = [...x, 1e9];
    const call = estimate(
      wide,
      Float32Array.from(wide, (v) => 3 - 2 * v),
      { gpu, ...short },
    );
    await expect(call).rejects.toThrow(/one determines the other/);
  });

  it("are not seen in one outlier that they have in common", async () => {
    const r = random(4);
    const [a, b] = [r.normals(300), r.normals(300)];
    a[7] = 1e9;
    b[7] = 1e9; // Pearson's r is 1 to twelve digits
    const { mi, interval } = await estimate(a, b, { gpu, ...short });
    expect(mi).toBeLessThan(0.1);
    expect(interval![0]).toBe(0);
  });

  it("are estimated when they are categories", async () => {
    const code = Array.from({ length: 300 }, (_, i) => i % 3);
    const { mi } = await estimate(
      code,
      code.map((c) => 2 - c),
      { gpu, ...short },
    );
    expect(mi).toBeGreaterThan(0.9);
  });
});

describe("what goes well is not doubted", () => {
  const healthy: [string, number, Draw][] = [
    ["normals 1 + 1, .5", 400, correlated(1, 0.5)],
    ["normals 1 + 1, .8", 400, correlated(1, 0.8)],
    ["normals 1 + 1, -.9", 600, correlated(1, -0.9)],
    ["normals 2 + 2", 400, correlated(2, 0.6)],
    ["normals 3 + 3", 600, correlated(3, 0.7)],
    ["normals 5 + 5", 600, correlated(5, 0.6)],
    ["independent 1 + 1", 300, correlated(1, 0)],
    ["independent 3 + 3", 400, correlated(3, 0)],
    ["independent 8 + 8", 600, correlated(8, 0)],
    ["independent heavy tails", 400, (r) => [[r.normal() ** 5], [r.normal() ** 5]]],
    ["independent labels", 400, (r) => [[r.whole(4)], [r.whole(3)]]],
    [
      "a label that moves a number",
      400,
      (r) => {
        const label = r.whole(3);
        return [[label], [label + r.normal()]];
      },
    ],
    [
      "a noisy label",
      400,
      (r) => {
        const label = r.whole(4);
        return [[label], [r.uniform() < 0.5 ? label : r.whole(4)]];
      },
    ],
    [
      "equal labels",
      400,
      (r) => {
        const label = r.whole(4);
        return [[label], [label]];
      },
    ],
    [
      "exponentials of normals",
      500,
      (r) => {
        const [[x], [y]] = correlated(1, 0.7)(r);
        return [[Math.exp(2 * x!)], [Math.exp(2 * y!)]];
      },
    ],
    [
      "cubes of normals, 3 + 3",
      600,
      (r) => {
        const [x, y] = correlated(3, 0.5)(r);
        return [x.map((v) => v ** 3), y.map((v) => v ** 3)];
      },
    ],
    [
      "a parabola",
      600,
      (r) => {
        const x = r.normal();
        return [[x], [x * x + r.normal()]];
      },
    ],
    [
      "a uniform and noise",
      400,
      (r) => {
        const x = r.uniform();
        return [[x], [x + 0.3 * r.normal()]];
      },
    ],
    [
      "a factor behind 4 + 4",
      600,
      (r) => {
        const factor = r.normal();
        return [r.normals(4).map((v) => v + factor), r.normals(4).map((v) => v + factor)];
      },
    ],
    [
      "noise that grows",
      600,
      (r) => {
        const x = r.normal();
        return [[x], [r.normal() * Math.exp(x / 2)]];
      },
    ],
  ];
  it.each(healthy)("%s", async (_, rows, draw) => {
    const { diagnostics } = await estimated(rows, draw);
    expect(diagnostics.filter((d) => !d.ok)).toEqual([]);
  });
});

describe("the default budget", () => {
  it("reads a label of eight stripes, sharp as they are", async () => {
    const stripes: Draw = (r) => {
      const a = 2 * r.uniform() - 1;
      return [[a], [Math.floor((a + 1) * 4) % 2]];
    };
    const { x, y } = drawn(1500, stripes);
    const { bound, mi, interval, diagnostics } = await estimate(x, y, { gpu });
    expect(bound).toBeGreaterThan(0.63);
    expect(Math.abs(mi - Math.LN2)).toBeLessThan(0.04);
    expect(interval[1]).toBe(Math.LN2);
    expect(diagnostics.filter(({ ok }) => !ok)).toEqual([]);
  });
});
