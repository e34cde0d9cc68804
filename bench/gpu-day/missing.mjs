// Packages that only readers, pictures and pages use may be missing where a GPU was lent for minutes. Then something stands in
// their place, so that all else can be built and tested; what calls them says which package it needs.
const stubs = {
  // Widths of cells in tables: right for all that is printed here.
  "string-width": "export default (text) => String(text).length;",
};

const stubOf = (name) =>
  stubs[name] ??
  `function refuse() { throw new Error(${JSON.stringify(`the package of "${name}" is not here`)}); }
const any = new Proxy({}, { get: (_, key) => (key === "__esModule" ? undefined : refuse) });
module.exports = Object.setPrototypeOf(refuse, any);`; // as a prototype: own names alone are copied when it is imported

/** For esbuild: stubs for the packages that it does not find, whose names go into the set. */
export const standIns = (found) => ({
  name: "stand-ins",
  setup(build) {
    build.onResolve({ filter: /^[^./#]/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === "asked" || kind === "entry-point" || importer === "") return undefined;
      const resolved = await build.resolve(path, { importer, resolveDir, kind, pluginData: "asked" });
      if (resolved.errors.length === 0) return resolved;
      found.add(path);
      return { path, namespace: "stand-in" };
    });
    build.onLoad({ filter: /.*/, namespace: "stand-in" }, ({ path }) => ({ contents: stubOf(path), loader: "js" }));
  },
});

const MARK = "\0stand-in:";

/** The same for Vite, and so for Vitest. */
export const viteStandIns = {
  name: "stand-ins",
  enforce: "pre",
  async resolveId(source, importer) {
    if (!importer || /^[./#\0]|^node:|^virtual:/.test(source)) return null;
    return (await this.resolve(source, importer, { skipSelf: true })) ?? MARK + source;
  },
  load: (id) => (id.startsWith(MARK) ? (stubs[id.slice(MARK.length)] ?? "export default undefined;") : null),
};
