/** The server of the pages: what it gives, packs, and refuses. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { serve } from "../../src/cli/serve.ts";
import { InputError } from "../../src/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "remine-serve-"));
const site = join(folder, "site");
let server: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  mkdirSync(join(site, "page one"), { recursive: true });
  writeFileSync(join(folder, "secret.txt"), "secret");
  writeFileSync(join(site, "page one/index.html"), "<!doctype html>page");
  writeFileSync(join(site, "a.js"), "1");
  writeFileSync(join(site, "a.css"), "");
  writeFileSync(join(site, "data.bin"), "x");
  symlinkSync(join(folder, "secret.txt"), join(site, "link.txt"));
  symlinkSync(folder, join(site, "up"));
  mkdirSync(join(site, "shelf"));
  symlinkSync(join(folder, "secret.txt"), join(site, "shelf/index.html"));
  symlinkSync(join(site, "a.js"), join(site, "inner.js"));
  writeFileSync(join(site, "long.js"), "0;".repeat(1000));
  writeFileSync(join(site, "long.js.gz"), gzipSync("0;".repeat(1000)));
  execFileSync("mkfifo", [join(site, "pipe.js")]);
  server = await serve(site, 0);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** Sends the path as it is; fetch would tidy it first. */
const get = (path: string, method = "GET", headers: Record<string, string> = {}) =>
  new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>((resolve, reject) => {
    const { port } = new URL(server.url);
    request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (part) => {
        body += part;
      });
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    })
      .on("error", reject)
      .end();
  });

describe("serve", () => {
  test("answers with the file, its type and a strict policy", async () => {
    const page = await get("/page%20one/?query");
    expect(page).toMatchObject({ status: 200, body: "<!doctype html>page" });
    expect(page.headers["content-type"]).toBe("text/html;charset=utf-8");
    expect(page.headers["content-security-policy"]).toBe("default-src 'self'; frame-ancestors 'none'");
    expect(page.headers["x-content-type-options"]).toBe("nosniff");
    expect((await get("/a.js")).headers["content-type"]).toBe("text/javascript");
    expect((await get("/a.css")).headers).toMatchObject({
      "content-type": "text/css",
      "content-length": "0",
    });
    expect((await get("/data.bin")).headers["content-type"]).toBe("application/octet-stream");
    expect(await get("/a.js", "HEAD")).toMatchObject({ status: 200, body: "" });
  });

  test("sends a folder's address to its index", async () => {
    const moved = await get("/page%20one");
    expect(moved).toMatchObject({ status: 301, headers: { location: "./page%20one/" } });
    const followed = await fetch(new URL("page%20one", server.url));
    expect([followed.url, await followed.text()]).toEqual([`${server.url}page%20one/`, "<!doctype html>page"]);
  });

  test.each([
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/page%20one/..%5c..%5c..%5csecret.txt",
    "/link.txt",
    "/up/secret.txt",
    "/up/",
    "/shelf/",
    "/shelf",
    "/%2e%2e%2fsecret.txt",
    "/page%20one/%2e%2e/%2e%2e/secret.txt",
    "//etc/passwd",
    "/%00",
    "/%zz",
    "/none.js",
    "/pipe.js",
    "/",
  ])("gives nothing for %s", async (path) => {
    const { status, body } = await get(path);
    expect([400, 404]).toContain(status);
    expect(body).not.toContain("secret");
  });

  test("follows links that stay inside", async () => {
    expect(await get("/inner.js")).toMatchObject({ status: 200, body: "1" });
  });

  test("sends what was compressed to who takes it", async () => {
    const zipped = await get("/long.js", "GET", { "Accept-Encoding": "gzip" });
    expect(zipped.headers).toMatchObject({
      ...{ "content-encoding": "gzip", "content-type": "text/javascript", vary: "Accept-Encoding" },
      "content-length": String(gzipSync("0;".repeat(1000)).length),
    });
    const plain = await get("/long.js");
    expect([plain.headers["content-encoding"], plain.body.length]).toEqual([undefined, 2000]);
  });

  test("answers what has not changed in a word", async () => {
    const { etag } = (await get("/a.js")).headers;
    expect(await get("/a.js", "GET", { "If-None-Match": String(etag) })).toMatchObject({ status: 304, body: "" });
  });

  test("shows what was written since", async () => {
    for (const body of ["333", "22"]) {
      writeFileSync(join(site, "new.js"), body);
      expect(await get("/new.js")).toMatchObject({ status: 200, body });
    }
  });

  test("answers only to its own names, so that no site can point its name here", async () => {
    const { port } = new URL(server.url);
    for (const Host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
      expect(await get("/a.js", "GET", { Host })).toMatchObject({ status: 200, body: "1" });
    for (const Host of [`rebound.example:${port}`, "rebound.example", "localhost", `localhost.example:${port}`])
      expect(await get("/a.js", "GET", { Host })).toMatchObject({ status: 403 });
  });

  test("takes only GET and HEAD", async () => {
    expect(await get("/a.js", "POST")).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
  });

  test("names a port that is in use, and --port", async () => {
    const port = Number(new URL(server.url).port);
    const error = await serve(site, port).catch((e) => e);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toBe(`port ${port} is in use. Choose another with --port, or any free one with --port 0.`);
  });

  test.each([-1, 65536, 1.5, Number.NaN])("refuses port %s", async (port) => {
    await expect(serve(site, port)).rejects.toThrow(/--port must be a whole number/);
  });

  test("refuses a folder that is missing", async () => {
    await expect(serve(join(folder, "none"), 0)).rejects.toThrow(InputError);
  });

  test("closes at once, with connections open, and frees the port", async () => {
    const other = await serve(site, 0);
    const port = Number(new URL(other.url).port);
    const socket = connect(port, "127.0.0.1");
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.on("error", () => {});
    await other.close();
    const again = await serve(site, port);
    await again.close();
    socket.destroy();
  });
});
