/** The package as npm packs it, of a clean copy of what git knows, and empty projects into which it is installed. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../", import.meta.url));
/** The clean copy, with its dist/ and what was packed of it: outside, so that no tool finds its files twice. */
export const copy = join(tmpdir(), `remine-packed-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`);

/** What of the clean copy goes into the package. */
const SOURCES = ["src", "shaders", "demos", "scripts", "build.mjs", "package.json", "README.md", "LICENSE"];

/** Packs the package, unless it is packed already and none of its sources is younger. */
export function packed(): string {
  const name = `remine-${JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version}.tgz`;
  const tarball = join(copy, name);
  if (
    existsSync(tarball) &&
    statSync(tarball).mtimeMs >= Math.max(...SOURCES.map((path) => newest(join(root, path))))
  ) {
    return tarball;
  }
  rmSync(copy, { recursive: true, force: true });
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  for (const file of listed.toString().split("\0").filter(Boolean)) {
    if (!existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  execFileSync("npm", ["pack", "--silent"], { cwd: copy, stdio: ["ignore", "ignore", "pipe"] });
  return tarball;
}

function newest(path: string): number {
  const info = statSync(path);
  if (!info.isDirectory()) return info.mtimeMs;
  const generated = (name: string) => name.endsWith(".gen.ts");
  return Math.max(
    0,
    ...readdirSync(path)
      .filter((name) => !generated(name))
      .map((name) => newest(join(path, name))),
  );
}

/**
 * An empty project with the package in it: npm installs it without a network and without install scripts. Beside it stand
 * the packages of this checkout that are named; `webgpu` is what npm would have fetched for Node.
 *
 * @param beside paths in this checkout's node_modules, or in that of tools/
 */
export function project(beside: readonly string[] = ["webgpu"]): string {
  const folder = mkdtempSync(join(tmpdir(), "remine-project-"));
  writeFileSync(join(folder, "package.json"), '{ "name": "project", "private": true, "type": "module" }\n');
  const args = ["install", "--offline", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", packed()];
  execFileSync("npm", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  for (const name of beside) {
    const at = ["node_modules", "tools/node_modules"].map((path) => join(root, path, name)).find(existsSync);
    if (!at) throw new Error(`${name} is not installed: node scripts/setup.mjs --tools`);
    mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
    symlinkSync(at, join(folder, "node_modules", name));
  }
  return folder;
}
