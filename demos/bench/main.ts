/** The page of speed: steps a second of a standard network among known machines, and each kernel of a step as a table to copy. */
import { createTrainer, type Gpu } from "../../src/index.ts";
import { Program } from "../../src/research.ts";
import { frame, live, nameOf, showState } from "../kit/live.ts";
import { element, say } from "../kit/page.ts";
import { Snippet } from "../kit/snippet.ts";
import { showBars } from "./bars.ts";
import { own } from "./known.ts";
import { costOf, grainOf, median, microseconds, perSecond } from "./timing.ts";
import { chosenIn, optionsOf, snippetOf, standard, type Workload, workloads } from "./workloads.ts";

const demo = element("demo");
const [measure, run, cancel, copy] = ["measure", "run", "cancel", "copy"].map((id) =>
  element<HTMLButtonElement>(id),
) as [HTMLButtonElement, HTMLButtonElement, HTMLButtonElement, HTMLButtonElement];
const snippet = new Snippet("use", "Time it in your own code");

interface Row {
  workload: string;
  what: string;
  /** Milliseconds, or undefined below the clock's grain. */
  cost: number | undefined;
}

const RUNS = 5;
/** A run lasts about this many milliseconds, or so long that the clock's grain is a fortieth of it. */
const RUN = 400;
/** And a run of one kernel at least this long. */
const KERNEL = 15;

let rows: Row[] = [];
let adapter = "";
let grain = 0;
let cancelled = false;

/** Steps a second of the standard network: the median of five runs, after one that warms up. */
async function headline(gpu: Gpu): Promise<void> {
  say("said", "Compiling …");
  using trainer = await createTrainer(gpu, optionsOf(standard));
  await trainer.step(1);
  let count = 1;
  const timed = async () => {
    await frame();
    const began = performance.now();
    await trainer.step(count);
    return performance.now() - began;
  };
  const least = Math.max(RUN, 40 * grain);
  for (let taken = await timed(); taken < least / 2; taken = await timed()) {
    count = Math.max(count + 1, Math.min(4 * count, Math.ceil((count * least) / Math.max(taken, grain))));
  }
  const rates: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    say("said", `Run ${i + 1} of ${RUNS} …`);
    rates.push((1000 * count) / (await timed()));
  }
  const rate = median(rates);
  say("rate", perSecond(rate));
  showBars(adapter, rate);
  const [low, high] = [Math.min(...rates), Math.max(...rates)].map(perSecond);
  say("said", `${comparison(rate)} Five runs gave ${low} to ${high}.`);
  snippet.show(snippetOf(count));
  demo.dataset.rate = String(rate);
}

const comparison = (rate: number) => {
  const times = rate / own.rate;
  const figure = Number((times < 1 ? 1 / times : times).toPrecision(2));
  const than = `remine on ${own.about}`;
  return times < 1 ? `A step takes ${figure} times as long as with ${than}.` : `${figure} times as fast as ${than}.`;
};

/** Milliseconds that once of `work` takes. Between two runs the page has a frame. */
async function time(gpu: Gpu, work: (times: number) => void): Promise<number | undefined> {
  const taken = async (times: number) => {
    await frame();
    const began = performance.now();
    work(times);
    await gpu.done();
    return performance.now() - began;
  };
  await taken(1); // what is compiled or allocated late
  let times = 1;
  while (!cancelled && times < 1 << 15 && (await taken(times)) < Math.max(KERNEL, 20 * grain)) times *= 2;
  const [short, long]: [number[], number[]] = [[], []];
  for (let i = 0; i < RUNS && !cancelled; i++) {
    short.push(await taken(times));
    long.push(await taken(2 * times));
  }
  return costOf({ short, long, times }, grain);
}

async function detail(gpu: Gpu, workload: Workload): Promise<void> {
  using trainer = await createTrainer(gpu, optionsOf(workload));
  await trainer.step(1); // every buffer holds what a step leaves in it
  const plan = trainer.plan();
  const add = async (what: string, program: Program) => {
    say("progress", `${workload.title}: ${what} …`);
    const cost = await time(gpu, (times) => program.run(gpu, times));
    program.dispose();
    if (cancelled) return;
    rows.push({ workload: workload.title, what, cost });
    showTable();
  };
  await add("whole step", await Program.compile(gpu, plan));
  for (const [i, line] of plan.entries()) {
    if (cancelled) return;
    await add(`${i + 1}. ${line.kernel}`, await Program.compile(gpu, [line]));
  }
}

