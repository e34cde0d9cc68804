// Joins what the parts of a gpu-day left into CARD.json, which bench/results/ takes, and CARD.md, its page.
//
//   node bench/gpu-day/summary.mjs FOLDER
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { figure, steps as workloads } from "../dist/library.js";
import { columns, fileNameOf, stepTable } from "../table.mjs";
import { figuresOf } from "./figures.mjs";
import { byShape, impliedBy, profileText } from "./implied.mjs";

/** Of what 2-tests.txt says: files, tests, and the names of what failed. */
export function testsOf(text) {
  const files = [...text.matchAll(/^(ok {2}|FAIL) (\S+): (\d+) tests, (\d+) failed(?:, (\d+) skipped)?/gm)];
  const sum = (group) => files.reduce((total, match) => total + Number(match[group] ?? 0), 0);
  const failed = [...text.matchAll(/^ {2}failed: (.*)$/gm)].map(([, name]) => name);
  return { files: files.length, tests: sum(3), skipped: sum(5), failed, ended: /^all files ended$/m.test(text) };
}

const cells = (list) => `| ${list.join(" | ")} |`;
const tableOf = (head, rows, right = 1) =>
  [cells(head), cells(head.map((_, c) => (c < right ? "---" : "---:"))), ...rows.map(cells)].join("\n");

/** What was hoped for, and what came of it. */
function goals({ steps = {}, kernels = {}, jobs = [] }) {
  const rate = (name) => steps[name]?.own.median;
  const than = (name, peer) => (steps[name]?.peers[peer] ? rate(name) / steps[name].peers[peer].median : undefined);
  const products = (kernels.W2 ?? []).filter((k) => /linear|weight/.test(k.kernel) && k.ofFlops > 0);
  const neural = jobs.find(({ what }) => what.startsWith("matrix"));
  const goal = (what, want, got, unit = "×") => [
    what,
    `${figure(want)}${unit}`,
    got === undefined ? "not measured" : `${figure(got)}${unit}`,
    got === undefined ? "" : got >= want ? "yes" : "no",
  ];
  return tableOf(
    ["goal", "wanted", "measured", "reached"],
    [
      ...["W1", "W2"].flatMap((name) => [
        goal(`${name} against PyTorch at its best`, 2, than(name, "torch")),
        goal(`${name} against JAX's scan`, 2, than(name, "jax")),
      ]),
      goal("W3, R = 4096, million estimator-steps/s", 3, rate("W3x4096") && rate("W3x4096") / 1e6, ""),
      goal("W3, R = 4096, against JAX's vmap", 3, than("W3x4096", "jax")),
      goal("pairs/s of a matrix by ReMINE", 100, neural?.rate, ""),
      goal(
        "the best product of W2, share of the peak",
        50,
        products.length > 0 ? Math.max(...products.map((k) => 100 * k.ofFlops)) : undefined,
        " %",
      ),
    ],
  );
}

/** Steps per second of the peers in each of their modes. */
function modesTable(steps) {
  const said = ({ mode, threads }) => [mode, threads && `${threads} threads`].filter(Boolean).join(", ");
  const tried = Object.entries(steps).map(([name, { own, peers }]) => {
    const modes = Object.entries(peers).flatMap(([group, { tried = [] }]) =>
      tried.map((variant) => [`${columns[group]}, ${said(variant)}`, variant.rate]),
    );
    return { name, own: own.median, modes: new Map(modes) };
  });
  const heads = [...new Set(tried.flatMap(({ modes }) => [...modes.keys()]))];
  const cell = (rate) => (rate ? figure(rate) : "–");
  const rows = tried.map(({ name, own, modes }) => [name, ...[own, ...heads.map((head) => modes.get(head))].map(cell)]);
  return heads.length > 0 ? tableOf(["steps/s", "remine", ...heads], rows) : "";
}

/** Estimator-steps per second of each engine and form, a line for each number of replicas. */
function formsTable(forms) {
  const shapes = byShape(forms);
  const columns = [...new Set(shapes.flatMap(({ layered }) => Object.keys(layered)))];
  const names = [...new Set(shapes.map(({ critic }) => critic))];
  const rows = names.flatMap((name) =>
    shapes
      .filter(({ critic }) => critic === name)
      .map(({ replicas, layered, resident }) => [
        name,
        replicas,
        ...[...columns.map((form) => layered[form]), resident].map((rate) => (rate ? figure(rate) : "–")),
      ]),
  );
  return tableOf(["critic", "R", ...columns.map((form) => `layered, ${form}`), "resident"], rows, 1);
}

const bothOf = ({ critic, replicas }) => `${critic}, R ${replicas}`;

/** Forms whose value of the last replica is not that of the others. */
export function disagreements(forms) {
  const ran = forms.filter(({ rate }) => rate > 0);
  return [...new Set(ran.map(bothOf))].flatMap((where) => {
    const list = ran.filter((form) => bothOf(form) === where);
    const values = list.map(({ value }) => value);
    const agree = Math.max(...values) - Math.min(...values) < 1e-3;
    return agree ? [] : [`${where}: ${list.map((f) => `${f.tile ?? f.engine} ${f.value}`).join(", ")}`];
  });
}

/** The dispatches of a step that take most of it. */
function kernelsTable(kernels) {
  const rows = Object.entries(kernels).flatMap(([name, list]) => {
    const total = list.reduce((sum, k) => sum + k.microseconds, 0);
    return list
      .toSorted((a, b) => b.microseconds - a.microseconds)
      .slice(0, 4)
      .map((k) => [
        ...[`${name}, ${figure(total)} µs`, k.kernel, k.workgroups, figure(k.microseconds)],
        ...[k.ofFlops, k.ofBytes].map((share) => `${(100 * share).toFixed(0)} %`),
      ]);
  });
  return tableOf(["step", "kernel", "workgroups", "µs", "of the peak", "of the bandwidth"], rows, 3);
}

