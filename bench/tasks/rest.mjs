// The families beside "listed" and "other": high MI, independence, and conditional MI.
import { sine } from "./factors.mjs";
import { additive, columnwise, correlated, mapped } from "./listed.mjs";
import { cauchy } from "./tails.mjs";

/** Normals whose pairs of columns share the nats evenly. */
const normals = (nats, dims) => ({
  ...{ columns: [dims, dims], truth: nats, name: `${nats} nats, normals ${dims} + ${dims}` },
  row: (random) => correlated(random, dims, Math.sqrt(-Math.expm1((-2 * nats) / dims))),
});
const sizes = [1, 3, 5];
export const high = [
  ...sizes.flatMap((dims) => [4, 6, 8].map((nats) => normals(nats, dims))),
  { ...mapped(normals(4, 3), sine), name: "4 nats, sine-warped 3 + 3" },
  {
    ...mapped(
      normals(6, 5),
      columnwise((t) => t ** 3),
    ),
    name: "6 nats, cubes 5 + 5",
  },
  { name: "5 nats, uniform noise", ...additive(0.0034) },
  cauchy("4 nats, cauchy with cauchy noise", 1 / Math.expm1(4)),
  { ...mapped(normals(5, 3), columnwise(Math.exp)), name: "5 nats, log-normals 3 + 3" },
];

const independent = (name, columns, left, right) => ({
  ...{ name: `independent ${name}`, columns, truth: 0, logRatio: () => 0 },
  row: (random) => [random.many(columns[0], () => left(random)), random.many(columns[1], () => right(random))],
});
const normal = (random) => random.normal();
const uniform = (random) => random.uniform();
const lognormal = (random) => Math.exp(random.normal());
const heavy = (random) => random.student(1);
const category = (levels) => (random) => random.whole(levels);
/** Columns of one side that share a factor, and none across. */
const blocks = (dims) => ({
  ...{ name: `independent blocks, ${dims} + ${dims}`, columns: [dims, dims], truth: 0, logRatio: () => 0 },
  row: (random) => {
    const side = (shared) => random.normals(dims).map((v) => Math.SQRT1_2 * (shared + v));
    return [side(random.normal()), side(random.normal())];
  },
});
export const independence = [
  independent("normals, 1 + 1", [1, 1], normal, normal),
  independent("uniform and student 1, 1 + 1", [1, 1], uniform, heavy),
  independent("normals, 3 + 3", [3, 3], normal, normal),
  independent("log-normals and uniforms, 3 + 3", [3, 3], lognormal, uniform),
  independent("normals, 5 + 5", [5, 5], normal, normal),
  independent("student 1, 5 + 5", [5, 5], heavy, heavy),
  independent("normals, 10 + 10", [10, 10], normal, normal),
  independent("log-normals and student 1, 10 + 10", [10, 10], lognormal, heavy),
  independent("normals, 30 + 30", [30, 30], normal, normal),
  independent("uniforms, 30 + 30", [30, 30], uniform, uniform),
  independent("6 categories and a number", [1, 1], category(6), normal),
  independent("8 and 5 categories", [1, 1], category(8), category(5)),
  independent("10 columns and a label", [10, 1], lognormal, category(2)),
  blocks(5),
];

/** "Model-I" of the CCMI paper (arXiv:1906.01824): the first of the given columns tells where the noise of Y lies. */
const noiseGiven = (dims) => ({
  ...{ name: `given ${dims} columns, one moves the noise`, columns: [1, 1, dims], truth: 0.5 * Math.log(101) },
  row: (random) => {
    const [x, z] = [random.normal(), random.many(dims, () => random.uniform() - 0.5)];
    return [[x], [x + z[0] + 0.1 * random.normal()], z];
  },
});
const unrelated = {
  ...{ name: "given one unrelated column", columns: [1, 1, 1], truth: 0.5 * Math.log(1 + 0.25 / 0.04) },
  row: (random) => {
    const x = random.normal();
    return [[x], [0.5 * x + 0.2 * random.normal()], [random.normal()]];
  },
};
const nothing = {
  ...{ name: "given one column, all independent", columns: [1, 1, 1], truth: 0 },
  row: (random) => [random.normals(1), random.normals(1), random.normals(1)],
};
/** X and Y share nothing but the given column. */
const explained = {
  ...{ name: "given the common cause", columns: [1, 1, 1], truth: 0 },
  row: (random) => {
    const z = random.normal();
    return [[z + 0.5 * random.normal()], [z + 0.5 * random.normal()], [z]];
  },
};
export const conditional = [noiseGiven(20), unrelated, nothing, explained];
