/** Archives of the form tar. */

/** The regular files of a tar archive: ustar, and GNU's long names. Throws where the archive is cut off. */
export function* untar(tar: Buffer): Generator<{ path: string; body: Buffer }> {
  const text = (start: number, length: number) => tar.toString("utf8", start, start + length).replace(/\0.*$/s, "");
  let longName = "";
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8) || 0;
    const type = String.fromCharCode(tar[at + 156]!);
    const isUstar = text(at + 257, 6) === "ustar";
    const prefix = isUstar ? text(at + 345, 155) : "";
    const path = longName || (prefix ? `${prefix}/` : "") + text(at, 100);
    const start = at + 512;
    if (start + size > tar.length) throw new Error("the archive is cut off");
    longName = type === "L" ? text(start, size) : "";
    if (type === "0" || type === "\0") yield { path, body: tar.subarray(start, start + size) };
    at = start + Math.ceil(size / 512) * 512;
  }
}

/** The files of these names, wherever they stand in the archive. Throws an error that names those it lacks. */
export function pickFiles(tar: Buffer, names: readonly string[]): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (const { path, body } of untar(tar)) {
    const name = path.split("/").at(-1)!;
    if (names.includes(name)) files.set(name, body);
  }
  const missing = names.filter((name) => !files.has(name));
  if (missing.length > 0) throw new Error(`the archive lacks ${missing.join(", ")}`);
  return files;
}
