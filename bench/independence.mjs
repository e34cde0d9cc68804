// Whether p-values mean what they say, and what they see.
//
//   npm run independence -- [--sets 500] [--permutations 199] [--only TEXT] [--adapter NAME] [--part null|power|both]
//
// null: of data sets without dependence, the share with p ≤ .05 and Kolmogorov and Smirnov's p of all of them being uniform.
// power: of data sets of 400 rows with some, the share with p ≤ .05, beside permutation tests of Pearson's r, of Spearman's
// and of KSG's estimate at k = 3, each with as many permutations. The others are told one row of each group, without its noise.
import { parseArgs } from "node:util";
import { estimate, open, sources } from "../dist/node.js";
import { neighborsBatch } from "../dist/node.research.js";

const { values } = parseArgs({
  options: {
    sets: { type: "string", default: "500" },
    permutations: { type: "string", default: "199" },
    only: { type: "string", default: "" },
    adapter: { type: "string" },
    part: { type: "string", default: "both" },
  },
});
const [sets, permutations] = [Number(values.sets), Number(values.permutations)];
const gpu = await open({ adapter: values.adapter, quiet: true });

/** Uniform and normal numbers from a seed (mulberry32). */
function randomOf(seed) {
  let state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
  const u = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return { u, n: () => Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u()) };
}
const times = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const named = (columns) =>
  Object.entries(columns).map(([name, list]) => ({
    name,
    values: list,
    kind: name.startsWith("k") ? "category" : "numeric",
  }));

/** AR(1) of a coefficient, stationary. */
function walk({ n }, count, coefficient) {
  let last = n() / Math.sqrt(1 - coefficient ** 2);
  return times(count, () => (last = coefficient * last + n()));
}

/** A table with each row so many times, and as many groups as it has rows. */
function inGroups(each, ...sides) {
  const again = (list) => list.flatMap((value) => times(each, () => value));
  const [x, y] = sides.map((side) =>
    Object.fromEntries(Object.entries(side).map(([name, list]) => [name, again(list)])),
  );
  return { x, y, options: { group: again([...Object.values(sides[0])[0].keys()]) } };
}

/** Of each case the columns of x, of y and of Z, and options. Names that begin with k are categories. */
const nulls = {
  "plain, 1 + 1, 200 rows": (r) => ({ x: { a: times(200, r.n) }, y: { b: times(200, r.n) } }),
  "plain, 3 + 2, 200 rows": (r) => ({
    x: { a: times(200, r.n), b: times(200, r.n), c: times(200, r.n) },
    y: { d: times(200, r.n), e: times(200, () => Math.exp(r.n())) },
  }),
  "mixed, 2 + 2, 200 rows": (r) => ({
    x: { a: times(200, r.n), k: times(200, () => Math.floor(3 * r.u())) },
    y: { k2: times(200, () => Math.floor(2 * r.u())), d: times(200, () => Math.round(2 * r.n())) },
  }),
  "given Z that drives neither, 300 rows": (r) => ({
    x: { a: times(300, r.n) },
    y: { b: times(300, r.n) },
    given: { z: times(300, r.n) },
  }),
  "given Z that drives both, 300 rows": (r) => {
    const z = times(300, r.n);
    return { x: { a: z.map((v) => v + r.n()) }, y: { b: z.map((v) => v + r.n()) }, given: { z } };
  },
  "given Z that drives both along curves, 300 rows": (r) => {
    const z = times(300, r.n);
    return {
      x: { a: z.map((v) => Math.sin(3 * v) + 0.5 * r.n()) },
      y: { b: z.map((v) => v * v + 0.5 * r.n()) },
      given: { z },
    };
  },
  "given Z that drives both strongly, 1000 rows": (r) => {
    const z = times(1000, r.n);
    return { x: { a: z.map((v) => v + 0.3 * r.n()) }, y: { b: z.map((v) => v + 0.3 * r.n()) }, given: { z } };
  },
  "given a category and a number, 400 rows": (r) => {
    const [k, w] = [times(400, () => Math.floor(3 * r.u())), times(400, r.n)];
    return {
      x: { a: k.map((v, i) => v * w[i] + 0.5 * r.n()) },
      y: { k2: k.map((v, i) => Number(v * w[i] + 0.5 * r.n() > 0)) },
      given: { k, w },
    };
  },
  "AR(.9) with time, 1000 rows": (r) => ({
    ...{ x: { a: walk(r, 1000, 0.9) }, y: { b: walk(r, 1000, 0.9) } },
    options: { time: true },
  }),
  "given Z that drives both, all AR(.9) with time, 400 rows": (r) => {
    const z = walk(r, 400, 0.9);
    const more = () => walk(r, 400, 0.9).map((v, i) => v + z[i]);
    return { x: { a: more() }, y: { b: more() }, given: { z }, options: { time: true } };
  },
  "AR(.95) with time, 1000 rows": (r) => ({
    ...{ x: { a: walk(r, 1000, 0.95) }, y: { b: walk(r, 1000, 0.95) } },
    options: { time: true },
  }),
  "given Z that drives both, 60 groups of 5": (r) => {
    const z = times(300, r.n);
    const more = () => z.map((v) => v + r.n());
    return {
      x: { a: more() },
      y: { b: more() },
      given: { z },
      options: { group: times(300, (i) => Math.floor(i / 5)) },
    };
  },
  "40 groups of 10, the same in each": (r) => inGroups(10, { a: times(40, r.n) }, { b: times(40, r.n) }),
  "60 groups of 1 to 17": (r) => {
    const group = times(60, (i) => times(1 + ((7 * i) % 17), () => i)).flat();
    const level = () => {
      const own = times(60, r.n);
      return group.map((g) => own[g] + 0.5 * r.n());
    };
    return { x: { a: level() }, y: { b: level() }, options: { group } };
  },
  "50 groups of 10, 500 rows": (r) => {
    const group = times(500, (i) => Math.floor(i / 10));
    const level = () => {
      const own = times(50, r.n);
      return group.map((g) => own[g] + 0.3 * r.n());
    };
    return { x: { a: level() }, y: { b: level() }, options: { group } };
  },
};

