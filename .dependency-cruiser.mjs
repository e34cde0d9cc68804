// The rooms of src/ and which of the others each may import; docs/architecture.md draws them. `npm run check` asks.

const BELOW_CROSSFIT = ["gpu", "math", "data", "sources", "estimators", "critics", "training", "neighbors"];

/** From the ground up: what each room is, and which it may import, of those above it in this list. */
export const rooms = {
  errors: { is: "the errors that a user meets", imports: [] },
  diagnostic: { is: "one check of a result, in words", imports: [] },
  saved: { is: "values with typed arrays as bytes and back", imports: [] },
  options: { is: "the refusal of keys and values that a call does not have", imports: ["math"] },
  math: { is: "statistics, special functions, random orders, linear algebra; float64, on the host", imports: [] },
  report: { is: "pictures and text for people", imports: ["math"] },
  data: { is: "from what a user has to columns: checks, copies, transforms", imports: ["math"] },
  readers: { is: "from a file of any format, found by its bytes, to a table of columns", imports: ["math", "data"] },
  gpu: { is: "device, buffers, programs, the compiled shaders, policy for adapters", imports: [] },
  sources: { is: "where batches come from: distributions, tables", imports: ["gpu"] },
  estimators: { is: "what is ascended and what is reported, as values", imports: ["gpu", "math"] },
  critics: { is: "the networks: layout of parameters, dispatches of both passes", imports: ["gpu", "sources"] },
  training: {
    is: "the step, its engines, optimizers, schedules; the trainer and what scores with its critics",
    imports: ["gpu", "math", "sources", "estimators", "critics"],
  },
  neighbors: { is: "MI by nearest neighbours", imports: ["gpu", "math", "data", "sources", "estimators"] },
  independence: {
    is: "what speaks against independence, for p-values",
    imports: ["gpu", "math", "data", "sources", "neighbors"],
  },
  crossfit: {
    is: "folds, members, stacking, held-out values, intervals, diagnostics",
    imports: BELOW_CROSSFIT,
  },
  estimate: {
    is: "the call: one question about some columns",
    imports: [...BELOW_CROSSFIT, "independence", "crossfit"],
  },
  matrix: {
    is: "the call: all pairs of columns",
    imports: [...BELOW_CROSSFIT, "independence", "crossfit", "estimate"],
  },
};
/** Everybody may throw, say what was checked, refuse options, and be saved. */
const everywhere = ["errors", "diagnostic", "saved", "options"];

/** What a stranger imports. */
const entries = ["index", "research", "conv", "files"];

const inside = (room) => `^src/${room}(/|\\.ts$)`;
const refuse = (name, comment, from, to) => ({ name, severity: "error", comment, from, to });

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    refuse("no-circular", "two files that need each other are one idea, or hide a third", {}, { circular: true }),
    ...Object.entries(rooms).map(([room, { imports: allowed }]) =>
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
        pathNot: [...Object.keys(rooms), ...entries, "cli"].map(inside),
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
      { path: [...entries, "cli"].map(inside) },
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
    refuse(
      "pages-are-strangers",
      "pages use what any page can; that of the bench also its workloads",
      { path: "^demos/" },
      { path: "^src/", pathNot: [...entries.map(inside), "^src/cli/bench/workloads\\.ts$"] },
    ),
    refuse(
      "the-bench-is-a-stranger",
      "the bench uses what anyone can, and the command of its name, which draws and opens adapters for peers",
      { path: "^bench/" },
      { path: "^src/", pathNot: [...entries.map(inside), "^src/(cli/bench|report)/", "^src/gpu/.*\\.node\\.ts$"] },
    ),
  ],
  options: {
    tsPreCompilationDeps: true, // an import of a type is an arrow too
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
  },
};
