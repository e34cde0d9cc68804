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
  /** Clock in milliseconds, for tests. */
  now?: () => number;
}

const REDRAW_MS = 100;
const CLEAR = "\r\u001b[2K";

/** Seconds left at the present speed; NaN while the speed is unknown. */
export function timeLeft({ done, total, stepsPerSecond }: ProgressState): number {
  return stepsPerSecond > 0 && total >= done ? (total - done) / stepsPerSecond : Number.NaN;
}

/** The text of a progress line, at most `columns` wide: details go first, then the bar. */
export function progressLine(state: ProgressState, unit: string, columns: number): string {
  const share = state.total > 0 ? Math.min(1, Math.max(0, state.done / state.total)) : 0;
  const left = timeLeft(state);
  const known = Number.isFinite(state.estimate);
  // In reading order; `rank` is the order in which they give way.
  const parts = [
    { rank: 9, text: `${Math.floor(share * 100)}%`.padStart(4) },
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
  const room = Math.min(24, columns - stringWidth(line()) - 1);
  if (room < 6) return line().slice(0, Math.max(0, columns));
  const filled = Math.round(share * room);
  return `${"█".repeat(filled)}${"░".repeat(room - filled)} ${line()}`;
}

/** A progress line for a terminal. When the stream is no terminal, only messages are printed. */
export function createProgress({
  stream,
  quiet = false,
  unit,
  now = () => performance.now(),
}: ProgressOptions): Progress {
  const live = stream.isTTY === true && !quiet;
  let state: ProgressState | undefined;
  let [shown, finished, drawnAt] = [false, false, Number.NEGATIVE_INFINITY];

  const draw = () => {
    if (!state) return;
    // One column stays free: a full line would wrap on some terminals.
    stream.write(CLEAR + progressLine(state, unit, (stream.columns || 80) - 1));
    [shown, drawnAt] = [true, now()];
  };
  return {
    update(next) {
      if (!live || finished) return;
      state = next;
      if (now() - drawnAt >= REDRAW_MS) draw();
    },
    message(line) {
      if (quiet) return;
      stream.write(`${shown ? CLEAR : ""}${line}\n`);
      if (shown) draw();
    },
    finish() {
      if (shown) stream.write(CLEAR);
      [shown, finished] = [false, true];
    },
  };
}
