/** What measured steps and kernels look like on the terminal. */
import { table } from "../../report/table.ts";
import type { KernelRate, Peaks } from "./kernels.ts";
import { figure, type Spread } from "./measure.ts";

/** A measured workload. */
export interface StepRate {
  engine: string;
  gflops: number;
  own: Spread & { perCpuSecond: number };
  /** Rates of other implementations: bench/ measures them, `remine bench` none. */
  peers: object;
  /** Steps per second on paper (predict.ts). */
  predicted?: number;
  /** One-minute load of the machine when it began, if that was looked at. */
  load?: number;
}

/** One workload on one line: rate and range. */
export function stepLine(name: string, { own, engine, gflops, load, predicted }: StepRate): string {
  const paper = predicted ? `, ${figure(own.median / predicted)} of ${figure(predicted)} predicted` : "";
  return (
    `${name.padEnd(8)} ${figure(own.median).padStart(8)} steps/s (${figure(own.least)} to ${figure(own.most)}), ` +
    `${figure(own.perCpuSecond)} per CPU second, ${figure(gflops)} GFLOP/s, ${engine}${paper}${load === undefined ? "" : `, load ${load.toFixed(1)}`}`
  );
}

/** What {@link kernelTable} shows. */
export interface KernelReport {
  kernels: Readonly<Record<string, readonly KernelRate[]>>;
  peaks: Peaks & { method: string };
}

/** Every kernel of the measured steps. */
export function kernelTable({ kernels, peaks }: KernelReport): string {
  const lines = [
    `peaks by ${peaks.method}: ${figure(peaks.flops / 1e9)} GFLOP/s, ${figure(peaks.bytes / 1e9)} GB/s (${figure(peaks.memory / 1e9)} beyond caches)`,
  ];
  for (const [name, list] of Object.entries(kernels)) {
    const total = list.reduce((sum, k) => sum + k.microseconds, 0);
    const paper = list.reduce((sum, k) => sum + k.predicted, 0);
    const times = `${figure(total)} µs a step, dispatch by dispatch; predicted ${figure(paper)} µs`;
    lines.push(`${name}: ${times}`, kernelRows(list, total));
  }
  return lines.join("\n");
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

/** Time, share of the step, predicted time and times that; arithmetic and traffic, each with its share of the peak. */
function kernelRows(list: readonly KernelRate[], total: number): string {
  const rows = list.map((k) => [
    ...[k.kernel, k.workgroups, `${figure(k.microseconds)} µs`, percent(k.microseconds / total)],
    ...[`${figure(k.predicted)} µs predicted`, `${figure(Number((k.microseconds / k.predicted).toPrecision(2)))}×`],
    ...[`${figure(k.gflops)} GFLOP/s`, percent(k.ofFlops)],
    ...[`${figure(k.gbytes)} GB/s`, percent(k.ofBytes)],
  ]);
  return table(rows, { align: rows[0]?.map((_, c) => (c < 2 ? "left" : "right")) ?? [], indent: 2 });
}
