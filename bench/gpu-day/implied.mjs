// What the figures of a gpu-day imply for src/gpu/profile.ts: each line that can be measured, its value now, the value that the
// figures ask for, and which figures these are. It measures nothing.

/** A value that loses no more than this against the best is as good. */
const AS_GOOD = 0.97;
/** What a form has to win by, before a line of the profile follows it. */
const WINS = 1.05;

const two = (value) => Number(value.toPrecision(2));
const thousands = (value) =>
  value >= 1e6 ? `${two(value / 1e6)} M` : value >= 1e4 ? `${Math.round(value / 1e3)} k` : String(Math.round(value));
const times = (value) => `${two(value)}×`;

const untold = (line, now, evidence) => ({ line, now, implied: undefined, evidence });
const mean = (list) => Math.exp(list.reduce((sum, v) => sum + Math.log(v), 0) / list.length);

/** What the profile calls the forms that a trainer is asked for by name. */
const slotOf = (tile) => (tile === "portable" ? "register" : tile);

/** By critic and replicas: the rate of each form of the layered engine, and of the resident engine. */
export function byShape(forms) {
  const shapes = new Map();
  for (const { critic, replicas, engine, tile, rate } of forms.filter((f) => f.rate > 0)) {
    const key = `${critic}/${replicas}`;
    const shape = shapes.get(key) ?? { critic, replicas, layered: {} };
    if (engine === "layered") shape.layered[tile] = rate;
    else shape.resident = rate;
    shapes.set(key, shape);
  }
  return [...shapes.values()].sort((a, b) => a.replicas - b.replicas);
}

const bestLayered = ({ layered }) => Math.max(0, ...Object.values(layered));

function matrixProduct(forms, now) {
  const shapes = byShape(forms).filter(({ layered }) => Object.keys(layered).length > 1);
  const names = [...new Set(shapes.flatMap(({ layered }) => Object.keys(layered)))];
  if (names.length < 2) return untold("matrixProduct", now, "only one form ran");
  // Where one form is missing the others say nothing of it.
  const whole = shapes.filter(({ layered }) => names.every((name) => name in layered));
  if (whole.length === 0) return untold("matrixProduct", now, "no shape was measured with every form");
  const share = (name) => mean(whole.map((shape) => shape.layered[name] / bestLayered(shape)));
  const [first, second] = names.toSorted((a, b) => share(b) - share(a));
  const ratios = whole.map(({ layered }) => layered[first] / layered[second]);
  const lost = whole.filter((shape) => bestLayered(shape) > WINS * shape.layered[first]);
  const where = lost.map(({ critic, replicas }) => `${critic} R ${replicas}`).join(", ");
  const evidence =
    `steps with ${first} are ${times(mean(ratios))} those with ${second} (${times(Math.min(...ratios))} to ` +
    `${times(Math.max(...ratios))}, ${whole.length} shapes)${where ? `; another form is faster at ${where}` : "; nowhere slower"}`;
  return { line: "matrixProduct", now, implied: slotOf(first), evidence };
}

/** Where the resident engine beats the best form of the layered one. */
function manyStepsPay(forms, { manyStepsPay: now, residentSteps }) {
  if (residentSteps !== "many")
    return untold("manyStepsPay", now, "here the resident engine takes one step in a dispatch");
  const shapes = byShape(forms).filter((shape) => shape.resident && bestLayered(shape) > 0);
  const line = "manyStepsPay";
  if (shapes.length === 0) return untold(line, now, "the resident engine and another were never measured alike");
  const said = [...new Set(shapes.map(({ critic }) => critic))].map((critic) => {
    const own = shapes.filter((shape) => shape.critic === critic);
    const ratio = (shape) => shape.resident / bestLayered(shape);
    const wins = own.filter((shape) => ratio(shape) >= WINS).map(({ replicas }) => replicas);
    const all = own.map((shape) => `${times(ratio(shape))} at R ${shape.replicas}`).join(", ");
    return { wins, text: `${critic}: ${wins.length === 0 ? "nowhere" : `for R ${rangesOf(wins, own)}`} (${all})` };
  });
  const implied = said.some(({ wins }) => wins.length > 0);
  return {
    line,
    now,
    implied,
    evidence: `the resident engine wins with ${said.map(({ text }) => text).join("; with ")}`,
  };
}

