/** Your own table: which of its columns depend on which others, and one pair looked at closely. */
import weather from "../../data/seattle-weather.csv";
import { InputError, InterruptedError, type MatrixChunk, type PairRecord } from "../../src/index.ts";
import { toHash } from "../kit/figures.ts";
import { onThemeChange } from "../kit/inks.ts";
import { live } from "../kit/live.ts";
import { element, say } from "../kit/page.ts";
import { Snippet } from "../kit/snippet.ts";
import type { Source } from "./answers.ts";
import { codeNote, pairCode } from "./code.ts";
import { ColumnGrid } from "./columns.ts";
import { ORDERS, opening } from "./order.ts";
import { PairPanel } from "./pair.ts";
import { Ranking } from "./ranking.ts";
import { Reader } from "./reader.ts";
import { REACH, type Side } from "./scatter.ts";
import { MOST_COLUMNS, prepare, type Reading, type Ready, type Sheet } from "./table.ts";
import { takeTables } from "./take.ts";
import { MOST_BYTES, Refusal } from "./text.ts";
import { chanceFor, summary } from "./verdict.ts";
import { plural, quoted } from "./words.ts";
import { carried, cpuWork, type Found, gpuWork, joined, type Work } from "./work.ts";

/** Several ticks in a row are one change. */
const SETTLED = 600;

interface Pair {
  x: number;
  y: number;
}

const demo = element("demo");
const canvas = element<HTMLCanvasElement>("scatter");
const ranking = new Ranking(choose);
const panel = new PairPanel(canvas);
const snippet = new Snippet("use");
const reader = new Reader();
const grid = new ColumnGrid({ onchange: settle, read: readColumn });

const state = {
  sheet: undefined as Sheet | undefined,
  isExample: false,
  work: undefined as Work | undefined,
  ready: undefined as Ready | undefined,
  /** What is finished of `ready`, on the adapter of that name. */
  chunks: [] as MatrixChunk[],
  adapter: "",
  found: undefined as Found | undefined,
  total: 0,
  /** The table is to be computed, as far as it is not. */
  stale: false,
  pair: undefined as Pair | undefined,
  /** The visitor has chosen it. */
  isChosen: false,
  /** The pair is to be estimated. */
  wanted: false,
  matrixWork: new AbortController(),
  pairWork: new AbortController(),
  /** Ends the wait for something to do. */
  wake: () => {},
};

/** The only place that works: the table, then whatever pair is chosen; a pair goes before the rest of the table. */
async function run(work: Work): Promise<never> {
  state.work = work;
  takeUp(work.name);
  for (;;) {
    if (state.stale) await computePairs(work);
    else if (state.wanted) await lookCloser(work);
    else await new Promise<void>((resolve) => (state.wake = resolve));
  }
}

/** After a GPU that was lost: what was finished there stays, and what was being done is done again. */
function takeUp(adapter: string): void {
  if (adapter !== state.adapter) {
    state.chunks = []; // another one may compute other bits, of another number of rows
    state.ready = undefined;
    state.stale = state.sheet !== undefined;
  } else if (demo.dataset.work === "matrix") state.stale = true;
  if (demo.dataset.pair === "running") state.wanted = true;
  state.adapter = adapter;
}

async function computePairs(work: Work): Promise<void> {
  state.stale = false;
  state.matrixWork = new AbortController();
  const { signal } = state.matrixWork;
  try {
    begin(work);
    const ready = state.ready!;
    state.found = undefined;
    state.total = (ready.columns.length * (ready.columns.length - 1)) / 2;
    demo.dataset.work = "matrix";
    say("doing", "");
    showProgress(joined(state.chunks).length);
    showRanking();
    const found = await work.pairs(ready, [...state.chunks], {
      signal,
      onProgress: (done, total) => {
        state.total = total;
        showProgress(done);
      },
      onChunk: async (chunk) => {
        if (signal.aborted) return;
        state.chunks.push(chunk);
        showRanking();
        openPair();
        while (state.wanted && !signal.aborted && work.look) await lookCloser(work);
      },
    });
    finish(found);
  } catch (error) {
    if (error instanceof InterruptedError) {
      if (!state.stale) stopped();
    } else if (error instanceof InputError || error instanceof Refusal) refused(error.message);
    else throw error;
  }
}

/** These columns cannot be computed. What is there of others stays, if they are of the same table. */
function refused(message: string): void {
  demo.dataset.work = "none";
  element<HTMLDetailsElement>("columns").open = true;
  complain("columns-complaint", message);
  if (state.ready) return;
  const { name, rows, columns } = state.sheet!;
  say("what", `${quoted(name)}: ${plural(columns.length, "column")}, ${plural(rows, "row")}.`);
  say("notes", "");
  say("doing", "");
  Object.assign(state, { found: undefined, total: 0 });
  ranking.begin([]);
  showRanking();
}

