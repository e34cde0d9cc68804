// The peers' side of the bench's protocol: one JSON object a line, on stdin what to do, on stdout what came of it.
//
//   {"prepare": workload, "fixture": …}  ->  {"before": […], "after": […]}    objectives of each replica around one step
//   {"run": seconds}                     ->  {"steps": n, "seconds": s}       whole steps, the last of them finished
//   {"memory": true}                     ->  {"bytes": n}                     tensors at the peak of a step
//
// The last is asked for images, and these only of a peer that names `images`: the variants that it has of their network.
import { createInterface } from "node:readline";
import { nap, settled } from "../dist/library.js";

/** Floats from base64. */
export const floats = (text) => {
  const bytes = Buffer.from(text, "base64");
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};

/** The parameters, layer by layer. */
export function layersOf(w, params) {
  const widths = [w.x + w.y, ...w.hidden, 1];
  let at = 0;
  const take = (count) => {
    at += count;
    return params.slice(at - count, at);
  };
  return widths.slice(1).map((outputs, l) => {
    const inputs = widths[l];
    const weight = take(inputs * outputs);
    return { inputs, outputs, weight, ...((l < w.hidden.length || w.outputBias) && { bias: take(outputs) }) };
  });
}

export const TABLE_ROWS = 4096;
/** Rows that steps draw from, uploaded once: less work than the library's own steps, which make their normals anew. */
export function tableOf(w) {
  if (w.source === "one-hot") {
    const rows = Float32Array.from({ length: w.x * w.x }, (_, i) => Number(Math.floor(i / w.x) === i % w.x));
    return { rows: w.x, x: rows, y: rows };
  }
  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  const x = Float32Array.from({ length: TABLE_ROWS * w.x }, normal);
  return { rows: TABLE_ROWS, x, y: x.map((v) => 0.5 * v + Math.sqrt(0.75) * normal()) };
}

/** Row numbers for one step of all replicas. */
export const draw = (count, rows) => Int32Array.from({ length: count }, () => rows * Math.random());

/** A peer on a software adapter is waited for as the library waits, with naps. */
async function answerOf(promise, naps) {
  if (naps) await settled(promise, nap);
  return promise;
}

/**
 * Answers until stdin ends.
 *
 * @param peer.prepare makes a workload's `step()`, which may return before its work is done, `finish()`, which resolves
 *   when it is, `objectives()` of the fixture and `dispose()`
 */
export async function serve(peer, { naps }) {
  let made;
  const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
  const act = async ({ prepare, fixture, run }) => {
    if (prepare) {
      made?.dispose();
      made = await peer.prepare(prepare, fixture);
      const before = await answerOf(made.objectives(), naps);
      made.fixtureStep();
      return { before, after: await answerOf(made.objectives(), naps) };
    }
    const began = performance.now();
    let steps = 0;
    for (let size = 1; performance.now() - began < 1000 * run; ) {
      for (let i = 0; i < size; i++) made.step();
      await answerOf(made.finish(), naps);
      steps += size;
      if (performance.now() - began < 250 * run) size = Math.min(2 * size, 64);
    }
    return { steps, seconds: (performance.now() - began) / 1000 };
  };
  say({ name: peer.name, version: peer.version, device: peer.device });
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      say(await act(JSON.parse(line)));
    } catch (error) {
      say({ error: error.message });
    }
  }
  // With the process: ending it by hand with work on the GPU crashes it.
  made?.dispose();
}
