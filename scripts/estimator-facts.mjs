// What the files of estimators state of themselves, in lines `// @estimator …` and `// @parameter …`, and the TypeScript of it.
//
// A parameter is stated in full where it belongs, in an estimator's file or in a module of lib/ that estimators import:
//
//   // @parameter lambda = 0.1 in [0, inf): weight of the regulariser
//   // @parameter tau = 10 in (0, 80], e^80 is about what a float holds: scores are clipped to [-tau, tau]
//   // @parameter baseline = [64, 64] in widths: hidden widths of the network that learns a baseline
//
// An estimator takes what its own file states and what the modules that it imports state. Another default, and a parameter
// that another file states in full, take a short line: `// @parameter lambda = 0.2`. A number is a field of Hyper
// (lib/records.wgsl) by its name in snake_case; formulas read it as h.lambda, h.ema_rate, h.C.
import { BuildError } from "./build-error.mjs";

/** The facts that an estimator states in its @estimator lines: the values that each may have, its default first. */
const FACTS = {
  invariant: ["none", "shift", "row"], //  what can be added to T without a change of the value
  objective: ["bound", "surrogate"], //    whether what is trained is what is reported
  bound: ["lower", "upper", "none"], //    what the value is to the MI
  value: ["own", "dv"], //                 dv: the value is Donsker-Varadhan's
  pairs: ["any", "rows"], //               rows: wants many marginal pairs per joint pair
  critic: ["any", "density"], //           density: T must be log q(y | x)
  // exp: the gradient by a marginal score T is exp(T) times a number of the batch, and that by a joint score needs no
  // statistics of the joint pairs
  marginal: ["any", "exp"],
  baseline: ["none", "x", "pair"], //      what a baseline network sees
  output: ["log-ratio", "other"], //       what T is at the optimum, up to a constant (or a function of x, for rows)
};
const TEXTS = ["title", "paper", "statement", "use"];

function factsOf({ name, module }) {
  const facts = {};
  let at = `shaders/${module.file}:1`;
  module.lines.forEach((line, i) => {
    if (!line.startsWith("// @estimator ")) return;
    at = `shaders/${module.file}:${i + 1}`;
    for (const [, key, quoted, plain] of line.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)) {
      if (!(key in FACTS) && !TEXTS.includes(key)) throw new BuildError(`${at}: there is no fact "${key}"`);
      facts[key] = quoted ?? plain;
    }
  });
  if (Object.keys(facts).length === 0)
    throw new BuildError(`${at}: an estimator states its facts in a line "// @estimator …"`);
  for (const [key, values] of Object.entries(FACTS)) {
    facts[key] ??= values[0];
    if (!values.includes(facts[key]))
      throw new BuildError(`${at}: "${key}" must be one of ${values.join(", ")}, got "${facts[key]}"`);
  }
  for (const key of TEXTS) if (!facts[key]) throw new BuildError(`${at}: an estimator needs a ${key}="…"`);
  const declares = (fn) => module.names.has(fn);
  if (declares("estimator_d_baseline") !== (facts.baseline !== "none"))
    throw new BuildError(
      `${at}: baseline=${facts.baseline}, but estimator_d_baseline is ${declares("estimator_d_baseline") ? "" : "not "}declared`,
    );
  return { name: name.replaceAll("_", "-"), slot: name, rows: declares("estimator_row_terms"), ...facts };
}

const STATEMENT =
  /^\/\/ @parameter ([a-zA-Z]\w*) = (\[[\d, ]*\]|\S+)(?: in (widths|[[(][^\])]*[\])])(?:, ([^:]+))?: (.+))?$/;

/** The @parameter lines of a module: name -> its default, and what is said of it where it is stated in full. */
function statementsOf(module) {
  const stated = new Map();
  module.lines.forEach((line, i) => {
    if (!line.startsWith("// @parameter")) return;
    const at = `shaders/${module.file}:${i + 1}`;
    const match = STATEMENT.exec(line);
    if (!match)
      throw new BuildError(`${at}: write "// @parameter name = default in [least, most): meaning", got "${line}"`);
    const [, name, value, range, because, meaning] = match;
    if (stated.has(name)) throw new BuildError(`${at}: the parameter "${name}" is stated twice`);
    stated.set(name, { at, value, meaning, ...(range && { range: rangeOf(range, because, at) }) });
  });
  return stated;
}

