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

const OBJECT = String.raw`\{\s*("(?:[^"\\]|\\.)*"\s*:|\}|$)`;
const OBJECTS = new RegExp(String.raw`^(\[\s*)?${OBJECT}`);
const LISTS = /^\[\s*([[{"\d\-tfnN\]]|$)/;

/** A table in text may begin with a bracket too, so of lists the first line has to be JSON, or its beginning. */
function matches(head: Uint8Array, name: string): boolean {
  const text = new TextDecoder().decode(head).replace(/^[\s\uFEFF]+/, "");
  if (OBJECTS.test(text)) return true;
  if (!LISTS.test(text)) return false;
  const [first = "", second] = text.split("\n").map((line) => line.trim());
  if (/\.(json|jsonl|ndjson)$/i.test(name) || second === undefined || first === "[") return true;
  const line = withoutNaN(first.replace(/,$/, ""));
  return [line, line.slice(1)].some(isJson);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
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
