/** Values with their intervals on one axis, one below the other. */
import { linearScale } from "./scales.ts";
import { figure, path, px, text } from "./svg.ts";
import { fitText, formatEstimate, fromNats, textWidth, type Unit } from "./text.ts";

/** One line of {@link rangesFigure}, nats. */
export interface Range {
  name: string;
  value: number;
  interval: readonly [number, number];
  /** What held-out rows certify: a tick below the value. */
  bound?: number | undefined;
}

/** What {@link rangesFigure} draws. */
export interface RangesFigure {
  title: string;
  unit: Unit;
  ranges: readonly Range[];
  /** A value to compare with, nats: a dashed line through all. */
  reference?: { name: string; value: number } | undefined;
}

const LINE = 34;

/** Values with their intervals as a standalone SVG, on one axis that holds 0. */
export function rangesFigure({ title, unit, ranges, reference }: RangesFigure): string {
  // A lone value has no name, and is read on a phone too.
  const width = ranges.length > 1 ? 680 : 520;
  const room = Math.min(190, Math.max(0, ...ranges.map(({ name }) => textWidth(name, 12))));
  const [left, right, top] = [20 + room + (room > 0 ? 14 : 0), width - 24, reference ? 34 : 16];
  const height = top + LINE * ranges.length + 42;
  const inUnit = (nats: number) => fromNats(nats, unit);
  const values = [0, ...ranges.flatMap(({ value, interval }) => [value, ...interval]), reference?.value ?? 0];
  const finite = values.filter(Number.isFinite).map(inUnit);
  const [lo, hi] = [Math.min(...finite), Math.max(...finite)];
  const x = linearScale([lo, lo === hi ? lo + 0.1 : hi + 0.04 * (hi - lo)], [left, right], 7);
  const bottom = top + LINE * ranges.length;
  const grid = x.ticks.map((tick) => `M${px(x.at(tick))} ${top}V${bottom}`).join("");
  const small = { size: 11, ink: "muted", anchor: "middle" } as const;
  const content = [
    path(grid, { stroke: "grid", width: 1 }),
    path(`M${px(left)} ${bottom}H${right}`, { stroke: "muted", width: 1 }),
    ...x.ticks.map((tick) => text(x.label(tick), x.at(tick), bottom + 16, small)),
    text(unit, right, bottom + 34, { ...small, anchor: "end" }),
    ...ranges.map((range, i) => line(range, top + LINE * (i + 0.5))),
    reference ? mark(reference) : "",
  ];

  function line({ name, value, interval, bound }: Range, y: number): string {
    const [from, to] = interval.map((end) => x.at(inUnit(end))) as [number, number];
    const tick =
      bound === undefined ? "" : path(`M${px(x.at(inUnit(bound)))} ${y - 7}v14`, { stroke: "blue", width: 2 });
    const at = x.at(inUnit(value));
    return [
      room > 0 ? text(fitText(name, 12, room), left - 14, y + 4, { anchor: "end" }) : "",
      path(`M${px(from)} ${y - 5}H${px(to)}v10H${px(from)}z`, { fill: "blue", opacity: 0.28 }),
      tick,
      path(`M${px(at)} ${y}h.01`, { stroke: "paper", width: 14 }) +
        path(`M${px(at)} ${y}h.01`, { stroke: "blue", width: 10 }),
    ].join("");
  }
  function mark({ name, value }: NonNullable<RangesFigure["reference"]>): string {
    const at = x.at(inUnit(value));
    const fits = at + textWidth(name, 11) < right;
    const label = text(fitText(name, 11, right - left), fits ? at : right, top - 8, {
      size: 11,
      ink: "muted",
      anchor: fits ? "start" : "end",
    });
    return path(`M${px(at)} ${top - 4}V${bottom}`, { stroke: "vermillion", width: 1.5, dash: "4 3" }) + label;
  }

  const said = ranges.map(({ name, value, interval }) => `${name} ${formatEstimate(value, interval, unit)}`.trim());
  return figure(
    { width, height, title, description: `Values with their intervals: ${said.join("; ")}.` },
    content.join(""),
  );
}
