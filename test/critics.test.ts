/** Every critic besides the MLP: gradients through the whole of it, the promises of the trainer, and what it learns. */
import { describe, expect, it as test } from "vitest";
import { conditional } from "../src/critics/conditional.ts";
import type { Critic } from "../src/critics/critic.ts";
import { known } from "../src/critics/known.ts";
import { mlp } from "../src/critics/mlp.ts";
import { separable } from "../src/critics/separable.ts";
import { towers } from "../src/critics/towers.ts";
import { InputError } from "../src/errors.ts";
import { donskerVaradhan, remine } from "../src/estimators/estimator.ts";
import { Program } from "../src/gpu/program.ts";
import type { Tensor } from "../src/gpu/tensor.ts";
import { gaussian } from "../src/sources/gaussian.ts";
import { oneHot } from "../src/sources/one-hot.ts";
import { rows } from "../src/sources/table.ts";
import { adam } from "../src/training/optimizer.ts";
import type { TrainerOptions } from "../src/training/options.ts";
import { createTrainer } from "../src/training/trainer.ts";
import { EPS, expectClose, formOf, gpu, it, normals, quickForms, range, split, tileForms } from "./gpu.ts";
import {
  type Activation,
  gaussianDensity,
  conditional as naiveConditional,
  separable as naiveSeparable,
  towers as naiveTowers,
} from "./oracle/critic.ts";
import { mean } from "./oracle/estimators.ts";
import { slots } from "./oracle/pairs.ts";
import { bits, outcome } from "./outcome.ts";
import { checkWholeCritic, kinds } from "./whole-critic.ts";

type Trained = "relu" | "silu";
const hidden = [5, 4];
const embed = 3;
// An inner product of two small embeddings is hardly anything yet, and so is its gradient; this starts them larger.
const initialisation = "glorot";
// ReLU kills every unit of a narrow layer for some row, and then the next one stands on the kink.
const plain = { tower: [9, 8], embed: 7, head: [7], products: 0 };
const withProducts = { tower: [8], embed: 5, head: [7], products: 2 };
const trained = {
  separable: {
    make: (activation: Trained) => separable({ hidden, embed, activation, initialisation }),
    score: (activation: Activation) => naiveSeparable(hidden, embed, activation),
  },
  conditional: {
    make: (activation: Trained) => conditional({ hidden, activation }),
    score: (activation: Activation) => naiveConditional(hidden, activation),
  },
  towers: {
    make: (activation: Trained) => towers({ ...plain, activation, initialisation }),
    score: (activation: Activation) => naiveTowers({ ...plain, activation }),
  },
  "towers with products": {
    make: (activation: Trained) => towers({ ...withProducts, activation, initialisation }),
    score: (activation: Activation) => naiveTowers({ ...withProducts, activation }),
  },
};
const trainedKinds = Object.keys(trained) as (keyof typeof trained)[];

describe.each(trainedKinds)("d_params are the finite differences through a %s critic", (kind) => {
  const { make, score } = trained[kind];
  for (const tile of quickForms) {
    for (const [name, activation] of [
      ["donsker-varadhan", "relu"],
      ["remine", "silu"],
    ] as const) {
      it.each(kinds)(`${tile} tiles, ${name}, ${activation}, %s %d`, async (negatives, perJoint) => {
        const critic = make(activation);
        await checkWholeCritic({ name, critic, score: score(activation), activation, negatives, perJoint, tile });
      });
    }
  }
});

describe("d_params are the finite differences through towers of any widths", () => {
  const shapes = [
    { tower: [8], embed: 8, head: [8], products: 4 }, // every form by fours
    { tower: [12, 8], embed: 8, head: [7], products: 8 },
    { tower: [9], embed: 7, head: [8, 7], products: 1 },
    { tower: [8], embed: 8, head: [4], products: 3 },
    { tower: [], embed: 3, head: [4], products: 1 },
    { tower: [4], embed: 7, head: [], products: 2 },
    { tower: [], embed: 5, head: [], products: 5 },
  ];
  for (const tile of tileForms) {
    for (const [activation, negatives] of [
      ["relu", "shuffle"],
      ["silu", "independent"],
    ] as const) {
      if (tile === "tiled" && activation === "silu") continue;
      // The form for GPUs is long to compile here: one critic, whose layers go by fours and one by one.
      it.each(tile === "tiled" ? shapes.slice(1, 2) : shapes)(
        `${tile} tiles, ${activation}, ${negatives}, tower $tower, embed $embed, products $products, head $head`,
        async (shape) => {
          const critic = towers({ ...shape, activation, initialisation });
          const score = naiveTowers({ ...shape, activation });
          const name = "donsker-varadhan";
          await checkWholeCritic({ name, critic, score, activation, negatives, perJoint: 2, tile });
        },
      );
    }
  }
});

