// The rooms of src/ and which of the others each may import; docs/architecture.md draws them. `npm run check` asks.

/** From the ground up: a room imports from rooms above it in this list, as far as they are named here. */
const rooms = {
  errors: [],
  diagnostic: [],
  math: [],
  report: ["math"],
  data: ["math"],
  gpu: [],
  sources: ["gpu"],
  estimators: ["gpu"],
  critics: ["gpu", "sources"],
  training: ["gpu", "math", "sources", "estimators", "critics"],
  neighbors: ["gpu", "math", "data", "sources"],
  crossfit: ["gpu", "math", "data", "sources", "estimators", "critics", "training", "neighbors"],
  estimate: ["gpu", "math", "data", "sources", "estimators", "critics", "training", "neighbors", "crossfit"],
  matrix: ["gpu", "math", "data", "sources", "estimators", "critics", "training", "neighbors", "crossfit", "estimate"],
};
/** Everything may throw, and say what it checked. */
const everywhere = ["errors", "diagnostic"];

const inside = (room) => `^src/${room}(/|\\.ts$)`;
const refuse = (name, comment, from, to) => ({ name, severity: "error", comment, from, to });

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    refuse("no-circular", "two files that need each other are one idea, or hide a third", {}, { circular: true }),
    ...Object.entries(rooms).map(([room, allowed]) =>
      refuse(
        `from-${room}`,
        `src/${room} may import ${[...allowed, ...everywhere].map((other) => `src/${other}`).join(", ")}`,
        { path: inside(room) },
        { path: "^src/", pathNot: [room, ...allowed, ...everywhere].map(inside) },
      ),
    ),
    refuse(
      "a-room-for-every-file",
      "a file of src/ stands in a room, or is an entry",
      {
        path: "^src/",
        pathNot: [...Object.keys(rooms), "index", "cli"].map(inside),
      },
      {},
    ),
    refuse(
      "not-to-entries",
      "the library does not import its own entries",
      {
        path: "^src/",
        pathNot: inside("cli"),
      },
      { path: ["^src/index\\.ts$", inside("cli")] },
    ),
    refuse(
      "node-only-where-it-says-so",
      "browsers run everything but *.node.ts and the command line",
      {
        path: "^src/",
        pathNot: [inside("cli"), "\\.node\\.ts$"],
      },
      { dependencyTypes: ["core"] },
    ),
    refuse(
      "the-product-alone",
      "what is shipped needs neither bench nor tests",
      { path: "^src/" },
      { path: "^(bench|test|scripts|demos)/" },
    ),
  ],
  options: {
    tsPreCompilationDeps: true, // an import of a type is an arrow too
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
  },
};
