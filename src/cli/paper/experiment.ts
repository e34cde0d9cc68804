/** What an experiment of the paper is: what it is told, and what it leaves. */
import type { Gpu } from "../../gpu/device.ts";
import type { StepOptions } from "../../training/options.ts";
import type { ImageSetName } from "./image-places.ts";

/** One claim of the paper beside what was measured. */
export interface Verdict {
  /** `holds`, `fails`, or `scale`: it fails, in a run too short for it. */
  status: "holds" | "fails" | "scale";
  claim: string;
  /** The figures, with those of the paper where it has any. */
  measured: string;
}

/** What every experiment is told. */
export interface Settings {
  seed: number;
  /** A short form, with the same parts: minutes for all of them on two cores. */
  quick: boolean;
  /** The settings of the authors' released code, where text and code disagree. */
  released: boolean;
  /** Steps of the longest run, or of each level of the staircase. Default: the paper's. */
  steps?: number;
  /** Repeated runs, as replicas. Default: the paper's. */
  runs?: number;
  /** Units of hidden layers. Default: the paper's. */
  width?: number;
  /** Joint pairs of a batch, where images are compared. Default: the paper's. */
  batch?: number;
  /** Rows of images that are kept, or numbers of rows of tables. Default: the paper's. */
  rows?: number[];
  /** Images at half their width and height. */
  half: boolean;
  /** Where image files lie. */
  images?: string;
}

/** What an experiment works with. */
export interface Bench {
  readonly gpu: Gpu;
  readonly settings: Settings;
  /**
   * A piece of work that is done once: its result is kept in a file, and a later run of the same command reads it.
   *
   * @param name of the file, and of the progress line
   * @param told all that the result depends on, besides seed and adapter
   * @returns the result as JSON has it: numbers that are not finite are NaN
   */
  part<T extends object>(name: string, told: object, work: (options: StepOptions) => Promise<T>): Promise<T>;
}

/** What an experiment leaves. */
export interface Outcome {
  svg: string;
  verdicts: Verdict[];
  /** The setting in words, such as the network, the optimizer and the scale. */
  setting: string;
  data: object;
  /** The same as a table, if it is one. */
  csv?: string;
}

export interface Experiment {
  /** What it is, with the paper's own number of the figure or table. */
  title: string;
  /** One sentence for a reader of the paper: what is to be seen, and why. */
  why: string;
  /** The live page with these settings, below the pages' address. */
  live?: string;
  /** The images that it cannot do without. */
  images?: ImageSetName;
  run(bench: Bench): Promise<Outcome>;
}

/** A verdict: `needs: "full"` says that a run at a smaller scale than the paper's cannot be expected to show it. */
export function verdict(
  settings: Partial<Settings>,
  { holds, claim, measured, needs }: { holds: boolean; claim: string; measured: string; needs?: "full" },
): Verdict {
  return { status: holds ? "holds" : needs && isSmaller(settings) ? "scale" : "fails", claim, measured };
}

const isSmaller = ({ quick, half, steps, width, batch }: Partial<Settings>): boolean =>
  quick === true || half === true || [steps, width, batch].some((changed) => changed !== undefined);

/** A number for people: four digits, or a power of ten where it is large. */
export function shown(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return "not finite";
  const text = Math.abs(value) >= 1e4 ? value.toExponential(1) : value.toFixed(digits);
  return text.replace("-", "−").replace(/^(−?)0\./, "$1.");
}

/** Numbers with five digits: what pictures and tables need. */
export const compact = (values: ArrayLike<number>): number[] => Array.from(values, (v) => Number(v.toPrecision(5)));
