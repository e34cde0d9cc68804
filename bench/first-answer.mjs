// How long a cold machine takes to its first training step of a default estimate, with empty shader caches and warm ones.
//
//   node bench/first-answer.mjs [ADAPTER]
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const self = fileURLToPath(import.meta.url);

/** Seconds from the call to the first step, in a process of its own each: Mesa's and NVIDIA's caches in an empty folder. */
export function firstAnswer(adapter) {
  const cache = mkdtempSync(join(tmpdir(), "remine-cache-"));
  const env = { ...process.env, MESA_SHADER_CACHE_DIR: cache, __GL_SHADER_DISK_CACHE_PATH: cache };
  const once = () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [self, adapter, "--child"], {
      env,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`the first answer failed: ${stderr.trim().split("\n").at(-1)}`);
    return Number(stdout);
  };
  try {
    return { cold: once(), warm: once() };
  } finally {
    rmSync(cache, { recursive: true });
  }
}

if (process.argv[2] !== undefined && process.argv[3] === "--child") {
  const { estimate } = await import("./dist/library.js");
  const wave = (shift) =>
    Float64Array.from({ length: 10_000 }, (_, i) => Math.sin(12.9898 * i * (1 + (i % 7)) + shift));
  const [x, y] = [wave(0), wave(1)];
  const stop = new AbortController();
  const began = performance.now();
  let seconds;
  await estimate(x, y, {
    adapter: process.argv[2],
    quiet: true,
    signal: stop.signal,
    onProgress: () => {
      seconds ??= (performance.now() - began) / 1000;
      stop.abort();
    },
  }).catch((error) => {
    if (seconds === undefined) throw error;
  });
  console.log(seconds);
} else if (process.argv[1] === self) {
  const { cold, warm } = firstAnswer(process.argv[2] ?? "");
  console.log(`cold ${cold.toFixed(2)} s, warm ${warm.toFixed(2)} s`);
}
