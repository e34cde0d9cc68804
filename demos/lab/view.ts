/** What the page shows of a moment: numbers, verdicts and pictures of both sides, from a live run or a recorded one. */
import { count, nats, percent } from "../kit/format.ts";
import { Speaker } from "../kit/live.ts";
import { type PackedOutputs, packOutputs, unpackOutputs } from "../kit/outputs.ts";
import { element, say } from "../kit/page.ts";
import { Pictures } from "./pictures.ts";
import { type Settings, titleOf } from "./settings.ts";
import type { Key, Moment } from "./side.ts";
import { verdictOf } from "./verdict.ts";

export const keys = ["a", "b"] as const satisfies readonly Key[];

interface SideFrame {
  moment: Moment | undefined;
  overflowed: boolean;
}

/** The settings that numbers and verdicts depend on. */
type Shown = Pick<Settings, Key | "lambda" | "C" | "batch">;

/** Everything that the page shows of a moment. */
export interface Frame {
  settings: Shown;
  truth: number;
  sides: Record<Key, SideFrame>;
}

/** A frame as a recording holds it. */
export interface PackedFrame {
  settings: Shown;
  truth: number;
  sides: Record<Key, { moment: (Omit<Moment, "outputs"> & { outputs: PackedOutputs }) | null; overflowed: boolean }>;
}

export function packFrame({ settings, truth, sides }: Frame): PackedFrame {
  const { a, b, lambda, C, batch } = settings;
  const pack = ({ moment, overflowed }: SideFrame) => ({
    moment: moment ? { ...moment, outputs: packOutputs(moment.outputs) } : null,
    overflowed,
  });
  return { settings: { a, b, lambda, C, batch }, truth, sides: { a: pack(sides.a), b: pack(sides.b) } };
}

export function unpackFrame({ sides, ...rest }: PackedFrame): Frame {
  const unpack = ({ moment, overflowed }: PackedFrame["sides"][Key]) => ({
    moment: moment ? { ...moment, outputs: unpackOutputs(moment.outputs) } : undefined,
    overflowed,
  });
  return { ...rest, sides: { a: unpack(sides.a), b: unpack(sides.b) } };
}

/** The pictures show this many milliseconds of training, in 256 columns. */
const SPACING = 45_000 / 256;

class SideView {
  #key: Key;
  #pictures: Pictures;
  #speaker: Speaker;
  #moment: Moment | undefined;

  constructor(key: Key) {
    this.#key = key;
    this.#pictures = new Pictures(key, { spacing: SPACING });
    this.#speaker = new Speaker(`spoken-${key}`);
  }

  take({ moment, overflowed }: SideFrame): void {
    if (moment) this.#pictures.take(moment);
    // What left the range of numbers is still to be seen.
    if (moment || !overflowed) this.#moment = moment;
  }

  forget({ pictures }: { pictures: boolean }): void {
    this.#moment = undefined;
    if (pictures) this.#pictures.clear();
  }

  draw({ settings, truth, sides }: Frame): void {
    const key = this.#key;
    const moment = this.#moment;
    this.#pictures.draw(truth);
    const number = (line: "estimate" | "joint" | "partition") => (moment ? nats(moment[line]) : "–");
    for (const line of ["estimate", "joint", "partition"] as const) say(`${line}-${key}`, number(line));
    say(`error-${key}`, moment && truth > 0 ? percent(100 * (moment.estimate / truth - 1)) : "–");
    const { lambda, C, batch } = settings;
    const judged = { lambda, C, batch, estimator: settings[key] };
    const [level, text] = verdictOf(judged, moment && { ...moment, truth }, sides[key].overflowed);
    const { dataset } = element(`side-${key}`);
    dataset.level = level;
    dataset.estimate = moment?.estimate.toFixed(5) ?? "";
    dataset.steps = String(moment?.step ?? 0);
    say(`verdict-${key}`, text);
    if (level === "wait") return;
    this.#speaker.say(`${settings[key]} ${level}`, () => {
      const told = `${titleOf(settings[key])}: ${text}`;
      element(`outputs-${key}`).setAttribute("aria-label", `Every output over time. ${told}`);
      return told;
    });
  }
}

export class View {
  #sides = { a: new SideView("a"), b: new SideView("b") };
  #frame: Frame | undefined;

  draw(frame: Frame): void {
    this.take(frame);
    this.redraw();
  }

  /** Keeps what the next drawing will show, too. */
  take(frame: Frame): void {
    this.#frame = frame;
    for (const key of keys) this.#sides[key].take(frame.sides[key]);
  }

  /** Without a new moment: other settings, another size, other colours. */
  redraw(changes: Partial<Pick<Frame, "settings" | "truth">> = {}): void {
    if (!this.#frame) return;
    this.#frame = { ...this.#frame, ...changes };
    for (const key of keys) this.#sides[key].draw(this.#frame);
    const steps = Math.max(...keys.map((key) => this.#frame!.sides[key].moment?.step ?? 0));
    if (steps === 0) return;
    element("demo").dataset.steps = String(steps);
    say("steps", count(steps));
  }

  /** The numbers of a side are no longer those of its estimator; with new networks, nor are its pictures. */
  forget(key: Key, { pictures }: { pictures: boolean }): void {
    this.#sides[key].forget({ pictures });
    if (this.#frame) this.#frame.sides[key] = { moment: undefined, overflowed: false };
  }

  /** Before anything is trained. */
  begin(settings: Settings, truth: number): void {
    const none = { moment: undefined, overflowed: false };
    this.draw({ settings, truth, sides: { a: { ...none }, b: { ...none } } });
  }
}
