/** Reads files of all formats, for the reader, which loads this with the first that is no delimited text. */
import { readTable } from "../../src/files.ts";

globalThis.tableFiles = { readTable };
