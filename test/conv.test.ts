/** Convolutional critics as a whole: scores and gradients beside a naive float64 network, replicas, errors, learning. */
import { describe, expect } from "vitest";
import { type ConvImages, conv, resnet18, selfConsistencyNet, stridedNet } from "../src/critics/conv.ts";
import type { ConvLayer } from "../src/critics/images.ts";
import { layoutOf } from "../src/critics/shape.ts";
import { InputError } from "../src/errors.ts";
import { donskerVaradhan, remine } from "../src/estimators/estimator.ts";
import type { TileName } from "../src/gpu/program.ts";
import { rows } from "../src/sources/table.ts";
import { adam, sgd } from "../src/training/optimizer.ts";
import type { TrainerOptions } from "../src/training/options.ts";
import { createTrainer } from "../src/training/trainer.ts";
import { expectClose, gpu, it, normals, prng, quickForms, range, split } from "./gpu.ts";
import { type Margin, type Network, scorePair } from "./oracle/conv.ts";
import { scored, selfConsistency } from "./oracle/conv-gradient.ts";
import { slots } from "./oracle/pairs.ts";

type Pairs = TrainerOptions["pairs"];
const [height, width] = [7, 5];
const images = { height, width, channels: [1, 2] } as const;
const source = rows(
  { data: normals(1, 40 * height * width), columns: height * width },
  { data: normals(2, 40 * height * width * 2), columns: height * width * 2 },
);

/** Every kind of layer; blocks with a projection and without; a layer without a slope below each that divides by one. */
const everyLayer: ConvLayer[] = [
  { kind: "conv", channels: 3, size: 3 },
  { kind: "pool", size: 3, stride: 2, padding: "same" },
  { kind: "residual", channels: 3 },
  { kind: "residual", channels: 4, stride: 2 },
  { kind: "pool", size: 2, stride: 1, padding: "same" },
  { kind: "residual", channels: 4 },
  { kind: "conv", channels: 3, size: 2, padding: "valid" },
  { kind: "mean" },
  { kind: "dense", units: 4 },
  { kind: "dense", units: 3 },
];

/** Flattened without a mean, and a score right above a mean. */
const flattened: ConvLayer[] = [
  { kind: "conv", channels: 4, size: 5, stride: 2 },
  { kind: "conv", channels: 3, size: 3, stride: 2, padding: "valid" },
  { kind: "dense", units: 5 },
];
const scoredMean: ConvLayer[] = [
  { kind: "conv", channels: 4, size: 2, padding: "valid" },
  { kind: "pool", size: 2 },
  { kind: "pool", size: 2, stride: 1 },
  { kind: "conv", channels: 5, size: 1 },
  { kind: "mean" },
];

/** ResNet-18 as He et al. 2016 list it, with the stem for small images. */
const resnet: ConvLayer[] = [
  { kind: "conv", channels: 64, size: 3 },
  { kind: "residual", channels: 64 },
  { kind: "residual", channels: 64 },
  { kind: "residual", channels: 128, stride: 2 },
  { kind: "residual", channels: 128 },
  { kind: "residual", channels: 256, stride: 2 },
  { kind: "residual", channels: 256 },
  { kind: "residual", channels: 512, stride: 2 },
  { kind: "residual", channels: 512 },
  { kind: "mean" },
];

/** One training step from random parameters, with what went in and what came out, per replica. */
async function oneStep(layers: readonly ConvLayer[], activation: "relu" | "silu", pairs: Pairs, tile: TileName) {
  const replicas = 2;
  using trainer = await createTrainer(gpu, {
    ...{ source, pairs, tile, replicas, seed: 5 },
    ...{ estimator: donskerVaradhan(), optimizer: sgd({ learningRate: 0.1 }) },
    critic: conv({ ...images, layers, activation }),
  });
  const { training, batch } = trainer.tensors;
  const { count, stride } = trainer.shape.layout;
  const params = normals(3, replicas * stride).map((v) => 0.4 * v);
  gpu.write(training.params, params);
  await trainer.step(1);
  const read = async (tensor: Parameters<typeof gpu.read>[0]) =>
    split(new Float32Array(await gpu.read(tensor)), replicas);
  const [d_params, d_scores, scores] = [
    await read(training.d_params),
    await read(training.d_scores),
    await read(batch.scores),
  ];
  const [xs, ys] = [await read(batch.batch_x), await read(batch.batch_y)];
  return range(replicas).map((r) => ({
    params: Float64Array.from(params.subarray(r * stride, r * stride + count)),
    ...{ d_params: d_params[r]!.subarray(0, count), d_scores: d_scores[r]!, scores: scores[r]! },
    ...{ x: xs[r]!, y: ys[r]! },
  }));
}

