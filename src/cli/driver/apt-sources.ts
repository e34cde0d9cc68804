/** The sources of apt: what a machine's own files say, and what is derived from them. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A file of apt's sources: lines in a `.list`, stanzas in a `.sources`. */
export interface SourceFile {
  path: string;
  text: string;
}

/** The text of a source, and how the name of a file with it has to end. */
export interface Source {
  kind: "list" | "sources";
  text: string;
}

interface Parsed {
  kind: Source["kind"];
  addresses: string;
  suites: string[];
  components: string[];
  /** The text of the same source with other suites, and the component `main` alone. */
  withSuites(suites: string): string;
}

/** The files of this machine. */
export function machineSources(): SourceFile[] {
  const folder = "/etc/apt/sources.list.d";
  const names = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  return ["/etc/apt/sources.list", ...names]
    .filter((path) => /\.(list|sources)$/.test(path) && existsSync(path))
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

/**
 * An apt source for the backports of a release, with the address and the keys of the release's own source.
 * "present" when there is one already, null when the release has no source.
 */
export function backportsSource(sources: readonly SourceFile[], release: string): Source | "present" | null {
  const suite = `${release}-backports`;
  const parsed = parse(sources);
  if (parsed.some(({ suites }) => suites.includes(suite))) return "present";
  const own = parsed.filter(({ suites, components }) => suites.includes(release) && components.includes("main"));
  // Others publish under a release's name too; Debian and its mirrors do so in a folder of this name.
  const best = own.find(({ addresses }) => /\/debian\/?(\s|$)/.test(addresses)) ?? own[0];
  return best ? { kind: best.kind, text: best.withSuites(suite) } : null;
}

/**
 * The sources of the release itself: its suite with updates and security, component `main` alone, which is a small part of
 * what a machine lists. `backports`: that suite too, derived where it is not there.
 */
export function releaseSources(sources: readonly SourceFile[], release: string, backports: boolean): Source[] {
  const wanted = ["", "-updates", "-security", ...(backports ? ["-backports"] : [])].map((ending) => release + ending);
  const own = parse(sources).flatMap((source) => {
    const suites = source.suites.filter((suite) => wanted.includes(suite));
    const fits = suites.length > 0 && source.components.includes("main");
    return fits ? suites.map((suite) => ({ kind: source.kind, text: source.withSuites(suite) })) : [];
  });
  const derived = backports ? backportsSource(sources, release) : null;
  return derived && derived !== "present" ? [...own, derived] : own;
}

const parse = (sources: readonly SourceFile[]): Parsed[] =>
  sources.flatMap(({ path, text }) => (path.endsWith(".sources") ? stanzas(text) : oneLiners(text)));

function stanzas(file: string): Parsed[] {
  const blocks = file.replace(/^#.*\n?/gm, "").split(/\n\s*\n/);
  const found = blocks.map((block) => {
    // A value goes on in the lines that begin with a blank: a key may stand there as text.
    const field = (key: string) => new RegExp(`^${key}:[ \\t]*(.*(?:\\n[ \\t].*)*)`, "im");
    const value = (key: string) => field(key).exec(block)?.[1] ?? "";
    const words = (key: string) => value(key).split(/\s+/).filter(Boolean);
    const withSuites = (suites: string) =>
      `${block.trim()}\n`
        .replace(field("types"), "Types: deb")
        .replace(field("suites"), `Suites: ${suites}`)
        .replace(field("components"), "Components: main");
    const live = words("types").includes("deb") && !/^no$/i.test(value("enabled"));
    const [suites, components] = [words("suites"), words("components")];
    return { kind: "sources" as const, live, addresses: value("uris"), suites, components, withSuites };
  });
  return found.filter(({ live }) => live);
}

function oneLiners(file: string): Parsed[] {
  const lines = file.matchAll(/^[ \t]*deb[ \t]+(\[[^\]]*\][ \t]+)?(\S+)[ \t]+(\S+)[ \t]+([^#\n]*)/gm);
  return [...lines].map(([, options = "", address = "", suite = "", components = ""]) => ({
    kind: "list" as const,
    addresses: address,
    suites: [suite],
    components: components.split(/\s+/),
    withSuites: (other) => `deb ${options}${address} ${other} main\n`,
  }));
}
