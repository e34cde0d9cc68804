/** The bench page: whole steps and single kernels, timed on the visitor's GPU, as a table to copy. */
import { createTrainer, type Gpu } from "../../src/index.ts";
import { Program } from "../../src/research.ts";
import { frame, live, nameOf, showState } from "../kit/live.ts";
import { element, say } from "../kit/page.ts";
import { type Workload, workloads } from "./workloads.ts";

const demo = element("demo");
const [run, cancel, copy] = ["run", "cancel", "copy"].map((id) => element<HTMLButtonElement>(id)) as [
  HTMLButtonElement,
  HTMLButtonElement,
  HTMLButtonElement,
];

interface Row {
  workload: string;
  what: string;
  milliseconds: number;
}

let rows: Row[] = [];
let adapter = "";
let cancelled = false;

/** A measurement takes about this long on a GPU, and its best of RUNS counts: whatever else runs only ever slows it. */
const MEASURED = 15;
const RUNS = 5;

const millisecondsOf = async (gpu: Gpu, work: (times: number) => void, times: number) => {
  const began = performance.now();
  work(times);
  await gpu.done();
  return performance.now() - began;
};

/**
 * Milliseconds that once of `work` takes: what more of it takes longer, so that submitting and waiting do not count.
 * Between two measurements the page has a frame.
 */
async function time(gpu: Gpu, work: (times: number) => void): Promise<number> {
  let times = 1;
  let once = Number.POSITIVE_INFINITY;
  await millisecondsOf(gpu, work, 1); // what is compiled or allocated late
  while (!cancelled) {
    await frame();
    const taken = await millisecondsOf(gpu, work, 2 * times);
    if (taken > 2 * MEASURED || times >= 1 << 14) break;
    times *= 2;
  }
  for (let i = 0; i < RUNS && !cancelled; i++) {
    await frame();
    const short = await millisecondsOf(gpu, work, times);
    const long = await millisecondsOf(gpu, work, 2 * times);
    if (long > short) once = Math.min(once, (long - short) / times);
  }
  return once;
}

async function measure(gpu: Gpu, { name, options }: Workload): Promise<void> {
  using trainer = await createTrainer(gpu, options);
  await trainer.step(1); // every buffer holds what a step leaves in it
  const plan = trainer.plan();
  const add = async (what: string, program: Program) => {
    say("progress", `${name}: ${what} …`);
    const milliseconds = await time(gpu, (times) => program.run(gpu, times));
    program.dispose();
    if (cancelled || !Number.isFinite(milliseconds)) return;
    rows.push({ workload: name, what, milliseconds });
    showTable();
  };
  await add("whole step", await Program.compile(gpu, plan));
  if (!element<HTMLInputElement>("kernels").checked) return;
  for (const [i, line] of plan.entries()) {
    if (cancelled) return;
    await add(`${i + 1}. ${line.kernel}`, await Program.compile(gpu, [line]));
  }
}

const shown = (milliseconds: number) => String(Number((1000 * milliseconds).toPrecision(3)));
const perSecond = (milliseconds: number) => Math.round(1000 / milliseconds).toLocaleString("en");

function showTable(): void {
  element("rows").replaceChildren(
    ...rows.map(({ workload, what, milliseconds }) => {
      const row = document.createElement("tr");
      if (what === "whole step") row.className = "whole";
      for (const text of [workload, what, shown(milliseconds), perSecond(milliseconds)]) {
        row.append(Object.assign(document.createElement("td"), { textContent: text }));
      }
      return row;
    }),
  );
  demo.dataset.rows = String(rows.length);
}

/** The table as Markdown, which is also readable as plain text. */
function tableText(): string {
  const cells = [
    ["workload", "what", "µs", "per second"],
    ["---", "---", "---:", "---:"],
    ...rows.map((row) => [row.workload, row.what, shown(row.milliseconds), perSecond(row.milliseconds)]),
  ];
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

const pressed = () => new Promise((resolve) => run.addEventListener("click", resolve, { once: true }));

async function work(gpu: Gpu): Promise<void> {
  const { limits, features } = gpu.device;
  adapter = nameOf(gpu);
  say(
    "about",
    `${adapter}; subgroups ${features.has("subgroups") ? gpu.subgroupSize || "of no fixed size" : "none"}; ` +
      `${limits.maxComputeInvocationsPerWorkgroup} invocations a workgroup`,
  );
  for (;;) {
    run.disabled = false;
    cancel.disabled = true;
    copy.disabled = rows.length === 0; // also of those before a GPU that was lost
    showState(demo, "paused");
    await pressed();
    [run.disabled, cancel.disabled, copy.disabled] = [true, false, true];
    cancelled = false;
    rows = [];
    showTable();
    showState(demo, "running");
    const wanted = workloads.filter(({ name }) => element<HTMLInputElement>(`with-${name}`).checked);
    for (const workload of wanted) {
      if (!cancelled) await measure(gpu, workload);
    }
    say("progress", cancelled ? `Cancelled after ${rows.length} rows.` : `Done: ${rows.length} rows.`);
  }
}

element("choices").replaceChildren(
  ...workloads.map(({ name, about }) => {
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", id: `with-${name}`, checked: true });
    const title = Object.assign(document.createElement("b"), { textContent: name });
    label.append(box, title, ` ${about}`);
    return label;
  }),
);
live(demo, work);
