/** SwiftShader, from a package of npm or from Debian's Chromium: a driver that needs nothing beside it. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { swiftShaderDir } from "../../gpu/driver-cache.node.ts";
import { beside, complaint, npm, putInPlace, run, temporary } from "./process.ts";
import { pickFiles } from "./tar.ts";

/** What was fetched. */
export interface Fetched {
  files: Map<string, Buffer>;
  /** Bytes that were downloaded. */
  downloaded: number;
}

const DRIVER_FILES = ["vk_swiftshader_icd.json", "libvk_swiftshader.so", "libvulkan.so.1"];
const PACKAGE = "@sparticuz/chromium@147.0.0";
const PACKAGE_SHA512 = "4ZKeAQQa8up2mt675qSitztLdbQrlf8BKdC5naeap+5Mv1OV1OlJdPoU+EJC/p5sQUJUQmN4r+q5+EhaaOUHpQ==";

/** From a package of npm, of one version. Throws an error that says what went wrong. */
export async function swiftShaderFromNpm(): Promise<Fetched> {
  if (process.arch !== "x64") throw new Error(`${PACKAGE} has no files for ${process.arch}`);
  const folder = temporary();
  const { code, output } = await npm(["pack", PACKAGE, "--loglevel=error", "--fetch-retries=1"], { cwd: folder });
  if (code !== 0) throw new Error(complaint(output));
  const archive = readFileSync(join(folder, only(folder, ".tgz")));
  if (createHash("sha512").update(archive).digest("base64") !== PACKAGE_SHA512) {
    throw new Error(`${PACKAGE} is not the file it should be (SHA-512)`);
  }
  const packed = pickFiles(gunzipSync(archive), ["swiftshader.tar.br"]).get("swiftshader.tar.br")!;
  return { files: pickFiles(brotliDecompressSync(packed), DRIVER_FILES), downloaded: archive.length };
}

/** From the package of the distribution, where its lists are there. Throws an error that says what went wrong. */
export async function swiftShaderFromApt(): Promise<Fetched> {
  const folder = temporary();
  const download = await run("apt-get", ["download", "chromium-common"], { cwd: folder });
  if (download.code !== 0) throw new Error(complaint(download.output));
  const archive = join(folder, only(folder, ".deb"));
  const { code, stdout, output } = await run("dpkg-deb", ["--fsys-tarfile", archive]);
  if (code !== 0) throw new Error(complaint(output));
  return { files: pickFiles(stdout, DRIVER_FILES), downloaded: readFileSync(archive).length };
}

/** Puts the files into the cache at once, so that another process never sees half of them. */
export function keepSwiftShader(files: Fetched["files"]): void {
  const fresh = beside(swiftShaderDir());
  for (const [name, body] of files) writeFileSync(join(fresh, name), body);
  putInPlace(fresh, swiftShaderDir());
}

function only(folder: string, ending: string): string {
  const name = readdirSync(folder).find((file) => file.endsWith(ending));
  if (!name) throw new Error(`no ${ending} file was downloaded`);
  return name;
}
