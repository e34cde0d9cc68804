import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { serve } from "../../src/cli/serve.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
export const pages = join(root, "dist/demos");
export const output = join(root, "test/output");

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const found = PLACES.find((path) => existsSync(path));

/** Only on request is a test without a browser no failure. */
export const skip = !found && process.env.ALLOW_NO_BROWSER === "1";

/** WebGPU on SwiftShader, with canvases that a screenshot shows. */
const WEBGPU = [
  "--enable-unsafe-webgpu",
  "--use-angle=swiftshader",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
];
const QUIET = [
  "--no-sandbox",
  "--no-first-run",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function launch({ webgpu }: { webgpu: boolean }): Promise<Browser> {
  if (!found) {
    throw new Error(
      `no browser: none of ${PLACES.join(", ")} is there. Install one: apt-get install -y chromium. ` +
        "Or set ALLOW_NO_BROWSER=1 to skip the tests that need it.",
    );
  }
  return chromium.launch({ executablePath: found, args: webgpu ? [...QUIET, ...WEBGPU] : QUIET });
}

/** Pages of one test file: what is served, and the browser that the running test opened. */
export class Visit {
  #server: Awaited<ReturnType<typeof serve>> | undefined;
  #browser: Browser | undefined;

  /** For beforeAll. */
  async begin(): Promise<void> {
    mkdirSync(output, { recursive: true });
    this.#server = await serve(pages, 0);
  }

  /** For afterEach. */
  async closeBrowser(): Promise<void> {
    await this.#browser?.close();
    this.#browser = undefined;
  }

  /** For afterAll. */
  async end(): Promise<void> {
    await this.#server?.close();
  }

  get url(): string {
    return this.#server!.url;
  }

  get browser(): Browser {
    return this.#browser!;
  }

  /** A page, opened, and everything that it should not have done so far. `path` is below the pages' folder. */
  async open(path: string, { webgpu = true } = {}): Promise<{ page: Page; faults: string[] }> {
    this.#browser = await launch({ webgpu });
    const context = await this.#browser.newContext({
      viewport: { width: 1280, height: 1000 },
      colorScheme: "light",
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const faults: string[] = [];
    await context.route("**/*", (route) => {
      const url = route.request().url();
      if (url.startsWith(this.url)) return route.continue();
      faults.push(`request to ${url}`);
      return route.abort();
    });
    const page = await context.newPage();
    page.setDefaultTimeout(120_000); // busy machines
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
    page.on("response", (response) => {
      if (!response.ok()) faults.push(`${response.status()} for ${response.url()}`);
    });
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`blocked by the policy: ${event.violatedDirective} ${event.blockedURI}`);
      });
    });
    await page.goto(this.url + path);
    return { page, faults };
  }

  /** Ends the browser's GPU process, as a driver that restarts does. */
  async loseDevice(): Promise<void> {
    const session = await this.browser.newBrowserCDPSession();
    await session.send("Browser.crashGpuProcess");
  }
}

/** What a visitor has at least: a small screen of a desk, and a phone. */
export const DESK = { width: 1280, height: 720 };
export const PHONE = { width: 390, height: 844 };

/** What should be seen first, and is not wholly in the window. */
export const outOfSight = (page: Page) =>
  page.evaluate(() => {
    const wanted = [...document.querySelectorAll("[data-first]")];
    if (wanted.length < 2) return [`${wanted.length} marked`];
    return wanted
      .filter((element) => {
        const { top, bottom, left, right, height } = element.getBoundingClientRect();
        return height === 0 || top < 0 || left < 0 || bottom > innerHeight || right > innerWidth;
      })
      .map((element) => element.id || element.className);
  });

/** What is out of sight when the page stands at both sizes. */
export async function outOfSightAnywhere(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const size of [DESK, PHONE]) {
    await page.setViewportSize(size);
    found.push(...(await outOfSight(page)));
  }
  return found;
}

export const textOf = (page: Page, id: string) => page.locator(`#${id}`).textContent();

/** Pictures of the page in light and dark, to test/output. */
export async function photograph(page: Page, name: string): Promise<void> {
  for (const scheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.waitForTimeout(300); // a redraw in the new colours
    await page.screenshot({ path: join(output, `${name}-${scheme}.png`), fullPage: true });
  }
}

/** How far the page sticks out to the right on phones, in pixels. */
export async function overhang(page: Page): Promise<number[]> {
  const over: number[] = [];
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 844 });
    over.push(await page.evaluate((width) => document.documentElement.scrollWidth - width, width));
  }
  return over;
}

/** How long a timer and a frame keep the page waiting, in milliseconds, over `duration`. */
export const measureLatency = (page: Page, duration: number) =>
  page.evaluate(async (duration) => {
    const end = performance.now() + duration;
    const timers: number[] = [];
    const frames: number[] = [];
    const watchTimers = async () => {
      while (performance.now() < end) {
        const before = performance.now();
        await new Promise((resolve) => setTimeout(resolve));
        timers.push(performance.now() - before);
      }
    };
    const watchFrames = async () => {
      for (let before = performance.now(); before < end; ) {
        await new Promise(requestAnimationFrame);
        frames.push(performance.now() - before);
        before = performance.now();
      }
    };
    await Promise.all([watchTimers(), watchFrames()]);
    const at = (list: number[], share: number) => list.sort((a, b) => a - b)[Math.floor(share * (list.length - 1))]!;
    const summary = (list: number[]) => ({ median: at(list, 0.5), p95: at(list, 0.95), worst: at(list, 1) });
    return { timer: summary(timers), frame: summary(frames) };
  }, duration);

/** Without WebGPU a page says how to get it, also when asked again, and goes on with what it can do. */
export async function expectRemedies(page: Page, state: "recorded" | "running" | "failed"): Promise<void> {
  const alert = page.getByRole("alert");
  for (let time = 0; time < 2; time++) {
    await alert.getByText("This browser gives no access to a GPU").waitFor();
    await page.locator(`#demo[data-state=${state}]`).waitFor();
    if (state !== "failed") await alert.locator("summary").click();
    await alert.getByText("--enable-unsafe-webgpu").waitFor();
    await alert.getByRole("button", { name: "Try again" }).click();
  }
}

/** What the module prints when the browser of `page` runs it with the package `remine`, line by line. */
export async function runSnippet(page: Page, code: string): Promise<string[]> {
  const server = await serve(join(root, "dist"), 0);
  const context = await page.context().browser()!.newContext();
  try {
    const runner = await context.newPage();
    const imports = { remine: "/browser.js", "remine/research": "/browser.research.js" };
    const body = `<script type="importmap">${JSON.stringify({ imports })}</script><script type="module">
${code}
console.log("the end");
</script>`;
    await runner.route("**/snippet.html", (route) => route.fulfill({ contentType: "text/html", body }));
    const lines: string[] = [];
    const ended = new Promise<void>((resolve, reject) => {
      runner.on("console", (message) => (message.text() === "the end" ? resolve() : lines.push(message.text())));
      runner.on("pageerror", reject);
    });
    await runner.goto(`${server.url}snippet.html`);
    await ended;
    return lines;
  } finally {
    await context.close();
    await server.close();
  }
}

/** The same numbers in [0, 1) every time, like chance. */
export function uniformFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** As if a file was let go over the page. */
export const dropFile = (page: Page, name: string, text: string) =>
  page.evaluate(
    ({ name, text }) => {
      const data = new DataTransfer();
      data.items.add(new File([text], name, { type: "text/csv" }));
      document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    },
    { name, text },
  );