const networks = { everyLayer, flattened, scoredMean };
const cases = (Object.keys(networks) as (keyof typeof networks)[]).flatMap((name, i) =>
  (["silu", "relu"] as const).map((activation, j) => {
    const kinds: (Pairs & { perJoint: number })[] = [
      { joint: 3, negatives: "all", perJoint: 2 },
      { joint: 3, negatives: "shuffle", perJoint: 1 },
      { joint: 2, negatives: "independent", perJoint: 2 },
    ];
    const tile = quickForms[(i + j) % quickForms.length]!;
    return { name, activation, tile, ...kinds[(i + j) % 3]! };
  }),
);

describe("a convolutional critic", () => {
  it.each(cases)("$name, $activation, $negatives, $tile tiles: scores and d_params", async (one) => {
    const { name, activation, tile, joint, negatives, perJoint } = one;
    const layers = networks[name];
    const network: Network = { ...images, layers, activation };
    const list = slots(joint, perJoint, negatives === "independent");
    const steps = await oneStep(layers, activation, { joint, negatives, perJoint }, tile);
    for (const { params, d_params, d_scores, scores, x, y } of steps) {
      const row = (data: Float32Array, index: number, side: 0 | 1) => {
        const size = height * width * images.channels[side];
        return data.subarray(index * size, (index + 1) * size);
      };
      const margin: Margin = { kink: Number.POSITIVE_INFINITY, lead: Number.POSITIVE_INFINITY };
      const all = (p: ArrayLike<number>) =>
        list.map((slot) => scorePair(network, p, row(x, slot.x, 0), row(y, slot.y, 1), margin));
      const want = all(params);
      // Some ten layers of at most 50 terms each: a few hundred roundings of 6e-8, far fewer in practice.
      const largest = (v: ArrayLike<number>) => Math.max(...Array.from(v, Math.abs));
      expect(largest(want)).toBeGreaterThan(0.05);
      expectClose(scores, want, { tolerance: 1e-5 * largest(want), what: "scores" });

      // The score's gradient is tested elsewhere; here it weighs the scores, so that d_params are differences of one number.
      const weighed = (p: ArrayLike<number>) => all(p).reduce((sum, t, i) => sum + d_scores[i]! * t, 0);
      // Every seventh weight: all inputs and outputs come up, because no layer here has a multiple of 7 of either.
      const step = 1e-6;
      const probed = range(params.length).filter((i) => i % 7 === 0);
      const differences = probed.map((i) => {
        const [up, down] = [params.slice(), params.slice()];
        up[i]! += step;
        down[i]! -= step;
        return (weighed(up) - weighed(down)) / (2 * step);
      });
      // A weight's step moves a z or a lead by 1e-6 times a few: no unit crosses its kink, no window its winner.
      if (activation === "relu") expect(margin.kink).toBeGreaterThan(1e-5);
      expect(margin.lead).toBeGreaterThan(1e-5);
      const got = probed.map((i) => d_params[i]!);
      expectClose(got, differences, { tolerance: 2e-5 * largest(differences), what: "d_params" });
    }
  });

  it.each(quickForms)("trains replicas side by side to the bits of single runs, %s tiles", async (tile) => {
    const options = {
      ...{ source, tile, seed: 9, estimator: remine({ lambda: 0.1 }), optimizer: adam({ learningRate: 1e-3 }) },
      pairs: { joint: 3, negatives: "shuffle", perJoint: 1 },
      critic: conv({ ...images, layers: everyLayer }),
    } satisfies TrainerOptions;
    using together = await createTrainer(gpu, { ...options, replicas: 3 });
    await together.step(4);
    const all = split(new Float32Array(await gpu.read(together.params)), 3);
    for (const stream of [0, 2]) {
      using alone = await createTrainer(gpu, { ...options, streams: [stream] });
      await alone.step(4);
      expect(new Float32Array(await gpu.read(alone.params))).toEqual(all[stream]);
    }
    expect(all[0]).not.toEqual(all[1]);
  });
});

