/** The progress line on stderr. */
import stringWidth from "string-width";
import { formatDuration, formatNumber, plain } from "./text.ts";

/** The part of a Node stream that the progress line needs. */
export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Where a piece of work stands. */
export interface ProgressState {
  done: number;
  total: number;
  stepsPerSecond: number;
  /** What the steps are. Default `"steps"`. */
  steps?: string;
  /** The estimate so far, already in the unit of the progress line. */
  estimate?: number;
  note?: string;
}

/** A line that is redrawn in place. */
export interface Progress {
  update(state: ProgressState): void;
  /** Prints a line above the progress line. */
  message(line: string): void;
  /** Clears the line; later updates are ignored. */
  finish(): void;
}

/** Options of {@link createProgress}. */
export interface ProgressOptions {
  stream: ProgressStream;
  /** Prints nothing at all. */
  quiet?: boolean;
  /** Unit of the estimate. */
  unit: string;
  /** What is done until the first update, which may take seconds. */
  waiting?: string;
  /** Clock in milliseconds, for tests. */
  now?: () => number;
}

const REDRAW_MS = 100;
/** Between two lines of a stream that is no terminal: a log, a pipe. */
const LINE_MS = 5000;
const CLEAR = "\r\u001b[2K";

/** Seconds left at the present speed; NaN while the speed is unknown. */
export function timeLeft({ done, total, stepsPerSecond }: ProgressState): number {
  return stepsPerSecond > 0 && total >= done ? (total - done) / stepsPerSecond : Number.NaN;
}

/** The text of a progress line, at most `columns` wide: details go first, then the bar. */
export function progressLine(state: ProgressState, unit: string, columns: number): string {
  const line = progressText(state, unit, columns);
  const room = Math.min(24, columns - stringWidth(line) - 1);
  if (room < 6) return line.slice(0, Math.max(0, columns));
  const filled = Math.round(shareOf(state) * room);
  return `${"█".repeat(filled)}${"░".repeat(room - filled)} ${line}`;
}

/** The same without a bar. */
function progressText(state: ProgressState, unit: string, columns: number): string {
  const left = timeLeft(state);
  const known = Number.isFinite(state.estimate);
  // In reading order; `rank` is the order in which they give way.
  const parts = [
    { rank: 9, text: `${Math.floor(shareOf(state) * 100)}%`.padStart(4) },
    {
      rank: 3,
      text: state.stepsPerSecond > 0 ? `${formatNumber(state.stepsPerSecond, 3)} ${state.steps ?? "steps"}/s` : "",
    },
    { rank: 8, text: known ? `${state.estimate!.toFixed(3)} ${unit}` : "" },
    { rank: 7, text: Number.isFinite(left) ? `${formatDuration(left)} left` : "" },
    { rank: 2, text: plain(state.note ?? "") },
  ].filter((part) => part.text !== "");
  const line = () => parts.map((part) => part.text).join("  ");
  while (parts.length > 1 && stringWidth(line()) > columns) {
    const weakest = parts.reduce((least, part) => (part.rank < least.rank ? part : least));
    parts.splice(parts.indexOf(weakest), 1);
  }
  return line();
}

const shareOf = ({ done, total }: ProgressState) => (total > 0 ? Math.min(1, Math.max(0, done / total)) : 0);

/**
 * A progress line for a terminal. A stream that is no terminal gets a line every five seconds, without the bar: work that
 * ends before prints nothing.
 */
export function createProgress(options: ProgressOptions): Progress {
  const { stream, quiet = false, now = () => performance.now() } = options;
  if (quiet) return { update() {}, message() {}, finish() {} };
  return stream.isTTY === true ? redrawn(options, now) : logged(options, now);
}

function redrawn({ stream, unit, waiting }: ProgressOptions, now: () => number): Progress {
  const speed = speedometer(now);
  let state: ProgressState | undefined;
  let [shown, finished, drawnAt] = [false, false, Number.NEGATIVE_INFINITY];
  const draw = () => {
    if (!state && !waiting) return;
    // One column stays free: a full line would wrap on some terminals.
    const room = (stream.columns || 80) - 1;
    stream.write(CLEAR + (state ? progressLine(state, unit, room) : `${waiting} …`.slice(0, Math.max(0, room))));
    [shown, drawnAt] = [true, now()];
  };
  if (waiting) draw();
  return {
    update(next) {
      if (finished) return;
      if (!state) drawnAt = Number.NEGATIVE_INFINITY;
      state = speed(next);
      if (now() - drawnAt >= REDRAW_MS) draw();
    },
    message(line) {
      stream.write(`${shown ? CLEAR : ""}${line}\n`);
      if (shown && !finished) draw();
    },
    finish() {
      if (shown) stream.write(CLEAR);
      [shown, finished] = [false, true];
    },
  };
}

function logged({ stream, unit, waiting = "working" }: ProgressOptions, now: () => number): Progress {
  const speed = speedometer(now);
  const began = now();
  let state: ProgressState | undefined;
  let [lineAt, printed, finished] = [began, true, false];
  const printWhenDue = () => {
    if (now() - lineAt < LINE_MS) return;
    lineAt = now();
    const told = state && !printed ? progressText(state, unit, 100).trimStart() : "";
    const text = told || `${state ? "still working" : waiting}: ${formatDuration((now() - began) / 1000)} so far`;
    stream.write(`${text}\n`);
    printed = true;
  };
  const timer = setInterval(printWhenDue, LINE_MS / 5);
  timer.unref?.(); // a browser's is a number
  return {
    update(next) {
      if (finished) return;
      [state, printed] = [speed(next), false];
      printWhenDue();
    },
    message: (line) => void stream.write(`${line}\n`),
    finish() {
      finished = true;
      clearInterval(timer);
    },
  };
}

/**
 * States with the speed since the first of a series in the place of their own: the seconds before it, in which shaders are
 * compiled, say nothing of those that are left. The first has none.
 */
function speedometer(now: () => number): (state: ProgressState) => ProgressState {
  let [first, firstAt, last] = [Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY];
  return (state) => {
    if (state.done < last) [first, firstAt] = [state.done, now()];
    last = state.done;
    const seconds = (now() - firstAt) / 1000;
    return { ...state, stepsPerSecond: seconds > 0 ? (state.done - first) / seconds : 0 };
  };
}
