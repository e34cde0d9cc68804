// Turns shaders/ into src/gpu/shaders.gen.ts, then bundles src/ and demos/ into dist/.
//
//   node build.mjs            everything
//   node build.mjs --shaders  only src/gpu/shaders.gen.ts
//
// A kernel is one file in a folder of shaders/, and has its name: no two folders may have a kernel of one name. What only
// software adapters run stands in folders named software/. `import package::lib::x::{a, b};` pastes lib/x.wgsl once, in
// dependency order, and leaves an empty line, so line numbers hold. `package::estimator`, `package::source`,
// `package::matmul` and `package::vector` are slots: the kernel is built once for each file that fits. What fills a slot may
// hand on what it imports. With two slots it is built for each file of the one with each of the other, as "gaussian/remine".
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { WgslReflect } from "wgsl_reflect/wgsl_reflect.module.js";
import { BuildError } from "./scripts/build-error.mjs";
import { estimatorTypes, readEstimators } from "./scripts/estimator-facts.mjs";
import { lintHeader, lintPortability } from "./scripts/lint-wgsl.mjs";

const IMPORT = /^import package::([a-z_]+(?:::[a-z_]+)*)::\{([^}]*)\};\s*$/;
const DECLARATION = /^(?:fn|struct|const|override|alias|var(?:<[^>]*>)?)\s+([A-Za-z_]\w*)/;

/** Reads one WGSL file into its imports and a body whose import and enable lines are blank. */
function readModule(root, file) {
  const imports = [];
  const enables = [];
  const names = new Map();
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  const body = lines.map((line, i) => {
    const at = `shaders/${file}:${i + 1}`;
    if (line.startsWith("import ")) {
      const match = IMPORT.exec(line);
      if (!match) throw new BuildError(`${at}: write "import package::lib::name::{a, b};", got "${line}"`);
      imports.push({
        module: match[1],
        names: match[2]
          .split(",")
          .map((n) => n.trim())
          .filter(Boolean),
        at,
      });
      return "";
    }
    const enable = /^enable (\w+);/.exec(line);
    if (enable) {
      enables.push(enable[1]);
      return "";
    }
    const name = DECLARATION.exec(line.replace(/^(@\w+(\([^)]*\))?\s*)+/, ""))?.[1];
    if (name) {
      if (names.has(name)) throw new BuildError(`${at}: "${name}" is declared twice`);
      names.set(name, i + 1);
    }
    return line;
  });
  return { file, lines, body, imports, enables, names };
}

/** The folder whose files fill a slot: all of them, or those that declare a function, beside which its parts stand. */
const SLOTS = {
  estimator: { folder: "estimators" },
  source: { folder: "sources" },
  matmul: { folder: "matmul", declaring: "multiply_tile" },
  vector: { folder: "vector" },
};

const byName = (file) => `${basename(file)} ${file}`;

/** Everything under shaders/: modules by path ("lib::random"), what fills each slot, and kernels, which stand elsewhere. */
function readShaders(root) {
  const files = readdirSync(root, { recursive: true })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".wgsl"))
    .sort((a, b) => (byName(a) < byName(b) ? -1 : 1));
  const all = files.map((file) => readModule(root, file));
  const within = (folder) => all.filter(({ file }) => file.startsWith(`${folder}/`));
  const slot = ({ folder, declaring }) =>
    within(folder)
      .filter(({ names }) => !declaring || names.has(declaring))
      .map((module) => ({ name: basename(module.file, ".wgsl"), module }));
  const parts = ["lib", ...Object.values(SLOTS).map(({ folder }) => folder)].flatMap(within);
  const kernels = all.filter((module) => !parts.includes(module));
  for (const [i, { file }] of kernels.entries()) {
    const twin = kernels[i - 1];
    if (twin && basename(twin.file) === basename(file))
      throw new BuildError(`shaders/${file}: there is a kernel of that name in shaders/${twin.file}`);
  }
  return {
    modules: new Map(parts.map((module) => [module.file.slice(0, -".wgsl".length).replaceAll("/", "::"), module])),
    slots: Object.fromEntries(Object.entries(SLOTS).map(([name, where]) => [name, slot(where)])),
    kernels,
  };
}

