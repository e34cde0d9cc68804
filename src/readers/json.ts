/** JSON Lines, one object or list a row; also one JSON list of rows, and objects over several lines as jq writes them. */
import type { Table } from "../data/table.ts";
import { InputError } from "../errors.ts";
import { type Format, refuseTextOptions } from "./format.ts";
import { ListRows, ObjectRows } from "./json-rows.ts";
import { JsonValues } from "./json-values.ts";
import type { ByteSource } from "./source.ts";
import type { TableOptions } from "./table-options.ts";
import { decoded } from "./text.ts";

export const json: Format = { name: "JSON", matches, read: readJson };

/** A table in text may begin with a bracket too, so the first line has to be JSON by itself, or the beginning of it. */
function matches(head: Uint8Array, name: string): boolean {
  const text = new TextDecoder()
    .decode(head)
    .replace(/^\uFEFF/, "")
    .trimStart();
  if (!/^(\{\s*("|\}|$)|\[\s*([[{"\d\-tfnN\]]|$))/.test(text)) return false;
  if (/\.(json|jsonl|ndjson)$/i.test(name)) return true;
  const [line = "", ...rest] = text.split("\n");
  if (rest.length === 0 || /^[[{]\s*$/.test(line)) return true;
  try {
    JSON.parse(withoutNaN(line));
    return true;
  } catch {
    return /^\[\s*[[{]/.test(line) && /,\s*$/.test(line);
  }
}

async function readJson(source: ByteSource, options: TableOptions): Promise<Table> {
  if (options.delimiter !== undefined) refuseTextOptions("JSON", options);
  const values = new JsonValues();
  let rows: ObjectRows | ListRows | undefined;
  const take = (texts: Iterable<{ text: string; line: number }>) => {
    for (const { text, line } of texts) {
      const row = parsed(text, line);
      rows ??= Array.isArray(row) ? new ListRows(options) : new ObjectRows(options);
      rows.add(row, line);
    }
  };
  for await (const piece of decoded(source)) take(values.push(piece));
  take(values.finish());
  if (!rows) throw new InputError("the list has no rows. Give one object for each sample");
  return rows.finish();
}

function parsed(text: string, line: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    try {
      return JSON.parse(withoutNaN(text));
    } catch {
      const why = (error as Error).message.replace(/\s+/g, " ").slice(0, 100);
      throw new InputError(`line ${line}: no JSON (${why}). Write each row as one object: {"x": 1.5, "y": 2}`, {
        cause: error,
      });
    }
  }
}

/** Python writes NaN and Infinity, which JSON does not have. */
const withoutNaN = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (found) =>
    found[0] === '"' ? found : found === "NaN" ? "null" : found[0] === "-" ? "-1e999" : "1e999",
  );