const critics: Record<string, Critic> = {
  separable: separable({ hidden, embed }),
  conditional: conditional({ hidden }),
  known: known(),
  towers: towers(plain),
  "towers with products": towers(withProducts),
};
const rho = [
  [0.1, 0.8],
  [0.5, 0.2],
  [0.9, -0.6],
];

/** A staircase of two stairs, five steps each, for replica r or for all three. */
const stairs = (critic: Critic, r?: number): TrainerOptions => ({
  source: gaussian({ dims: 2, rho: r === undefined ? rho : [rho[r]!], levelSteps: 5 }),
  pairs: { joint: 6, negatives: "independent", perJoint: 2 },
  critic,
  optimizer: adam({ learningRate: 0.01 }),
  seed: 9,
  replicas: r === undefined ? 3 : 1,
  streams: r === undefined ? [0, 1, 2] : [r],
});

describe.each(Object.entries(critics))("%s", (_, critic) => {
  it("three replicas are three single runs, to the bit", async () => {
    using together = await createTrainer(gpu, stairs(critic));
    await together.step(8);
    for (const r of range(3)) {
      using single = await createTrainer(gpu, stairs(critic, r));
      await single.step(8);
      expect(await outcome(single, 0)).toEqual(await outcome(together, r));
    }
    const scores = await bits(together, together.tensors.batch.scores);
    expect(new Set(scores.map((words) => words.join())).size).toBe(3);
  });

  it("goes on from what was saved, to the bit", async () => {
    using whole = await createTrainer(gpu, stairs(critic));
    await whole.step(4);
    const state = await whole.save();
    await whole.step(4);
    using resumed = await createTrainer(gpu, stairs(critic));
    await resumed.step(1);
    resumed.load(state);
    await resumed.step(4);
    expect(await resumed.save()).toEqual(await whole.save());
    expect((await resumed.read()).averages).toEqual((await whole.read()).averages);
  });
});

describe.each(trainedKinds)("a scorer with a %s critic", (kind) => {
  it("gives each named pair the T of the definition", async () => {
    const [x, y] = [normals(1, 30 * 3), normals(2, 30 * 2)];
    using trainer = await createTrainer(gpu, {
      source: rows({ data: x, columns: 3 }, { data: y, columns: 2 }),
      pairs: { joint: 8, negatives: "all" },
      critic: trained[kind].make("silu"),
      replicas: 2,
    });
    await trainer.step(3);
    const pairs = range(2).map((r) => Uint32Array.from([r, 7, 29, 0, 4, 4]));
    const scorer = await trainer.scorer({ batch: 2 });
    try {
      const params = split(new Float32Array(await gpu.read(trainer.params)), 2);
      (await scorer.score(pairs)).forEach((got, r) => {
        const want = range(3).map((i) => {
          const [a, b] = [pairs[r]![2 * i]!, pairs[r]![2 * i + 1]!];
          return trained[kind].score("silu")(params[r]!, x.subarray(3 * a, 3 * a + 3), y.subarray(2 * b, 2 * b + 2));
        });
        // A score is of the order of 1 to 10; exp is good to 4e-6 and enters once a unit.
        expectClose(got, want, { tolerance: 2e-5, scale: want.map((t) => 1 + Math.abs(t)), what: `replica ${r}` });
      });
    } finally {
      scorer.dispose();
    }
  });
});

describe("a critic that only scores", () => {
  it.each([
    ["mlp", mlp([8, 8], { activation: "silu" })],
    ["separable", separable({ activation: "silu" })],
    ["towers", towers()],
    ["towers with products", towers(withProducts)],
  ] as const)("keeps no slopes, %s", async (_, critic) => {
    using trainer = await createTrainer(gpu, stairs(critic));
    const { shape, tensors, params } = trainer;
    const taken: Tensor[] = [];
    const own = (tensor: Tensor) => {
      taken.push(tensor);
      return tensor;
    };
    const { layers } = shape.layout;
    const { source } = stairs(critic);
    const built = { gpu, own, shape, layers, tile: formOf("portable"), source, sourceBindings: {}, params };
    const { forward, backward } = critic.passes({ ...built, ...tensors.batch });
    const large = taken.filter(({ bytes }) => bytes > 16).map(({ label }) => label);
    for (const { buffer } of taken) buffer.destroy();
    expect(large.filter((label) => /slope|d_/.test(label))).toEqual([]);
    expect(large.length).toBeLessThan(forward.length); // every dispatch but the last has one output
    expect(backward).toEqual([]);
  });
});

