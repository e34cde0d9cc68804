/** Which share of the pairs a process has: `--shard i/n` by hand, or from what a queue tells its tasks. */
import { InputError } from "../../errors.ts";

/** One of `count` shares, from 1 to `count`. */
export interface Shard {
  index: number;
  count: number;
}

/** A shard, and what it was read from where that was not the option itself. */
export interface FoundShard extends Shard {
  from?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The variable in which whoever starts tasks says how many there are, where their queue does not. */
export const COUNT_VARIABLE = "REMINE_SHARDS";

const BY_HAND = "or give --shard i/n by hand";

/** What a queue says of one of its tasks. */
interface Told {
  variable: string;
  index: number;
  /** Absent where a queue tells its tasks only their own number. */
  count?: number;
  /** What `count` was read from. */
  of?: string;
}

/**
 * The shard that `--shard` asks for: `i/n`; `auto`, from the variables of Slurm's job arrays, of Kubernetes' indexed Jobs or of
 * GNU parallel; or `auto/n`, where only the number is theirs.
 *
 * @throws {InputError} where no number is there, or two that do not agree
 */
export function shardOf(text: string, environment: Environment): FoundShard {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (index !== undefined) return checked({ index: Number(index), count: Number(count) }, text);
  const auto = /^auto(?:\/(\d+))?$/.exec(text);
  if (!auto) throw wrong(text);
  const byHand = auto[1] === undefined ? undefined : checked({ index: 1, count: Number(auto[1]) }, text).count;
  return automatic(byHand, environment);
}

function checked<T extends Shard>(shard: T, said: string): T {
  const { index, count } = shard;
  if (Number.isSafeInteger(count) && index >= 1 && index <= count) return shard;
  throw wrong(said);
}

const wrong = (said: string) =>
  new InputError(`a shard is i/n with whole numbers 1 <= i <= n, such as 2/8, or auto, or auto/8; got ${said}`);

function automatic(byHand: number | undefined, environment: Environment): FoundShard {
  const told = [slurm(byHand !== undefined, environment), kubernetes(environment), parallel(environment)].filter(
    (one) => one !== undefined,
  );
  const [one, other] = told;
  if (!one) {
    throw new InputError(
      `--shard auto takes the number of a task from SLURM_ARRAY_TASK_ID (sbatch --array=1-8), JOB_COMPLETION_INDEX (an indexed Job) or PARALLEL_SEQ (GNU parallel), and none of them is set. Start it as a task of one of these, ${BY_HAND}`,
    );
  }
  if (other) {
    throw new InputError(
      `--shard auto: both ${one.variable}=${environment[one.variable]} and ${other.variable}=${environment[other.variable]} number this task. Unset the one that does not count shards, ${BY_HAND}`,
    );
  }
  const { count, of } = countOf(one, byHand, environment);
  if (one.index > count) {
    throw new InputError(
      `--shard auto: ${one.variable}=${environment[one.variable]} is beyond the ${count} shards that ${of} says. Start ${count} tasks, or say how many there are`,
    );
  }
  return { index: one.index, count, from: `${one.variable}=${environment[one.variable]}, ${of}` };
}

/** How many shards there are. All who say it must agree. */
function countOf(told: Told, byHand: number | undefined, environment: Environment): { count: number; of: string } {
  const named = number(environment, COUNT_VARIABLE, 1);
  const counts = [
    { count: byHand, of: `--shard auto/${byHand}` },
    { count: named, of: `${COUNT_VARIABLE}=${named}` },
    { count: told.count, of: told.of ?? "" },
  ].filter((one): one is { count: number; of: string } => one.count !== undefined);
  const [first] = counts;
  if (!first) {
    throw new InputError(
      `--shard auto: ${told.variable}=${environment[told.variable]} says which task this is, but not of how many. Give --shard auto/8, set ${COUNT_VARIABLE}=8, ${BY_HAND}`,
    );
  }
  const different = counts.find(({ count }) => count !== first.count);
  if (different) {
    throw new InputError(
      `--shard auto: ${first.of} says ${first.count} shards, and ${different.of} says ${different.count}. Leave out the one that is wrong`,
    );
  }
  return first;
}

/** A whole number from `least` on; undefined where the variable is not there, or empty. */
function number(environment: Environment, variable: string, least: number): number | undefined {
  const text = environment[variable]?.trim();
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw new InputError(
    `--shard auto: ${variable}=${text} is no whole number from ${least} on. Unset or mend it, ${BY_HAND}`,
  );
}

/**
 * A task of a job array. Of a whole array the number counts from its least in its steps. With the count by hand it is the
 * shard itself, so that some tasks of an array can be sent again: their array has other ends.
 */
function slurm(byHand: boolean, environment: Environment): Told | undefined {
  const variable = "SLURM_ARRAY_TASK_ID";
  const id = number(environment, variable, 0);
  if (id === undefined) return undefined;
  const least = number(environment, "SLURM_ARRAY_TASK_MIN", 0);
  if (byHand || environment[COUNT_VARIABLE]) {
    if (id > 0 && least !== 0) return { variable, index: id };
    throw new InputError(
      "--shard auto: the job array begins at 0, and shards count from 1. Number its tasks from 1 on, such as sbatch --array=1-8",
    );
  }
  const count = number(environment, "SLURM_ARRAY_TASK_COUNT", 1);
  if (count === undefined) return { variable, index: id };
  const most = number(environment, "SLURM_ARRAY_TASK_MAX", 0);
  const step = number(environment, "SLURM_ARRAY_TASK_STEP", 1) ?? 1;
  const from = least ?? 1;
  const index = (id - from) / step + 1;
  const isWhole = most === undefined || (most - from) / step + 1 === count;
  if (!isWhole || !Number.isInteger(index) || index < 1 || index > count) {
    throw new InputError(
      `--shard auto: the job array has gaps (${count} tasks from ${from} to ${most ?? "?"} by ${step}; this is ${id}). Use a whole one, such as --array=1-8; to send some of its tasks again, say how many shards there are: --shard auto/8`,
    );
  }
  return { variable, index, count, of: `SLURM_ARRAY_TASK_COUNT=${count}` };
}

/** A pod of an indexed Job, which is told its number from 0 on and not how many there are. */
function kubernetes(environment: Environment): Told | undefined {
  const variable = "JOB_COMPLETION_INDEX";
  const index = number(environment, variable, 0);
  if (index === undefined) return undefined;
  const count = number(environment, "JOB_COMPLETIONS", 1);
  return { variable, index: index + 1, ...(count !== undefined && { count, of: `JOB_COMPLETIONS=${count}` }) };
}

/** A job of GNU parallel, counted from 1 on. PARALLEL_JOBSLOT is the place where it runs, and counts nothing. */
function parallel(environment: Environment): Told | undefined {
  const variable = "PARALLEL_SEQ";
  const index = number(environment, variable, 1);
  return index === undefined ? undefined : { variable, index };
}
