/** A software driver where no adapter answers: lavapipe, else SwiftShader, into the user's cache. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AdapterError } from "../../errors.ts";
import { remedy } from "../../gpu/adapter.node.ts";
import { cacheDir, lavapipeDir, swiftShaderDir } from "../../gpu/driver-cache.node.ts";
import { dropLavapipe, hasPackages, keepLavapipe, type Told } from "./lavapipe.ts";
import { keepSwiftShader, swiftShaderFromApt, swiftShaderFromNpm } from "./swiftshader.ts";

/** What a process of its own found when it asked for an adapter and computed with it. */
export interface Probed {
  ok: boolean;
  /** Why not; for people. */
  error?: string;
  /** Name of the adapter that was chosen, and where its driver was found. */
  name?: string;
  found?: string;
  /** Names of all adapters. */
  available?: string[];
}

/** What an installation asks of its caller. */
export interface Surroundings extends Told {
  /** Asks for an adapter in a new process. Never rejects. */
  probe(): Promise<Probed>;
  /** Hears what is done, a sentence at a time. */
  say(text: string): void;
  /** Whether to try again what failed within a day. */
  again: boolean;
}

const DAY = 86_400_000;

/**
 * Makes an adapter answer. Nothing is fetched where one does, a GPU's or lavapipe; where `REMINE_ADAPTER` asks for another; and
 * where `VK_DRIVER_FILES` chooses. Throws an AdapterError that names each cause and what mends it.
 */
export async function installDriver(around: Surroundings): Promise<{ probed: Probed; fetched: boolean }> {
  const before = await around.probe();
  const { lavapipe, swiftShader } = useful(before, around.again);
  const reasons: string[] = [];
  if (lavapipe) {
    const probed = await tryLavapipe(around, reasons);
    if (probed) return { probed, fetched: true };
  }
  if (before.ok) return { probed: before, fetched: false };
  if (!lavapipe && !swiftShader) throw new AdapterError(before.error ?? "no WebGPU adapter answers");
  if (swiftShader) {
    const probed = await trySwiftShader(around, reasons);
    if (probed) return { probed, fetched: true };
  }
  const causes = reasons.map((reason) => `\n  ${reason}`).join("");
  throw new AdapterError(
    `no WebGPU adapter answers, and no driver can be fetched:${causes}\nThis installs one: ${remedy()}`,
  );
}

/** Which drivers are worth fetching after what was found. */
function useful({ ok, name = "", available = [] }: Probed, again: boolean) {
  const asked = process.env.REMINE_ADAPTER ?? "";
  const chosen = process.env.VK_DRIVER_FILES || process.env.VK_ICD_FILENAMES;
  if (process.platform !== "linux" || chosen) return { lavapipe: false, swiftShader: false };
  const lacks = (driver: RegExp) => !available.some((other) => driver.test(other));
  const slow = ok && /swiftshader/i.test(name) && !asked && lacks(/llvmpipe/i) && (again || !failedLately());
  const wanted = asked ? /llvmpipe|lavapipe/i.test(asked) && lacks(/llvmpipe/i) : available.length === 0;
  const other = asked ? /swift/i.test(asked) && lacks(/swiftshader/i) : available.length === 0;
  return { lavapipe: hasPackages() && (slow || (!ok && wanted)), swiftShader: !ok && other };
}

async function tryLavapipe(around: Surroundings, reasons: string[]): Promise<Probed | undefined> {
  around.say(`fetching lavapipe, a driver that computes on the CPU, into ${lavapipeDir()}`);
  try {
    const { downloaded, kept } = await keepLavapipe(around);
    around.onWait("trying the driver");
    const probed = await around.probe();
    if (!probed.ok || !/llvmpipe/i.test(probed.name ?? "")) {
      dropLavapipe();
      throw new Error(probed.error ?? "it does not answer");
    }
    around.say(`lavapipe: ${megabytes(downloaded)} downloaded, ${megabytes(kept)} kept`);
    return probed;
  } catch (error) {
    const reason = `lavapipe cannot be fetched: ${error instanceof Error ? error.message : error}`;
    around.say(reason);
    reasons.push(reason);
    mkdirSync(cacheDir(), { recursive: true });
    writeFileSync(FAILED(), reason);
    return undefined;
  }
}

async function trySwiftShader(around: Surroundings, reasons: string[]): Promise<Probed | undefined> {
  around.say(`fetching SwiftShader, which is several times slower, into ${swiftShaderDir()}`);
  around.onWait("downloading SwiftShader");
  for (const [place, fetchFiles] of [
    ["npm", swiftShaderFromNpm],
    ["apt", swiftShaderFromApt],
  ] as const) {
    try {
      const { files, downloaded } = await fetchFiles();
      keepSwiftShader(files);
      const probed = await around.probe();
      if (!probed.ok) throw new Error(probed.error);
      const kept = [...files.values()].reduce((sum, { length }) => sum + length, 0);
      around.say(`SwiftShader, through ${place}: ${megabytes(downloaded)} downloaded, ${megabytes(kept)} kept`);
      return probed;
    } catch (error) {
      reasons.push(`SwiftShader, through ${place}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return undefined;
}

/** A note of why lavapipe could not be had, so that not every start tries again. */
const FAILED = () => join(cacheDir(), "lavapipe-failed.txt");

function failedLately(): boolean {
  return existsSync(FAILED()) && readFileSync(FAILED(), "utf8") !== "" && Date.now() - statSync(FAILED()).mtimeMs < DAY;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
