/** Commands and temporary folders of a setup, all of which end with it. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** How a command ended. */
export interface Ran {
  /** Exit code; 127 when it could not be started, null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: Buffer;
  /** What it wrote on stdout and stderr, as it came, without blanks around it. */
  output: string;
}

const children = new Set<ChildProcess>();
const folders = new Set<string>();

/** Runs a command to its end. Never rejects: a command that cannot start has code 127. */
export function run(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    children.add(child);
    const stdout: Buffer[] = [];
    const both: Buffer[] = [];
    child.stdout?.on("data", (chunk) => stdout.push(chunk) && both.push(chunk));
    child.stderr?.on("data", (chunk) => both.push(chunk));
    const done = (code: number | null, signal: NodeJS.Signals | null, text?: string) => {
      children.delete(child);
      resolve({ code, signal, stdout: Buffer.concat(stdout), output: text ?? Buffer.concat(both).toString().trim() });
    };
    child.on("error", (error) => done(127, null, error.message));
    child.on("close", (code, signal) => done(code, signal));
  });
}

/** Of what apt, dpkg or npm said, the first that they call an error, else the last. */
export function complaint(output: string): string {
  const lines = output
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  return (lines.find((line) => /^E: |error/.test(line)) ?? lines.at(-1) ?? "").replace(/^([EW]:|npm error) /, "");
}

/** npm, as the one that started this process if one did. */
export function npm(args: readonly string[], options: SpawnOptions): Promise<Ran> {
  const script = process.env.npm_execpath ?? "";
  if (script.endsWith("npm-cli.js")) return run(process.execPath, [script, ...args], options);
  return run("npm", args, { shell: process.platform === "win32", ...options });
}

/** Makes a folder that {@link cleanUp} removes, in the system's place for such. */
export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "remine-setup-"));
  folders.add(folder);
  return folder;
}

/** Makes a folder beside `target`, to be renamed to it when it is whole. What a killed setup left there goes first. */
export function beside(target: string): string {
  const parent = dirname(target);
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const owner = /\.making-(\d+)$/.exec(name)?.[1];
    if (owner && !isRunning(Number(owner))) rmSync(join(parent, name), { recursive: true, force: true });
  }
  const folder = `${target}.making-${process.pid}`;
  folders.add(folder);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  return folder;
}

/** Puts a whole folder in the place of what is there. Where another setup does the same at this moment, its files stay. */
export function putInPlace(fresh: string, target: string): void {
  rmSync(target, { recursive: true, force: true });
  try {
    renameSync(fresh, target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  }
}

/** Ends the commands that run, and removes the temporary folders. */
export function cleanUp(): void {
  for (const child of children) child.kill();
  // A command that ends may still write.
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  folders.clear();
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