describe("the known density", () => {
  it.each(kinds)("is log p(x | y) of the rows, at every stair, %s %d", async (negatives, perJoint) => {
    const [N, dims] = [6, 2];
    using trainer = await createTrainer(gpu, {
      ...stairs(known()),
      pairs: { joint: N, negatives, perJoint },
      estimator: donskerVaradhan(),
    });
    const list = slots(N, negatives === "all" ? N - 1 : perJoint, negatives === "independent");
    // The last step before the stair and the first one on it.
    for (const [steps, level] of [
      [5, 0],
      [1, 1],
    ] as const) {
      await trainer.step(steps);
      const { batch_x, batch_y, scores } = trainer.tensors.batch;
      const [xs, ys, got] = await Promise.all(
        [batch_x, batch_y, scores].map(async (tensor) => split(new Float32Array(await gpu.read(tensor)), 3)),
      );
      range(3).forEach((r) => {
        const row = (data: Float32Array, i: number) => data.subarray(i * dims, (i + 1) * dims);
        const correlation = Math.fround(rho[r]![level]!);
        const want = list.map(({ x, y }) => gaussianDensity(correlation, row(xs![r]!, x), row(ys![r]!, y)));
        // The quadratic form is a multiple of T at most; rho x rounds, which 1 / (1 - rho^2) <= 5.3 enlarges.
        expectClose(got![r]!, want, {
          tolerance: 60 * EPS,
          scale: want.map((t) => 1 + Math.abs(t)),
          what: `T of replica ${r} at level ${level}`,
        });
      });
    }
  });

  it("follows a change of rho", async () => {
    using trainer = await createTrainer(gpu, {
      source: gaussian({ dims: 1, rho: 0 }),
      pairs: { joint: 256, negatives: "shuffle" },
      critic: known(),
    });
    // E[T] = -h(X | Y) = -ln(2 pi e (1 - rho^2)) / 2; T has variance 1/2, and 20 x 256 of them a standard error of 0.01.
    for (const correlation of [0, 0.9]) {
      trainer.set({ rho: correlation });
      await trainer.step(20);
      const { trace } = await trainer.read();
      const entropy = 0.5 * Math.log(2 * Math.PI * Math.E * (1 - correlation ** 2));
      expect(Math.abs(mean([...trace[0]!.joint.slice(-20)]) + entropy)).toBeLessThan(0.04);
    }
  });

  it.each([oneHot(4), rows({ data: normals(1, 30), columns: 1 }, { data: normals(2, 30), columns: 1 })])(
    "is refused for a source that has none, $kind",
    async (source) => {
      const failure = createTrainer(gpu, { source, pairs: { joint: 4, negatives: "all" }, critic: known() });
      await expect(failure).rejects.toThrow(InputError);
      await expect(failure).rejects.toThrow(new RegExp(`density.*"${source.kind}" source is not known.*infonce`));
    },
  );
});

describe("1-D normals, rho = 0.75", () => {
  const source = gaussian({ dims: 1, rho: 0.75 });

  it("a separable critic comes to 0.413 nats", async () => {
    using trainer = await createTrainer(gpu, {
      source,
      pairs: { joint: 128, negatives: "all" },
      critic: separable({ hidden: [32], embed: 8, activation: "silu" }),
      optimizer: adam({ learningRate: 0.01 }),
      estimator: remine(),
      replicas: 4,
      window: 150,
    });
    await trainer.step(400);
    const { averages } = await trainer.read();
    // At the optimum T has variance rho^2 = 0.56 over joint pairs: a window of 150 batches of 128 has a standard error
    // of 0.005 for them, four replicas 0.003; that of the partition over all pairs of the batches is no larger.
    const micro = mean(averages.map((average) => average.micro));
    expect(micro, `micro ${micro}`).toBeGreaterThan(0.413 - 0.03 - 0.012);
    expect(micro, `micro ${micro}`).toBeLessThan(0.413 + 0.012);
  });

  it.each([0, 4])("towers come to 0.413 nats, %d products", async (products) => {
    using trainer = await createTrainer(gpu, {
      source,
      pairs: { joint: 128, negatives: "shuffle", perJoint: 4 },
      critic: towers({ tower: [16], embed: 8, head: [8], products }),
      optimizer: adam({ learningRate: 0.01 }),
      estimator: remine(),
      replicas: 4,
      window: 150,
    });
    await trainer.step(400);
    const { averages } = await trainer.read();
    // As of the separable critic; the partition has 4 x 128 pairs a batch and a standard error that is no larger.
    const micro = mean(averages.map((average) => average.micro));
    expect(micro, `micro ${micro}`).toBeGreaterThan(0.413 - 0.03 - 0.012);
    expect(micro, `micro ${micro}`).toBeLessThan(0.413 + 0.012);
  });

  it("a conditional critic of maximum likelihood comes to -h(Y | X)", async () => {
    const [N, replicas] = [128, 4];
    using trainer = await createTrainer(gpu, {
      source,
      pairs: { joint: N, negatives: "shuffle" },
      critic: conditional({ hidden: [32], activation: "silu" }),
      optimizer: adam({ learningRate: 0.01 }),
      replicas,
      window: 100,
    });
    // The gradient of the mean log likelihood is 1 / N per joint score and 0 per marginal one, whatever the scores.
    const { d_scores } = trainer.tensors.training;
    gpu.write(
      d_scores,
      Float32Array.from({ length: replicas * N * 2 }, (_, i) => (i % 2 === 0 ? 1 / N : 0)),
    );
    const program = await Program.compile(
      gpu,
      trainer.plan().filter(({ kernel }) => kernel !== "differentiate_scores"),
    );
    for (const _ of range(10)) {
      program.run(gpu, 40);
      await gpu.done();
    }
    program.dispose();
    const { averages } = await trainer.read();
    const entropy = 0.5 * Math.log(2 * Math.PI * Math.E * (1 - 0.75 ** 2)); // 1.005 nats
    // T has variance 1/2: 4 windows of 100 batches of 128 have a standard error of 0.003. Training stops short of the
    // optimum by the Kullback-Leibler divergence that is left, at most 0.01.
    const joint = mean(averages.map((average) => average.joint));
    expect(joint + entropy, `E[T] ${joint}`).toBeGreaterThan(-0.01 - 0.01);
    expect(joint + entropy, `E[T] ${joint}`).toBeLessThan(0.01);
  });
});

