/** What depends on what: a visitor's table, the MI of all its pairs, and one pair looked at closely. */
import weather from "../../data/seattle-weather.csv";
import type { Table } from "../../src/files.ts";
import {
  estimate,
  type Gpu,
  InputError,
  InterruptedError,
  type MatrixChunk,
  matrix,
  type PairRecord,
} from "../../src/index.ts";
import { count, nats } from "../kit/format.ts";
import { onThemeChange } from "../kit/inks.ts";
import { live } from "../kit/live.ts";
import { element, say } from "../kit/page.ts";
import { besideNeighbors } from "./beside.ts";
import { Ranking, ranked } from "./ranking.ts";
import { drawScatter, REACH, type Side } from "./scatter.ts";
import { type Choice, choicesOf, MOST_BYTES, MOST_COLUMNS, prepare, type Ready, readFile, readText } from "./table.ts";

const demo = element("demo");
const file = element<HTMLInputElement>("file");
const canvas = element<HTMLCanvasElement>("scatter");
const ranking = new Ranking(choose);

/** What keeps a software adapter at work for seconds keeps a GPU at it for less. */
const LIMITS = {
  cpu: { rows: 400, permutations: 200, training: { fast: true } },
  gpu: { rows: 5000, permutations: 200, training: { fast: false } },
};
type Limits = (typeof LIMITS)["cpu"];

interface Pair {
  x: number;
  y: number;
}

const state = {
  name: "",
  table: undefined as Table | undefined,
  choices: [] as Choice[],
  ready: undefined as Ready | undefined,
  records: [] as PairRecord[],
  /** What is finished of the table, on the adapter of that name. */
  chunks: [] as MatrixChunk[],
  adapter: "",
  /** The table is to be computed anew. */
  stale: false,
  pair: undefined as Pair | undefined,
  /** The pair is to be estimated. */
  wanted: false,
  pointwise: undefined as Float64Array | undefined,
  matrixWork: new AbortController(),
  pairWork: new AbortController(),
  /** Ends the wait for something to do. */
  wake: () => {},
};

/** The only place that uses the GPU: the table, then whatever pair is chosen; a pair goes before the rest of the table. */
async function run(gpu: Gpu): Promise<void> {
  const limits = LIMITS[gpu.profile.computesOn];
  takeUp(gpu.name);
  for (;;) {
    if (state.stale) await computeMatrix(gpu, limits);
    else if (state.wanted) await computePair(gpu, limits);
    else await new Promise<void>((resolve) => (state.wake = resolve));
  }
}

/** After a GPU that was lost: what was finished there stays, and what was being done is done again. */
function takeUp(adapter: string): void {
  if (adapter !== state.adapter) {
    state.chunks = []; // another one may compute other bits, of another number of rows
    state.stale = state.table !== undefined;
  } else if (demo.dataset.work === "matrix") state.stale = true;
  if (demo.dataset.pair === "running") state.wanted = true;
  state.adapter = adapter;
}

/** The table as it is to be computed, shown without any pairs. */
function begin(limits: Limits): Ready {
  clear();
  const ready = prepare(state.table!, state.choices, limits.rows);
  showReady(ready);
  ranking.begin(ready.columns.map(({ name }) => name));
  return ready;
}

async function computeMatrix(gpu: Gpu, limits: Limits): Promise<void> {
  state.stale = false;
  state.matrixWork = new AbortController();
  const { signal } = state.matrixWork;
  try {
    state.ready = state.chunks.length > 0 ? state.ready! : begin(limits);
    const { ready } = state;
    demo.dataset.work = "matrix";
    const { permutations } = limits;
    const report = await matrix(ready.columns, {
      ...{ gpu, permutations, signal, done: state.chunks },
      onProgress: ({ done, total }) => {
        element<HTMLProgressElement>("progress").value = done / total;
        say("doing", `${Math.floor(done)} of ${total} pairs`);
      },
      onChunk: async (chunk) => {
        state.chunks.push(chunk);
        keep(chunk.pairs);
        demo.dataset.pairs = String(state.records.length);
        showRanking();
        while (state.wanted && !signal.aborted) await computePair(gpu, limits);
      },
    });
    const found = report.pairs.filter(({ q }) => q! <= 0.05).length;
    const strongest = report.pairs[0]!;
    demo.dataset.work = "done";
    if (!state.pair) select(ranked(state.records)[0]!);
    say(
      "doing",
      `${report.pairs.length} pairs of ${report.rows} rows in ${report.seconds.toFixed(0)} s. ${found} depend on each other beyond ` +
        `chance (false discovery rate 5 %), ${strongest.x} and ${strongest.y} most clearly.`,
    );
  } catch (error) {
    if (error instanceof InterruptedError) {
      if (!state.stale) stopped();
    } else if (error instanceof InputError) complain(error.message);
    else throw error;
  }
}

