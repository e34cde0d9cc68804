/** Builds dist/ before the tests if it is missing or older than what it is made of. No test builds it: others run what is in it. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../", import.meta.url));

/** What the package, the pages and the bench are built of. */
const SOURCES = ["src", "shaders", "demos", "scripts", "bench/library.ts", "build.mjs", "package.json"];
/** What the build writes last. */
const LAST = join(root, "dist/THIRD-PARTY-LICENSES.txt");

/** Vitest calls it once before all files. */
export function setup(): void {
  if (existsSync(LAST) && statSync(LAST).mtimeMs >= newest(SOURCES)) return;
  execFileSync(process.execPath, ["build.mjs"], { cwd: root, stdio: "inherit" });
}

/** When the youngest file below these paths of the checkout was written, in milliseconds; what is generated aside. */
export const newest = (paths: readonly string[]): number =>
  Math.max(...paths.map((path) => youngest(join(root, path))));

function youngest(path: string): number {
  const info = statSync(path);
  if (!info.isDirectory()) return path.endsWith(".gen.ts") ? 0 : info.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => youngest(join(path, name))));
}
