/** Reports as files: what stands in them, what cannot, how large they are, and that what they say to repeat can be repeated. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shareAlong } from "../src/math/along.ts";
import { type EstimatePage, estimatePage } from "../src/report/html/estimate.ts";
import { lagsPage } from "../src/report/html/lags.ts";
import { html, shortened } from "../src/report/html/markup.ts";
import { type MatrixPage, MOST_PAIRS, matrixPage } from "../src/report/html/matrix.ts";
import { paperPage } from "../src/report/html/paper.ts";
import { literal, shellCommand } from "../src/report/html/repeat.ts";
import { severalPage } from "../src/report/html/several.ts";
import { scatterFigure } from "../src/report/scatter.ts";
import { figure } from "../src/report/svg.ts";
import { normals, range } from "./gpu.ts";

const HOSTILE = [
  "<script>alert(1)</script>",
  `"quoted" & 'single' onload="alert(2)"`,
  "</style></title><img src=x onerror=alert(3)>",
  "]]>--><!--",
  "שלום",
  "🙂👩‍👩‍👧",
  "a\u202eb\u0000c\ud800",
  "$".concat("{x}`"),
  "w".repeat(10_000),
];

/** The elements of a page; throws unless tags balance, attributes are quoted and texts are escaped. */
function elementsOf(page: string): { name: string; attributes: string }[] {
  const [, policy] = /<meta http-equiv="Content-Security-Policy" content="(.*?)">/.exec(page)!;
  const raw = (kind: string) =>
    [...page.matchAll(new RegExp(`<${kind}>(.*?)</${kind}>`, "gs"))].map(([, text]) => text!);
  const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  expect(raw("style").map(hash)).toEqual([/style-src (\S+);/.exec(policy!)![1]]);
  expect(raw("script").map(hash)).toEqual([/script-src (\S+);/.exec(policy!)![1]]);
  expect(policy).toMatch(/^default-src 'none'; /);
  const bare = page.replace(/^<!doctype html>/, "").replace(/<(style|script)( [^>]*)?>.*?<\/\1>/gs, "");
  const [found, open]: [{ name: string; attributes: string }[], string[]] = [[], []];
  const token = /<(\/?)([\w:-]+)((?:\s+[\w:-]+(?:="[^"<>]*")?)*)\s*(\/?)>|([^<>]+)/gy;
  let end = 0;
  for (const match of bare.matchAll(token)) {
    const [whole, close, name, attributes = "", empty, content = ""] = match;
    if (/&(?!#\d+;)/.test(attributes + content)) throw new Error(`bare & in ${whole}`);
    if (name && close && open.pop() !== name) throw new Error(`unexpected </${name}>`);
    if (name && !close) found.push({ name, attributes });
    if (name && !close && !empty && !/^(meta|link|input|br)$/.test(name)) open.push(name);
    end = match.index + whole.length;
  }
  if (end !== bare.length || open.length > 0) throw new Error(`not well-formed: ${bare.slice(end, end + 80)} ${open}`);
  return found;
}

/** Nothing loads, nothing runs but the page's own script, and nothing has a style that the policy forbids. */
function expectInert(page: string): void {
  const elements = elementsOf(page);
  const names = new Set(elements.map(({ name }) => name));
  for (const bad of ["img", "iframe", "object", "embed", "form", "image", "use", "foreignObject"]) {
    expect(names.has(bad), bad).toBe(false);
  }
  for (const { name, attributes } of elements) {
    expect(attributes.replace(/"[^"]*"/g, ""), name).not.toMatch(/\s(on\w+|style|src)=/);
    for (const [, link] of attributes.matchAll(/href="([^"]*)"/g)) expect(link).toMatch(/^(#|data:,$)/);
  }
}

const told = (rows = 40) => ({
  ...{ kind: "trained" as const, mi: 0.8, bound: 0.79, interval: [0.7, 0.9] as const, standardError: 0.02, rows },
  ...{ upperFrom: "sampling error", estimator: "remine", dropped: 0, seconds: 2, adapter: "llvmpipe <1>" },
  transforms: { x: HOSTILE, y: ["ranks"] },
  opinions: [{ method: "ksg", mi: 0.81, standardError: 0.03, remark: "<b>above</b>" }],
  diagnostics: [
    { name: "rows" as const, ok: true, message: "28 training rows a fold; more help" },
    { name: "pair" as const, ok: false, message: 'column "<i>" tells more' },
  ],
});
const repeat = {
  command: shellCommand(["remine", ...HOSTILE]),
  library: `estimate(${literal(HOSTILE)})`,
  settings: [["file", HOSTILE[0]!]] as const,
};
const svg = figure({ width: 10, height: 10, title: HOSTILE[0]!, description: HOSTILE[1]! }, "");
const method = { title: "ReMINE", bound: "lower" as const, statement: "a bound", paper: "<paper>" };

const estimateOf = (): EstimatePage => ({
  names: { x: HOSTILE, y: [HOSTILE[2]!], given: [HOSTILE[1]!] },
  ...{ result: told(), unit: "nats", confidence: 0.9, method, figure: svg, version: "0", notes: HOSTILE, repeat },
  kinds: { x: HOSTILE.map(() => "number"), y: ["category"], given: ["number"] },
  scatter: {
    svg: scatterFigure({
      ...{ title: HOSTILE[0]!, unit: "nats", pointwise: [0, 1, Number.NaN] },
      x: { name: HOSTILE[0]!, values: [1, 2, 3] },
      y: { name: HOSTILE[2]!, values: [0, 1, 1], levels: [HOSTILE[1]!, HOSTILE[4]!] },
    }),
    caption: HOSTILE[0]!,
  },
  along: [{ name: HOSTILE[0]!, share: 0.5 }],
});

function matrixOf(columns: readonly string[], rows = 100): MatrixPage {
  const size = columns.length;
  const mi = new Float64Array(size * size).fill(Number.NaN);
  const pairs = range(size).flatMap((x) =>
    range(size - x - 1).map((i) => {
      const y = x + 1 + i;
      const value = ((x * 7 + y * 13) % 100) / 100;
      mi[x * size + y] = value;
      mi[y * size + x] = value;
      const tests = { p: 0.005, q: 0.01, pFamily: 0.02 };
      const more = { standardError: 0.01, asCorrelation: 0.5, pearson: x ? -0.25 : Number.NaN, rows, estimator: "ksg" };
      return { x: columns[x]!, y: columns[y]!, mi: value, ...tests, ...more };
    }),
  );
  return {
    ...{
      unit: "bits",
      pairs,
      permutations: 200,
      target: null,
      given: [],
      transforms: columns,
      diagnostics: [],
      notes: [],
    },
    heatmap: { title: "MI", unit: "bits", columns, mi, pearson: mi },
    pictures: pairs.slice(0, 3).map(({ x, y }) => ({ x, y, svg, caption: x })),
    ...{ pictured: "these", leftOut: [{ column: columns[0]!, reason: columns[1]! }], leftOutPairs: [] },
    ...{ repeat, version: "0", adapter: "a" },
  };
}

const one = { lag: 0, mi: 0.2, interval: [0.1, 0.3] as const, bound: 0.2, p: 0.5, pFamily: 0.6, diagnostics: [] };
const pages: Record<string, () => Promise<string>> = {
  estimate: () => estimatePage(estimateOf()),
  versus: () =>
    estimatePage({
      ...estimateOf(),
      names: { x: HOSTILE, y: HOSTILE, versus: HOSTILE },
      versus: { more: "versus", difference: -0.1, interval: [-0.2, -0.05], other: estimateOf() },
    }),
  lags: () =>
    lagsPage({
      ...{
        names: { x: HOSTILE, y: HOSTILE },
        unit: "nats",
        figure: svg,
        best: HOSTILE[0]!,
        failures: HOSTILE,
        notes: HOSTILE,
      },
      result: {
        lags: [one],
        best: one,
        history: 1,
        rows: 9,
        estimator: "ksg",
        permutations: 9,
        seconds: 1,
        adapter: "a",
      },
      ...{ repeat, version: "0" },
    }),
  several: () =>
    severalPage({
      ...{
        names: { x: HOSTILE, y: HOSTILE },
        unit: "nats",
        rows: 9,
        notes: [],
        repeat,
        version: "0",
        adapter: HOSTILE[0]!,
      },
      sides: [
        { estimator: "remine", method, result: told() },
        { estimator: "kl", method, reason: HOSTILE[0]! },
      ],
    }),
  matrix: () => matrixPage(matrixOf(HOSTILE)),
  paper: () =>
    paperPage({
      parts: HOSTILE.slice(0, 3).map((text, i) => ({
        ...{
          name: `fig${i}`,
          title: text,
          why: text,
          setting: text,
          svg,
          rows: [[text], ["1"]],
          seconds: 1,
          adapter: text,
        },
        verdicts: (["holds", "fails", "scale"] as const).map((status) => ({ status, claim: text, measured: text })),
      })),
      ...{ repeat, version: "0" },
    }),
};

describe("a page", () => {
  it.each(Object.keys(pages))(
    "of %s holds any names as text alone, and allows only its own style and script",
    async (kind) => {
      const page = await pages[kind]!();
      expectInert(page);
      if (kind !== "paper") expect(page).toContain(`${"w".repeat(20)}…${"w".repeat(20)}`);
      // Notes and commands have it whole.
      expect(page.length).toBeLessThan(150_000);
      for (const text of HOSTILE.slice(0, 3)) expect(page).not.toContain(text);
      expect(page).toContain("&#60;script&#62;alert(1)&#60;/script&#62;");
      for (const bad of ["\u202e", "\0"]) expect(page.includes(bad)).toBe(false);
    },
  );

  it.each(Object.keys(pages))("of %s is the same bytes for the same input", async (kind) => {
    expect(await pages[kind]!()).toBe(await pages[kind]!());
  });

  it("says the number, its interval, what failed and what passed in words", async () => {
    const page = await estimatePage(estimateOf());
    expect(page).toMatch(/class="big">0\.800 <small>nats/);
    expect(page).toContain("90 % interval");
    expect(page).toContain("2.2 times as likely");
    expect(page).toMatch(/class="warn"><p><b>Does one column of each side say no more than all\?/);
    expect(page).toMatch(
      /<summary>1 check passed<\/summary>\s*<ul><li><b>Are there enough rows[^<]*<\/b> Yes\. <span class="soft">28 training rows a fold\.</,
    );
  });

  it("of a matrix stays below 2.5 MB for hundreds of columns with long names, and says what it leaves out", async () => {
    const columns = range(250).map((c) => `${c} ${"long ".repeat(40)}`);
    const page = await matrixPage(matrixOf(columns));
    expect(new TextEncoder().encode(page).length).toBeLessThan(2.5e6);
    expect(page).toContain(`The ${MOST_PAIRS} strongest of 31125 pairs`);
    expect(page).toContain("150 weaker columns not drawn");
    expectInert(page);
  });
});

describe("what pages are made of", () => {
  it("escapes every text, in attributes too", () => {
    expect(html`<a title="${'"><'}">${["<", undefined, false, html`<b>`, 3]}</a>`.text).toBe(
      '<a title="&#34;&#62;&#60;">&#60;<b>3</a>',
    );
  });

  it("shortens in the middle, and never cuts a character in two", () => {
    expect(shortened("abcdefghij", 5)).toBe("abc…ij");
    expect(shortened("🙂".repeat(100), 4)).toBe("🙂🙂…🙂🙂");
    expect(shortened("🙂🙂", 4)).toBe("🙂🙂");
  });

  it("writes arguments so that a shell reads the same again", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 12 }).filter((word) => !word.includes("\0"));
    const words = [
      ...fc.sample(text, { numRuns: 300, seed: 1 }),
      ...HOSTILE.slice(0, 6),
      "",
      "'",
      "\\",
      "\n\t'\\x41",
      "$(x)",
    ];
    const { stdout, status } = spawnSync("bash", ["-c", `printf '%s\\0' ${shellCommand(words)}`], { encoding: "utf8" });
    expect(status).toBe(0);
    expect(stdout.split("\0").slice(0, -1)).toEqual(words);
  });

  it("writes values so that JavaScript reads the same again", () => {
    const value = fc.dictionary(
      fc.string(),
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.array(fc.string()),
      ),
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(value, (given) => {
        fc.pre(!("__proto__" in given && Object.hasOwn(given, "__proto__")));
        expect(new Function(`return ${literal(given)}`)()).toEqual(JSON.parse(JSON.stringify(given)));
      }),
      { numRuns: 200 },
    );
  });

  it("finds how much goes along with a column, and nothing where nothing does", () => {
    const [x, noise] = [normals(1, 2000), normals(2, 2000)];
    const along = shareAlong(
      x,
      x.map((v, i) => v * v + 0.1 * noise[i]!),
      false,
    );
    expect(along).toBeGreaterThan(0.7);
    expect(along).toBeLessThanOrEqual(1);
    expect(shareAlong(x, noise, false)).toBeLessThan(0.01);
    const code = x.map((v) => Number(v > 0) + 2 * Number(v > 1));
    expect(shareAlong(code, code, true)).toBeCloseTo(1, 6);
  });

  it("draws each row once, squares of two categories by their number, and dates by years", () => {
    const days = range(900).map((i) => 15_000 + i);
    const dots = scatterFigure({
      ...{ title: "t", unit: "nats", pointwise: days.map((_, i) => (i % 2 ? 2 : -2)) },
      x: { name: "day", values: days, isDate: true },
      y: { name: "v", values: days.map((d) => Math.sin(d)) },
    });
    const of = (step: number) =>
      new RegExp(`d="([^"]*)"[^>]*class="t${step}"`).exec(dots)?.[1]?.match(/M/g)?.length ?? 0;
    expect([of(0), of(8), of(4)]).toEqual([450, 450, 0]);
    expect(dots).toMatch(/>2012<.*>2013</s);
    const levels = ["a", "b"];
    const side = (name: string, values: number[]) => ({ name, values, levels });
    const cells = scatterFigure({ title: "t", unit: "nats", x: side("x", [0, 0, 1, 0]), y: side("y", [0, 0, 1, 1]) });
    expect([...cells.matchAll(/>(\d+)<\/text>/g)].map(([, n]) => n).sort()).toEqual(["1", "1", "2"]);
  });
});

describe("remine --report", () => {
  let folder: string;
  const cli = join(process.cwd(), "dist/cli.js");
  const remine = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: "utf8", cwd: folder });
    return { status, stdout, stderr };
  };
  const read = (name: string) => readFileSync(join(folder, name), "utf8");

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "remine-report-"));
    const [x, e] = [normals(1, 120), normals(2, 120)];
    const lines = range(120).map(
      (i) => `${x[i]!.toFixed(4)},${(x[i]! ** 2 + 0.3 * e[i]!).toFixed(4)},${x[i]! > 0 ? "<b>" : "é"}`,
    );
    writeFileSync(join(folder, "a table.csv"), `<x>,"it's, y",colour\n${lines.join("\n")}\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("writes an estimate whose command and library call give the same number again", () => {
    const args = [
      "estimate",
      "a table.csv",
      "--x",
      "<x>",
      "--y",
      `"it's, y"`,
      "--estimator",
      "ksg",
      "--permutations",
      "19",
    ];
    const { status, stdout } = remine(...args, "--json", "--report", "e.html");
    expect(status).toBe(0);
    const page = read("e.html");
    expectInert(page);
    const text = (html: string) => html.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code));
    const [command, library] = [...page.matchAll(/<pre tabindex="0"><code>(.*?)<\/code>/gs)].map(([, code]) =>
      text(code!),
    );
    const { mi } = JSON.parse(stdout);
    const again = spawnSync("bash", ["-c", `remine() { "${process.execPath}" "${cli}" "$@"; }; ${command}`], {
      encoding: "utf8",
      cwd: folder,
    });
    expect(JSON.parse(again.stdout).mi).toBe(mi);
    const called = library!.replace("console.log(result)", "console.log(result.mi, result.independence.p)");
    const module = [
      ["remine", "node.js"],
      ["remine/files", "node.files.js"],
    ].reduce(
      (code, [name, file]) => code.replace(`"${name}"`, JSON.stringify(join(process.cwd(), "dist", file!))),
      called,
    );
    const ran = spawnSync(process.execPath, ["--input-type=module"], { input: module, encoding: "utf8", cwd: folder });
    expect(ran.status).toBe(0);
    expect(Number(ran.stdout.split(" ")[0])).toBe(mi);
  });

  it("writes a matrix with the strongest pairs drawn, and a merged one without rows", () => {
    expect(remine("matrix", "a table.csv", "--permutations", "39", "--report", "m.html", "--quiet").status).toBe(0);
    const page = read("m.html");
    expectInert(page);
    expect(page.match(/<article id="pair-\d+"/g)).toHaveLength(2);
    expect(page.match(/class="t[0-9]"/g)!.length).toBeGreaterThan(9);
    expect(remine("matrix", "a table.csv", "--shard", "1/1", "--output", "p.ndjson").status).toBe(0);
    expect(remine("merge", "p.ndjson", "--report", "merged.html").status).toBe(0);
    expect(read("merged.html")).toContain("Parts of a matrix hold no rows");
    expectInert(read("merged.html"));
  });

  it("refuses what would be no page, a folder that is not there, and a shard, before any work", () => {
    const by = ["estimate", "a table.csv", "--x", "1", "--y", "2", "--estimator", "ksg", "--report"];
    expect(remine(...by, "e.pdf")).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringContaining("ends in .html"),
    });
    expect(remine(...by, "no/e.html")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("its folder does not exist"),
    });
    const shard = remine("matrix", "a table.csv", "--shard", "1/2", "--output", "p.ndjson", "--report", "m.html");
    expect(shard).toMatchObject({ status: 2, stderr: expect.stringContaining("Give --report to remine merge") });
  });
});