describe("ready-made networks", () => {
  /** The scores of 2 replicas' batches after a few steps, beside float64. */
  async function scoresOf(critic: ReturnType<typeof conv>, network: Network): Promise<void> {
    const [joint, replicas] = [2, 2];
    const size = network.height * network.width;
    const data = (seed: number, channels: number) => ({
      data: normals(seed, 9 * size * channels),
      columns: size * channels,
    });
    using trainer = await createTrainer(gpu, {
      ...{ source: rows(data(4, network.channels[0]), data(5, network.channels[1])), critic, replicas, seed: 3 },
      ...{
        pairs: { joint, negatives: "all" },
        estimator: remine({ lambda: 0.1 }),
        optimizer: adam({ learningRate: 1e-3 }),
      },
    });
    const { training, batch } = trainer.tensors;
    await trainer.step(2); // residual branches begin as zero
    const params = split(new Float32Array(await gpu.read(training.params)), replicas);
    await trainer.step(1);
    const tensors = [batch.batch_x, batch.batch_y, batch.scores];
    const [xs, ys, scores] = (await Promise.all(tensors.map((tensor) => gpu.read(tensor)))).map((bytes) =>
      split(new Float32Array(bytes), replicas),
    ) as [Float32Array[], Float32Array[], Float32Array[]];
    for (const r of range(replicas)) {
      const row = (all: Float32Array, i: number) => split(all, joint)[i]!;
      const want = slots(joint, joint - 1, false).map(({ x, y }) =>
        scorePair(network, params[r]!, row(xs[r]!, x), row(ys[r]!, y)),
      );
      const largest = Math.max(...want.map(Math.abs));
      expect(largest).toBeGreaterThan(0.05);
      // A dozen layers of sums of up to 4608 terms; roundings add up like a random walk: 1e-7 times some hundred.
      expectClose(scores[r]!, want, { tolerance: 2e-5 * largest, what: `scores of replica ${r}` });
    }
  }

  it("the self-consistency network is the published one", async () => {
    const channels = [1, 2] as const;
    await scoresOf(selfConsistencyNet({ height: 7, width: 6, channels }), {
      ...{ height: 7, width: 6, channels, activation: "relu", layers: selfConsistency },
    });
  });

  it("the strided network is the published one", async () => {
    await scoresOf(stridedNet({ height: 6, width: 5, channels: [1, 1] }), {
      ...{ height: 6, width: 5, channels: [1, 1], activation: "relu" },
      layers: [
        { kind: "conv", channels: 64, size: 5, stride: 2 },
        { kind: "conv", channels: 128, size: 5, stride: 2 },
        { kind: "dense", units: 1024 },
      ],
    });
  });

  it("ResNet-18 has the weights of the published one", () => {
    const count = (stem: 3 | 7) => {
      const layers = resnet18({ height: 32, width: 32, channels: [1, 2], stem }).layers(1024, 2048);
      return layers.map(({ inputs, outputs }) => inputs * outputs).reduce((sum, n) => sum + n);
    };
    // torchvision's resnet18 has 11 689 512 parameters: 9600 of batch normalisation and 513 000 of its 1000 classes; one
    // output takes 512. Kuang Liu's for CIFAR, with a stem of 3 x 3: 11 173 962, of them 9600 and 5130.
    expect(count(7)).toBe(11_689_512 - 9600 - 513_000 + 512);
    expect(count(3)).toBe(11_173_962 - 9600 - 5130 + 512);
    const { layers } = layoutOf(resnet18({ height: 8, width: 8, channels: [1, 1] }).layers(64, 64));
    expect(layers.at(-1)).toMatchObject({ inputs: 512, outputs: 1, bias: true });
  });
});