/** The modules a kernel needs, dependencies first, the kernel last. `choice` has the module in each slot. */
function link(kernel, choice, { modules, slots }) {
  const ordered = [];
  const open = [];
  const filling = Object.values(choice);
  const visit = (module, from) => {
    if (ordered.includes(module)) return;
    if (open.includes(module)) throw new BuildError(`${from}: shaders/${module.file} imports itself through this line`);
    open.push(module);
    for (const { module: path, names, at } of module.imports) {
      const target = slots[path] ? choice[path] : modules.get(path);
      if (!target) throw new BuildError(`${at}: there is no module "package::${path}"`);
      const text = module.body.join("\n").replace(/\/\/.*$/gm, "");
      for (const name of names) {
        const offered = target.names.has(name) || (slots[path] && target.imports.some((i) => i.names.includes(name)));
        if (!offered) throw new BuildError(`${at}: shaders/${target.file} does not declare "${name}"`);
        const used = filling.includes(module) || new RegExp(`\\b${name}\\b`).test(text);
        if (!used) throw new BuildError(`${at}: "${name}" is imported but not used`);
      }
      visit(target, at);
    }
    open.pop();
    ordered.push(module);
  };
  visit(kernel);
  const owner = new Map();
  for (const module of ordered) {
    for (const [name, line] of module.names) {
      const other = owner.get(name);
      if (other) throw new BuildError(`shaders/${module.file}:${line}: "${name}" is also declared in shaders/${other}`);
      owner.set(name, module.file);
    }
  }
  return ordered;
}

/** The file and line that a line of linked code came from. */
function locate(code, line) {
  const lines = code.split("\n").slice(0, line);
  const marker = lines.findLastIndex((l) => l.startsWith("// ---- "));
  return marker < 0 ? undefined : `shaders/${lines[marker].slice(8)}:${line - marker - 1}`;
}

/** The unsigned constants that a module declares. */
function constantsOf(module) {
  const found = module.body.map((line) => /^const ([A-Z][A-Z0-9_]*) = (\d+)u;/.exec(line)).filter(Boolean);
  return Object.fromEntries(found.map(([, name, value]) => [name, Number(value)]));
}

const FIRST_OF_SOURCE = 5;
const AFTER_SOURCE = 9;

/** What was reflected before, by code: the tests compile everything dozens of times, with one file changed. */
const reflected = new Map();

/** What reflection says of a linked kernel: bindings, workgroup size, constants, structs. */
function reflect(ordered, code) {
  if (reflected.has(code)) return reflected.get(code);
  const facts = freshlyReflected(ordered, code);
  reflected.set(code, facts);
  return facts;
}

function freshlyReflected(ordered, code) {
  const kernel = ordered.at(-1);
  let reflection;
  try {
    reflection = new WgslReflect(code);
  } catch (error) {
    const line = Number(/Line: (\d+)/.exec(error.message ?? "")?.[1] ?? 0);
    throw new BuildError(`${locate(code, line) ?? `shaders/${kernel.file}`}: ${error.message ?? error}`);
  }
  const entry = reflection.entry.compute[0];
  if (reflection.entry.compute.length !== 1 || entry.name !== "main") {
    throw new BuildError(`shaders/${kernel.file}: a kernel has one entry point, named "main"`);
  }
  const bindings = entry.resources
    .map((r) => ({
      name: r.name,
      binding: r.binding,
      access: r.access === "read_write" ? "read_write" : r.type.name === "array" ? "read" : "uniform",
      struct: r.type.isStruct ? r.type.name : r.type.format?.isStruct ? r.type.format.name : undefined,
      stride: r.type.isArray ? r.type.stride : undefined,
    }))
    .sort((a, b) => a.binding - b.binding);
  for (const module of ordered) {
    module.body.forEach((line, i) => {
      const declared = /@binding\((\d+)\).*?\b(\w+):/.exec(line);
      if (declared && !bindings.some((b) => b.name === declared[2])) {
        throw new BuildError(`shaders/${module.file}:${i + 1}: binding "${declared[2]}" is not used by ${kernel.file}`);
      }
    });
  }
  // Sources bind what they need from FIRST_OF_SOURCE on, and few need all: what a kernel binds after that may leave a gap.
  const drawn = ordered.some((module) => module.file.startsWith("sources/"));
  let next = 0;
  for (const { name, binding } of bindings) {
    const after = drawn && next >= FIRST_OF_SOURCE && binding === AFTER_SOURCE;
    if (binding !== next && !after)
      throw new BuildError(`shaders/${kernel.file}: bindings must be 0, 1, 2 …; "${name}" is ${binding}`);
    next = binding + 1;
  }
  const constants = Object.assign({}, ...ordered.map(constantsOf));
  const structs = Object.fromEntries(
    reflection.structs.map((s) => [
      s.name,
      { size: s.size, fields: s.members.map((m) => [m.name, m.type.name, m.offset]) },
    ]),
  );
  const overrides = reflection.overrides.map((o) => o.name);
  return { bindings, constants, structs, overrides };
}

