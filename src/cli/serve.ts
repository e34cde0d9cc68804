/** A static file server on 127.0.0.1, for the demo pages. */
import { realpath, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join, sep } from "node:path";
import sirv from "sirv";
import { InputError } from "../errors.ts";

const HEADERS = {
  "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
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
  // It looks at the disk for each request, so that pages may be built anew while they are served. The build leaves
  // what is to be sent compressed beside each file.
  const send = sirv(root, { dev: true, etag: true, gzip: true });
  const server = createServer((request, response) => {
    answer(root, send, request, response).catch(() => response.destroy());
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

type Send = ReturnType<typeof sirv>;

function complaint(error: NodeJS.ErrnoException, port: number): Error {
  const hint = "Choose another with --port, or any free one with --port 0.";
  if (error.code === "EADDRINUSE") return new InputError(`port ${port} is in use. ${hint}`, { cause: error });
  if (error.code === "EACCES") return new InputError(`port ${port} may not be opened. ${hint}`, { cause: error });
  return error;
}

async function answer(root: string, send: Send, request: IncomingMessage, response: ServerResponse): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  const refuse = (status: number, text: string, headers: Record<string, string> = {}) => {
    response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", ...headers });
    response.end(request.method === "HEAD" ? undefined : `${text}\n`);
  };
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(405, "Only GET", { Allow: "GET, HEAD" });
  if (!isOwnName(request)) return refuse(403, "This server answers only to localhost and its port");
  const path = pathOf(request.url ?? "/");
  if (path === undefined) return refuse(400, "Bad path");
  const file = await find(root, path);
  if (!file) return refuse(404, "Not found");
  // Without the slash, the page's own links would point beside its folder.
  if (file.inFolder && !path.endsWith("/")) {
    const last = encodeURIComponent(path.split("/").at(-1)!);
    return refuse(301, "Moved", { Location: `./${last}/` });
  }
  request.url = file.url;
  send(request, response, () => refuse(404, "Not found"));
}

/** A page of another site whose name was made to point here ("DNS rebinding") still sends that site's name. */
function isOwnName({ headers, socket }: IncomingMessage): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].some((name) =>
    [`${name}:${socket.localPort}`, socket.localPort === 80 && name].includes(headers.host ?? ""),
  );
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

/** Where the file at `path` below `root` is, links resolved, or the index of the folder there. */
async function find(root: string, path: string): Promise<{ url: string; inFolder: boolean } | undefined> {
  try {
    let real = await realpath(join(root, path));
    const inFolder = (await stat(real)).isDirectory();
    if (inFolder) real = await realpath(join(real, "index.html"));
    const base = root.endsWith(sep) ? root.slice(0, -1) : root;
    if (!real.startsWith(base + sep)) return undefined;
    if (!(await stat(real)).isFile()) return undefined; // whoever opens a pipe waits for its other end
    return { url: encodeURI(real.slice(base.length).replaceAll(sep, "/")), inFolder };
  } catch {
    return undefined;
  }
}
