// Tables with one planted pair of columns, whose mutual information is known, among columns of noise.

/** Random numbers of a seed: uniform in (0, 1), and standard normal. */
export function randomOf(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

const gauss = (x, deviation) => Math.exp(-((x / deviation) ** 2) / 2) / (deviation * Math.sqrt(2 * Math.PI));
const ofCorrelation = (r) => -Math.log(1 - r * r) / 2;
const entropy = (shares) => shares.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
const grid = (low, high, count) => Array.from({ length: count }, (_, i) => low + ((i + 0.5) * (high - low)) / count);

/** I(X; f(X) + noise): the entropy of a mixture of normals around `centres`, less that of the noise. */
function ofNoise(centres, deviation) {
  const [low, high] = [Math.min(...centres) - 8 * deviation, Math.max(...centres) + 8 * deviation];
  const steps = grid(low, high, 4000);
  const density = steps.map((y) => centres.reduce((sum, c) => sum + gauss(y - c, deviation), 0) / centres.length);
  const whole = density.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0) * ((high - low) / steps.length);
  return whole - Math.log(2 * Math.PI * Math.E * deviation ** 2) / 2;
}

/** I(X; Y) of a density on a square. */
function ofDensity(density, reach, count = 400) {
  const steps = grid(-reach, reach, count);
  const joint = steps.map((x) => steps.map((y) => density(x, y)));
  const whole = joint.flat().reduce((sum, p) => sum + p, 0);
  const across = joint.map((row) => row.reduce((sum, p) => sum + p, 0) / whole);
  const up = steps.map((_, j) => joint.reduce((sum, row) => sum + row[j], 0) / whole);
  let sum = 0;
  for (const [i, row] of joint.entries()) {
    for (const [j, value] of row.entries()) {
      const p = value / whole;
      if (p > 0) sum += p * Math.log(p / (across[i] * up[j]));
    }
  }
  return sum;
}

const unit = grid(0, 1, 1000);
const line =
  (r) =>
  ({ normal }) => {
    const x = normal();
    return [x, r * x + Math.sqrt(1 - r * r) * normal()];
  };
const wave = (periods) => ({
  truth: ofNoise(
    unit.map((x) => Math.sin(2 * Math.PI * periods * x)),
    0.3,
  ),
  draw: ({ uniform, normal }) => {
    const x = uniform();
    return [x, Math.sin(2 * Math.PI * periods * x) + 0.3 * normal()];
  },
});
const SHARES = [0.5, 0.25, 0.15, 0.1];
const levelOf = (u) => SHARES.findIndex((_, i) => u < SHARES.slice(0, i + 1).reduce((a, b) => a + b, 0) + 1e-12);

/** A product x e of normals: the signs say nothing, and ln|y| is ln|x| with noise of its own kind. */
function ofProduct() {
  const log = (a) => 2 * gauss(Math.exp(a), 1) * Math.exp(a);
  const [from, to, count] = [-14, 3, 1000];
  const steps = grid(from, to, count);
  const width = (to - from) / count;
  const noise = -steps.reduce((sum, a) => (log(a) > 0 ? sum + log(a) * Math.log(log(a)) : sum), 0) * width;
  const sums = grid(2 * from, 2 * to, count).map((w) => steps.reduce((sum, a) => sum + log(a) * log(w - a), 0) * width);
  return -sums.reduce((sum, p) => (p > 0 ? sum + p * Math.log(p) : sum), 0) * 2 * width - noise;
}

