/** Where bytes come from by name, in a browser: nowhere. */
import { InputError } from "../errors.ts";
import type { ByteSource } from "./source.ts";

export async function openInput(path: string): Promise<ByteSource> {
  throw new InputError(
    `readTable("${path}"): a browser reads no paths. Give a File, a Blob, or a Response: await readTable(await fetch(url))`,
  );
}
