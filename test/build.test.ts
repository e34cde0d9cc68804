/** The build: one defect in a copy of shaders/ stops it with the file and line, and an estimator is one file. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

interface Variant {
  files: string[];
  features: string[];
  bindings: { name: string; access: string }[];
}
interface Compiled {
  texts: Map<string, string>;
  structs: Record<string, object>;
  kernels: Record<string, { slot?: string; variants: Record<string, Variant> }>;
  geometry: Record<string, number>;
  estimators: { name: string; slot: string; title: string; invariant: string; objective: string; bound: string }[];
  sources: string[];
}

const here = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const build = (await import(new URL("../build.mjs", import.meta.url).href)) as {
  compileShaders(root: string): Compiled;
  BuildError: typeof Error;
};
const lint = (await import(new URL("../scripts/lint-wgsl.mjs", import.meta.url).href)) as { LintError: typeof Error };

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A folder with a copy of shaders/. */
function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), "remine-build-"));
  folders.push(folder);
  cpSync(here("shaders"), join(folder, "shaders"), { recursive: true });
  return folder;
}

const read = (folder: string, file: string) => readFileSync(join(folder, "shaders", file), "utf8");
const write = (folder: string, file: string, text: string) => writeFileSync(join(folder, "shaders", file), text);

interface Defect {
  /** In shaders/. */
  file: string;
  /** What stands there once … */
  find: string;
  /** … and what is put in its place. */
  put: string;
  /** A part of the line that the error must name, as it reads with the defect in it. Default: line 1. */
  line?: string;
  /** The file that the error must name, if it is another. */
  blamed?: string;
  says: string;
}

/** Builds with one defect. The error must be one of the build's own, and begin with the file and line. */
function refuses({ file, find, put, line, blamed = file, says }: Defect): void {
  const folder = copy();
  const parts = read(folder, file).split(find);
  expect(parts.length, `"${find}" stands once in ${file}`).toBe(2);
  write(folder, file, parts.join(put));
  const lines = read(folder, blamed).split("\n");
  const number = line === undefined ? 1 : lines.findIndex((text) => text.includes(line)) + 1;
  expect(number, `"${line}" stands in ${blamed}`).toBeGreaterThan(0);
  let error: unknown;
  try {
    build.compileShaders(join(folder, "shaders"));
  } catch (thrown) {
    error = thrown;
  }
  expect(error, "the build must fail").toBeInstanceOf(Error);
  expect(error instanceof build.BuildError || error instanceof lint.LintError, String(error)).toBe(true);
  const { message } = error as Error;
  expect(message.startsWith(`shaders/${blamed}:${number}: `), `${message}\n is not about ${blamed}:${number}`).toBe(
    true,
  );
  expect(message).toContain(says);
}

const check = (cases: Record<string, Defect>) => it.each(Object.entries(cases))("%s", (_, defect) => refuses(defect));

// The kernel that is built first, so that a case takes no longer than it must.
const file = "average_window.wgsl";
const main = "@compute @workgroup_size(WG_SIZE)";
const records = "import package::lib::records::{Hyper, Clock, ScoreStats};";

it("the shaders compile, and every kernel has a form for whatever fits its slot", () => {
  const { kernels, estimators, sources, geometry } = build.compileShaders(here("shaders"));
  expect(Object.keys(kernels).length).toBeGreaterThan(10);
  expect(geometry.WG_SIZE).toBe(64);
  const fits: Record<string, string[]> = {
    only: ["only"],
    estimator: estimators.map(({ slot }) => slot),
    source: sources,
    tile: ["portable", "subgroup"],
  };
  for (const [name, { slot, variants }] of Object.entries(kernels)) {
    expect(Object.keys(variants), name).toEqual(fits[slot ?? "only"]);
    for (const [form, { files, features }] of Object.entries(variants)) {
      expect(files.at(-1), name).toBe(`${name}.wgsl`);
      expect(features, `${name}/${form}`).toEqual(form === "subgroup" ? ["subgroups"] : []);
    }
  }
});

