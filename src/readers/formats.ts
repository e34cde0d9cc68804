/** The formats of files, in the order in which a file is held against them. A new one is a file beside this and a line here. */
import type { Format } from "./format.ts";
import { json } from "./json.ts";
import { parquet } from "./parquet.ts";
import { text } from "./text.ts";

/** The last one takes whatever no other is sure of. */
export const formats: readonly Format[] = [parquet, json, text];