/** The columns as they are to be computed; what is known of them stays. */
function begin(work: Work): void {
  const ready = prepare(state.sheet!, work.rows);
  const before = state.ready;
  const pair = before && state.pair && keysOf(before, state.pair);
  state.chunks = before ? carried(state.chunks, before, ready) : [];
  state.ready = ready;
  const [x, y] = (pair ?? []).map((key) => ready.keys.indexOf(key));
  const stays = x !== undefined && y !== undefined && x >= 0 && y >= 0 && state.chunks.length > 0;
  if (stays) state.pair = { x, y };
  else closePair();
  element("columns-complaint").hidden = true;
  showReady(ready);
  if (before && String(before.keys) === String(ready.keys)) return;
  ranking.begin(ready.columns.map(({ name, values }, c) => ({ name, values, levels: ready.levels[c] })));
}

const keysOf = ({ keys }: Ready, { x, y }: Pair): [string, string] => [keys[x]!, keys[y]!];

function finish(found: Found): void {
  state.found = found;
  state.total = found.q.size;
  demo.dataset.work = "done";
  showRanking();
  say("notes", [...state.ready!.notes, ...found.leftOut].join(" "));
  const names = state.ready!.columns.map(({ name }) => name);
  say("doing", summary({ names, records: records(), ...found }));
  openPair();
}

function stopped(): void {
  demo.dataset.work = "cancelled";
  say("doing", `Cancelled: ${records().length} of ${plural(state.total, "pair")} are done.`);
}

const records = (): PairRecord[] => joined(state.chunks);

function showProgress(done: number): void {
  element<HTMLProgressElement>("progress").value = done / Math.max(1, state.total);
  say("count", `${Math.floor(done)} of ${plural(state.total, "pair")}`);
}

function showRanking(): void {
  const known = records();
  const { found, total, pair } = state;
  demo.dataset.pairs = String(known.length);
  const shown = { records: known, total, q: found?.q, p: found?.p, diagnostics: found?.diagnostics };
  ranking.show(shown, pair);
  if (pair) panel.test(chanceFor(recordOf(pair), shown));
}

/** Nobody has chosen a pair: of those that are known the one that is worth a look. */
function openPair(): void {
  const known = records();
  const isDone = demo.dataset.work === "done";
  if (state.isChosen || known.length === 0 || (state.pair && !isDone)) return;
  const asked = askedPair();
  const isThere = ({ x, y }: Pair) => known.some((record) => record.x === x && record.y === y);
  const best = asked && isThere(asked) ? asked : opening(known, state.found?.q);
  if (!best) return;
  if (state.pair?.x !== best.x || state.pair.y !== best.y) show(best);
  // Networks are for the one that stays.
  if (best === asked || isDone) wantPair();
}

/** The pair that the address names, of the table that everybody has. */
function askedPair(): Pair | undefined {
  const { ready } = state;
  if (!state.isExample || !ready) return undefined;
  const asked = new URLSearchParams(location.hash.slice(1));
  const [x, y] = ["x", "y"].map((side) => ready.columns.findIndex(({ name }) => name === asked.get(side)));
  return x! >= 0 && y! > x! ? { x: x!, y: y! } : undefined;
}

/** A pair to look at; whatever pair was being estimated is given up. */
function choose(x: number, y: number): void {
  state.isChosen = true;
  show({ x, y });
  wantPair();
  keepAddress();
  element("pair").scrollIntoView({ block: "nearest" });
}

function show({ x, y }: Pair): void {
  state.pair = { x, y };
  state.wanted = false;
  state.pairWork.abort();
  delete demo.dataset.mi;
  delete demo.dataset.pair;
  element("use").hidden = true;
  panel.show(...sides(), recordOf(state.pair));
  if (!state.work?.look) panel.neighborsOnly(recordOf(state.pair));
  showRanking();
}

function closePair(): void {
  state.pair = undefined;
  state.isChosen = false;
  state.wanted = false;
  state.pairWork.abort();
  delete demo.dataset.mi;
  delete demo.dataset.pair;
  element("pair").hidden = true;
}

function wantPair(): void {
  if (demo.dataset.pair !== undefined) return;
  // One column and itself are no work for networks.
  if (!state.work?.look || panel.same) demo.dataset.pair = "done";
  else {
    state.wanted = true;
    state.wake();
  }
}

async function lookCloser(work: Work): Promise<void> {
  state.wanted = false;
  state.pairWork = new AbortController();
  const { signal } = state.pairWork;
  const pair = state.pair!;
  demo.dataset.pair = "running";
  try {
    const onProgress = (share: number, estimate?: number) => panel.progress(share, estimate);
    const result = await work.look!(...sides(), { signal, onProgress });
    if (signal.aborted) return;
    demo.dataset.mi = result.mi.toFixed(4);
    panel.result(result, recordOf(pair));
    snippet.show(pairCode(...sides(), work.training), codeNote(result.mi, panel.mi!));
    element("use").hidden = panel.mi === undefined;
    demo.dataset.pair = "done";
  } catch (error) {
    if (error instanceof InterruptedError) {
      if (state.pair === pair) demo.dataset.pair = "cancelled";
    } else if (error instanceof InputError) {
      demo.dataset.pair = "refused";
      panel.refused(error.message);
    } else throw error;
  }
}

