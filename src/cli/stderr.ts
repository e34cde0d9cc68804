/** Keeps what Dawn and the drivers print off the user's stderr. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Puts a pipe in the place of descriptor 2, if a regular file or a socket is there; `cat` carries on what is written.
 *
 * Dawn has no switch for its log, so `open({ quiet: true })` points descriptor 2 elsewhere while it looks for adapters, and
 * then opens what was there again. Node cannot duplicate a descriptor, and to open again is right only for terminals and
 * pipes: a socket refuses it, and a file would get a second position, at which two writers overwrite each other.
 *
 * Without `mkfifo` or `cat` nothing changes.
 */
export function pipeStderr(): void {
  // Deno numbers its descriptors itself: what it closes as 2 it cannot write to again.
  if (process.platform !== "linux" || "Deno" in globalThis) return;
  const there = fstatSync(2);
  if (!there.isFile() && !there.isSocket()) return;
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), "remine-stderr-"));
    const path = join(folder, "pipe");
    if (spawnSync("mkfifo", [path]).status === 0) replace(path);
  } catch {
    // No room for a folder: what the drivers print is then to be seen.
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true });
  }
}

/** Descriptor 2 becomes the writing end of the named pipe at `path`. */
function replace(path: string): void {
  // Either end of a pipe waits for the other to be opened; this one is both.
  const both = openSync(path, "r+");
  const source = openSync(path, "r");
  // Its own process group, so that Ctrl-C leaves it to carry the last message.
  const cat = spawn("cat", { stdio: [source, 2, "ignore"], detached: true });
  cat.on("error", () => {});
  if (cat.pid !== undefined) {
    closeSync(2);
    openSync(path, "w"); // takes the lowest free number: 2
    endWith(cat);
  }
  closeSync(source);
  closeSync(both);
}

/** The process does not end before `cat` has carried everything. */
function endWith(cat: ChildProcess): void {
  cat.unref();
  process.once("beforeExit", () => {
    closeSync(2);
    openSync("/dev/null", "w");
    cat.ref();
  });
}
