// What bench/predicted.json looks like in docs/performance.md.
import { figure } from "./dist/library.js";

const row = (cells) => `| ${cells.join(" | ")} |`;
const table = (head, rows) =>
  [row(head), row(head.map((_, c) => (c === 0 ? "---" : "---:"))), ...rows.map(row)].join("\n");

const mega = (value) => figure(value / 1e6);
const percent = (share) => `${figure(Number((100 * share).toPrecision(2)))} %`;
const arrow = (before, after) => (before === after ? after : `${before} → ${after}`);

/** Dispatches and bytes of a step, before and after, for both kinds of adapters. */
function countTable({ before, counts }) {
  const cell = (kind, name, what, show) => arrow(show(before.counts[kind][name][what]), show(counts[kind][name][what]));
  const rows = Object.keys(counts.gpu).map((name) => [
    name,
    ...Object.keys(counts).flatMap((kind) => [cell(kind, name, "dispatches", String), cell(kind, name, "bytes", mega)]),
  ]);
  const head = ["a step of", "dispatches, GPU", "MB, GPU", "dispatches, lavapipe", "MB, lavapipe"];
  return table(head, rows);
}

/** What each step takes on one machine, by what it is bound, and what others would need. */
function stepTable({ steps }) {
  const peers = [...new Set(Object.values(steps).flatMap((step) => Object.keys(step.peers ?? {})))];
  const rows = Object.entries(steps).map(([name, s]) => [
    ...[name, mega(s.operations), figure(s.microseconds), figure(s.rate), s.limit, percent(s.ideal / s.microseconds)],
    ...peers.map((peer) => (s.peers ? figure(s.peers[peer]) : "–")),
  ]);
  return table(["a step of", "MFLOP", "µs", "steps/s", "bound by", "of the limit", ...peers], rows);
}

/** Pairs of the matrices on each machine, with the host's part and by the device alone. */
function matrixTable(machines) {
  const [any] = Object.values(machines);
  const rows = Object.entries(any.matrices).map(([name, { operations, bytes }]) => [
    ...[name, mega(operations), mega(bytes)],
    ...Object.values(machines).map(({ matrices }) => {
      const { rate, deviceRate } = matrices[name];
      return `${figure(rate)} (${figure(deviceRate)})`;
    }),
  ]);
  return table(["a pair of", "MFLOP", "MB", ...Object.keys(machines).map((name) => `pairs/s, ${name}`)], rows);
}

const kernelTable = (list) =>
  table(
    ["dispatch", "workgroups", "MFLOP", "MB", "µs", "bound by", "of the limit"],
    list.map((k) => [
      ...[`\`${k.kernel}\``, k.workgroups, mega(k.operations), mega(k.bytes), figure(k.microseconds), k.limit],
      percent(k.ideal / k.microseconds),
    ]),
  );

/** The part of docs/performance.md about what was not measured. */
export function predictedSection(result) {
  const [card] = Object.keys(result.machines);
  const machines = Object.entries(result.machines).flatMap(([name, machine]) => [`**${name}**`, stepTable(machine)]);
  const matrices = ["**Matrices**, with the host's part (the device alone)", matrixTable(result.machines)];
  const kernels = Object.entries(result.kernels).flatMap(([name, list]) => [
    `**${name} on an ${card}**`,
    kernelTable(list),
  ]);
  return [
    `Counts at commit ${result.before.commit} → now:`,
    countTable(result),
    ...machines,
    ...matrices,
    ...kernels,
  ].join("\n\n");
}
