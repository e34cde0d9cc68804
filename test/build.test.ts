/** The build: each defect in shaders/ is an error with file and line, and a new estimator is one new file. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { kernels, modules } from "../src/gpu/shaders.gen.ts";

interface Compiled {
  texts: Map<string, string>;
  kernels: Record<string, { slot?: string; variants: Record<string, { files: string[] }> }>;
  estimators: {
    name: string;
    slot: string;
    rows: boolean;
    baseline: string;
    parameters: Record<string, unknown>;
    title?: string;
    invariant: string;
    objective: string;
    bound: string;
  }[];
  sources: string[];
}
const root = fileURLToPath(new URL("../", import.meta.url));
const { compileShaders } = (await import(new URL("../build.mjs", import.meta.url).href)) as {
  compileShaders(root: string): Compiled;
};

/** The files of shaders/ that are kernels: all but what kernels import. */
const kernelFiles = () =>
  readdirSync(join(root, "shaders"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".wgsl"))
    .filter((file) => !/^(lib|estimators|sources|matmul|vector)\b/.test(file));

let shaders = "";
beforeEach(() => {
  shaders = mkdtempSync(join(tmpdir(), "remine-build-"));
  cpSync(join(root, "shaders"), shaders, { recursive: true });
});
afterEach(() => rmSync(shaders, { recursive: true }));

const read = (file: string) => readFileSync(join(shaders, file), "utf8");
const write = (file: string, text: string) => writeFileSync(join(shaders, file), text);

/** Replaces `from`, which must be there once. */
function edit(file: string, from: string, to: string): void {
  const parts = read(file).split(from);
  expect(parts, `"${from}" in ${file}`).toHaveLength(2);
  write(file, parts.join(to));
}

/** The line of `text` in a file, as an error names it. */
const lineOf = (file: string, text: string) => `shaders/${file}:${read(file).split(text)[0]!.split("\n").length}: `;

describe("shaders/", () => {
  it("has a test for every kernel, and a kernel for every test", () => {
    const tests = readdirSync(join(root, "test/kernels")).filter((file) => file.endsWith(".test.ts"));
    const tested = tests.map((file) => basename(file, ".test.ts")).sort();
    expect(tested).toEqual(
      kernelFiles()
        .map((file) => basename(file, ".wgsl"))
        .sort(),
    );
    expect(tested).toEqual(Object.keys(kernels).sort());
  });

  it("is what src/gpu/shaders.gen.ts was made from", () => {
    expect(Object.fromEntries(compileShaders(shaders).texts)).toEqual(modules);
  });
});