const TABLES = {
  "line, r = .41": { truth: ofCorrelation(0.41), draw: line(0.41) },
  "line, r = .995": { truth: ofCorrelation(1 / Math.sqrt(1.01)), draw: line(1 / Math.sqrt(1.01)) },
  "exp of a line, r = .8": {
    truth: ofCorrelation(0.8),
    draw: (random) => {
      const [x, y] = line(0.8)(random);
      return [x, Math.exp(2 * y)];
    },
  },
  parabola: {
    truth: ofNoise(
      unit.map((x) => (2 * x - 1) ** 2),
      0.1,
    ),
    draw: ({ uniform, normal }) => {
      const x = 2 * uniform() - 1;
      return [x, x * x + 0.1 * normal()];
    },
  },
  "wave, 1 period": wave(1),
  "wave, 2 periods": wave(2),
  "wave, 3 periods": wave(3),
  ring: {
    truth: ofDensity((x, y) => {
      const steps = grid(0, 2 * Math.PI, 120);
      return steps.reduce((sum, t) => sum + gauss(x - Math.cos(t), 0.1) * gauss(y - Math.sin(t), 0.1), 0);
    }, 1.6),
    draw: ({ uniform, normal }) => {
      const t = 2 * Math.PI * uniform();
      return [Math.cos(t) + 0.1 * normal(), Math.sin(t) + 0.1 * normal()];
    },
  },
  "four steps": {
    truth: ofNoise([0, 1, 2, 3], 0.25),
    draw: ({ uniform, normal }) => {
      const x = uniform();
      return [x, Math.floor(4 * x) + 0.25 * normal()];
    },
  },
  "signs that agree in 9 of 10": {
    truth: Math.log(2) - entropy([0.1, 0.9]),
    draw: ({ uniform, normal }) => {
      const x = normal();
      return [x, (uniform() < 0.1 ? -1 : 1) * Math.sign(x) * Math.abs(normal())];
    },
  },
  "two lines that cross": {
    truth: ofDensity((x, y) => gauss(x, 1) * (gauss(y - x, 0.2) + gauss(y + x, 0.2)), 5),
    draw: ({ uniform, normal }) => {
      const x = normal();
      return [x, (uniform() < 0.5 ? -1 : 1) * x + 0.2 * normal()];
    },
  },
  "a product": {
    truth: ofProduct(),
    draw: ({ normal }) => {
      const x = normal();
      return [x, x * normal()];
    },
  },
  "XOR with a rare bit": {
    truth: Math.log(2) - entropy([0.2, 0.8]),
    draw: ({ uniform }) => {
      const x = uniform() < 0.5;
      return [`x${Number(x)}`, `y${Number(x !== uniform() < 0.2)}`];
    },
  },
  "categories that agree in part": {
    truth: (() => {
      const joint = SHARES.flatMap((p, i) => SHARES.map((q, j) => (i === j ? 0.6 * p : 0) + 0.4 * p * q));
      return 2 * entropy(SHARES) - entropy(joint);
    })(),
    draw: ({ uniform }) => {
      const x = levelOf(uniform());
      return [`x${x}`, `y${uniform() < 0.6 ? x : levelOf(uniform())}`];
    },
  },
  "a number by category": {
    truth: ofNoise([0, 1, 2, 3, 4], 0.5),
    draw: ({ uniform, normal }) => {
      const x = Math.floor(5 * uniform());
      return [`x${x}`, x + 0.5 * normal()];
    },
  },
};

/** Columns of noise, in turn. */
const NOISE = [
  ({ normal }) => normal(),
  ({ uniform }) => uniform(),
  ({ uniform }) => `g${Math.floor(3 * uniform())}`,
  ({ normal }) => Math.exp(normal()),
  ({ uniform }) => Math.floor(12 * uniform()),
];

/** Each table of `rows` rows: 8 to 10 columns, of which `pair` depend. */
export function plantedTables(rows) {
  return Object.entries(TABLES).map(([name, { truth, draw }], t) => {
    const random = randomOf(1000 + t);
    const count = 6 + (t % 3);
    const names = ["x", "y", ...Array.from({ length: count }, (_, i) => `noise ${i + 1}`)];
    const lines = Array.from({ length: rows }, () => [
      ...draw(random),
      ...Array.from({ length: count }, (_, i) => NOISE[i % NOISE.length](random)),
    ]);
    return { name, truth, pair: ["x", "y"], csv: [names, ...lines].map((line) => line.join(",")).join("\n") };
  });
}