describe("imports", () => {
  check({
    "an unknown module": {
      file,
      find: records,
      put: records.replace("records", "ledgers"),
      line: "::ledgers::",
      says: 'there is no module "package::lib::ledgers"',
    },
    "an unknown name": {
      file,
      find: records,
      put: records.replace("Clock", "Clock, Watch"),
      line: "Watch",
      says: 'shaders/lib/records.wgsl does not declare "Watch"',
    },
    "a name that an estimator does not declare": {
      file: "estimators/mine.wgsl",
      find: "fn estimator_value(",
      put: "fn estimator_worth(",
      blamed: file,
      line: "import package::estimator::{estimator_value}",
      says: 'shaders/estimators/mine.wgsl does not declare "estimator_value"',
    },
    "a name that is not used": {
      file,
      find: records,
      put: records.replace("Clock", "Clock, Update"),
      line: "Update",
      says: '"Update" is imported but not used',
    },
    "a name that only a comment uses": {
      file,
      find: records,
      put: `${records.replace("Clock", "Clock, Update")} // Update\n// Update`,
      line: "Update",
      says: "import package",
    },
    "an import that is not one line of the right form": {
      file,
      find: records,
      put: "import package::lib::records::Hyper;",
      line: "::Hyper",
      says: 'write "import package::lib::name::{a, b};"',
    },
    "an unknown module, imported by a module": {
      file: "lib/tile_portable.wgsl",
      find: "import package::lib::outer::",
      put: "import package::lib::inner::",
      line: "::inner::",
      says: 'there is no module "package::lib::inner"',
    },
  });
});

describe("names", () => {
  check({
    "one name in a kernel and in a module that it imports": {
      file,
      find: main,
      put: `fn lse_of(x: f32) -> f32 { return x; }\n${main}`,
      line: "fn lse_of",
      says: '"lse_of" is also declared in shaders/lib/monoids.wgsl',
    },
    "one name in two modules": {
      file: "lib/window.wgsl",
      find: "struct StepRecord {",
      put: "const WG_SIZE = 32u;\nstruct StepRecord {",
      line: "const WG_SIZE",
      says: '"WG_SIZE" is also declared in shaders/lib/geometry.wgsl',
    },
    "one name twice in a file": {
      file,
      find: main,
      put: `struct WindowAverages { x: f32 }\n${main}`,
      line: "struct WindowAverages { x",
      says: '"WindowAverages" is declared twice',
    },
    "a syntax error, at its own line of the module and not of the linked text": {
      file: "lib/window.wgsl",
      find: "  joint_mean: f32,",
      put: "  joint_mean f32,",
      line: "  joint_mean f32,",
      says: "",
    },
  });
});

describe("bindings and the header", () => {
  const clock = "//   clock     (R)          read\n";
  const hyper = "//   hyper     (R)          read\n";
  check({
    "a binding that nothing uses": {
      file,
      find: main,
      put: `@group(0) @binding(6) var<storage, read> extra: array<f32>;\n${main}`,
      line: " extra:",
      says: 'binding "extra" is not used by average_window.wgsl',
    },
    "a binding of a source that nothing uses": {
      file: "sources/table.wgsl",
      find: "struct Draw ",
      put: "@group(0) @binding(9) var<storage, read> extra: array<f32>;\nstruct Draw ",
      line: " extra:",
      says: 'binding "extra" is not used by gather_batch.wgsl',
    },
    "another access": {
      file,
      find: "//   averages  (R)          read_write",
      put: "//   averages  (R)          read      ",
      line: "//   averages",
      says: '"averages" is read_write in the shader, read in the header',
    },
    "another struct": {
      file,
      find: "//   dims      WindowDims ",
      put: "//   dims      ScoreDims  ",
      line: "//   dims",
      says: '"dims" is a WindowDims, not a ScoreDims',
    },
    "another order": {
      file,
      find: hyper + clock,
      put: clock + hyper,
      line: "//   clock",
      says: 'the header lists "clock" where the shader binds "hyper"',
    },
    "a binding left out": {
      file,
      find: clock,
      put: "",
      line: "//   stats",
      says: 'the header lists "stats" where the shader binds "clock"',
    },
    "the last binding left out": {
      file,
      find: "//   averages  (R)          read_write  WindowAverages (overwritten)\n",
      put: "",
      says: 'the header does not list binding 5, "averages" (read_write)',
    },
    "a binding that the shader does not have": {
      file,
      find: "//\n// dispatch",
      put: "//   ghosts    (R)          read\n//\n// dispatch",
      line: "ghosts",
      says: 'the header lists "ghosts", which the shader does not bind',
    },
    "the same of a source": {
      file: "sources/table.wgsl",
      find: "//   table        (n, C)          read ",
      put: "//   ghosts       (n, C)          read\n//   table        (n, C)          read ",
      line: "ghosts",
      says: 'the header lists "ghosts" where the shader binds "table"',
    },
    "a shape symbol that the glossary does not have": {
      file,
      find: "//   history   (R, W)",
      put: "//   history   (R, Q)",
      line: "(R, Q)",
      says: 'shape symbol "Q" is not in the glossary',
    },
    "no dispatch line": {
      file,
      find: "// dispatch  ",
      put: "// launch    ",
      says: 'the header has no "dispatch" line',
    },
    "a first line with another name": {
      file,
      find: "// average_window: ",
      put: "// window_average: ",
      says: 'the header must begin "// average_window: purpose"',
    },
    "an empty first line": { file, find: "// average_window: ", put: "\n// average_window: ", says: "must begin" },
  });
});

