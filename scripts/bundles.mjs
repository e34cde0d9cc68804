// What esbuild makes of src/: one bundle for Node, one for browsers, the command line, and the demo pages.
export function bundles() {
  const node = { platform: "node", conditions: ["node"], external: ["webgpu"] };
  return [
    { entryPoints: ["src/index.ts"], outfile: "dist/node.js", ...node },
    { entryPoints: ["src/index.ts"], outfile: "dist/browser.js", platform: "browser" },
  ];
}
