import { smoke } from "./smoke.mjs";

smoke().then(postMessage, (error) => postMessage({ error: String(error) }));
