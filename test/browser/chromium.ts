import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";

const root = fileURLToPath(new URL("../../", import.meta.url));
export const pages = join(root, "dist/demos");
export const output = join(root, "test/output");

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const found = PLACES.find((path) => existsSync(path));

/** Only on request is a test without a browser no failure. */
export const skip = !found && process.env.ALLOW_NO_BROWSER === "1";

/** WebGPU on SwiftShader, with canvases that a screenshot shows. */
const WEBGPU = [
  "--enable-unsafe-webgpu",
  "--use-angle=swiftshader",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
];
const QUIET = [
  "--no-sandbox",
  "--no-first-run",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function launch({ webgpu }: { webgpu: boolean }): Promise<Browser> {
  if (!found) {
    throw new Error(
      `no browser: none of ${PLACES.join(", ")} is there. Install one: apt-get install -y chromium. ` +
        "Or set ALLOW_NO_BROWSER=1 to skip the tests that need it.",
    );
  }
  return chromium.launch({ executablePath: found, args: webgpu ? [...QUIET, ...WEBGPU] : QUIET });
}

/** Builds the pages if they are missing, or older than what they are made of. */
export function buildPages(): void {
  const built = join(pages, "gaussian/main.js");
  const sources = ["src", "shaders", "demos", "scripts/bundles.mjs", "build.mjs"].map((path) => join(root, path));
  if (existsSync(built) && statSync(built).mtimeMs >= Math.max(...sources.map(newest))) return;
  execFileSync(process.execPath, ["build.mjs"], { cwd: root, stdio: "inherit" });
}

function newest(path: string): number {
  const info = statSync(path);
  if (!info.isDirectory()) return info.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