describe("the gradient through a whole ready-made network", () => {
  const channels = [1, 2] as const;
  const data = (seed: number, columns: number) => ({ data: normals(seed, 9 * columns), columns });

  /** Every one of d_params of one step from random weights, beside the chain rule in float64. */
  async function checkGradient(critic: ReturnType<typeof conv>, network: Network): Promise<void> {
    const joint = 2;
    const size = network.height * network.width;
    using trainer = await createTrainer(gpu, {
      ...{ source: rows(data(6, size), data(7, 2 * size)), critic, pairs: { joint, negatives: "all" }, seed: 3 },
      ...{ estimator: remine({ lambda: 0.1 }), optimizer: sgd({ learningRate: 0.1 }) },
    });
    const { training, batch } = trainer.tensors;
    const { layers, stride } = trainer.shape.layout;
    // Residual branches begin as zero; so that all of a branch has a gradient, none is zero here.
    const params = normals(8, stride);
    for (const { offset, inputs, outputs } of layers) {
      const end = offset + inputs * outputs;
      params.subarray(offset, end).forEach((v, i, weights) => {
        weights[i] = v * Math.sqrt(1 / inputs);
      });
      params.subarray(end, end + outputs).forEach((v, i, biases) => {
        biases[i] = 0.1 * v;
      });
    }
    gpu.write(training.params, params);
    await trainer.step(1);
    const tensors = [batch.batch_x, batch.batch_y, batch.scores, training.d_scores, training.d_params];
    const [xs, ys, scores, d_scores, d_params] = (await Promise.all(tensors.map((tensor) => gpu.read(tensor)))).map(
      (bytes) => new Float32Array(bytes),
    ) as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
    const own = Float64Array.from(params);
    const want = new Float64Array(stride);
    const passes = slots(joint, joint - 1, false).map(({ x, y }) =>
      scored(network, own, split(xs, joint)[x]!, split(ys, joint)[y]!),
    );
    for (const [s, pass] of passes.entries()) pass.backward(d_scores[s]!, want);
    const largest = (v: ArrayLike<number>) => Array.from(v).reduce((top, one) => Math.max(top, Math.abs(one)), 0);
    const t = passes.map((pass) => pass.t);
    expectClose(scores, t, { tolerance: 2e-5 * largest(t), what: "scores" });
    // Layer by layer: the gradients of a deep network's ends differ in size.
    for (const [l, { offset, inputs, outputs }] of layers.entries()) {
      const part = (v: Float32Array | Float64Array) => v.subarray(offset, offset + (inputs + 1) * outputs);
      expect(largest(part(want)), `layer ${l}`).toBeGreaterThan(1e-4);
      const tolerance = 1e-4 * largest(part(want));
      expectClose(part(d_params), part(want), { tolerance, what: `d_params of layer ${l}` });
    }
  }

  it("the self-consistency network", async () => {
    await checkGradient(selfConsistencyNet({ height: 6, width: 6, channels }), {
      ...{ height: 6, width: 6, channels, activation: "relu", layers: selfConsistency },
    });
  });

  it("ResNet-18", async () => {
    const network: Network = { height: 6, width: 6, channels, activation: "relu", layers: resnet };
    await checkGradient(resnet18({ height: 6, width: 6, channels }), network);
  });

  it("float64's chain rule has the scores and the finite differences of the naive network", () => {
    for (const [layers, activation] of [
      [everyLayer, "silu"],
      [flattened, "relu"],
      [scoredMean, "relu"],
    ] as const) {
      const network: Network = { ...images, layers, activation };
      const critic = conv({ ...images, layers, activation });
      const { count } = layoutOf(critic.layers(height * width, 2 * height * width));
      const params = Float64Array.from(normals(9, count), (v) => 0.4 * v);
      const [x, y] = [normals(10, height * width), normals(11, 2 * height * width)];
      const pass = scored(network, params, x, y);
      expect(pass.t).toBeCloseTo(scorePair(network, params, x, y), 12);
      const gradient = new Float64Array(count);
      pass.backward(1, gradient);
      for (let i = 0; i < count; i += 3) {
        const [up, down] = [1e-5, -1e-5].map((step) => {
          const moved = params.slice();
          moved[i]! += step;
          return scorePair(network, moved, x, y);
        }) as [number, number];
        expect(Math.abs((up - down) / 2e-5 - gradient[i]!)).toBeLessThan(1e-7);
      }
    }
  });
});

