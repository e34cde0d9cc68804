// What esbuild makes of src/: one bundle for Node, one for browsers, the command line, and the demo pages.
export function bundles() {
  const node = { platform: "node", conditions: ["node"], external: ["webgpu"] };
  return [
    library("node", node),
    library("browser", { platform: "browser" }),
    {
      entryPoints: ["src/cli/main.ts"],
      outfile: "dist/cli.js",
      ...node,
      banner: {
        js: "#!/usr/bin/env node\nimport { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    },
    { entryPoints: ["bench/library.ts"], outfile: "bench/dist/library.js", ...node },
    pages(["index.html", "main.ts", "style.css", "icon.svg", "lab", "field", "surface", "depends", "bench"]),
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

/**
 * What lies in demos/ as static pages: single files, and folders with an index.html, a main.ts and a style.css. Classic
 * scripts, so that a page also opens from a folder on disk.
 */
function pages(names) {
  const files = (name) =>
    name.includes(".") ? [name] : ["index.html", "main.ts", "style.css"].map((file) => `${name}/${file}`);
  return {
    entryPoints: names.flatMap(files).map((file) => `demos/${file}`),
    outbase: "demos",
    outdir: "dist/demos",
    platform: "browser",
    format: "iife",
    minify: true,
    loader: { ".html": "copy", ".svg": "copy", ".csv": "text", ".wgsl": "text" },
  };
}
