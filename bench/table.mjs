// What the bench's JSON looks like to people: on the terminal, and in docs/performance.md.
import { figure, stepLine } from "./dist/library.js";

/** llvmpipe (LLVM 15.0.6, 256 bits) -> llvmpipe.json */
export const fileNameOf = (adapter) =>
  `${adapter
    .split(/[:(]/)[0]
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")}.json`;

/**
 * An earlier result with a later one of the same adapter and commit over it.
 *
 * @throws when they are of another adapter or commit: figures of one table belong together
 */
export function added(before, after) {
  for (const what of ["adapter", "commit", "cpu"]) {
    const [a, b] = [before.machine[what], after.machine[what]];
    if (a !== b)
      throw new Error(`--add: the file has figures of ${what} "${a}", these are of "${b}"; name another --output`);
  }
  const over = (name) => ({ [name]: { ...before[name], ...after[name] } });
  return {
    ...{ ...before, ...after, absent: [...new Set([...before.absent, ...after.absent])] },
    ...Object.assign({}, ...["peers", "steps", "matrix", "kernels"].filter((n) => before[n] || after[n]).map(over)),
    minutes: before.minutes + (after.minutes ?? 0),
  };
}

/** Column of each group of peers, in the order of the table. */
export const columns = {
  "tfjs-webgpu": "TF.js, WebGPU",
  "tfjs-wasm": "TF.js, wasm",
  "jaxjs-webgpu": "jax-js, WebGPU",
  "jaxjs-wasm": "jax-js, wasm",
  torch: "PyTorch",
  jax: "JAX",
};

const ratio = (own, peer) => `${figure(Number((own / peer).toPrecision(2)))}×`;

/** One workload: its line, and one for each peer with how many times that the own rate is. */
export function stepLines(name, step) {
  const others = Object.entries(step.peers).map(([group, p]) => {
    const first = p.first && `first layer ${p.first}`;
    const how = [p.mode, p.threads && `${p.threads} threads`, first, p.layout].filter(Boolean).join(", ");
    return `    ${(columns[group] ?? group).padEnd(16)} ${figure(p.median).padStart(8)}  ${ratio(step.own.median, p.median)}${how ? `  (${how})` : ""}`;
  });
  const memory = memoryOf(step);
  return [stepLine(name, step), ...others, ...(memory ? [`    ${memory}`] : [])].join("\n");
}

/** What a step keeps in memory, where a peer says what its does. */
function memoryOf({ memory, peers }) {
  const said = Object.entries(peers).filter(([, p]) => p.memory);
  if (said.length === 0) return "";
  const megabytes = (bytes) => `${figure(bytes / 1e6)} MB`;
  const theirs = said.map(
    ([group, p]) => `, at the peak of a step ${columns[group] ?? group}'s ${megabytes(p.memory)}`,
  );
  return `our buffers take ${megabytes(memory)}${theirs.join("")}`;
}

const cells = (list) => `| ${list.join(" | ")} |`;

/** Steps per second and ratios as a Markdown table; only the peers that took part have a column. */
export function stepTable({ steps }) {
  if (Object.keys(steps).length === 0) return "";
  const present = Object.keys(columns).filter((group) => Object.values(steps).some((s) => group in s.peers));
  const rows = Object.entries(steps).map(([name, s]) =>
    cells([
      name,
      figure(s.own.median),
      ...present.map((g) => (s.peers[g] ? ratio(s.own.median, s.peers[g].median) : "–")),
    ]),
  );
  return [
    cells(["workload", "steps/s", ...present.map((g) => columns[g])]),
    cells(["---", "---:", ...present.map(() => "---:")]),
    ...rows,
  ].join("\n");
}

function matrixLines({ matrix = {} }) {
  return Object.values(matrix).map(
    ({ what, median, pairs, of }) =>
      `${what}: ${figure(median)} pairs/s${pairs < of ? ` (${pairs} of ${of} pairs)` : ""}`,
  );
}

/** The end of a run on the terminal. */
export function summary(result) {
  const left = result.absent.map((text) => `not measured: ${text}`);
  return [stepTable(result), ...matrixLines(result), ...left].filter(Boolean).join("\n");
}

/** The part of docs/performance.md about one result: conditions, table, the rest in a sentence each. */
export function readmeSection(result) {
  const { machine: at, peers, peaks, first, settings } = result;
  const versions = new Set(
    Object.values(peers).map(({ name, version }) => `${name.replace(/, (webgpu|wasm)$/, "")} ${version}`),
  );
  const steps = stepTable(result);
  const quick = settings.runs < 5 ? " These are from a short run: too few for a median to mean much." : "";
  const lines = [
    `${at.adapter}, ${at.cores} × ${at.cpu}, commit ${at.commit}, ${at.date.slice(0, 10)}, load ${at.loadBefore.toFixed(1)} before the run. ` +
      `Medians of ${settings.runs} runs, by turns; steps of all replicas are counted; ratios are ours to theirs, above 1 is faster.${quick}`,
    "",
    ...(steps ? [steps, ""] : []),
  ];
  if (versions.size > 0) lines.push(`Beside ${[...versions].join(", ")}, each at its best setting on its own device.`);
  const kept = Object.entries(result.steps).map(([name, step]) => [name, memoryOf(step)]);
  lines.push(...kept.filter(([, memory]) => memory).map(([name, memory]) => `${name}: ${memory}.`));
  lines.push(...matrixLines(result).map((line) => `${line}.`));
  if (peaks)
    lines.push(
      `Peak of the adapter by probe kernels: ${figure(peaks.flops / 1e9)} GFLOP/s, ${figure(peaks.bytes / 1e9)} GB/s.`,
    );
  if (first)
    lines.push(
      `First training step of a default estimate: ${first.cold.toFixed(1)} s with empty shader caches, ${first.warm.toFixed(1)} s with warm ones.`,
    );
  return lines.join("\n").trimEnd();
}