/** All kernels, linked, reflected and linted. */
export function compileShaders(root) {
  const shaders = readShaders(root);
  const stated = readEstimators(shaders);
  const glossary = shaders.modules.get("lib::geometry").lines;
  const texts = new Map();
  const structs = {};
  const kernels = {};
  for (const module of [...shaders.modules.values(), ...shaders.kernels]) lintPortability(module);
  for (const kernel of shaders.kernels) {
    const name = basename(kernel.file, ".wgsl");
    const filled = [...new Set(kernel.imports.map((i) => i.module))].filter((path) => shaders.slots[path]);
    const variants = {};
    for (const choice of choices(kernel, filled, shaders)) {
      const picked = Object.fromEntries(filled.map((path, i) => [path, choice[i].module]));
      const form = choice.map((option) => option.name).join("/") || "only";
      const ordered = link(kernel, picked, shaders);
      for (const module of ordered) {
        // Comments go, lines stay, so that an error's line is the line of the file.
        texts.set(
          module.file,
          module.body
            .map((line) => line.replace(/\s*\/\/.*$/, ""))
            .join("\n")
            .trimEnd(),
        );
      }
      const features = [...new Set(ordered.flatMap((m) => m.enables))];
      const code = assemble(
        ordered.map((m) => m.file),
        features,
        texts,
      );
      const facts = reflect(ordered, code);
      lintHeader(kernel, Object.values(picked), facts.bindings, glossary);
      Object.assign(structs, facts.structs);
      variants[form] = { files: ordered.map((m) => m.file), features, ...facts, structs: undefined };
    }
    kernels[name] = { slot: filled.join("/") || undefined, variants };
  }
  const geometry = constantsOf(shaders.modules.get("lib::geometry"));
  return {
    texts,
    structs,
    kernels,
    geometry,
    ...stated,
    sources: shaders.slots.source.map((s) => s.name),
  };
}

/** Every way to fill a kernel's slots: one option for each, in their order. A kernel without slots has one way. */
function choices(kernel, filled, shaders) {
  return filled.reduce(
    (ways, slot) => ways.flatMap((way) => fitting(kernel, slot, shaders).map((option) => [...way, option])),
    [[]],
  );
}

/**
 * The files of a slot that declare what the kernel imports from it. An optional function narrows a kernel to its files;
 * a header line "// without   a, b" keeps the files out that declare one of these.
 */
function fitting(kernel, slot, { slots }) {
  const asked = kernel.imports.filter((i) => i.module === slot);
  const optional = (name) => OPTIONAL.has(name);
  const lacking = ({ module }) => asked.some((i) => i.names.some((n) => optional(n) && !module.names.has(n)));
  const line = kernel.lines.find((l) => l.startsWith("// without"));
  const refused = line
    ? line
        .slice("// without".length)
        .split(",")
        .map((n) => n.trim())
    : [];
  for (const name of refused) {
    if (!optional(name))
      throw new BuildError(`shaders/${kernel.file}:1: "without" names "${name}", which is not optional`);
  }
  const refuses = ({ module }) => refused.some((n) => module.names.has(n));
  return slots[slot].filter((option) => !lacking(option) && !refuses(option));
}

/**
 * What an estimator defines only if it looks at whole rows, or has a baseline network; and what the form of the matrix product
 * for few inputs does, which is for plain layers.
 */
const OPTIONAL = new Set(["estimator_row_terms", "estimator_d_baseline", "sums_of"]);

/** One WGSL text; `// ---- file` lines let an error be traced back. */
function assemble(files, features, texts) {
  return features.map((f) => `enable ${f};\n`).join("") + files.map((f) => `// ---- ${f}\n${texts.get(f)}\n`).join("");
}

const scalar = { u32: "number", f32: "number", i32: "number" };

const json = (value) => JSON.stringify(value);

/** The TypeScript of src/gpu/shaders.gen.ts. */
function generate({ texts, structs, kernels, geometry, estimators, parameters, sources }) {
  return [
    "// Generated by build.mjs from shaders/. Not edited, not committed.",
    'import type { Tensor } from "./tensor.ts";',
    "",
    "/** Every WGSL module, without comments. */",
    "export const modules: Record<string, string> = {",
    ...[...texts].sort().map(([file, text]) => `  ${json(file)}: ${json(text)},`),
    "};",
    "",
    ...structTypes(structs),
    "/** The constants of lib/geometry.wgsl. */",
    `export const geometry = ${json(geometry)} as const;`,
    "",
    ...bindingTypes(kernels),
    ...kernelTable(kernels, [...texts.keys()].sort()),
    ...estimatorTypes(estimators, parameters),
    "/** The name of a source: that of its file in shaders/sources/. */",
    `export type SourceName = ${sources.map((s) => json(s)).join(" | ")};`,
    "",
  ].join("\n");
}

