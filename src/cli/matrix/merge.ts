/** `remine merge`: joins the parts of `remine matrix --shard`. */
import type { Command } from "commander";
import { Option } from "commander";
import { InputError } from "../../errors.ts";
import { assemble, isKnown } from "../../matrix/matrix.ts";
import { allPairs, sharded } from "../../matrix/plan.ts";
import { differences, type Part, readPart } from "./checkpoint.ts";
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
    parts.push(part);
  }
  const { header } = parts[0]!;
  const chunks = parts.flatMap((part) => part.chunks);
  const known = new Set(chunks.flatMap(({ pairs }) => pairs.map(({ x, y }) => `${x} ${y}`)));
  const target = header.target === null ? undefined : header.columns.indexOf(header.target);
  const all = header.chosen ?? allPairs(header.columns.length, target);
  const missing = all.filter(([x, y]) => !known.has(`${x} ${y}`));
  if (missing.length > 0) {
    const count = Number(header.shard.split("/")[1]);
    const open = Array.from({ length: count }, (_, i) => i + 1).filter((index) =>
      sharded(all, { index, count }).some(([x, y]) => !known.has(`${x} ${y}`)),
    );
    throw new InputError(
      `${missing.length} of ${all.length} pairs are missing. Run to its end, and give here, shard ${open.map((i) => `${i}/${count}`).join(", ")}`,
    );
  }
  const screen = header.chosen && { of: header.screened!, keep: header.chosen.length };
  const largest = Array.from({ length: screen ? header.permutations : 0 }, (_, p) => p);
  const unknown = largest.filter((p) => !chunks.some((chunk) => isKnown(chunk.largest[p]!)));
  if (unknown.length > 0) {
    const count = Number(header.shard.split("/")[1]);
    const open = new Set(unknown.map((p) => `${(p % count) + 1}/${count}`));
    throw new InputError(`${unknown.length} permutations are missing. Give here also shard ${[...open].join(", ")}`);
  }
  await present(assemble(header.columns, chunks, header.permutations, screen ?? undefined), header, options);
}
