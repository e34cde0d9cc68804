// What the parts of gpu-day share: their JSON files, which grow while they measure, and a clock to stop by.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a file says, or {} where there is none yet. */
export function figuresOf(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return {};
  }
}

/** A list in a JSON file under a key: written anew with every entry, so that a stop keeps what there is. */
export function kept(path, key) {
  const list = [];
  const write = () => writeFileSync(path, `${JSON.stringify({ ...figuresOf(path), [key]: list }, null, 1)}\n`);
  write();
  return {
    list,
    add(entry) {
      list.push(entry);
      write();
      return entry;
    },
  };
}

/** Seconds that are left of those this process was given (PART_SECONDS), with two to end in. */
export const left = () => Number(process.env.PART_SECONDS ?? 600) - 2 - performance.now() / 1000;

/** The GPU with something of its profile changed. */
export const withProfile = (gpu, changes) =>
  Object.assign(gpu.until(new AbortController().signal), { profile: { ...gpu.profile, ...changes } });

/** The same GPU, or another where an error has ended it: no memory for something, a device that was lost. */
export async function alive(gpu, open) {
  try {
    gpu.check();
    return gpu;
  } catch {
    gpu.dispose();
    return open({ quiet: true });
  }
}

/** An error on one line. */
export const why = (error) => String(error?.message ?? error).split("\n")[0];

/** Eight digits that stand for src/ and shaders/ as they are: a copy without a repository cannot name its commit. */
export function sourcesOf(root = ".") {
  const hash = createHash("sha256");
  for (const folder of ["shaders", "src"]) {
    const files = readdirSync(join(root, folder), { recursive: true }).map((name) =>
      String(name).replaceAll("\\", "/"),
    );
    for (const name of files.filter((name) => /\.(wgsl|ts)$/.test(name) && !name.endsWith(".gen.ts")).sort())
      hash.update(`${folder}/${name}\n`).update(readFileSync(join(root, folder, name)));
  }
  return hash.digest("hex").slice(0, 8);
}
