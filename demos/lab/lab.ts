/** Both sides on a GPU, kept to what the page is told. */
import type { Gpu, Source } from "../../src/index.ts";
import { sourceOf } from "./data.ts";
import type { Settings } from "./settings.ts";
import { type Key, Side } from "./side.ts";
import { type Frame, keys } from "./view.ts";

/** What needs new data; what needs a new trainer that goes on with the same network; and what takes effect at once. */
const dataKey = (s: Settings) =>
  [s.data, s.seed, s.setup, s.data === "one-hot" ? s.n : s.data === "gaussian" ? s.dims : s.noise].join();
const trainerKey = (s: Settings, key: Key) => [s[key], s.batch, s.optimizer].join();
const liveKey = (s: Settings) => [s.lambda, s.C, s.learningRate, s.rho].join();
const wholeKey = (s: Settings) => [dataKey(s), trainerKey(s, "a"), trainerKey(s, "b"), liveKey(s)].join();

/** Whether a side needs another trainer for these settings. */
export const isRemade = (before: Settings, after: Settings, key: Key): boolean =>
  dataKey(before) !== dataKey(after) || trainerKey(before, key) !== trainerKey(after, key);

export class Lab {
  readonly sides: Readonly<Record<Key, Side>>;
  #source: Source | undefined;
  #now: Settings | undefined;
  #begins = 0;
  /** The settings of all steps so far, or undefined if some were taken with others. */
  #begun: string | undefined;

  constructor(gpu: Gpu) {
    this.sides = { a: new Side(gpu, "a"), b: new Side(gpu, "b") };
  }

  get both(): Side[] {
    return keys.map((key) => this.sides[key]);
  }

  get steps(): number {
    return Math.max(...this.both.map((side) => side.steps));
  }

  /** Whether all steps so far were taken with these settings. */
  isAsBegun(settings: Settings): boolean {
    return this.#begun === wholeKey(settings);
  }

  /**
   * Takes up the settings.
   *
   * @param begins how often the visitor has asked for new networks
   * @returns which sides have new trainers, and whether their networks are new, too
   */
  async follow(now: Settings, begins: number): Promise<{ remade: Key[]; fresh: "first" | "again" | false }> {
    const before = this.#now;
    if (before === now && begins === this.#begins) return { remade: [], fresh: false };
    const fresh = !before ? "first" : begins !== this.#begins || dataKey(before) !== dataKey(now) ? "again" : false;
    if (fresh) this.#source = sourceOf(now);
    const remade = keys.filter((key) => fresh || isRemade(before!, now, key));
    await Promise.all(remade.map((key) => this.sides[key].make(now, this.#source!, fresh !== false)));
    for (const side of this.both) side.set(now);
    if (fresh) this.#begun = wholeKey(now);
    else if (!this.isAsBegun(now)) this.#begun = undefined;
    this.#now = now;
    this.#begins = begins;
    return { remade, fresh };
  }

  /** What both sides say now. */
  async read(settings: Settings, truth: number): Promise<Frame> {
    const { a, b } = this.sides;
    const [left, right] = await Promise.all([a.read(truth), b.read(truth)]);
    const sides = {
      a: { moment: left, overflowed: a.overflowed },
      b: { moment: right, overflowed: b.overflowed },
    };
    return { settings, truth, sides };
  }
}
