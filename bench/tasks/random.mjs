// Random numbers that depend on a task's name and a seed alone: sfc32 behind a hash of both.

/** Four words from a text, well mixed (cyrb128). */
function hashed(text) {
  let [a, b, c, d] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let k = 0; k < text.length; k++) {
    const code = text.charCodeAt(k);
    a = b ^ Math.imul(a ^ code, 597399067);
    b = c ^ Math.imul(b ^ code, 2869860233);
    c = d ^ Math.imul(c ^ code, 951274213);
    d = a ^ Math.imul(d ^ code, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  return [a ^ b ^ c ^ d, b ^ a, c ^ a, d ^ a];
}

/** A generator of 32-bit words. */
function sfc32(name, seed) {
  let [a, b, c, d] = hashed(`${name}\u0000${seed}`);
  const next = () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  for (let k = 0; k < 20; k++) next();
  return next;
}

/** The distributions that tasks draw from; two sources of one name and seed give the same numbers. */
export function source(name, seed) {
  const word = sfc32(name, seed);
  /** Uniform in (0, 1) with 53 bits, so that no two draws of a data set tie. */
  const uniform = () => ((word() >>> 5) * 67108864 + (word() >>> 6) + 0.5) / 9007199254740992;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const exponential = () => -Math.log(uniform());

  /** Shape a, scale 1 (Marsaglia and Tsang). */
  function gamma(a) {
    if (a < 1) return gamma(a + 1) * uniform() ** (1 / a);
    const d = a - 1 / 3;
    for (;;) {
      const z = normal();
      const v = (1 + z / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(uniform()) < 0.5 * z * z + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** Products of uniforms; a large mean is split into halves. */
  function poisson(mean) {
    if (mean > 30) return poisson(mean / 2) + poisson(mean / 2);
    const least = Math.exp(-mean);
    let count = 0;
    for (let product = uniform(); product > least; product *= uniform()) count++;
    return count;
  }

  /** Positive stable with Laplace transform exp(-s^a), 0 < a < 1 (Kanter). */
  function stable(a) {
    const angle = Math.PI * uniform();
    const rest = (Math.sin((1 - a) * angle) / exponential()) ** ((1 - a) / a);
    return (Math.sin(a * angle) / Math.sin(angle) ** (1 / a)) * rest;
  }

  const whole = (count) => Math.floor(count * uniform());
  const sign = () => (uniform() < 0.5 ? -1 : 1);
  const many = (count, draw) => Array.from({ length: count }, draw);
  const normals = (count) => many(count, normal);
  const student = (freedom) => normal() / Math.sqrt((2 * gamma(freedom / 2)) / freedom);
  const cauchy = () => Math.tan(Math.PI * (uniform() - 0.5));
  /** An index drawn with the given chances. */
  const pick = (chances) => {
    let left = uniform();
    for (const [k, chance] of chances.entries()) {
      left -= chance;
      if (left < 0) return k;
    }
    return chances.length - 1;
  };
  return { uniform, normal, normals, exponential, gamma, poisson, stable, whole, sign, many, student, cauchy, pick };
}