const BELOW = "below the clock’s grain";
const cellsOf = ({ workload, what, cost }: Row) => [
  workload,
  what,
  cost === undefined ? BELOW : microseconds(cost),
  cost === undefined ? "–" : perSecond(1000 / cost),
];

function showTable(): void {
  element("rows").replaceChildren(
    ...rows.map((row) => {
      const line = document.createElement("tr");
      if (row.what === "whole step") line.className = "whole";
      line.append(...cellsOf(row).map((text) => Object.assign(document.createElement("td"), { textContent: text })));
      return line;
    }),
  );
  demo.dataset.rows = String(rows.length);
}

/** The table as Markdown, which is also readable as plain text. */
function tableText(): string {
  const cells = [["workload", "what", "µs", "per second"], ["---", "---", "---:", "---:"], ...rows.map(cellsOf)];
  const table = cells.map((line) => `| ${line.join(" | ")} |`).join("\n");
  return `remine on ${adapter}, ${navigator.userAgent}\n\n${table}\n`;
}

copy.addEventListener("click", async () => {
  const text = tableText();
  const area = element<HTMLTextAreaElement>("text");
  area.value = text;
  try {
    await navigator.clipboard.writeText(text);
    say("progress", "The table is on the clipboard.");
  } catch {
    area.hidden = false;
    area.select();
    say("progress", "This browser lets no page write to the clipboard: copy the text below.");
  }
});
cancel.addEventListener("click", () => {
  cancelled = true;
});

const boxOf = ({ id }: Workload) => element<HTMLInputElement>(`with-${id}`);
const chosen = () => workloads.filter((workload) => boxOf(workload).checked);

/** Which of the two buttons was pressed. */
const pressed = () =>
  new Promise<HTMLButtonElement>((resolve) => {
    for (const button of [measure, run]) button.addEventListener("click", () => resolve(button), { once: true });
  });

async function table(gpu: Gpu): Promise<void> {
  if (chosen().length === 0) return say("progress", "Choose at least one workload.");
  cancel.disabled = cancelled = false;
  rows = [];
  showTable();
  for (const workload of chosen()) if (!cancelled) await detail(gpu, workload);
  const timed = `${rows.length} ${rows.length === 1 ? "row" : "rows"}`;
  say("progress", cancelled ? `Cancelled after ${timed}.` : `Done: ${timed}.`);
}

async function work(gpu: Gpu): Promise<void> {
  const { limits, features } = gpu.device;
  adapter = nameOf(gpu);
  grain = grainOf();
  say("grain", `${Number(grain.toPrecision(2))} ms`);
  showBars(adapter);
  say(
    "about",
    `${adapter}; subgroups ${features.has("subgroups") ? gpu.subgroupSize || "of no fixed size" : "none"}; ` +
      `${limits.maxComputeInvocationsPerWorkgroup} invocations a workgroup`,
  );
  for (;;) {
    measure.disabled = run.disabled = false;
    cancel.disabled = true;
    copy.disabled = rows.length === 0; // also of those before a GPU that was lost
    showState(demo, "paused");
    const button = await pressed();
    measure.disabled = run.disabled = copy.disabled = true;
    showState(demo, "running");
    await (button === measure ? headline(gpu) : table(gpu));
  }
}

element("choices").replaceChildren(
  ...workloads.map(({ id, title, about }) => {
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", id: `with-${id}` });
    box.addEventListener("change", () => {
      const names = chosen().map((workload) => workload.id);
      history.replaceState(null, "", names.length === workloads.length ? "#" : `#with=${names.join(",")}`);
    });
    label.append(box, Object.assign(document.createElement("b"), { textContent: title }), ` ${about}`);
    return label;
  }),
);

/** Takes the choice from the address. */
function readAddress(): void {
  const names = chosenIn(location.hash);
  for (const workload of workloads) boxOf(workload).checked = names.includes(workload.id);
  if (location.hash.includes("with=")) element<HTMLDetailsElement>("detail").open = true;
}
addEventListener("hashchange", readAddress);
readAddress();
element("scrolls").tabIndex = 0; // it scrolls
showBars("not measured yet");
snippet.show(snippetOf(1000));
live(demo, work, { without: async () => showBars("gives no WebGPU") });
