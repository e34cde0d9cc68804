/** Where bytes come from by name, in a browser and in Deno, which runs the build for browsers: nowhere. */
import { InputError } from "../errors.ts";
import type { ByteSource } from "./source.ts";

export async function openInput(path: string): Promise<ByteSource> {
  throw new InputError(
    `readTable("${path}"): only Node reads paths. Give a File, a Blob, or a Response: await readTable(await fetch(url)); in Deno await readTable(await Deno.readFile(path))`,
  );
}