/** Which of the measured numbers of replicas win, as ranges of neighbours. */
function rangesOf(wins, measured) {
  const all = measured.map(({ replicas }) => replicas);
  const begins = wins.filter((replicas) => !wins.includes(all[all.indexOf(replicas) - 1]));
  const ends = wins.filter((replicas) => !wins.includes(all[all.indexOf(replicas) + 1]));
  return begins.map((from, i) => (from === ends[i] ? String(from) : `${from} to ${ends[i]}`)).join(" and ");
}

/** The scores after which the resident engine has earned what it takes longer to be ready. */
function leastResidentScores(forms, { leastResidentScores: now }) {
  const line = "leastResidentScores";
  const pick = (engine) =>
    forms
      .filter((f) => f.critic === "small" && f.engine === engine && f.rate > 0 && f.replicas <= 16)
      .sort((a, b) => b.replicas - a.replicas);
  const resident = pick("resident")[0];
  const layered = pick("layered")
    .filter((f) => f.replicas === resident?.replicas)
    .sort((a, b) => b.rate - a.rate)[0];
  if (!resident || !layered) return untold(line, now, "the resident engine and another were never measured alike");
  const scores = 256;
  const gain = 1 / layered.rate - 1 / resident.rate;
  // The first of each kind compiled; later ones found its pipelines.
  const ready = (list) => Math.max(...list.map(({ readyMs }) => readyMs)) / 1000;
  const longer = Math.max(
    0,
    ready(pick("resident")) - ready(pick("layered").filter(({ tile }) => tile === layered.tile)),
  );
  if (gain <= 0)
    return { line, now, implied: "Infinity", evidence: `the layered engine is as fast at R ${resident.replicas}` };
  const least = two((longer / gain) * scores);
  const evidence = `ready ${two(longer)} s later with an empty cache, and ${two((1e6 * gain) / scores)} µs a score faster at R ${resident.replicas}`;
  return { line, now, implied: least, evidence: `${evidence}; asked for one step only (training/engines/choose.ts)` };
}

/** Whether a value of a sweep is as good as the best one: nearly as fast, or no slower than runs of one value differ. */
const asGood = ({ rate, most = rate }, best) => rate >= AS_GOOD * best.rate || most >= (best.least ?? best.rate);

/** Of a swept budget the value now if it is as good as the best for every workload, else the smallest that is. */
function swept(budgets, line, now) {
  const own = budgets.filter((b) => b.key === line && b.rate > 0);
  if (own.length === 0) return untold(line, now, "not measured");
  const needs = [...new Set(own.map(({ what }) => what))].map((what) => {
    const list = own.filter((b) => b.what === what).sort((a, b) => a.value - b.value);
    const best = list.reduce((a, b) => (b.rate > a.rate ? b : a));
    const good = list.filter((b) => asGood(b, best)).map(({ value }) => value);
    return { good, text: textOf(what, list, best.rate) };
  });
  const evidence = needs.map(({ text }) => text).join("; ");
  const suits = (value) => needs.every(({ good }) => good.includes(value));
  const values = [now, ...own.map(({ value }) => value).sort((a, b) => a - b)];
  const implied = values.find(suits);
  return implied === undefined
    ? untold(line, now, `no value suits all: ${evidence}`)
    : { line, now, implied, evidence };
}

const textOf = (what, list, best) =>
  `${what} ${list.map(({ value, rate }) => `${value}: ${Math.round((100 * rate) / best)} %`).join(", ")}`;

/** What a tenth of a second takes. */
function tenthOfASecond(budgets, line, now) {
  const found = budgets.find((b) => b.key === line);
  if (!found) return untold(line, now, "not measured");
  const { value, pieces, milliseconds } = found;
  const took = `a submit of ${exponent(value)} takes ${two(milliseconds)} ms`;
  if (pieces < 2) return untold(line, now, `one submit held all of it, in ${two(milliseconds)} ms`);
  return { line, now, implied: 2 ** Math.round(Math.log2((value * 100) / milliseconds)), evidence: took };
}

const exponent = (value) => (Number.isInteger(Math.log2(value)) ? `2 ** ${Math.log2(value)}` : String(value));