const line = (r, rho) => {
  const x = r.n();
  return [x, rho * x + Math.sqrt(1 - rho * rho) * r.n()];
};
const shapes = {
  "r = .2": (r) => line(r, 0.2),
  "r = .41": (r) => line(r, 0.41),
  "r = .5, 40 groups of 10": Object.assign((r) => line(r, 0.5), { each: 10 }),
  "r = .5, 40 groups of 10, noise in y": Object.assign((r) => line(r, 0.5), { each: 10, noise: 0.3 }),
  "parabola, 40 groups of 10": Object.assign(
    (r) => {
      const x = 2 * r.u() - 1;
      return [x, x * x + 0.25 * r.n()];
    },
    { each: 10 },
  ),
};
for (const [loud, level] of [
  ["", 0],
  [", noisy", 1],
]) {
  const pick = (few, many) => (level ? many : few);
  shapes[`parabola${loud}`] = (r) => {
    const x = 2 * r.u() - 1;
    return [x, x * x + pick(0.7, 1.4) * r.n()];
  };
  shapes[`ring${loud}`] = (r) => {
    const angle = 2 * Math.PI * r.u();
    return [Math.cos(angle), Math.sin(angle)].map((v) => v + pick(0.4, 0.55) * r.n());
  };
  shapes[`sine, 3 periods${loud}`] = (r) => {
    const x = r.u();
    return [x, Math.sin(6 * Math.PI * x) + pick(2, 3.5) * r.n()];
  };
  shapes[`step${loud}`] = (r) => {
    const x = r.u();
    return [x, Number(x > 0.7) + pick(2, 3) * r.n()];
  };
  shapes[`sign flips${loud}`] = (r) => {
    const x = r.n();
    return [x, (r.u() < 0.5 ? -x : x) + pick(1, 1.6) * r.n()];
  };
}