/** GFLOP/s of each product by the form that is best at it. */
function productsTable(products, peak) {
  const shapes = [
    ...new Set(products.map(({ replicas, rows, inputs, outputs }) => `${replicas} × ${rows} × ${inputs} × ${outputs}`)),
  ];
  const at = ({ replicas, rows, inputs, outputs }) => shapes.indexOf(`${replicas} × ${rows} × ${inputs} × ${outputs}`);
  const best = (shape, kernel) =>
    products
      .filter((p) => at(p) === shape && p.kernels[kernel])
      .map((p) => ({ tile: p.tile, ...p.kernels[kernel] }))
      .sort((a, b) => b.gflops - a.gflops)[0];
  const said = (found) => (found ? `${((100e9 * found.gflops) / peak).toFixed(0)} %, ${found.tile}` : "–");
  const kernels = ["forward_linear", "backward_linear", "backward_weight"];
  const rows = shapes.map((text, shape) => [text, ...kernels.map((kernel) => said(best(shape, kernel)))]);
  return tableOf(["R × rows × inputs × outputs", ...kernels], rows.slice(-16));
}

const jobLine = ({ what, seconds, mi, pairs, of, rate }) =>
  pairs
    ? `- ${what}: ${figure(rate)} pairs/s${pairs < of ? `, ${pairs} of ${of} pairs, so about ${figure(of / rate)} s for all` : `, ${figure(seconds)} s`}`
    : `- ${what}: ${seconds.toFixed(2)} s, ${mi.toFixed(3)} nats`;

const section = (title, text) => (text ? [`## ${title}`, "", text, ""] : []);

/** The page. `tests` is what {@link testsOf} gives. */
export function page(result, tests, profile) {
  const { machine, peaks, forms = [], products = [], jobs = [] } = result;
  const lines = impliedBy(result, profile);
  const wrong = disagreements(forms);
  const refused = [...new Set(forms.filter((f) => f.refused).map((f) => `${f.tile ?? f.engine}: ${f.refused}`))];
  const rows = lines.map((l) => [
    l.line,
    String(l.now),
    l.implied === undefined ? "cannot be told" : String(l.implied),
    l.evidence,
  ]);
  return [
    `# ${machine.card}`,
    "",
    `${[...new Set([machine.adapter, machine.driver])].join(", ")}; ${machine.cores} × ${machine.cpu}, Node ${machine.node}, commit ${machine.commit}, ${machine.date.slice(0, 10)}. By bench/gpu-day.mjs.`,
    ...(peaks
      ? [`Peaks by ${peaks.method}: ${figure(peaks.flops / 1e9)} GFLOP/s, ${figure(peaks.memory / 1e9)} GB/s.`]
      : []),
    "",
    `Tests: ${tests.tests} of ${tests.files} files, ${tests.failed.length} failed, ${tests.skipped} skipped${tests.ended ? "" : "; the time ended before all files"}.`,
    ...tests.failed.map((name) => `- failed: ${name}`),
    ...wrong.map((text) => `- forms disagree at ${text}`),
    "",
    ...section("Goals", goals(result)),
    ...section("Steps beside others", result.steps && stepTable(result)),
    ...section("The peers' modes, by a short run each", result.steps && modesTable(result.steps)),
    ...section("Engines and forms, estimator-steps/s", forms.length > 0 && formsTable(forms)),
    ...refused.map((text) => `- refused: ${text}`),
    "",
    ...section("Where a step's time goes", result.kernels && kernelsTable(result.kernels)),
    ...section(
      "Products, share of the peak, best form",
      products.length > 0 && peaks && productsTable(products, peaks.flops),
    ),
    ...section("What a person does", jobs.map(jobLine).join("\n")),
    ...section(
      "What src/gpu/profile.ts would say by these figures",
      tableOf(["line", "now", "implied", "evidence"], rows, 4),
    ),
    "```ts",
    profileText(lines),
    "```",
    "",
  ].join("\n");
}

const read = (path) => (existsSync(path) ? readFileSync(path, "utf8") : "");

/** Bench and parts as one result, its steps in their usual order, under the card's name. */
function joined(folder) {
  const bench = figuresOf(join(folder, "3-bench.json"));
  const { machine, profile, ...parts } = figuresOf(join(folder, "5-figures.json"));
  const order = Object.keys(workloads).filter((name) => bench.steps?.[name]);
  const result = {
    ...{ settings: { runs: 0, seconds: 0 }, peers: {}, absent: [] },
    ...bench,
    ...{
      machine: { ...machine, ...bench.machine },
      steps: Object.fromEntries(order.map((name) => [name, bench.steps[name]])),
    },
    ...{ ...parts, peaks: bench.peaks ?? parts.peaks },
  };
  return { result, profile };
}

/** Writes CARD.json and CARD.md, and says where. */
export function summarise(folder) {
  const { result, profile } = joined(folder);
  if (!result.machine.card) return undefined;
  const name = fileNameOf(result.machine.card);
  const json = join(folder, name);
  const markdown = json.replace(/json$/, "md");
  writeFileSync(json, `${JSON.stringify(result, null, 1)}\n`);
  writeFileSync(markdown, page(result, testsOf(read(join(folder, "2-tests.txt"))), profile));
  return { json, markdown };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) console.log(summarise(process.argv[2]));
