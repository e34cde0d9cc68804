/** The formats of files, in the order in which a file is held against them. A new one is a file beside this and a line here. */
import { arrow } from "./arrow.ts";
import type { Format } from "./format.ts";
import { json } from "./json.ts";
import { npy } from "./npy.ts";
import { npz } from "./npz.ts";
import { parquet } from "./parquet.ts";
import { text } from "./text.ts";

/** The last one takes whatever no other is sure of. */
export const formats: readonly Format[] = [parquet, arrow, npy, npz, json, text];