function stopped(): void {
  demo.dataset.work = "cancelled";
  say("doing", `Cancelled; ${state.records.length} pairs are done. Take the table again to go on.`);
}

async function computePair(gpu: Gpu, limits: Limits): Promise<void> {
  state.wanted = false;
  state.pairWork = new AbortController();
  const [x, y] = sides();
  demo.dataset.pair = "running";
  try {
    const result = await estimate(Float64Array.from(x.values), Float64Array.from(y.values), {
      ...{ gpu, signal: state.pairWork.signal, ...limits.training },
      categories: { x: [x.levels !== undefined], y: [y.levels !== undefined] },
      names: { x: [x.name], y: [y.name] },
      onProgress: ({ done, total, estimate }) => {
        element<HTMLProgressElement>("pair-progress").value = done / total;
        if (estimate !== undefined) say("pair-mi", nats(Math.max(0, estimate)));
      },
    });
    const [low, high] = result.interval;
    demo.dataset.pair = "done";
    demo.dataset.mi = result.mi.toFixed(4);
    state.pointwise = result.pointwise;
    say("pair-mi", nats(result.mi));
    say("pair-bound", nats(Math.max(0, result.bound)));
    say("pair-interval", `${nats(low)} to ${nats(high)}`);
    const brief =
      "This adapter computes on the CPU, so that the networks train about a quarter as long as usual: on a GPU they find more.";
    // What only the command line has, this page need not propose.
    const failed = result.diagnostics
      .filter(({ ok }) => !ok)
      .map(({ message }) => `${sentence(message.replace(/ \(--[^)]*\)/g, ""))}.`);
    say("pair-upper", `Where the interval’s upper end comes from: ${result.upperFrom}.`);
    say("pair-neighbors", besideNeighbors(recordOf(state.pair!), result.interval));
    say("pair-note", [...failed, ...(gpu.profile.computesOn === "cpu" ? [brief] : [])].join(" "));
    draw();
  } catch (error) {
    if (error instanceof InterruptedError) demo.dataset.pair = "cancelled";
    else if (error instanceof InputError) {
      demo.dataset.pair = "refused";
      say("pair-note", error.message);
    } else throw error;
  }
}

function sides(): [Side, Side] {
  const { columns, levels } = state.ready!;
  const { x, y } = state.pair!;
  const side = (k: number) => ({ name: columns[k]!.name, values: columns[k]!.values, levels: levels[k] });
  return [side(x), side(y)];
}

const recordOf = ({ x, y }: Pair): PairRecord => state.records.find((record) => record.x === x && record.y === y)!;

/** A pair that was tested by more permutations comes again. */
function keep(pairs: readonly PairRecord[]): void {
  const isNew = (old: PairRecord) => !pairs.some(({ x, y }) => x === old.x && y === old.y);
  state.records = [...state.records.filter(isNew), ...pairs];
}

/** A pair to look at; whatever pair was being estimated is given up. */
function choose(x: number, y: number): void {
  select({ x, y });
  state.wake();
  element("pair").scrollIntoView({ block: "nearest" });
}

function select(pair: Pair): void {
  const { x, y } = pair;
  state.pair = { x, y };
  state.wanted = true;
  state.pointwise = undefined;
  state.pairWork.abort();
  delete demo.dataset.mi;
  element("pair").hidden = false;
  const record = recordOf(pair);
  const [a, b] = sides();
  say("pair-title", `${a.name} and ${b.name}`);
  say("pair-knn", nats(Math.max(0, record.raw)));
  say("pair-pearson", Number.isFinite(record.pearson) ? nats(record.pearson) : "–");
  for (const id of ["pair-mi", "pair-bound", "pair-interval"]) say(id, "–");
  for (const id of ["pair-upper", "pair-neighbors", "pair-note"]) say(id, "");
  element<HTMLProgressElement>("pair-progress").value = 0;
  canvas.setAttribute("aria-label", `Scatter plot of ${b.name} over ${a.name}, ${a.values.length} rows`);
  showRanking();
  draw();
}