describe("what is not portable", () => {
  const rules: [what: string, line: string, says: string][] = [
    ["a pointer to storage", "fn f(p: ptr<storage, array<f32>, read>) -> f32 { return p[0]; }", "pass an index"],
    ["a pointer to workgroup memory", "fn f(p: ptr<workgroup, f32>) -> f32 { return *p; }", "pass an index"],
    ["assignment to a swizzle", "  sums.xy = vec2f();", "assign the components"],
    ["addition to a swizzle", "  sums.rgb += vec3f();", "assign the components"],
    ["assignment to an element's swizzle", "  list[i].zw = vec2f();", "assign the components"],
    ["a language extension", "requires pointer_composite_access;", "language extensions are not portable"],
    ["global_invocation_index", "fn f(@builtin(global_invocation_index) i: u32) {}", "compute it"],
    ["infinity, by division", "const INFINITY = 1.0 / 0.0;", "use F32_LOWEST"],
    ["infinity, by its bits", "const LOWEST = 0xff800000u;", "use F32_LOWEST"],
    ["a subgroup call without enable", "fn f(x: f32) -> f32 { return subgroupAdd(x); }", 'with "enable subgroups;"'],
  ];
  it.each(rules)("%s, in a kernel", (_, line, says) =>
    refuses({ file, find: main, put: `${line}\n${main}`, line, says }),
  );

  it("…, in a module that no kernel imports", () => {
    const folder = copy();
    write(folder, "lib/alone.wgsl", "// alone: nobody's.\nfn f(x: f32) -> f32 { return subgroupAdd(x); }\n");
    expect(() => build.compileShaders(join(folder, "shaders"))).toThrow("shaders/lib/alone.wgsl:2: only a module with");
  });

  it("may stand in comments; components may be read, assigned one by one, and compared", () => {
    const folder = copy();
    const legal = `${rules.map(([, line]) => `// ${line}`).join("\n")}
fn legal(a: vec4f) -> bool {
  var b = vec4f(a.xy, a.zw); // b.xy = a.xy
  b.x = a.y;
  let same = all(b.xy == a.xy);
  return same && a.x / 0.5 > 1.0;
}`;
    write(folder, file, read(folder, file).replace(main, `${legal}\n${main}`));
    expect(() => build.compileShaders(join(folder, "shaders"))).not.toThrow();
  });
});

describe("an estimator", () => {
  const states = { file: "estimators/mine.wgsl", find: "objective=surrogate", line: "// @estimator" };
  check({
    "without its @estimator line": {
      file: "estimators/mine.wgsl",
      find: "// @estimator ",
      put: "// estimator ",
      says: 'states its facts in a line "// @estimator',
    },
    "with a bad invariant": {
      ...states,
      find: "invariant=none",
      put: "invariant=scale",
      says: '"invariant" must be one of shift, none, got "scale"',
    },
    "with a bad objective": {
      ...states,
      put: "objective=loss",
      says: '"objective" must be one of bound, surrogate, got "loss"',
    },
    "with a bad bound": {
      ...states,
      find: "bound=lower",
      put: "bound=tight",
      says: '"bound" must be one of lower, upper, none, got "tight"',
    },
    "without one of its facts": { ...states, put: "", says: '"objective" must be one of bound, surrogate' },
  });

  const nwj = `// nwj: the bound of Nguyen, Wainwright and Jordan 2010.  I(X;Y) >= E_p[T] - E_q[exp(T - 1)]
// @estimator invariant=none objective=bound title="NWJ" bound=lower
import package::lib::records::{Hyper, ScoreStats};

fn estimator_joint_term(t: f32, h: Hyper) -> f32 { return 0.0; }
fn estimator_marginal_term(t: f32, h: Hyper) -> f32 { return exp(t - 1.0); }

fn estimator_objective(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean - s.marginal_term; }
fn estimator_value(s: ScoreStats, h: Hyper) -> f32 { return s.joint_mean - s.marginal_term; }

fn estimator_d_joint(t: f32, s: ScoreStats, h: Hyper) -> f32 { return 1.0 / s.joint_count; }
fn estimator_d_marginal(t: f32, s: ScoreStats, h: Hyper) -> f32 { return -exp(t - 1.0) / s.marginal_count; }
`;

  it("is one file: it appears as a form of every kernel with an estimator, and nothing else changes", () => {
    const folder = copy();
    const before = build.compileShaders(join(folder, "shaders"));
    write(folder, "estimators/nwj.wgsl", nwj);
    const after = build.compileShaders(join(folder, "shaders"));

    const facts = { invariant: "none", objective: "bound", title: "NWJ", bound: "lower" };
    expect(after.estimators.filter(({ name }) => name === "nwj")).toEqual([{ name: "nwj", slot: "nwj", ...facts }]);
    expect(after.estimators.filter(({ name }) => name !== "nwj")).toEqual(before.estimators);
    const changed: string[] = [];
    for (const [name, { slot, variants }] of Object.entries(after.kernels)) {
      const { nwj: added, ...others } = variants;
      expect({ slot, variants: others }, name).toEqual(before.kernels[name]);
      expect(added !== undefined, name).toBe(slot === "estimator");
      if (!added) continue;
      changed.push(name);
      expect(added.files, name).toContain("estimators/nwj.wgsl");
      expect(added.bindings, name).toEqual(others.mine!.bindings);
    }
    expect(changed).toEqual(expect.arrayContaining(["differentiate_scores", "push_window", "reduce_scores"]));
    expect(after.texts.delete("estimators/nwj.wgsl")).toBe(true);
    expect(after.texts).toEqual(before.texts);
    expect(after.structs).toEqual(before.structs);
  });

  it("reaches the generated types, too, with dashes in its name", () => {
    const folder = copy();
    write(folder, "estimators/nguyen_jordan.wgsl", nwj);
    expect(generate(folder)).toEqual({ status: 0, stderr: "" });
    const generated = readFileSync(join(folder, "src", "shaders.gen.ts"), "utf8");
    expect(generated).toMatch(/^export type EstimatorName = .*"nguyen-jordan"/m);
    expect(generated).toMatch(/^ {2}"nguyen-jordan": \{"slot":"nguyen_jordan","title":"NWJ"/m);
  });
});

/** `node build.mjs --shaders`, in a folder with shaders/. */
function generate(folder: string) {
  mkdirSync(join(folder, "src"));
  const args = [here("build.mjs"), "--shaders"];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  return { status, stderr };
}

describe("node build.mjs --shaders", () => {
  it("writes what the checkout holds: src/shaders.gen.ts is up to date", () => {
    const folder = copy();
    expect(generate(folder)).toEqual({ status: 0, stderr: "" });
    const current = readFileSync(here("src/shaders.gen.ts"), "utf8");
    expect(readFileSync(join(folder, "src", "shaders.gen.ts"), "utf8") === current, "run `node build.mjs`").toBe(true);
  });

  it("answers a defect with one line and exit code 1", () => {
    const folder = copy();
    write(folder, file, `\n${read(folder, file)}`);
    const stderr = `shaders/${file}:1: the header must begin "// average_window: purpose"\n`;
    expect(generate(folder)).toEqual({ status: 1, stderr });
  });
});