describe("node build.mjs --shaders", () => {
  /** Runs the build in a folder of its own. */
  function generate() {
    const folder = mkdtempSync(join(tmpdir(), "remine-build-"));
    try {
      cpSync(shaders, join(folder, "shaders"), { recursive: true });
      mkdirSync(join(folder, "src/gpu"), { recursive: true });
      const args = [join(root, "build.mjs"), "--shaders"];
      const { status, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
      return { status, stderr, text: status === 0 ? readFileSync(join(folder, "src/gpu/shaders.gen.ts"), "utf8") : "" };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it("writes the src/gpu/shaders.gen.ts of this checkout", () => {
    const { status, stderr, text } = generate();
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(text === readFileSync(join(root, "src/gpu/shaders.gen.ts"), "utf8"), "run `node build.mjs`").toBe(true);
  });

  it("answers a defect with one line and exit code 1", () => {
    edit("optimizer/average_window.wgsl", "// average_window: ", "\n// average_window: ");
    const stderr = 'shaders/optimizer/average_window.wgsl:1: the header must begin "// average_window: purpose"\n';
    expect(generate()).toEqual({ status: 1, stderr, text: "" });
  });

  it("gives a new estimator its name, with dashes, and its facts", () => {
    write("estimators/half_bound.wgsl", read("estimators/mine.wgsl"));
    const { text } = generate();
    expect(text).toMatch(/^export type EstimatorName = .*"half-bound"/m);
    expect(text).toMatch(/^ {2}"half-bound": \{"slot":"half_bound","rows":false,.*"title":"MINE"/m);
  });
});

describe("an import", () => {
  it.each([
    [
      "of a module that is not there",
      "lib::layer::{LayerDims}",
      "lib::layr::{LayerDims}",
      'there is no module "package::lib::layr"',
    ],
    ["of a name that is not there", "{LayerDims}", "{LayerDim}", 'shaders/lib/layer.wgsl does not declare "LayerDim"'],
    ["that nothing uses", "{WG_SIZE}", "{WG_SIZE, F32_LOWEST}", '"F32_LOWEST" is imported but not used'],
    [
      "that only a comment uses",
      "{WG_SIZE};",
      "{WG_SIZE, F32_LOWEST};\n// F32_LOWEST",
      '"F32_LOWEST" is imported but not used',
    ],
    ["of everything", "{LayerDims}", "*", 'write "import package::lib::name::{a, b};"'],
  ])("%s", (_, from, to, message) => {
    edit("critic/software/forward_output.wgsl", from, to);
    expect(() => compileShaders(shaders)).toThrow(lineOf("critic/software/forward_output.wgsl", to) + message);
  });
});

describe("a name", () => {
  it("declared twice in a file", () => {
    const again = "const WG_SIZE = 32u;";
    write("lib/geometry.wgsl", `${read("lib/geometry.wgsl")}${again}\n`);
    expect(() => compileShaders(shaders)).toThrow(`${lineOf("lib/geometry.wgsl", again)}"WG_SIZE" is declared twice`);
  });

  it("declared in two files of a kernel", () => {
    const again = "fn philox(a: u32) -> u32 { return a; }";
    write("lib/records.wgsl", `${read("lib/records.wgsl")}\n${again}\n`);
    const clash = '"philox" is also declared in shaders/lib/records.wgsl';
    expect(() => compileShaders(shaders)).toThrow(lineOf("lib/random.wgsl", "fn philox(counter") + clash);
  });
});

describe("a binding", () => {
  const file = "optimizer/software/step_sgd.wgsl";
  const last = "@group(0) @binding(3) var<storage, read_write> params: array<vec4f>;";

  it("that nothing uses", () => {
    const unused = "@group(0) @binding(4) var<storage, read> spare: array<f32>;";
    edit(file, last, `${last}\n${unused}`);
    expect(() => compileShaders(shaders)).toThrow(`${lineOf(file, unused)}binding "spare" is not used by ${file}`);
  });

  it("that leaves a gap", () => {
    edit(file, last, last.replace("(3)", "(4)"));
    expect(() => compileShaders(shaders)).toThrow(`shaders/${file}: bindings must be 0, 1, 2 …; "params" is 4`);
  });
});

describe("a kernel", () => {
  it("has a name of its own over all folders", () => {
    write("critic/step_sgd.wgsl", read("optimizer/software/step_sgd.wgsl"));
    expect(() => compileShaders(shaders)).toThrow(
      "shaders/optimizer/software/step_sgd.wgsl: there is a kernel of that name in shaders/critic/step_sgd.wgsl",
    );
  });

  it("may stand in a new folder", () => {
    mkdirSync(join(shaders, "annealing/software"), { recursive: true });
    write(
      "annealing/software/step_slowly.wgsl",
      read("optimizer/software/step_sgd.wgsl").replace("step_sgd:", "step_slowly:"),
    );
    expect(compileShaders(shaders).kernels.step_slowly!.variants.only!.files).toContain(
      "annealing/software/step_slowly.wgsl",
    );
  });
});

describe("a header", () => {
  const file = "optimizer/software/step_sgd.wgsl";
  const params = "//   params    (R, P)     read_write  (updated)";
  const d_params = "//   d_params  (R, P)     read\n";

  it.each([
    [
      "with another access",
      params,
      "//   params    (R, P)     read        (updated)",
      '"params" is read_write in the shader, read in the header',
    ],
    [
      "with an unknown shape symbol",
      params,
      "//   params    (R, Q)     read_write  (updated)",
      'shape symbol "Q" is not in the glossary',
    ],
    [
      "with another name",
      params,
      "//   weights   (R, P)     read_write  (updated)",
      'the header lists "weights" where the shader binds "params"',
    ],
    [
      "with another struct",
      "//   dims      ParamDims  uniform",
      "//   dims      LayerDims  uniform",
      '"dims" is a ParamDims, not a LayerDims',
    ],
    [
      "with one too many",
      params,
      `${params}\n//   spare     (R, P)     read`,
      'the header lists "spare", which the shader does not bind',
    ],
  ])("%s", (_, from, to, message) => {
    edit(file, from, to);
    const at = message.includes('"spare"') ? "//   spare" : to;
    expect(() => compileShaders(shaders)).toThrow(lineOf(file, at) + message);
  });

  it("in another order", () => {
    edit(file, d_params + params, `${params}\n${d_params.trimEnd()}`);
    expect(() => compileShaders(shaders)).toThrow(
      `${lineOf(file, params)}the header lists "params" where the shader binds "d_params"`,
    );
  });

  it("with a binding missing", () => {
    edit(file, `${params}\n`, "");
    expect(() => compileShaders(shaders)).toThrow(
      `shaders/${file}:1: the header does not list binding 3, "params" (read_write)`,
    );
  });

  it("of a source with a binding missing", () => {
    edit(
      "sources/gaussian.wgsl",
      "//   rho          (R, L)        read    correlation at each level of the staircase\n",
      "",
    );
    expect(() => compileShaders(shaders)).toThrow(/draw_batch\.wgsl:1: the header does not list binding 6, "rho"/);
  });

  it("without a dispatch line", () => {
    edit(file, "// dispatch  ", "// runs      ");
    expect(() => compileShaders(shaders)).toThrow(`shaders/${file}:1: the header has no "dispatch" line`);
  });

  it("that names another kernel", () => {
    edit(file, "// step_sgd: ", "// step_sdg: ");
    expect(() => compileShaders(shaders)).toThrow(`shaders/${file}:1: the header must begin "// step_sgd: purpose"`);
  });
});

describe("what is not portable", () => {
  it.each([
    ["fn f(p: ptr<storage, f32, read_write>) {}", "Naga takes no pointer"],
    ["fn f(p: ptr<workgroup, f32>) {}", "Naga takes no pointer"],
    ["  v.xy = vec2f();", "Naga refuses to assign to a swizzle"],
    ["  v.rgb *= 2.0;", "Naga refuses to assign to a swizzle"],
    ["requires immediate_address_space;", "language extensions are not portable"],
    ["fn f(@builtin(global_invocation_index) i: u32) {}", "global_invocation_index is not in Naga"],
    ["const INFINITE = 1.0 / 0.0;", "WGSL may assume that no value is infinite"],
    ["const INFINITE = bitcast<f32>(0xff800000u);", "WGSL may assume that no value is infinite"],
    ["fn f(x: f32) -> f32 { return subgroupAdd(x); }", 'only a module with "enable subgroups;"'],
  ])("%s", (line, message) => {
    for (const file of ["lib/pairs.wgsl", "estimators/mine.wgsl", "critic/forward_pairs.wgsl"]) {
      const before = read(file);
      write(file, `${before}\n${line}\n`);
      expect(() => compileShaders(shaders)).toThrow(lineOf(file, line) + message);
      write(file, before);
    }
  });

  it("is found in a module that no kernel imports", () => {
    write("lib/alone.wgsl", "// alone: nobody's.\nrequires immediate_address_space;\n");
    expect(() => compileShaders(shaders)).toThrow("shaders/lib/alone.wgsl:2: language extensions");
  });

  it("does not refuse to read a swizzle, to compare one, or to assign a component", () => {
    const legal =
      "fn legal(a: vec4f) -> bool {\n  var b = vec4f(a.xy, a.zw);\n  b.x = a.y;\n  return all(b.xy == a.xy);\n}";
    write("lib/pairs.wgsl", `${read("lib/pairs.wgsl")}\n${legal}\n`);
    compileShaders(shaders);
  });

  it("may stand in a comment", () => {
    write("lib/pairs.wgsl", `${read("lib/pairs.wgsl")}\n// No ptr<storage, f32> here, and no 1.0 / 0.0.\n`);
    compileShaders(shaders);
  });
});

describe("WGSL that does not parse", () => {
  it("names file and line, in a kernel and in what it imports", () => {
    for (const file of ["lib/pairs.wgsl", "critic/forward_pairs.wgsl"]) {
      const before = read(file);
      write(file, `${before}\nfn broken( {\n}\n`);
      expect(() => compileShaders(shaders)).toThrow(lineOf(file, "fn broken(").trimEnd());
      write(file, before);
    }
  });

  it("needs an entry point named main", () => {
    edit("optimizer/software/step_sgd.wgsl", "fn main(", "fn start(");
    expect(() => compileShaders(shaders)).toThrow(
      'shaders/optimizer/software/step_sgd.wgsl: a kernel has one entry point, named "main"',
    );
  });
});

describe("an estimator", () => {
  it("states its facts", () => {
    write("estimators/mine.wgsl", read("estimators/mine.wgsl").replaceAll("// @estimator ", "// estimator "));
    expect(() => compileShaders(shaders)).toThrow(
      'shaders/estimators/mine.wgsl:1: an estimator states its facts in a line "// @estimator …"',
    );
  });

  it.each([
    ["invariant=none", "invariant=some", '"invariant" must be one of none, shift, row, got "some"'],
    ["objective=surrogate", "objective=loss", '"objective" must be one of bound, surrogate, got "loss"'],
    ["objective=surrogate", "aim=surrogate", 'there is no fact "aim"'],
    ['title="MINE"', "", 'an estimator needs a title="…"'],
    ["bound=lower", "bound=tight", '"bound" must be one of lower, upper, none, got "tight"'],
  ])("states facts that exist: %s, not %j", (from, to, message) => {
    // A fact that is wrong is named with its line; one that is missing, with the last line of facts.
    edit("estimators/mine.wgsl", from, to);
    const lines = read("estimators/mine.wgsl").split("\n");
    const last = lines.findLastIndex((line) => line.startsWith("// @estimator ")) + 1;
    const own = lines.findIndex((line) => to !== "" && line.includes(to)) + 1;
    const atFact = `shaders/estimators/mine.wgsl:${message.startsWith("there is no") ? own : last}: `;
    expect(() => compileShaders(shaders)).toThrow(atFact + message);
  });

  const ema =
    "// @parameter emaRate = 0.01 in (0, 1]: weight of the newest batch in the moving average; 1 forgets the past";
  it.each([
    [
      "no default",
      "// @parameter emaRate in (0, 1]: weight",
      'write "// @parameter name = default in [least, most): mean',
    ],
    [
      "no range",
      "// @parameter emaRate = 0.01",
      'no file states the range of "emaRate": write "emaRate = 0.01 in [least',
    ],
    [
      "a range that is none",
      "// @parameter emaRate = 0.01 in (1, 0]: w",
      "a range is such as [0, inf), (0, 1] or widths",
    ],
    [
      "a closed end at infinity",
      "// @parameter emaRate = 1 in (0, inf]: w",
      "a range is such as [0, inf), (0, 1] or w",
    ],
    [
      "a default outside",
      "// @parameter emaRate = 0 in (0, 1]: w",
      'the default of "emaRate" must be in (0, 1], got 0',
    ],
    [
      "widths for a number",
      "// @parameter emaRate = [3] in (0, 1]: w",
      'the default of "emaRate" must be in (0, 1], got [3]',
    ],
    ["a width of 0", "// @parameter emaRate = [0] in widths: w", 'the default of "emaRate" must be in widths, got [0]'],
    ["a name that no formula reads", "// @parameter rate = 1 in (0, 1]: w", 'no formula reads the parameter "rate"'],
    ["a name that Hyper has", "// @parameter learningRate = 1 in (0, 1]: w", 'Hyper has a field "learning_rate"'],
    ["a name twice", `${ema}\n${ema}`, 'the parameter "emaRate" is stated twice'],
    ["other words than another file", "// @parameter tau = 1 in (0, 1]: w", '"tau" is stated in full in'],
  ])("states its parameters: not with %s", (_, line, message) => {
    edit("estimators/mine.wgsl", ema, line);
    expect(() => compileShaders(shaders)).toThrow(/^shaders\/estimators\/\w+\.wgsl:\d+: /);
    expect(() => compileShaders(shaders)).toThrow(message);
  });

  it("states every parameter that its formulas read", () => {
    edit("estimators/smile_js.wgsl", "// @parameter tau = 5\n", "");
    expect(() => compileShaders(shaders)).toThrow(
      'shaders/estimators/smile_js.wgsl:1: its formulas read h.tau, but no line "// @parameter tau = …" states it',
    );
  });

  it("takes the parameters of the modules that it imports, with defaults of its own", () => {
    const parameters = Object.fromEntries(compileShaders(shaders).estimators.map((e) => [e.name, e.parameters]));
    expect(parameters["remine-l1"]).toEqual({ lambda: 0.1, C: 0 });
    expect(parameters.nwj).toEqual({ lambda: 0, C: 1 });
    expect(parameters["i-alpha"]).toEqual({ alpha: 0.01, baseline: [64, 64] });
    expect(parameters.ccmi).toEqual({});
  });

  it("says baseline=none if and only if it has no gradient by one", () => {
    edit("estimators/mine.wgsl", "value=dv", "value=dv baseline=x");
    expect(() => compileShaders(shaders)).toThrow("baseline=x, but estimator_d_baseline is not declared");
  });

  it("declares what the slot asks for", () => {
    edit("estimators/mine.wgsl", "fn estimator_d_joint(", "fn estimator_d_joined(");
    expect(() => compileShaders(shaders)).toThrow('shaders/estimators/mine.wgsl does not declare "estimator_d_joint"');
  });

  it("is refused by a kernel whose header names an optional function of it", () => {
    edit(
      "resident/software/differentiate_batch.wgsl",
      "// without   estimator_row_terms",
      "// without   estimator_joint_term",
    );
    expect(() => compileShaders(shaders)).toThrow('"without" names "estimator_joint_term", which is not optional');
  });

  it("is one new file: the registry and every kernel with the slot take it up", () => {
    const before = compileShaders(shaders);
    const text = read("estimators/donsker_varadhan.wgsl").replace('title="Donsker-Varadhan"', 'title="Half of it"');
    write(
      "estimators/half_bound.wgsl",
      text.replaceAll("s.joint_mean - s.marginal_lme", "0.5 * (s.joint_mean - s.marginal_lme)"),
    );
    const after = compileShaders(shaders);
    const names = (list: { name: string }[]) => list.map(({ name }) => name);
    expect(names(after.estimators)).toEqual([...names(before.estimators), "half-bound"].sort());
    const original = before.estimators.find(({ name }) => name === "donsker-varadhan");
    const added = after.estimators.find(({ name }) => name === "half-bound");
    expect(added).toEqual({ ...original, name: "half-bound", slot: "half_bound", title: "Half of it" });
    const slotted = Object.entries(after.kernels).filter(([, { slot }]) => slot === "estimator");
    expect(slotted.length).toBeGreaterThan(3);
    for (const [name, { variants }] of slotted) {
      if (!variants.half_bound) {
        expect(["reduce_rows", "differentiate_baseline"]).toContain(name); // built for those that ask for them
        continue;
      }
      // Its header says "without" for what looks at rows or has a baseline.
      const all = !["differentiate_batch", "finish_step"].includes(name);
      const taken = after.estimators.filter(({ rows, baseline }) => all || (!rows && baseline === "none"));
      expect(Object.keys(variants)).toEqual(taken.map(({ slot }) => slot));
      expect(variants.half_bound!.files).toContain("estimators/half_bound.wgsl");
      expect(basename(variants.half_bound!.files.at(-1)!)).toBe(`${name}.wgsl`);
    }
    // Nothing else changed.
    const { "estimators/half_bound.wgsl": code, ...others } = Object.fromEntries(after.texts);
    expect(code).toContain("0.5 * ");
    expect(others).toEqual(Object.fromEntries(before.texts));
  });
});
