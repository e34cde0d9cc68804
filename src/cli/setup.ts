/** `remine setup`: a driver that answers, without root. */
import type { Command } from "commander";
import { cacheDir } from "../gpu/driver-cache.node.ts";
import { downloadProgress } from "./download.ts";
import { installDriver, type Probed } from "./driver/install.ts";
import { cleanUp, run as start } from "./driver/process.ts";

export function addSetup(program: Command): void {
  program
    .command("setup")
    .description(
      "find an adapter, and where none answers fetch a software driver into your cache, without root (Linux)",
    )
    .option("--quiet", "print nothing but errors")
    .action(run);
}

async function run({ quiet = false }: { quiet?: boolean }): Promise<void> {
  const shown = downloadProgress(process.stderr, { quiet });
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => end(name));
  try {
    const { probed, fetched } = await installDriver({ probe, ...shown, again: true });
    shown.finish();
    if (quiet) return;
    console.log(`${probed.name} answers (driver: ${probed.found}).`);
    if (fetched) console.log(`What was fetched is in ${cacheDir()}; remove that folder to be rid of it.`);
  } finally {
    shown.finish();
    cleanUp();
  }
}

/** Leaves nothing half behind, and ends as a process does that a signal ends. */
function end(name: NodeJS.Signals): void {
  cleanUp();
  process.kill(process.pid, name);
}

/** `remine doctor` in a process of its own: a broken driver can take its process with it. */
async function probe(): Promise<Probed> {
  const { code, signal, stdout, output } = await start(process.execPath, [process.argv[1]!, "doctor", "--json"], {
    timeout: 120_000,
  });
  try {
    const { adapters, driver, tested, ok } = JSON.parse(stdout.toString());
    const available = adapters.map(({ name }: { name: string }) => name);
    return { ok, name: tested.adapter, found: driver, available, ...(!ok && { error: "it computes wrong values" }) };
  } catch {
    const error = /^remine: (.*)/ms.exec(output)?.[1];
    const ended = `the adapter probe ended with ${signal ?? `code ${code}`}: ${output}`;
    return { ok: false, available: [], error: error ?? ended };
  }
}