describe("bad inputs are refused with their cause", () => {
  const bad: [string, () => unknown, RegExp][] = [
    ["an embedding of no width", () => separable({ embed: 0 }), /"embed" must be a positive integer, got 0/],
    ["half an embedding", () => separable({ embed: 2.5 }), /"embed" must be a positive integer, got 2.5/],
    ["towers without layers", () => separable({ hidden: [] }), /at least one layer.*separable\(/],
    ["a layer of no width", () => conditional({ hidden: [4, 0] }), /positive integer, got 0/],
    ["a density without layers", () => conditional({ hidden: [] }), /at least one layer.*conditional\(/],
    ["an activation", () => separable({ activation: "gelu" as "relu" }), /must be one of relu, .*, got "gelu"/],
    ["an activation of the density", () => conditional({ activation: "gelu" as "relu" }), /got "gelu"/],
    ["towers of no width", () => towers({ tower: [8, 0] }), /positive integer, got 0/],
    ["half a head", () => towers({ head: [1.5] }), /positive integer, got 1.5/],
    ["towers that embed nothing", () => towers({ embed: 0 }), /"embed" must be a positive integer, got 0/],
    ["more products than units", () => towers({ embed: 4, products: 5 }), /"products" .* from 0 to "embed", 4, got 5/],
    ["fewer products than none", () => towers({ products: -1 }), /"products" must be .*got -1/],
    ["an activation of towers", () => towers({ activation: "gelu" as "relu" }), /got "gelu"/],
    ["first weights of towers", () => towers({ initialisation: "zeros" as "torch" }), /got "zeros"/],
    ["first weights", () => conditional({ initialisation: "zeros" as "torch" }), /one of torch, .*got "zeros"/],
  ];
  test.each(bad)("%s", (_, call, message) => {
    expect(call).toThrow(InputError);
    expect(call).toThrow(message);
  });
});

test("critics of two networks count their parameters as that of x, then that of y", () => {
  const sizes = separable({ hidden: [7, 6], embed: 5 }).layers(3, 2);
  expect(sizes.map(({ inputs, outputs }) => [inputs, outputs])).toEqual([
    [3, 7],
    [7, 6],
    [6, 5],
    [2, 7],
    [7, 6],
    [6, 5],
  ]);
  expect(
    conditional({ hidden: [7] })
      .layers(3, 2)
      .at(-1),
  ).toEqual({ inputs: 7, outputs: 4, bias: true });
  const widths = towers({ tower: [7], embed: 5, head: [4] }).layers(3, 2);
  expect(widths.map(({ inputs, outputs, bias }) => [inputs, outputs, bias])).toEqual([
    [3, 7, true],
    [7, 5, true],
    [2, 7, true],
    [7, 5, true],
    [5, 4, true],
    [4, 1, true],
  ]);
  expect(known().layers(3, 3)).toEqual([]);
  expect(mlp([7]).layers(3, 2)[0]!.inputs).toBe(5);
});
