// What esbuild makes of src/: one bundle for Node, one for browsers, the command line.
export function bundles() {
  const node = { platform: "node", conditions: ["node"], external: ["webgpu"] };
  return [
    library("node", node),
    library("browser", { platform: "browser" }),
    {
      entryPoints: { cli: "src/cli/main.ts" },
      outdir: "dist",
      chunkNames: "chunks/cli-[hash]",
      splitting: true, // what a command loads when it needs it does not delay the others
      ...node,
      // Some of what is bundled asks for Node's modules by `require`; other chunks have a `createRequire` of their own.
      banner: {
        js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
      },
    },
    { entryPoints: ["bench/library.ts"], outfile: "bench/dist/library.js", ...node },
  ];
}

/** The entries of the package; what they share lies in chunks, so that all of them have the same classes. */
function library(name, options) {
  const entries = {
    [name]: "index",
    [`${name}.research`]: "research",
    [`${name}.conv`]: "conv",
    [`${name}.files`]: "files",
  };
  return {
    entryPoints: Object.fromEntries(Object.entries(entries).map(([out, file]) => [out, `src/${file}.ts`])),
    outdir: "dist",
    chunkNames: `chunks/${name}-[hash]`,
    splitting: true,
    ...options,
  };
}
