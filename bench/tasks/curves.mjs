// Curves and surfaces with noise.
import {
  cloudInformation,
  curveInformation,
  differentialEntropy,
  integral,
  middles,
  sumDensity,
} from "./quadrature.mjs";
import { normalCdf, normalDensity, normalEntropy } from "./special.mjs";

/** y = f(x) + noise for x uniform on (0, 1). */
function curve(name, f, deviation) {
  const noise = (e) => normalDensity(e, deviation);
  let density;
  return {
    ...{ name, columns: [1, 1], truth: (scale) => curveInformation(f, deviation, scale) },
    row: (random) => {
      const x = random.uniform();
      return [[x], [f(x) + deviation * random.normal()]];
    },
    logRatio: ([x], [y]) => {
      density ??= sumDensity(middles(0, 1, 1000).map(f), noise);
      return Math.log(noise(y - f(x)) / density(y));
    },
  };
}

/** A closed or open path through the plane, with noise on both coordinates. */
const path = (name, at, deviation) => ({
  ...{ name, columns: [1, 1] },
  truth: (scale = 1) => cloudInformation(Array.from(middles(0, 1, Math.round(500 * scale)), at), deviation, scale),
  row: (random) => at(random.uniform()).map((v) => [v + deviation * random.normal()]),
});

const turn = 2 * Math.PI;
const wave = (periods) => (x) => Math.sin(turn * periods * x);
const ring = (t) => [Math.cos(turn * t), Math.sin(turn * t)];
const lissajous = (t) => [Math.sin(turn * 2 * t), Math.sin(turn * 3 * t + 0.5)];
const eight = (t) => [Math.sin(turn * t), Math.sin(turn * 2 * t)];
const spiral = (t) => {
  const [radius, angle] = [0.15 + 0.85 * t, 2.5 * turn * t];
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
};
/** Two half circles that reach into each other. */
const moons = (t) => {
  const angle = turn * t;
  return angle < Math.PI ? [Math.cos(angle), Math.sin(angle)] : [1 + Math.cos(angle), 0.5 + Math.sin(angle)];
};

/** y = f(x1, x2) + noise, where the density of y is known. */
const surface = (name, f, deviation, density, [lo, hi]) => ({
  ...{ name, columns: [2, 1] },
  truth: (scale = 1) => differentialEntropy(density, lo, hi, Math.round(1500 * scale)) - normalEntropy(deviation),
  row: (random) => {
    const x = random.normals(2);
    return [x, [f(x) + deviation * random.normal()]];
  },
});
/** Given x1, y = x1 x2 + noise is normal. */
const saddle = (noise) => (y) => integral((x) => normalDensity(x) * normalDensity(y, Math.hypot(x, noise)), -9, 9, 400);
/** A squared length in two columns is exponential with mean 2, so y is an exponential plus a normal. */
const bowl = (noise) => (y) => 0.5 * Math.exp(0.5 * (noise * noise * 0.25 - y)) * normalCdf(y / noise - noise / 2);

/** Density of a point of the unit sphere plus noise, at distance r from its centre. */
const shell = (noise) => (r) => {
  const bell = (distance) => normalDensity(distance, noise);
  return (bell(r - 1) - bell(r + 1)) / (2 * turn * r);
};

/** Two coordinates of a noisy sphere against the third. */
function sphere(noise) {
  const joint = shell(noise);
  const reach = 1 + 9 * noise;
  const plane = (q) => 2 * integral((z) => joint(Math.hypot(q, z)), 0, reach, 300);
  const axis = (z) => 0.5 * (normalCdf((z + 1) / noise) - normalCdf((z - 1) / noise));
  const plogp = (p) => (p > 0 ? p * Math.log(p) : 0);
  return {
    ...{ name: `sphere, noise ${noise}`, columns: [2, 1] },
    truth: (scale = 1) => {
      const count = Math.round(400 * scale);
      const whole = -integral((r) => 2 * turn * r * r * plogp(joint(r)), 0, reach, count);
      const two = -integral((q) => turn * q * plogp(plane(q)), 0, reach, count);
      return two + differentialEntropy(axis, -reach, reach, count) - whole;
    },
    logRatio: ([a, b], [z]) => Math.log(joint(Math.hypot(a, b, z)) / (plane(Math.hypot(a, b)) * axis(z))),
    row: (random) => {
      const v = random.normals(3);
      const size = Math.hypot(...v);
      const [a, b, c] = v.map((w) => w / size + noise * random.normal());
      return [[a, b], [c]];
    },
  };
}

const stairs = (steps) => (x) => Math.floor(steps * x);
export const curves = [
  curve("sine, 1 period", wave(1), 0.3),
  curve("sine, 2 periods", wave(2), 0.1),
  curve("sine, 3 periods", wave(3), 0.3),
  curve("sine, 5 periods", wave(5), 0.2),
  curve("parabola", (x) => (2 * x - 1) ** 2, 0.1),
  curve("step", (x) => (x < 0.3 ? 0 : 1), 0.3),
  curve("staircase of 5 steps", stairs(5), 0.3),
  curve("zigzag", (x) => Math.abs(((4 * x) % 2) - 1), 0.05),
  path("ring", ring, 0.1),
  path("lissajous 2:3", lissajous, 0.1),
  path("figure of eight", eight, 0.2),
  path("spiral curve", spiral, 0.06),
  path("two moons", moons, 0.15),
  surface("saddle", ([a, b]) => a * b, 0.3, saddle(0.3), [-40, 40]),
  surface("bowl", ([a, b]) => a * a + b * b, 0.5, bowl(0.5), [-5, 80]),
  sphere(0.1),
];