function structTypes(structs) {
  const names = Object.keys(structs).sort();
  const flat = names.filter((name) => structs[name].fields.every(([, type]) => scalar[type]));
  const fieldsOf = (name) => structs[name].fields.map(([f, type]) => `${f}: ${scalar[type]}`).join("; ");
  return [
    ...flat.map(
      (name) => `/** The WGSL struct of this name, field by field. */\nexport interface ${name} { ${fieldsOf(name)} }`,
    ),
    "",
    "/** Byte layouts of the WGSL structs: [field, type, offset]. */",
    "export const structs = {",
    ...names.map((name) => `  ${name}: ${json(structs[name])},`),
    "} as const;",
    "",
  ];
}

function bindingTypes(kernels) {
  const shapeOf = ({ bindings }) =>
    `{ ${bindings.map((b) => `${b.name}: ${b.access === "uniform" ? b.struct : "Tensor"}`).join("; ")} }`;
  return [
    "/** What each kernel binds, by the names of the WGSL. */",
    "export interface KernelBindings {",
    ...Object.entries(kernels).map(
      ([name, { variants }]) => `  ${name}: ${[...new Set(Object.values(variants).map(shapeOf))].join(" | ")};`,
    ),
    "}",
    "",
    "/** A form of a kernel: the modules it is linked of, what it needs, and what reflection says of it. */",
    "export interface Variant {",
    "  files: readonly string[];",
    "  features: readonly string[];",
    '  bindings: readonly { name: string; binding: number; access: "uniform" | "read" | "read_write"; struct?: string; stride?: number }[];',
    "  constants: Readonly<Record<string, number>>;",
    "  overrides: readonly string[];",
    "}",
    "",
  ];
}

/** @param files names of all, in the order of the generated `modules` */
function kernelTable(kernels, files) {
  const places = new Map(files.map((file, i) => [file, i]));
  // Most forms of a kernel differ in their files alone; what they share is written once.
  const shared = new Map();
  const once = (value) => {
    const text = json(value);
    if (!shared.has(text)) shared.set(text, shared.size);
    return `shared[${shared.get(text)}]!`;
  };
  const lines = Object.entries(kernels).map(([name, { slot, variants }]) => {
    const forms = Object.entries(variants).map(([form, { files, features, bindings, constants, overrides }]) => {
      const facts = { features, bindings, constants, overrides };
      return `${json(form)}: { files: named(${files.map((file) => places.get(file)).join(", ")}), ...${once(facts)} }`;
    });
    return `  ${name}: { ${slot ? `slot: ${json(slot)}, ` : ""}variants: { ${forms.join(", ")} } },`;
  });
  return [
    'const shared: Omit<Variant, "files">[] = [',
    ...[...shared.keys()].map((text) => `  ${text},`),
    "];",
    "const names = Object.keys(modules);",
    "const named = (...places: number[]): readonly string[] => places.map((place) => names[place]!);",
    "/** Kernel, then what fills its slot. */",
    "export const kernels: Record<keyof KernelBindings, { slot?: string; variants: Record<string, Variant> }> = {",
    ...lines,
    "};",
    "",
  ];
}

async function bundle() {
  const { build } = await import("esbuild");
  const { bundles } = await import("./scripts/bundles.mjs");
  const { buildPages } = await import("./scripts/pages.mjs");
  const { licences } = await import("./scripts/licences.mjs");
  const metafiles = [];
  const recorded = async (options) => metafiles.push((await build({ ...options, metafile: true })).metafile);
  for (const options of bundles())
    await recorded({ bundle: true, format: "esm", target: "es2022", logLevel: "warning", ...options });
  await buildPages(recorded);
  dropOldChunks(metafiles);
  writeFileSync("dist/THIRD-PARTY-LICENSES.txt", licences(metafiles));
}

/** Their names are hashes. They go last, so that what runs meanwhile finds its own. */
function dropOldChunks(metafiles) {
  const made = new Set(metafiles.flatMap(({ outputs }) => Object.keys(outputs)));
  for (const name of readdirSync("dist/chunks")) if (!made.has(`dist/chunks/${name}`)) rmSync(`dist/chunks/${name}`);
}

if (process.argv[1] && import.meta.url.endsWith(basename(process.argv[1]))) {
  try {
    const compiled = compileShaders("shaders");
    mkdirSync("dist", { recursive: true });
    const text = generate(compiled);
    let old = "";
    try {
      old = readFileSync("src/gpu/shaders.gen.ts", "utf8");
    } catch {}
    if (old !== text) writeFileSync("src/gpu/shaders.gen.ts", text);
    if (!process.argv.includes("--shaders")) await bundle();
  } catch (error) {
    if (!(error instanceof BuildError) && error.constructor.name !== "LintError") throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
