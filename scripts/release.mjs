// Makes a release up to publishing it: npm run release -- patch | minor | major | 1.2.3
//
// It wants a clean tree and a whole run of the tests at this commit, which leaves test/output/suite.json. It sets the version,
// turns "Unreleased" of the changelog into it, packs, runs the tests of the package, commits and tags. Where one of these
// fails, the files are as before. It never publishes: its last line says how.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

class ReleaseError extends Error {}

const CHANGED = ["CHANGELOG.md", "package.json", "package-lock.json"];
const git = (...args) => execFileSync("git", args, { encoding: "utf8" }).trim();

/**
 * The version after `version`.
 *
 * @param word which part of it grows, or the new version itself
 */
export function next(version, word) {
  const parts = version.split(".").map(Number);
  const at = ["major", "minor", "patch"].indexOf(word);
  if (at >= 0) return parts.map((part, i) => (i < at ? part : i === at ? part + 1 : 0)).join(".");
  if (!/^\d+\.\d+\.\d+$/.test(word ?? "")) {
    throw new ReleaseError(`say patch, minor, major or a version such as 1.2.3, not "${word ?? ""}"`);
  }
  const wanted = word.split(".").map(Number);
  const i = wanted.findIndex((part, i) => part !== parts[i]);
  if (i < 0 || wanted[i] < parts[i]) throw new ReleaseError(`${word} does not come after ${version}`);
  return word;
}

function refuseUnready(tag) {
  const changes = git("status", "--porcelain");
  if (changes) throw new ReleaseError(`the tree has changes; commit or put them aside:\n${changes}`);
  if (git("tag", "--list", tag)) throw new ReleaseError(`there is a tag ${tag} already`);
  const run = "run npm test, all of it";
  if (!existsSync("test/output/suite.json")) throw new ReleaseError(`the tests have not been run here: ${run}`);
  const { commit, clean, files, failed, passed } = JSON.parse(readFileSync("test/output/suite.json", "utf8"));
  const head = git("rev-parse", "HEAD");
  if (commit !== head || !clean) {
    const tree = clean ? "" : ", of a tree with changes";
    throw new ReleaseError(
      `the tests were run at ${commit.slice(0, 7)}${tree}, and this is ${head.slice(0, 7)}: ${run}`,
    );
  }
  const all = readdirSync("test", { recursive: true }).filter((name) => String(name).endsWith(".test.ts")).length;
  if (files !== all || !(passed > 0)) throw new ReleaseError(`${files} of ${all} test files were run: ${run}`);
  if (failed > 0) throw new ReleaseError(`${failed} tests failed`);
}

/** The changelog with what was not released under the version's heading. */
function released(changelog, version, date) {
  const found = /^## Unreleased\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(changelog);
  if (!found) throw new ReleaseError('CHANGELOG.md has no "## Unreleased"');
  if (!found[1].trim()) throw new ReleaseError('CHANGELOG.md says nothing under "## Unreleased"');
  return changelog.replace("## Unreleased\n", `## Unreleased\n\n## ${version} (${date})\n`);
}

function run(what, command, ...args) {
  const { status } = spawnSync(command, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0) throw new ReleaseError(`${what} failed`);
}

function release(word) {
  const { name, version: before } = JSON.parse(readFileSync("package.json", "utf8"));
  const version = next(before, word);
  const tag = `v${version}`;
  refuseUnready(tag);
  const changelog = released(readFileSync("CHANGELOG.md", "utf8"), version, new Date().toISOString().slice(0, 10));
  try {
    writeFileSync("CHANGELOG.md", changelog);
    run("npm version", "npm", "version", version, "--no-git-tag-version", "--ignore-scripts");
    run("npm pack", "npm", "pack");
    run("the test of the package", "npm", "run", "test:package");
    git("commit", "--quiet", "--message", `release: ${version}`, "--", ...CHANGED);
  } catch (error) {
    git("checkout", "HEAD", "--", ...CHANGED);
    throw error;
  }
  git("tag", "--annotate", tag, "--message", `${name} ${version}`);
  console.log(`${tag} is committed, tagged and packed. This publishes it:\n\n  npm publish ${name}-${version}.tgz`);
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    release(process.argv[2]);
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    console.error(`release: ${error.message}`);
    process.exitCode = 1;
  }
}
