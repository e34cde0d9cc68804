/** The release script, in a small repository of its own: what it refuses, and what it leaves. Packing and tests are stood in for. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const { next } = await import(join(process.cwd(), "scripts/release.mjs"));
let folder: string;
const path = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(path(name), "utf8");
const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, encoding: "utf8" }).trim();
const commitAll = () => {
  git("add", "--all");
  git("commit", "--quiet", "--message", "state");
};
const suite = (changes: object = {}) => {
  const record = { commit: git("rev-parse", "HEAD"), clean: true, files: 1, passed: 3, failed: 0, ...changes };
  writeFileSync(path("test/output/suite.json"), JSON.stringify(record));
};
const setScript = (command: string) => {
  const manifest = { ...JSON.parse(read("package.json")), scripts: { "test:package": command } };
  writeFileSync(path("package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
};
const release = (word: string) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/release.mjs", word], {
    ...{ cwd: folder, encoding: "utf8" },
  });
  return { status, stdout, stderr };
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "remine-release-"));
  mkdirSync(path("scripts"));
  mkdirSync(path("test/output"), { recursive: true });
  cpSync("scripts/release.mjs", path("scripts/release.mjs"));
  writeFileSync(path("package.json"), '{ "name": "remine", "version": "0.1.9", "type": "module" }\n');
  setScript("node -p 1");
  const lock = {
    name: "remine",
    version: "0.1.9",
    lockfileVersion: 3,
    packages: { "": { name: "remine", version: "0.1.9" } },
  };
  writeFileSync(path("package-lock.json"), JSON.stringify(lock));
  writeFileSync(path("CHANGELOG.md"), "# Changelog\n\n## Unreleased\n\n- A thing.\n\n## 0.1.9\n\n- Another.\n");
  writeFileSync(path("test/a.test.ts"), "");
  writeFileSync(path(".gitignore"), "test/output/\n*.tgz\n");
  git("init", "--quiet");
  git("config", "user.name", "Nobody");
  git("config", "user.email", "nobody@example.org");
  commitAll();
  suite();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a release", () => {
  it("is a version, a dated changelog, a tarball, a commit and a tag, and is not published", () => {
    const { status, stdout } = release("minor");
    expect(status).toBe(0);
    expect(stdout.trim().split("\n").at(-1)).toBe("  npm publish remine-0.2.0.tgz");
    expect(JSON.parse(read("package.json")).version).toBe("0.2.0");
    expect(JSON.parse(read("package-lock.json")).packages[""].version).toBe("0.2.0");
    expect(read("CHANGELOG.md")).toMatch(
      /^# Changelog\n\n## Unreleased\n\n## 0\.2\.0 \(\d{4}-\d\d-\d\d\)\n\n- A thing\.\n\n## 0\.1\.9\n/,
    );
    expect(execFileSync("tar", ["-tf", "remine-0.2.0.tgz"], { cwd: folder, encoding: "utf8" })).toContain(
      "package/package.json",
    );
    expect(git("log", "-1", "--format=%s")).toBe("release: 0.2.0");
    expect(git("cat-file", "-t", "v0.2.0")).toBe("tag");
    expect(git("rev-parse", "v0.2.0^{commit}")).toBe(git("rev-parse", "HEAD"));
    expect(git("status", "--porcelain")).toBe("");
  });

  it.each([
    ["patch", "0.1.10"],
    ["major", "1.0.0"],
    ["0.3.0", "0.3.0"],
  ])("of %s after 0.1.9 is %s", (word, version) => {
    expect(next("0.1.9", word)).toBe(version);
  });
  it.each(["big", "0.1", "0.1.9", "0.0.10"])("is none of %j", (word) => {
    expect(() => next("0.1.9", word)).toThrow(/say patch, minor, major|does not come after 0\.1\.9/);
  });
});

describe("it refuses", () => {
  const refused = (word: string, message: RegExp) => {
    const head = git("rev-parse", "HEAD");
    const { status, stderr } = release(word);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
    expect([git("rev-parse", "HEAD"), git("tag")]).toEqual([head, ""]);
    expect(JSON.parse(read("package.json")).version).toBe("0.1.9");
  };

  it("no word", () => refused("", /^release: say patch, minor, major or a version/));
  it("a tree with changes", () => {
    writeFileSync(path("new.txt"), "");
    refused("minor", /^release: the tree has changes.*\n\?\? new\.txt/);
  });
  it("where the tests have not been run", () => {
    rmSync(path("test/output/suite.json"));
    refused("minor", /^release: the tests have not been run here: run npm test/);
  });
  it("where they were run before the last commit", () => {
    writeFileSync(path("new.txt"), "");
    commitAll();
    refused("minor", /^release: the tests were run at .*, and this is .*: run npm test/);
  });
  it.each([
    [{ clean: false }, /of a tree with changes/],
    [{ files: 0 }, /0 of 1 test files were run/],
    [{ failed: 2 }, /2 tests failed/],
  ])("a run of the tests that was %j", (changes, message) => {
    suite(changes);
    refused("minor", message);
  });
  it("a changelog that says nothing", () => {
    writeFileSync(path("CHANGELOG.md"), "# Changelog\n\n## Unreleased\n\n## 0.1.9\n\n- Another.\n");
    commitAll();
    suite();
    refused("minor", /says nothing under/);
  });
  it("a package whose test fails, and puts the files back", () => {
    setScript("node -e process.exit(1)");
    commitAll();
    suite();
    refused("minor", /release: the test of the package failed/);
    expect(git("status", "--porcelain")).toBe("");
  });
});