/** "(0, 80]" as text, as a condition on v in TypeScript, and as what a message says a value must be. */
function rangeOf(text, because, at) {
  if (text === "widths") return { text, holds: undefined, must: "widths" };
  const bound = "(-?inf|-?\\d+(?:\\.\\d+)?)";
  const [, open, low, high, close] = new RegExp(`^([[(])${bound}, ${bound}([\\])])$`).exec(text) ?? [];
  const [least, most] = [low, high].map((end) => Number(end?.replace("inf", "Infinity")));
  if (open === undefined || !(least < most) || (open === "[" && low === "-inf") || (close === "]" && high === "inf"))
    throw new BuildError(`${at}: a range is such as [0, inf), (0, 1] or widths, got "${text}"`);
  const holds = `v ${open === "[" ? ">=" : ">"} ${least} && v ${close === "]" ? "<=" : "<"} ${most}`;
  const reason = because ? `: ${because}` : "";
  if (high !== "inf") return { text, holds, must: `in ${text}${reason}` };
  const numbers = low === "-inf" ? "a finite number" : `a number ${open === "[" ? "of at least" : "above"} ${least}`;
  return { text, holds, must: numbers + reason };
}

/** A default, checked against the range that is stated in full. */
function defaultOf({ at, value }, name, { text, holds }) {
  const isWidths = value.startsWith("[");
  const parsed = isWidths ? value.slice(1, -1).split(",").filter(Boolean).map(Number) : Number(value);
  const fits = text === "widths" ? isWidths && parsed.every((width) => width > 0) : !isWidths && inRange(holds, parsed);
  if (!fits) throw new BuildError(`${at}: the default of "${name}" must be in ${text}, got ${value}`);
  return parsed;
}

const inRange = (holds, v) =>
  holds.split(" && ").every((part) => {
    const [, sign, end] = part.split(" ");
    return { ">": v > end, ">=": v >= end, "<": v < end, "<=": v <= end }[sign];
  });

