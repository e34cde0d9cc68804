// Rules that a WGSL compiler does not know: headers must be true, and the text must pass Naga as well as Tint.
import { basename } from "node:path";

export class LintError extends Error {}

const SYMBOL = /^\/\/\s+([A-Z][a-z]?|In|Out|n)\s{2,}|\s{2,}(Dy|Out)\s{2}/;

function glossaryOf(lines) {
  const symbols = new Set(["In", "Out", "T"]);
  for (const line of lines) {
    for (const match of line.matchAll(/(?:^\/\/ {3}|\s{3,}|, )([A-Z][a-z]*|n)\s{1,3}(?=[a-z])/g)) symbols.add(match[1]);
    if (SYMBOL.test(line)) symbols.add(SYMBOL.exec(line)[1] ?? "Dy");
  }
  return symbols;
}

/** The binding lines of a header comment: name, shape or struct, access. */
function headerBindings(module) {
  const found = [];
  module.lines.some((line, i) => {
    if (!line.startsWith("//")) return true;
    const match = /^\/\/ {3}(\w+)\s+(\(.*?\)|\w+)\s{2,}(uniform|read_write|read)\b/.exec(line);
    if (match) found.push({ name: match[1], shape: match[2], access: match[3], at: `shaders/${module.file}:${i + 1}` });
    return false;
  });
  return found;
}

/** A kernel's header (and those of the files in its slots) must name exactly the bindings that reflection finds, in order, with their access. */
export function lintHeader(kernel, slotModules, bindings, glossaryLines) {
  const where = `shaders/${kernel.file}`;
  const name = basename(kernel.file, ".wgsl");
  if (!kernel.lines[0].startsWith(`// ${name}: `))
    throw new LintError(`${where}:1: the header must begin "// ${name}: purpose"`);
  if (!kernel.lines.some((l) => l.startsWith("// dispatch  ")))
    throw new LintError(`${where}:1: the header has no "dispatch" line`);
  const stated = new Map([...slotModules, kernel].map((module) => [module, headerBindings(module)]));
  const symbols = glossaryOf(glossaryLines);
  bindings.forEach((b, i) => {
    const module = slotModules.find(({ names }) => names.has(b.name)) ?? kernel;
    const s = stated.get(module).shift();
    if (!s) throw new LintError(`${where}:1: the header does not list binding ${i}, "${b.name}" (${b.access})`);
    if (s.name !== b.name)
      throw new LintError(`${s.at}: the header lists "${s.name}" where the shader binds "${b.name}"`);
    if (s.access !== b.access)
      throw new LintError(`${s.at}: "${s.name}" is ${b.access} in the shader, ${s.access} in the header`);
    if (b.access === "uniform" && s.shape !== b.struct)
      throw new LintError(`${s.at}: "${s.name}" is a ${b.struct}, not a ${s.shape}`);
    for (const symbol of b.access === "uniform" ? [] : (s.shape.match(/[A-Za-z]+/g) ?? [])) {
      if (!symbols.has(symbol))
        throw new LintError(`${s.at}: shape symbol "${symbol}" is not in the glossary of lib/geometry.wgsl`);
    }
  });
  const [extra] = [...stated.values()].flat();
  if (extra) throw new LintError(`${extra.at}: the header lists "${extra.name}", which the shader does not bind`);
}

const REFUSED = [
  [/ptr<\s*(storage|workgroup)/, "Naga takes no pointer to storage or workgroup memory as a parameter: pass an index"],
  [/[\w\])]\.[xyzwrgba]{2,4}\s*[-+*/%]?=[^=]/, "Naga refuses to assign to a swizzle: assign the components"],
  [/^\s*requires\b/, "language extensions are not portable"],
  [/\bglobal_invocation_index\b/, "global_invocation_index is not in Naga: compute it"],
  [/\/\s*(0\.0*f?|0f)(?![\w.])|0xff800000/, "WGSL may assume that no value is infinite: use F32_LOWEST"],
];

/** What Naga rejects although Tint accepts it. Subgroups are allowed in modules that enable them: those are optional. */
export function lintPortability(module) {
  module.body.forEach((line, i) => {
    const code = line.replace(/\/\/.*$/, "");
    for (const [pattern, why] of REFUSED) {
      if (pattern.test(code)) throw new LintError(`shaders/${module.file}:${i + 1}: ${why}`);
    }
    if (/\bsubgroup[A-Z]\w*\(/.test(code) && !module.enables.includes("subgroups")) {
      throw new LintError(
        `shaders/${module.file}:${i + 1}: only a module with "enable subgroups;" may call subgroup functions`,
      );
    }
  });
}