describe("conv() refuses", () => {
  const first = { kind: "conv", channels: 4, size: 3 } as const;
  const wrong: [string, Partial<ConvImages> & { layers?: ConvLayer[]; activation?: "relu" }, RegExp][] = [
    ["no layers", { layers: [] }, /must begin with a convolution/],
    ["a pool first", { layers: [{ kind: "pool", size: 2 }] }, /must begin with a convolution/],
    ["no height", { height: 0 }, /"height" must be a positive integer, got 0/],
    ["half a channel", { channels: [1, 0.5] }, /"channels\[1\]" must be a positive integer, got 0.5/],
    ["a stride of 0", { layers: [{ ...first, stride: 0 }] }, /"stride" of layers\[0\] \(conv\).*got 0/],
    [
      "a window larger than the image",
      { layers: [first, { kind: "pool", size: 3 }, { kind: "pool", size: 3 }] },
      /layers\[2\] \(pool\) moves a 3 x 3 window over an image of 2 x 1/,
    ],
    ["an unknown layer", { layers: [first, { kind: "norm" } as never] }, /"kind" must be one of conv, pool/],
    ["an unknown activation", { activation: "sine" as "relu" }, /"activation" must be one of relu, .*, got "sine"/],
  ];
  it.each(wrong)("%s", (_, change, message) => {
    const build = () => conv({ ...images, layers: [first], ...change });
    expect(build).toThrow(InputError);
    expect(build).toThrow(message);
  });

  it("rows that are no image of that size", async () => {
    const critic = conv({ ...images, channels: [1, 3], layers: [first] });
    const made = createTrainer(gpu, { source, critic, pairs: { joint: 4, negatives: "all" } });
    await expect(made).rejects.toThrow(InputError);
    await expect(made).rejects.toThrow(/y has 70 columns, but an image of height 7, width 5 and 3 channels has 105/);
  });

  it("a stem that ResNet-18 does not have", () => {
    expect(() => resnet18({ ...images, stem: 5 as 3 })).toThrow(/"stem" must be 3 or 7, got 5/);
  });
});

describe("learning", () => {
  it("finds the ln 16 nats that two noisy images of one spot share", async () => {
    // A bright 2 x 2 spot at one of 16 places; y is another picture of it. No pixel says much, the two together do.
    const [side, count] = [8, 8000];
    const random = prng(17);
    const [x, y] = [normals(18, count * side ** 2), normals(19, count * side ** 2)].map((noise) =>
      noise.map((v) => 0.3 * v),
    );
    for (let i = 0; i < count; i++) {
      const place = Math.floor(16 * random());
      const corner = i * side ** 2 + 2 * Math.floor(place / 4) * side + 2 * (place % 4);
      for (const pixel of [0, 1, side, side + 1]) for (const image of [x!, y!]) image[corner + pixel]! += 2;
    }
    using trainer = await createTrainer(gpu, {
      source: rows({ data: x!, columns: side ** 2 }, { data: y!, columns: side ** 2 }),
      ...{ pairs: { joint: 16, negatives: "all" }, seed: 1, window: 50 },
      ...{ estimator: remine({ lambda: 0.1 }), optimizer: adam({ learningRate: 3e-3 }) },
      critic: conv({
        ...{ height: side, width: side, channels: [1, 1] },
        layers: [
          { kind: "conv", channels: 8, size: 3, stride: 2 },
          { kind: "pool", size: 2, stride: 1 },
          { kind: "residual", channels: 8 },
          { kind: "mean" },
          { kind: "dense", units: 16 },
        ],
      }),
    });
    await trainer.step(120);
    for (const { micro } of (await trainer.read()).averages) {
      expect(micro).toBeGreaterThan(0.8 * Math.log(16));
      expect(micro).toBeLessThan(1.1 * Math.log(16));
    }
  });
});