/** A capital after a small letter is a break between words: emaRate -> ema_rate, C -> C. */
const fieldOf = (name) => name.replace(/(?<=[a-z])[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);

/** What the modules that `module` imports, and it last, are: those in `modules`. */
function withImports(module, modules) {
  const imported = module.imports.map(({ module: path }) => modules.get(path)).filter(Boolean);
  return [...new Set([...imported.flatMap((other) => withImports(other, modules)), module])];
}

/** Every parameter as it is stated in full: name -> field, range, meaning. */
function parametersOf(stated) {
  const parameters = new Map();
  for (const [name, { at, range, meaning }] of stated.flatMap((map) => [...map])) {
    if (!range) continue;
    const known = parameters.get(name);
    if (known && (known.meaning !== meaning || known.range.text !== range.text))
      throw new BuildError(
        `${at}: "${name}" is stated in full in ${known.at}: here only its default, or the same words`,
      );
    parameters.set(name, known ?? { at, range, meaning, field: range.holds && fieldOf(name) });
  }
  return parameters;
}

const READS = /\bh\.(\w+)/g;
const codeOf = (module) => module.body.join("\n").replace(/\/\/.*$/gm, "");

/** The parameters that one estimator takes, with its defaults; every one that its formulas read is among them. */
function takenBy({ module }, modules, statements, parameters) {
  const parts = withImports(module, modules);
  const taken = {};
  for (const [name, statement] of parts.flatMap((part) => [...statements.get(part)])) {
    const full = parameters.get(name);
    if (!full)
      throw new BuildError(
        `${statement.at}: no file states the range of "${name}": write "${name} = ${statement.value} in [least, most): meaning"`,
      );
    taken[name] = defaultOf(statement, name, full.range);
  }
  const fields = new Map([...parameters].map(([name, { field }]) => [field, name]));
  for (const [, field] of parts.flatMap((part) => [...codeOf(part).matchAll(READS)])) {
    const name = fields.get(field);
    if (name && !(name in taken))
      throw new BuildError(
        `shaders/${module.file}:1: its formulas read h.${field}, but no line "// @parameter ${name} = …" states it`,
      );
  }
  return taken;
}

/** Puts the fields of the parameters into Hyper, on one line, so that line numbers hold. */
function writeFields(records, parameters) {
  const first = records.lines.findIndex((line) => line.startsWith("struct Hyper"));
  const line = records.lines.findIndex((text) => text.trim().startsWith("// @parameters"));
  if (line < 0) throw new BuildError(`shaders/${records.file}:1: Hyper has no line "// @parameters"`);
  const hyper = records.lines.slice(first, records.lines.indexOf("}", first));
  const own = hyper.map((text) => /^ {2}(\w+): /.exec(text)?.[1]).filter(Boolean);
  const numbers = [...parameters].filter(([, { field }]) => field);
  for (const [name, { at, field }] of numbers) {
    if (own.includes(field))
      throw new BuildError(`${at}: "${name}" cannot be a parameter: Hyper has a field "${field}"`);
  }
  records.body[line] = `  ${numbers.map(([, { field }]) => `${field}: f32,`).join(" ")}`;
}

/**
 * What all estimators state, and what their parameters are, whose fields it writes into Hyper at its line "// @parameters".
 */
export function readEstimators({ modules, slots, kernels }) {
  const files = slots.estimator.map(({ module }) => module);
  const statements = new Map([...modules.values(), ...files].map((module) => [module, statementsOf(module)]));
  const parameters = parametersOf([...statements.values()]);
  const everything = [...modules.values(), ...files, ...kernels].map(codeOf).join("\n");
  for (const [name, { at, field }] of parameters) {
    if (field && !new RegExp(`\\b(h|hyper\\[[^\\]]*\\])\\.${field}\\b`).test(everything))
      throw new BuildError(`${at}: no formula reads the parameter "${name}", which is h.${field}`);
  }
  const estimators = slots.estimator.map((option) => ({
    ...factsOf(option),
    parameters: takenBy(option, modules, statements, parameters),
  }));
  writeFields(modules.get("lib::records"), parameters);
  return { estimators, parameters };
}

const json = (value) => JSON.stringify(value);

/** The part of src/gpu/shaders.gen.ts that is about estimators. */
export function estimatorTypes(estimators, parameters) {
  const type = ({ field }) => (field ? "PerReplica" : "readonly number[]");
  const union = (names) => names.map(json).join(" | ") || "never";
  const factTypes = Object.entries(FACTS).map(([key, values]) => `${key}: ${union(values)}`);
  return [
    "/** The name of a trained estimator: that of its file in shaders/estimators/. */",
    `export type EstimatorName = ${union(estimators.map((e) => e.name))};`,
    "",
    "/** One value for all replicas, or one for each. */",
    "export type PerReplica = number | readonly number[];",
    "",
    "/** What estimators can be told; `ParameterNames` says which of them each takes. */",
    "export interface EstimatorParameters {",
    ...[...parameters].flatMap(([name, facts]) => [
      `  /** ${facts.meaning[0].toUpperCase()}${facts.meaning.slice(1)}.${facts.field ? ` In ${facts.range.text}.` : ""} */`,
      `  ${name}?: ${type(facts)} | undefined;`,
    ]),
    "}",
    "",
    "/** The parameters that each estimator takes. */",
    "export interface ParameterNames {",
    ...estimators.map((e) => `  ${json(e.name)}: ${union(Object.keys(e.parameters))};`),
    "}",
    "",
    "/** A parameter: its meaning; of a number also its field of Hyper and its range, of widths neither. */",
    "export interface ParameterFacts {",
    "  meaning: string;",
    "  number?: {",
    "    field: keyof Hyper;",
    "    must: string;",
    "    /** Whether a value is in the parameter's range. */",
    "    holds: (v: number) => boolean;",
    "  };",
    "}",
    "",
    "/** The parameters that estimators state, and the modules that they import. */",
    "export const parameters: Record<keyof EstimatorParameters, ParameterFacts> = {",
    ...[...parameters].map(([name, { field, meaning, range }]) => {
      const number = `number: { field: ${json(field)}, must: ${json(range.must)}, holds: (v) => ${range.holds} }`;
      return `  ${name}: { meaning: ${json(meaning)}${field ? `, ${number}` : ""} },`;
    }),
    "};",
    "",
    "/** What an estimator's file states of it (scripts/estimator-facts.mjs); `rows`: it looks at whole rows of scores. */",
    `export interface EstimatorFacts { slot: string; rows: boolean; ${[...TEXTS.map((t) => `${t}: string`), ...factTypes].join("; ")}; parameters: EstimatorParameters }`,
    "",
    "/** The estimators in shaders/estimators, with the facts that each file states and the defaults of its parameters. */",
    "export const estimators: Record<EstimatorName, EstimatorFacts> = {",
    ...estimators.map(({ name, ...facts }) => `  ${json(name)}: ${json(facts)},`),
    "};",
    "",
  ];
}