/** From the critic of a default estimate: how many fill the adapter, and how many cost no more than few. */
function criticsAtOnce(forms, now) {
  const line = "criticsAtOnce";
  const towers = byShape(forms).filter(({ critic }) => critic === "towers");
  if (towers.length < 3) return untold(line, now, "too few numbers of replicas were measured");
  const best = Math.max(...towers.map(bestLayered));
  const { replicas } = towers.find((shape) => bestLayered(shape) >= 0.9 * best);
  const rates = towers.map((shape) => `${thousands(bestLayered(shape))} at R ${shape.replicas}`).join(", ");
  const evidence = `towers, estimator-steps/s: ${rates}`;
  if (replicas === towers.at(-1).replicas)
    return untold(line, now, `at least ${replicas}, the most that was measured; ${evidence}`);
  return { line, now, implied: replicas, evidence };
}

function estimatesAtOnce(forms, now) {
  const line = "estimatesAtOnce";
  const towers = byShape(forms).filter(({ critic }) => critic === "towers");
  const few = towers.find(({ replicas }) => replicas === 16);
  if (!few || towers.at(-1) === few) return untold(line, now, "needs towers at R 16 and beyond");
  const step = (shape) => shape.replicas / bestLayered(shape);
  const cheap = towers.filter((shape) => shape.replicas >= 16 && step(shape) <= 2 * step(few)).at(-1);
  const evidence = `a step of ${cheap.replicas} critics takes ${times(step(cheap) / step(few))} one of 16; an estimate has 10`;
  if (cheap === towers.at(-1)) return untold(line, now, `${evidence}, and more were not measured`);
  return { line, now, implied: Math.max(1, Math.floor(cheap.replicas / 10)), evidence };
}

/** Workgroups from which on products come near the best that their form reaches: beside the sweep of fullAt. */
export function fillingOf(products) {
  const all = products.flatMap(({ tile, kernels }) =>
    Object.entries(kernels).map(([kernel, k]) => ({ tile, kernel, ...k })),
  );
  return [...new Set(all.map(({ tile }) => tile))].map((tile) => {
    const own = all
      .filter((p) => p.tile === tile && p.kernel === "forward_linear")
      .sort((a, b) => a.workgroups - b.workgroups);
    const best = Math.max(0, ...own.map(({ gflops }) => gflops));
    return { tile, best, workgroups: own.find(({ gflops }) => gflops >= 0.6 * best)?.workgroups };
  });
}

/**
 * A line for each choice of the profile; `implied` is undefined where the figures do not tell, and the evidence says why.
 *
 * @param figures `forms`, `products`, `budgets` as the parts leave them; any may be missing
 * @param profile the adapter's profile now
 */
export function impliedBy({ forms = [], products = [], budgets = [] }, profile) {
  const fills = fillingOf(products).filter(({ workgroups }) => workgroups);
  const fullAt = swept(budgets, "fullAt", profile.fullAt);
  const filled = fills
    .map(({ tile, workgroups }) => `60 % of ${tile}'s best from ${workgroups} workgroups on`)
    .join(", ");
  const lanes = "its other form is written for subgroups of 8 lanes";
  return [
    matrixProduct(forms, profile.matrixProduct),
    { ...fullAt, evidence: [fullAt.evidence, filled].filter(Boolean).join("; ") },
    untold("residentSteps", profile.residentSteps, lanes),
    leastResidentScores(forms, profile),
    manyStepsPay(forms, profile),
    untold("sortedSearch", profile.sortedSearch, lanes),
    swept(budgets, "trainingMilliseconds", profile.trainingMilliseconds),
    tenthOfASecond(budgets, "searchWork", profile.searchWork),
    tenthOfASecond(budgets, "screenWork", profile.screenWork),
    criticsAtOnce(forms, profile.criticsAtOnce),
    estimatesAtOnce(forms, profile.estimatesAtOnce),
    untold("napsWhileWaiting", profile.napsWhileWaiting, "not measured"),
  ];
}

const literal = (value) => {
  if (value === "Infinity" || value === Number.POSITIVE_INFINITY) return "Number.POSITIVE_INFINITY";
  if (typeof value === "number" && value >= 2 ** 20) return exponent(value);
  return JSON.stringify(value);
};

/** The lines as they would stand in src/gpu/profile.ts, with what they were. */
export const profileText = (lines) =>
  lines
    .map(({ line, now, implied }) => {
      const changed = implied !== undefined && literal(implied) !== literal(now);
      const note = implied === undefined ? "cannot be told" : changed ? `was ${literal(now)}` : "as it was";
      return `  ${line}: ${literal(implied ?? now)}, // ${note}`;
    })
    .join("\n");
