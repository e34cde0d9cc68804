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
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { newest, root } from "./built.ts";

/** What of the clean copy goes into the package. */
const SOURCES = ["src", "shaders", "demos", "scripts", "build.mjs", "package.json", "README.md", "LICENSE"];

const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 8);
const place = `remine-packed-${hash(root)}-`;
/** The clean copy of this state of the sources, with its dist/ and what was packed of it: outside, so that no tool finds its files twice. */
export const copy = join(tmpdir(), `${place}${hash(String(newest(SOURCES)))}`);

/** Packs the package, unless it is packed already. Files of tests that do so at once each pack one, and the first one stays. */
export function packed(): string {
  const name = `remine-${JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version}.tgz`;
  if (!existsSync(copy)) {
    const own = cleanCopy();
    execFileSync("npm", ["pack", "--silent"], { cwd: own, stdio: ["ignore", "ignore", "pipe"] });
    keep(own);
  }
  return join(copy, name);
}

function cleanCopy(): string {
  const own = mkdtempSync(join(tmpdir(), "remine-packing-"));
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  for (const file of listed.toString().split("\0").filter(Boolean)) {
    if (!existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(own, file)), { recursive: true });
    cpSync(join(root, file), join(own, file));
  }
  symlinkSync(join(root, "node_modules"), join(own, "node_modules"));
  return own;
}

/** Gives it its name at one stroke, and drops what was packed of older sources. */
function keep(own: string): void {
  try {
    renameSync(own, copy);
  } catch (error) {
    if (!existsSync(copy)) throw error;
    rmSync(own, { recursive: true, force: true });
  }
  const all = readdirSync(tmpdir()).filter((name) => name.startsWith(place));
  for (const name of all) if (name !== basename(copy)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
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
