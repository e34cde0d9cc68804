// Node, Deno and Bun: one line of JSON. The process then ends by itself.
import { smoke } from "./smoke.mjs";

console.log(JSON.stringify(await smoke()));
