// The workloads that everything in bench/ measures, stated once.
//
// W1   critic 40-256-256-1, 64 joint + 64 shuffled pairs, ReMINE, Adam
// W2   the same critic, 64 joint + all 4032 other pairs
// W3xR critic 2-64-64-1, 128 joint + 128 shuffled pairs, Adam, R replicas; steps of all replicas are counted
// W4xR critic 32-256-1 on one-hot rows, 100 joint + 100 independent pairs, SGD
// W5   matrix of 64 columns x 2000 rows, default settings: all 2016 pairs, without and with 100 permutations
// W6   the same pairs by the KSG kernels alone, all columns numeric as they come

/** ReMINE's weight of the penalty; its constant C is 0. */
export const LAMBDA = 0.1;

const wide = { source: "gaussian", x: 20, y: 20, hidden: [256, 256], outputBias: true, optimizer: "adam", rate: 1e-4 };
const small = { ...wide, x: 1, y: 1, hidden: [64, 64] };
const coded = { source: "one-hot", x: 16, y: 16, hidden: [256], outputBias: false, optimizer: "sgd", rate: 0.1 };

/** One training step each: draw, forward, loss, backward, optimizer. `joint` pairs, and where marginal ones come from. */
export const steps = {
  W1: { ...wide, joint: 64, negatives: "shuffle", replicas: 1 },
  W2: { ...wide, joint: 64, negatives: "all", replicas: 1 },
  W3x1: { ...small, joint: 128, negatives: "shuffle", replicas: 1 },
  W3x16: { ...small, joint: 128, negatives: "shuffle", replicas: 16 },
  W3x256: { ...small, joint: 128, negatives: "shuffle", replicas: 256 },
  W3x4096: { ...small, joint: 128, negatives: "shuffle", replicas: 4096 },
  W4x1: { ...coded, joint: 100, negatives: "independent", replicas: 1 },
  W4x64: { ...coded, joint: 100, negatives: "independent", replicas: 64 },
};

export const matrixShape = { columns: 64, rows: 2000, permutations: 100 };
export const names = [...Object.keys(steps), "W5", "W6"];

/** What is measured when nothing is named; 4096 replicas take a GPU. */
export const usual = (isSoftware) => names.filter((name) => name !== "W3x4096" || !isSoftware);

/** @throws when a name in a list by commas is no workload */
export function chosen(list, fallback, known = names) {
  if (list === undefined) return fallback;
  const picked = list.split(",").map((name) => name.trim());
  const unknown = picked.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`there is no "${unknown}"; choose from ${known.join(", ")}`);
  return picked;
}

/** Options of createTrainer for a workload; `m` is a build of the library. */
export function optionsOf(m, w) {
  return {
    source: w.source === "one-hot" ? m.oneHot(w.x) : m.gaussian({ dims: w.x, rho: 0.5 }),
    critic: m.mlp(w.hidden, { outputBias: w.outputBias }),
    pairs: { joint: w.joint, negatives: w.negatives },
    estimator: m.remine({ lambda: LAMBDA }),
    optimizer: w.optimizer === "adam" ? m.adam({ learningRate: w.rate }) : m.sgd({ learningRate: w.rate }),
    replicas: w.replicas,
    trace: false,
  };
}

/** Marginal pairs per joint pair. */
export const marginalsOf = (w) => (w.negatives === "all" ? w.joint - 1 : 1);
/** Rows that a step draws. */
export const rowsOf = (w) => (w.negatives === "independent" ? 2 * w.joint : w.joint);
/** Width of the input, of each hidden layer, of the score. */
export const widthsOf = (w) => [w.x + w.y, ...w.hidden, 1];

/**
 * Floating-point operations of the matrix products of one step of one replica, as a dense implementation has them: every
 * pair through every layer, and no gradient by the inputs.
 */
export function operationsOf(w) {
  const widths = widthsOf(w);
  const scores = w.joint * (1 + marginalsOf(w));
  const layer = (l) => 2 * scores * widths[l] * widths[l + 1];
  return w.hidden.reduce((sum, _, l) => sum + 3 * layer(l + 1), 2 * layer(0));
}

/** A table for W5 and W6: normals, each column leaning on the one before it. */
export function tableOf({ columns, rows } = matrixShape) {
  let state = 7;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const table = [];
  for (let c = 0; c < columns; c++) {
    const before = table[c - 1]?.values ?? new Float64Array(rows);
    table.push({ name: `c${c + 1}`, values: before.map((v) => v / 2 + normal()) });
  }
  return table;
}