/** Both columns of the pair over the rows that have both. */
function sides(): [Side, Side] {
  const { columns, levels } = state.ready!;
  const { x, y } = state.pair!;
  const has = (i: number) => !Number.isNaN(columns[x]!.values[i]!) && !Number.isNaN(columns[y]!.values[i]!);
  const side = (k: number): Side => ({
    name: columns[k]!.name,
    values: columns[k]!.values.filter((_, i) => has(i)),
    levels: levels[k],
  });
  return [side(x), side(y)];
}

const recordOf = ({ x, y }: Pair): PairRecord => records().find((record) => record.x === x && record.y === y)!;

function showReady({ columns, rows, of, notes }: Ready): void {
  const { name, notes: told } = state.sheet!;
  const drawn = rows.length < of ? ` drawn at random from ${of.toLocaleString("en")}` : "";
  say("what", `${quoted(name)}: ${plural(columns.length, "column")}, ${plural(rows.length, "row")}${drawn}.`);
  say("notes", [...told, ...notes].join(" "));
}

/** Says what is wrong next to where it was asked for, and goes on: what was there stays. */
function complain(id: "complaint" | "columns-complaint", message: string): void {
  demo.dataset.complaint = message;
  const words = message.charAt(0).toUpperCase() + message.slice(1);
  say(id, /[.!?]$/.test(words) ? words : `${words}.`);
  element(id).hidden = false;
  element(id).scrollIntoView({ block: "nearest" });
}

let asked = 0;

async function take(source: Source, note: string, isExample = false): Promise<void> {
  const own = ++asked;
  element("complaint").hidden = true;
  delete demo.dataset.complaint;
  say("reading", isExample ? "" : `Reading ${quoted(source.name)} …`);
  try {
    const sheet = await reader.ask("read", source);
    if (own !== asked) return;
    say("reading", note);
    Object.assign(state, { sheet, isExample, ready: undefined, chunks: [] });
    demo.dataset.table = isExample ? "example" : "own";
    closePair();
    if (!isExample) keepAddress();
    grid.begin(sheet);
    element<HTMLDetailsElement>("columns").open = sheet.columns.some(({ strays }) => strays !== undefined);
    compute();
  } catch (error) {
    if (own !== asked) return;
    say("reading", "");
    if (error instanceof Refusal) complain("complaint", error.message);
    else throw error;
  }
}

async function readColumn(at: number, reading: Reading): Promise<void> {
  const { sheet } = state;
  const choice = await reader.ask("column", { at, reading }).catch((error: Error) => {
    complain("columns-complaint", error.message);
    return sheet!.columns[at]!;
  });
  if (sheet !== state.sheet) return;
  const { used } = grid;
  choice.used = choice.problem === undefined && (sheet!.columns[at]!.used || used < MOST_COLUMNS);
  sheet!.columns[at] = choice;
  grid.show();
  settle();
}

let timer: ReturnType<typeof setTimeout> | undefined;

function settle(): void {
  clearTimeout(timer);
  timer = setTimeout(compute, SETTLED);
}

function compute(): void {
  clearTimeout(timer);
  delete demo.dataset.complaint;
  state.stale = true;
  state.matrixWork.abort();
  state.pairWork.abort();
  state.wake();
}

/** How the example is looked at stands in the address; nothing of a visitor's table does. */
function keepAddress(): void {
  const { ready, pair } = state;
  const nameOf = (c: number) => ready!.columns[c]!.name;
  const names = ready && pair ? { x: nameOf(pair.x), y: nameOf(pair.y) } : {};
  const hash = state.isExample ? `#${toHash({ sort: ranking.order, ...names })}` : "";
  history.replaceState(null, "", hash || location.pathname + location.search);
}

const example = () => take({ name: "Seattle’s weather", text: weather }, "", true);

const sort = new URLSearchParams(location.hash.slice(1)).get("sort");
ranking.order = ORDERS.find((order) => order === sort) ?? ranking.order;
ranking.onorder = keepAddress;
takeTables({ onsource: take, onrefused: (message) => complain("complaint", message) });
element("example").addEventListener("click", example);
element("cancel").addEventListener("click", () => {
  state.matrixWork.abort();
  state.pairWork.abort();
});
element("go-on").addEventListener("click", compute);
element("pair-cancel").addEventListener("click", () => state.pairWork.abort());
new ResizeObserver(() => panel.draw()).observe(canvas);
onThemeChange(() => panel.draw());

say("reach", String(REACH));
say("limits", `Up to ${(MOST_BYTES / 1e6).toFixed(0)} MB, ${MOST_COLUMNS} columns at a time`);
void example();
const tell = (work: Work) => {
  say("brief", work.brief);
  return run(work);
};
live(demo, (gpu) => tell(gpuWork(gpu)), { without: () => tell(cpuWork(reader)) });