function showRanking(): void {
  ranking.show(state.records, state.pair);
}

function draw(): void {
  if (state.pair && state.ready) drawScatter(canvas, ...sides(), state.pointwise);
}

function clear(): void {
  state.records = [];
  state.pair = undefined;
  state.wanted = false;
  state.ready = undefined;
  state.pairWork.abort();
  element("pair").hidden = true;
  element("results").hidden = true;
}

function showReady({ columns, notes }: Ready): void {
  element("results").hidden = false;
  const categories = columns.filter(({ kind }) => kind === "category").map(({ name }) => name);
  const rows = columns[0]!.values.length;
  const kinds = categories.length > 0 ? `; categories: ${categories.join(", ")}` : "";
  say("what", `${state.name}: ${columns.length} columns, ${count(rows)} rows${kinds}.`);
  say("notes", notes.join(" "));
}

const sentence = (message: string) => message.charAt(0).toUpperCase() + message.slice(1);

/** Says what is wrong with a file, and goes on: what was there stays. */
function complain(message: string): void {
  demo.dataset.complaint = message;
  say("complaint", sentence(message));
  element("complaint").hidden = false;
  demo.dataset.work = "none";
}

async function take(read: () => Table | Promise<Table>, name: string): Promise<void> {
  try {
    const table = await read();
    element("complaint").hidden = true;
    delete demo.dataset.complaint;
    Object.assign(state, { table, name, choices: choicesOf(table) });
    showColumns();
    compute();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    complain(error.message);
  }
}

function compute(): void {
  state.chunks = [];
  state.stale = true;
  state.matrixWork.abort();
  state.pairWork.abort();
  state.wake();
}

/** A box for each column; those that cannot be used say why. */
function showColumns(): void {
  const { choices } = state;
  element("columns").hidden = false;
  const used = choices.filter(({ used }) => used).length;
  say("columns-title", `Columns: ${used} of ${choices.length} used`);
  element("column-list").replaceChildren(
    ...choices.map((choice) => {
      const { column, problem, missing, used } = choice;
      const item = document.createElement("li");
      const label = document.createElement("label");
      const disabled = problem !== undefined;
      const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: used, disabled });
      box.addEventListener("change", () => {
        choice.used = box.checked;
        element("complaint").hidden = true;
        const used = choices.filter(({ used }) => used).length;
        say("columns-title", `Columns: ${used} of ${choices.length} used`);
        compute();
      });
      const lacking = missing > 0 ? `missing in ${Math.ceil(100 * missing)} % of the rows` : "";
      const why = Object.assign(document.createElement("small"), { textContent: problem ?? lacking });
      label.append(box, ` ${column.name} `, why);
      item.append(label);
      return item;
    }),
  );
}

file.addEventListener("change", () => {
  const [chosen] = file.files ?? [];
  if (chosen) take(() => readFile(chosen), chosen.name);
  file.value = "";
});
element("example").addEventListener("click", () =>
  take(() => readText(weather, "Seattle’s weather"), "Seattle’s weather"),
);
element("cancel").addEventListener("click", () => {
  state.matrixWork.abort();
  state.pairWork.abort();
});
element("pair-cancel").addEventListener("click", () => state.pairWork.abort());
const drop = element("drop");
for (const type of ["dragenter", "dragover"]) {
  document.addEventListener(type, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) drop.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  const [dropped] = event.dataTransfer?.files ?? [];
  if (dropped) take(() => readFile(dropped), dropped.name);
});
new ResizeObserver(draw).observe(canvas);
onThemeChange(draw);

say("limits", `At most ${(MOST_BYTES / 1e6).toFixed(0)} MB and ${MOST_COLUMNS} columns at a time.`);
say("reach", String(REACH));
live(demo, run);
