/** `remine merge`: joins the parts of `remine matrix --shard`. */
import type { Command } from "commander";
import { Option } from "commander";
import { InputError } from "../../errors.ts";
import { knownIn, numbersOf } from "../../matrix/permutations.ts";
import { allPairs, sharded } from "../../matrix/plan.ts";
import { type MatrixChunk, pairKey } from "../../matrix/records.ts";
import { assemble } from "../../matrix/result.ts";
import { differences, type Header, type Part, readPart } from "./checkpoint.ts";
import { checkPaths, type Presentation, present, presentationOptions } from "./report.ts";

export function addMerge(program: Command): void {
  const command = program
    .command("merge")
    .description("join the parts of remine matrix --shard; q and p family are of all pairs together")
    .argument("<parts...>", "what --shard wrote")
    .option("--json", "print one JSON object on stdout")
    .addOption(new Option("--unit <unit>", "unit of information").choices(["nats", "bits"]).default("nats"))
    .option("--quiet", "only the table of pairs");
  presentationOptions(command).action(run);
}

async function run(paths: string[], options: Presentation): Promise<void> {
  await checkPaths(options);
  const parts: Part[] = [];
  for (const path of paths) {
    const part = await readPart(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") throw new InputError(`${path}: no such file. Run its shard, or check the name`);
      if (error.code === "EISDIR") throw new InputError(`${path} is a folder. Name the parts in it`);
      throw error;
    });
    if (!part) throw new InputError(`"${path}" was cut off at its first line. Run its shard again`);
    const other = parts.length ? differences(parts[0]!.header, part.header, ["shard", "adapter"]) : [];
    if (other.length > 0) {
      throw new InputError(`"${paths[0]}" and "${path}" are of different matrices: ${other.join("; ")}`);
    }
    refuseTwice(path, part.header, paths, parts);
    parts.push(part);
  }
  const { header } = parts[0]!;
  const chunks = parts.flatMap((part) => part.chunks);
  refuseMissing(header, chunks);
  const screen = header.chosen && { of: header.screened!, keep: header.chosen.length };
  await present(assemble(header.columns, chunks, header.permutations, screen ?? undefined), header, options);
}

/** Refuses a part that has pairs of another one: their permutations would count twice. */
function refuseTwice(path: string, header: Header, paths: readonly string[], parts: readonly Part[]): void {
  const [index, count] = shareOf(header);
  for (const [i, other] of parts.entries()) {
    const [otherIndex, otherCount] = shareOf(other.header);
    if ((index - otherIndex) % greatestCommonDivisor(count, otherCount) !== 0) continue;
    const shards =
      header.shard === other.header.shard
        ? `are both shard ${header.shard}. Leave one out`
        : `are shards ${other.header.shard} and ${header.shard}, which share pairs. Give parts of one division`;
    throw new InputError(`"${paths[i]}" and "${path}" ${shards}`);
  }
}

const shareOf = ({ shard }: Header) => shard.split("/").map(Number) as [index: number, count: number];

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/** Refuses parts that do not have all pairs, and after a first look all permutations, together. */
function refuseMissing(header: Header, chunks: readonly MatrixChunk[]): void {
  const [, count] = shareOf(header);
  const shardsWith = <T>(all: readonly T[], isMissing: (one: T) => boolean) =>
    Array.from({ length: count }, (_, i) => i + 1)
      .filter((index) => sharded(all, { index, count }).some(isMissing))
      .map((index) => `${index}/${count}`)
      .join(", ");

  const known = new Set(chunks.flatMap(({ pairs }) => pairs.map(pairKey)));
  const target = header.target === null ? undefined : header.columns.indexOf(header.target);
  const all = header.chosen ?? allPairs(header.columns.length, target).filter(isPlanned(header));
  const isMissing = ([x, y]: readonly [number, number]) => !known.has(pairKey({ x, y }));
  const missing = all.filter(isMissing);
  if (missing.length > 0) {
    throw new InputError(
      `${missing.length} of ${all.length} pairs are missing. Run to its end, and give here, shard ${shardsWith(all, isMissing)}`,
    );
  }
  if (header.chosen === null) return;
  const looked = knownIn(chunks);
  const permutations = numbersOf(header.permutations);
  const isUnknown = (p: number) => !looked.has(p);
  const unknown = permutations.filter(isUnknown);
  if (unknown.length > 0) {
    throw new InputError(
      `${unknown.length} permutations are missing. Give here also shard ${shardsWith(permutations, isUnknown)}`,
    );
  }
}

/** Whether a pair of columns is not among those that are left out. */
function isPlanned({ columns, leftOutPairs }: Header): (pair: readonly [number, number]) => boolean {
  const key = (x: string, y: string) => JSON.stringify([x, y]);
  const isOut = new Set(leftOutPairs.map(({ x, y }) => key(x, y)));
  return ([x, y]) => !isOut.has(key(columns[x]!, columns[y]!));
}
