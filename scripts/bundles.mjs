// What esbuild makes of src/: one bundle for Node, one for browsers, the command line, and the demo pages.
export function bundles() {
  const node = { platform: "node", conditions: ["node"], external: ["webgpu"] };
  return [
    { entryPoints: ["src/index.ts"], outfile: "dist/node.js", ...node },
    { entryPoints: ["src/index.ts"], outfile: "dist/browser.js", platform: "browser" },
    {
      entryPoints: ["src/cli/main.ts"],
      outfile: "dist/cli.js",
      ...node,
      banner: {
        js: "#!/usr/bin/env node\nimport { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    },
    { entryPoints: ["bench/library.ts"], outfile: "bench/dist/library.js", ...node },
    page("gaussian", ["index.html", "style.css", "icon.svg"]),
  ];
}

/** A folder of demos/ as a static page. A classic script, so that it also opens from a folder on disk. */
function page(name, files) {
  return {
    entryPoints: ["main.ts", ...files].map((file) => `demos/${name}/${file}`),
    outdir: `dist/demos/${name}`,
    platform: "browser",
    format: "iife",
    loader: { ".html": "copy", ".css": "copy", ".svg": "copy" },
  };
}
