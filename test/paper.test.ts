/** remine paper as a person meets it: every experiment in its short form, killed, out of disk, on bad input; and its pieces. */
import { type SpawnSyncOptions, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { experiments } from "../src/cli/paper/catalogue.ts";
import { halved, picksOf, tableOf } from "../src/cli/paper/consistency.ts";
import { verdict } from "../src/cli/paper/experiment.ts";
import { histogram } from "../src/cli/paper/histogram.ts";
import type { ImageSet } from "../src/cli/paper/image-files.ts";
import { slidingMicro, slope } from "../src/cli/paper/one-hot.ts";
import { normals, uniforms } from "../src/cli/paper/random.ts";
import { range } from "./gpu.ts";
import { logMeanExp, mean } from "./oracle/estimators.ts";

let folder: string;
const cli = join(process.cwd(), "dist/cli.js");

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "remine-paper-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);

function remine(...args: string[]) {
  const options: SpawnSyncOptions = { encoding: "utf8", cwd: folder, maxBuffer: 2 ** 28 };
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], options);
  return { status, stdout: String(stdout), stderr: String(stderr) };
}

interface Said {
  name: string;
  seconds: number;
  verdicts: { status: string; claim: string; measured: string }[];
  data: object;
}

describe("the short form of all", () => {
  const quick = ["paper", "all", "--quick", "--output", "quick", "--json"];
  let first: Said[];

  it("holds every claim that can hold at its scale, and leaves picture and data", { timeout: 600_000 }, () => {
    const { status, stdout, stderr } = remine(...quick);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    first = JSON.parse(stdout);
    const leftOut = Object.keys(experiments).filter((name) => stderr.includes(`${name} is left out. `));
    expect(leftOut).toContain("fig7"); // CIFAR-10 is nowhere but with its owner
    expect(first.map(({ name }) => name)).toEqual(Object.keys(experiments).filter((name) => !leftOut.includes(name)));
    const failed = first.flatMap(({ name, verdicts }) =>
      verdicts.filter(({ status }) => status === "fails").map((v) => `${name}: ${v.claim}: ${v.measured}`),
    );
    expect(failed).toEqual([]);
    for (const { name, verdicts } of first) {
      expect(verdicts.length, name).toBeGreaterThan(0);
      const svg = readFileSync(at(`quick/${name}.svg`), "utf8");
      expect(svg, name).toMatch(/^<svg [\s\S]*<\/svg>\n?$/);
      expect(svg, name).not.toMatch(/NaN|Infinity|undefined/);
      expect(JSON.parse(readFileSync(at(`quick/${name}.json`), "utf8")).verdicts).toEqual(verdicts);
    }
    expect(first.flatMap(({ verdicts }) => verdicts).filter(({ status }) => status === "holds").length).toBeGreaterThan(
      20,
    );
    expect(readdirSync(at("quick")).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("is not done twice: a second run finds its parts, and says the same", () => {
    const began = performance.now();
    const { status, stdout, stderr } = remine(...quick);
    const seconds = (performance.now() - began) / 1000;
    expect(status).toBe(0);
    expect(stderr).toMatch(/fig1: \d+ of its parts were finished before/);
    const second: Said[] = JSON.parse(stdout);
    const lasting = (all: Said[]) =>
      all.map(({ name, seconds, verdicts, data }) => ({ name, seconds, verdicts, data }));
    expect(lasting(second)).toEqual(lasting(first));
    expect(seconds).toBeLessThan(first.reduce((sum, each) => sum + each.seconds, 0));
  });

  it("a part that was cut off or changed is made again", () => {
    const parts = readdirSync(at("quick/parts"));
    const name = parts.find((each) => each.startsWith("gaussian-plane"))!;
    const whole = readFileSync(at(`quick/parts/${name}`), "utf8");
    writeFileSync(at(`quick/parts/${name}`), whole.slice(0, 1000));
    expect(remine("paper", "fig9", "--quick", "--output", "quick", "--json").status).toBe(0);
    const result = (text: string) => JSON.parse(text).result;
    expect(result(readFileSync(at(`quick/parts/${name}`), "utf8"))).toEqual(result(whole));
  });
});

it("a run that is interrupted keeps its finished parts, and goes on with them", async () => {
  const args = ["paper", "fig3", "--quick", "--output", "stopped"];
  const child = spawn(process.execPath, [cli, ...args], { cwd: folder });
  let stderr = "";
  child.stderr.on("data", (data) => (stderr += data));
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  while (!existsSync(at("stopped/parts")) || readdirSync(at("stopped/parts")).length === 0) {
    expect(child.exitCode).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(stderr).toMatch(/interrupted.*Finished parts are in stopped.parts: the same command goes on with them/);
  const again = remine(...args);
  expect(again.status).toBe(0);
  expect(again.stderr).toMatch(/fig3: [12] of its parts were finished before/);
  expect(again.stdout).toContain("Figure 3: ReMINE at batch 10");
});

describe("bad input", () => {
  it("is refused with what is wrong and what to do", () => {
    const cases: [string[], RegExp][] = [
      [["paper", "fg4"], /no figure or table "fg4"\. Nearest name: "fig\d+"\. There are fig1, fig2/],
      [["paper", "fig13", "--data", "nowhere"], /MNIST: nowhere: .*To get MNIST/s],
      [["paper", "fig7"], /CIFAR-10 was not found\. To get CIFAR-10: .*--data FOLDER/],
      [["paper", "fig13", "--batch", "1"], /--batch must be 2 or more where images are compared/],
      [["paper", "fig4", "--steps", "0"], /--steps must be 1 or more, got 0/],
      [["paper", "fig4", "--output", "file/in"], /cannot (write|create).*file/],
    ];
    writeFileSync(at("file"), "");
    for (const [args, message] of cases) {
      const { status, stderr } = remine(...args);
      expect(stderr).toMatch(message);
      expect(status).toBe(2);
    }
  });

  it("lists what there is", () => {
    const { stdout } = remine("paper", "--list");
    for (const name of Object.keys(experiments)) expect(stdout).toMatch(new RegExp(`^ +${name} `, "m"));
    expect(remine("paper").stdout).toBe(stdout);
  });

  it.skipIf(process.platform === "win32")("a full disk keeps what is finished", () => {
    const bundle = { bundle: true, platform: "node", format: "esm", outfile: at("parts.mjs") } as const;
    buildSync({ ...bundle, entryPoints: ["src/cli/paper/parts.ts"] });
    const script = `
      import { Parts } from ${JSON.stringify(at("parts.mjs"))};
      const parts = new Parts("full", { seed: 0 });
      await parts.take("small", {}, async () => ({ values: [1, NaN] }));
      await parts.take("large", {}, async () => ({ values: Array(1e5).fill(1) })).catch(({ message }) => console.log(message));
      console.log(JSON.stringify([await parts.take("small", {}, () => { throw new Error("again"); }), parts.found]));`;
    const limited = ["-c", `trap '' XFSZ; ulimit -f 8; exec "$0" "$@"`, process.execPath];
    const { stdout } = spawnSync("bash", [...limited, "--input-type=module", "-e", script], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(stdout).toMatch(/cannot write "full.large-\w+\.json": the disk is full\..*\n\[\{"values":\[1,null\]\},1\]/);
    expect(readdirSync(at("full"))).toHaveLength(1);
  });
});

describe("images for self-consistency", () => {
  /** Five images of 4 x 4 with 2 channels, whose pixels are all different. */
  const images: ImageSet = {
    ...{ name: "mnist", height: 4, width: 4, channels: 2, count: 5, labels: new Uint8Array(5) },
    pixels: Uint8Array.from({ length: 5 * 32 }, (_, i) => i + 1),
  };
  const options = { batch: 3, steps: 2, released: false, seed: 1 };
  /** What a replica sees of its i-th row: x and y as lists of images, (height, width, parts x channels). */
  const seen = (test: "baseline" | "data processing" | "additivity", t: number, i: number, released = false) => {
    const table = tableOf(images, {
      ...options,
      test,
      released,
      replicas: [
        { t: 2, run: 0 },
        { t, run: 4 },
      ],
    });
    const row = table.pairs[1]![2 * i]!;
    expect(table.pairs[1]![2 * i + 1]).toBe(row);
    const values = table.picks[1]!.map((column) => Math.round(255 * table.data[row * table.columns + column]!));
    const half = values.length / 2;
    const parts = (list: number[]) => {
      const channels = list.length / 16;
      return range(channels / 2).map((part) =>
        range(16).flatMap((p) => list.slice(p * channels + 2 * part, p * channels + 2 * part + 2)),
      );
    };
    return { x: parts(values.slice(0, half)), y: parts(values.slice(half)) };
  };
  /** The top t rows, the others zero. */
  const top = (image: number[], t: number) => image.map((value, i) => (i < t * 8 ? value : 0));
  const isImage = (values: number[]) => {
    const from = Math.floor((Math.min(...values) - 1) / 32) * 32;
    expect([...values].sort((a, b) => a - b)).toEqual(range(32).map((i) => from + i + 1));
  };

  it("are whole in x and cut in y, and all of the same row", () => {
    for (const i of [0, 3, 5]) {
      const base = seen("baseline", 3, i);
      expect(base.x).toHaveLength(1);
      isImage(base.x[0]!);
      expect(base.y).toEqual([top(base.x[0]!, 3)]);
      const twice = seen("data processing", 4, i);
      expect(twice.x).toEqual([base.x[0], base.x[0]]);
      expect(twice.y).toEqual([base.x[0], top(base.x[0]!, 1)]);
      const both = seen("additivity", 2, i);
      isImage(both.x[1]!);
      expect(both.x[0]).toEqual(base.x[0]);
      expect(both.y).toEqual(both.x.map((image) => top(image, 2)));
      // The released script's slip: the second image twice.
      expect(seen("additivity", 2, i, true).y).toEqual([both.y[1], both.y[1]]);
    }
  });

  it("are mirrored at random, pixel by pixel with all channels", () => {
    const firsts = range(6).map((i) => seen("baseline", 4, i).x[0]!.slice(0, 2));
    for (const [a, b] of firsts) expect([b! - a!, a! % 2]).toEqual([1, 1]);
    // An image begins with one of its four corners.
    expect(new Set(firsts.map(([a]) => (a! - 1) % 32)).size).toBeGreaterThan(1);
    for (const [a] of firsts) expect([0, 6, 24, 30]).toContain((a! - 1) % 32);
  });

  it("have a choice of columns as long as x and y", () => {
    expect(picksOf(images, "additivity", 1, false)).toHaveLength(2 * 2 * 32);
  });

  it("are halved by the mean of 2 x 2 pixels", () => {
    const small = halved(images);
    expect([small.height, small.width, small.pixels.length]).toEqual([2, 2, 5 * 8]);
    expect(small.pixels[1]).toBe(Math.round((2 + 4 + 10 + 12) / 4));
  });
});

describe("pieces", () => {
  it("a histogram has the shares of its bins", () => {
    const { edges, shares } = histogram([0.1, 0.2, 0.9, 5], [0, 1], 2);
    expect(edges).toEqual([0, 0.5, 1]);
    expect(shares).toEqual([0.5, 0.25]);
    expect(histogram([0.1, 0.9], [0, 1], 2, [3, 1]).shares).toEqual([0.75, 0.25]);
  });

  it("a sliding window pools the outputs of its batches", () => {
    const joint = range(10).map((i) => i / 3);
    const logPartition = range(10).map((i) => Math.sin(i));
    const micro = slidingMicro({ joint, logPartition }, 4);
    expect(micro[1]).toBeCloseTo(mean(joint.slice(0, 2)) - logMeanExp(logPartition.slice(0, 2)), 12);
    expect(micro[9]).toBeCloseTo(mean(joint.slice(6)) - logMeanExp(logPartition.slice(6)), 12);
  });

  it("a slope is that of the second half", () => {
    expect(slope(range(100).map((i) => (i < 50 ? 7 : 3 * i)))).toBeCloseTo(3, 12);
  });

  it("numbers on the host are even and normal, and differ by seed", () => {
    const drawn = Array.from(normals(20_000, [1, 2]));
    expect(mean(drawn)).toBeCloseTo(0, 1);
    expect(mean(drawn.map((v) => v * v))).toBeCloseTo(1, 1);
    const even = Array.from(uniforms(20_000, [3]));
    expect(mean(even)).toBeCloseTo(0.5, 2);
    expect(Math.min(...even)).toBeGreaterThan(0);
    const other = normals(20_000, [1, 3]);
    expect(Math.abs(mean(drawn.map((v, i) => v * other[i]!)))).toBeLessThan(0.03);
  });

  it("a claim that fails is said to need the full scale only where the run was shorter", () => {
    const claim = { holds: false, claim: "", measured: "", needs: "full" } as const;
    expect(verdict({ quick: true }, claim).status).toBe("scale");
    expect(verdict({ quick: false, steps: 10 }, claim).status).toBe("scale");
    expect(verdict({ quick: false }, claim).status).toBe("fails");
    expect(verdict({ quick: true }, { holds: false, claim: "", measured: "" }).status).toBe("fails");
  });
});