function shuffle(list, { u }) {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(u() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
}

/** p of a statistic by permutations of y. */
function permuted(statistic, x, y, r) {
  const shuffled = [...y];
  const observed = statistic(x, y);
  let reached = 0;
  for (let b = 0; b < permutations; b++) {
    shuffle(shuffled, r);
    if (statistic(x, shuffled) >= observed - 1e-12) reached++;
  }
  return (1 + reached) / (1 + permutations);
}
const standard = (list) => {
  const mean = list.reduce((sum, v) => sum + v, 0) / list.length;
  const spread = Math.sqrt(list.reduce((sum, v) => sum + (v - mean) ** 2, 0) / list.length);
  return list.map((v) => (v - mean) / spread);
};
const product = (x, y) => Math.abs(x.reduce((sum, v, i) => sum + v * y[i], 0));
const ranks = (list) => {
  const order = [...list.keys()].sort((a, b) => list[a] - list[b]);
  const found = new Array(list.length);
  for (const [rank, i] of order.entries()) found[i] = rank;
  return found;
};

const column = (list) => ({ data: Float32Array.from(standard(list)), columns: 1 });

async function ksg(x, y, r) {
  const order = [...x.keys()];
  const pairs = times(permutations + 1, (b) => {
    if (b > 0) shuffle(order, r);
    return Uint32Array.from(order.flatMap((row, i) => [i, b === 0 ? i : row]));
  });
  const { mi } = await neighborsBatch(gpu, { ...sources.rows(column(x), column(y)), pairs }, { method: "ksg", k: 3 });
  return (1 + [...mi.slice(1)].filter((v) => v >= mi[0] - 1e-12).length) / (1 + permutations);
}

const tested = async ({ x, y, given, options }) => {
  const mixed = [x, y, given ?? {}].some((side) => Object.keys(side).some((name) => name.startsWith("k")));
  const estimator = mixed ? "mixed-ksg" : "ksg";
  const set = { ...options, ...(given && { given: named(given) }), gpu, estimator, permutations };
  return estimate(named(x), named(y), set);
};

const share = (list) => `${((100 * list.filter((p) => p <= 0.05).length) / list.length).toFixed(1)} %`;

/** Kolmogorov's p that these are uniform, of p-values that are multiples of 1 / (1 + permutations). */
function uniform(list) {
  const sorted = list.toSorted((a, b) => a - b).map((p) => p - 0.5 / (1 + permutations));
  const count = sorted.length;
  const far = Math.max(...sorted.map((p, i) => Math.max(Math.abs(p - i / count), Math.abs(p - (i + 1) / count))));
  let tail = 0;
  for (let k = 1; k < 100; k++) tail += 2 * (-1) ** (k - 1) * Math.exp(-2 * k * k * count * far * far);
  return [far, Math.min(1, tail)];
}

if (values.part !== "power") {
  console.log("| null | p ≤ .05 | Kolmogorov-Smirnov D | its p | seconds |\n|---|---|---|---|---|");
  for (const [name, make] of Object.entries(nulls).filter(([name]) => name.includes(values.only))) {
    const began = Date.now();
    const found = [];
    for (const set of times(sets, (i) => i)) {
      const { independence } = await tested(make(randomOf(set)), set);
      found.push(independence.p);
    }
    const [far, p] = uniform(found);
    console.log(
      `| ${name} | ${share(found)} | ${far.toFixed(3)} | ${p.toFixed(3)} | ${Math.round((Date.now() - began) / 1000)} |`,
    );
  }
}
if (values.part !== "null") {
  console.log("| shape | remine | Pearson | Spearman | KSG | seconds |\n|---|---|---|---|---|---|");
  for (const [name, make] of Object.entries(shapes).filter(([name]) => name.includes(values.only))) {
    const began = Date.now();
    const found = { remine: [], pearson: [], spearman: [], ksg: [] };
    for (const set of times(sets, (i) => i)) {
      const r = randomOf(set);
      const { each = 1, noise = 0 } = make;
      const points = times(400 / each, () => make(r));
      const [x, y] = [0, 1].map((side) => points.map((point) => point[side]));
      const table = each > 1 ? inGroups(each, { x }, { y }) : { x: { x }, y: { y } };
      if (noise > 0) table.y.y = table.y.y.map((value) => value + noise * r.n());
      const { independence } = await tested(table);
      found.remine.push(independence.p);
      found.pearson.push(permuted(product, standard(x), standard(y), r));
      found.spearman.push(permuted(product, standard(ranks(x)), standard(ranks(y)), r));
      found.ksg.push(await ksg(x, y, r));
    }
    const cells = Object.values(found).map(share).join(" | ");
    console.log(`| ${name} | ${cells} | ${Math.round((Date.now() - began) / 1000)} |`);
  }
}
gpu.dispose();
