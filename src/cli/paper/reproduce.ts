/** One experiment from the GPU to its files. */
import { join } from "node:path";
import packageJson from "../../../package.json" with { type: "json" };
import { InterruptedError } from "../../errors.ts";
import { running } from "../../gpu/run.ts";
import type { Progress } from "../../report/progress.ts";
import type { StepOptions } from "../../training/options.ts";
import { writeWhole } from "../files.ts";
import { interruptible } from "../interrupt.ts";
import type { CommonOptions } from "../options.ts";
import { progressFor } from "../progress.ts";
import { Reopening } from "../reopening.ts";
import { experiments } from "./catalogue.ts";
import type { Bench, Outcome, Settings } from "./experiment.ts";
import { Parts } from "./parts.ts";

/** What NAME.json holds. */
export interface PaperRecord extends Omit<Outcome, "svg" | "csv"> {
  name: string;
  title: string;
  why: string;
  live: string | null;
  seed: number;
  /** What differs from the paper's settings; nothing if all are the paper's. */
  changed: Partial<Settings>;
  adapter: string;
  version: string;
  date: string;
  /** That its parts took, whenever they were run. */
  seconds: number;
}

/** What an experiment left, with its picture and table. */
export interface Reproduced extends Pick<Outcome, "svg" | "csv"> {
  record: PaperRecord;
}

/** Runs one experiment, and writes its picture and its data; what an earlier run finished of it is not done again. */
export async function reproduce(
  name: string,
  settings: Settings,
  options: CommonOptions & { output: string },
): Promise<Reproduced> {
  const { adapter, output, verbose } = options;
  const { title, why, live = null, run } = experiments[name]!;
  const progress = progressFor(options);
  const folder = join(output, "parts");
  const reopening = new Reopening(progress.message);
  const { onDeviceLost } = reopening;
  try {
    const { gpuName, outcome, parts } = await interruptible((signal) =>
      running({ adapter, quiet: !verbose, signal, onDeviceLost }, async ({ gpu }) => {
        const common = { version: packageJson.version, adapter: gpu.name, seed: settings.seed };
        const parts = new Parts(folder, common);
        const part: Bench["part"] = async (label, told, work) => {
          const onProgress = progressOf(progress, `${name}: ${label}`);
          const result = await parts.take(label, told, () => work({ signal, onProgress }));
          reopening.progressed();
          return result;
        };
        return { gpuName: gpu.name, outcome: await run({ gpu, settings, part }), parts };
      }),
    );
    progress.finish();
    if (parts.found > 0) progress.message(`${name}: ${parts.found} of its parts were finished before, see ${folder}.`);
    const { svg, csv, ...rest } = outcome;
    const { seed, images: _, ...changes } = settings;
    const record: PaperRecord = {
      ...{ name, title, why, live, seed, adapter: gpuName, version: packageJson.version },
      changed: Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== false)),
      ...{ date: new Date().toISOString(), seconds: Math.round(10 * parts.seconds) / 10, ...rest },
    };
    await writeWhole(join(output, `${name}.svg`), svg);
    if (csv !== undefined) await writeWhole(join(output, `${name}.csv`), csv);
    await writeWhole(join(output, `${name}.json`), `${JSON.stringify(record)}\n`);
    return { record, svg, ...(csv !== undefined && { csv }) };
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    const wayOn = `Finished parts are in ${folder}: the same command goes on with them`;
    throw new InterruptedError(`${error.message}. ${wayOn}`, { cause: error.cause });
  } finally {
    progress.finish();
  }
}

/** Each part has a progress line of its own, with its name. */
const progressOf =
  (progress: Progress, note: string): NonNullable<StepOptions["onProgress"]> =>
  (state) =>
    progress.update({ ...state, note });
