/** A static file server on 127.0.0.1, for the demo pages. */
import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { InputError } from "../errors.ts";

const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".wgsl": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

const HEADERS = {
  "Content-Security-Policy": "default-src 'self'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-cache",
};

/**
 * Serves the files of `folder`, to this computer only.
 *
 * @param port 0 takes any free one
 * @throws {InputError} when the folder is missing, or the port is in use or not one that may be opened
 */
export async function serve(folder: string, port: number): Promise<{ url: string; close(): Promise<void> }> {
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new InputError(`--port must be a whole number from 0 (any free port) to 65535, got ${port}`);
  }
  const root = await realpath(folder).catch((cause) => {
    throw new InputError(`there is no folder "${folder}" to serve`, { cause });
  });
  const server = createServer((request, response) => {
    answer(root, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(complaint(error, port)));
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function complaint(error: NodeJS.ErrnoException, port: number): Error {
  const hint = "Choose another with --port, or any free one with --port 0.";
  if (error.code === "EADDRINUSE") return new InputError(`port ${port} is in use. ${hint}`, { cause: error });
  if (error.code === "EACCES") return new InputError(`port ${port} may not be opened. ${hint}`, { cause: error });
  return error;
}

async function answer(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refuse = (status: number, text: string, headers: Record<string, string> = {}) => {
    response.writeHead(status, { ...HEADERS, "Content-Type": "text/plain; charset=utf-8", ...headers });
    response.end(request.method === "HEAD" ? undefined : `${text}\n`);
  };
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(405, "Only GET", { Allow: "GET, HEAD" });
  const path = pathOf(request.url ?? "/");
  if (path === undefined) return refuse(400, "Bad path");
  const file = await find(root, path);
  if (!file) return refuse(404, "Not found");
  // Without the slash, the page's own links would point beside its folder.
  if (file.inFolder && !path.endsWith("/")) {
    const last = encodeURIComponent(path.split("/").at(-1)!);
    return refuse(301, "Moved", { Location: `./${last}/` });
  }
  response.writeHead(200, {
    ...HEADERS,
    "Content-Type": TYPES[extname(file.path).toLowerCase()] ?? "application/octet-stream",
    "Content-Length": String(file.size),
  });
  if (request.method === "HEAD") response.end();
  else await pipeline(createReadStream(file.path), response);
}

/** The decoded path of a request, or undefined if it is none. */
function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(url.split(/[?#]/, 1)[0]!);
    const segments = path.split(/[/\\]/);
    return path.startsWith("/") && !path.includes("\0") && !segments.includes("..") ? path : undefined;
  } catch {
    return undefined;
  }
}

/** The file at `path` below `root`, links resolved, or the index of the folder there. */
async function find(root: string, path: string) {
  try {
    let real = await realpath(join(root, path));
    const inFolder = (await stat(real)).isDirectory();
    if (inFolder) real = await realpath(join(real, "index.html"));
    const { size } = await stat(real);
    const within = real.startsWith(root.endsWith(sep) ? root : root + sep);
    return within ? { path: real, size, inFolder } : undefined;
  } catch {
    return undefined;
  }
}
