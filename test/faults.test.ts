/** What breaks beside the program: devices, drivers, disks, pipes, signals, clocks. docs/faults.md says what each does. */
import { type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, it as test, vi } from "vitest";
import { DeviceLostError, LimitError, OutOfMemoryError } from "../src/errors.ts";
import { estimate } from "../src/estimate/estimate.ts";
import { type Gpu, open } from "../src/gpu/device.ts";
import { matrix } from "../src/matrix/matrix.ts";
import { createProgress } from "../src/report/progress.ts";
import { it, normals, range } from "./gpu.ts";
import { withoutProgress } from "./without-progress.ts";

const cli = join(process.cwd(), "dist/cli.js");
const loseDevice = ["--import", join(process.cwd(), "test/fixtures/faults/lose-device.mjs")];
let folder: string;
const at = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(at(name), "utf8");

const columns = Object.fromEntries(range(5).map((c) => [`v${c}`, normals(c + 1, 200)]));
columns.v1 = columns.v0!.map((v, i) => v + columns.v1![i]!);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "remine-faults-"));
  // Pairs of several kinds, which are finished in several chunks.
  const lines = range(200).map((i) =>
    [...Object.values(columns).map((v) => v[i]), ...[3, 5].map((levels) => "abcde"[(i * i) % levels])].join(),
  );
  writeFileSync(at("a.csv"), [`${Object.keys(columns)},k,l`, ...lines].join("\n"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  code: number | string | null;
  stdout: string;
  stderr: string;
}

/** Starts `node` with these arguments; `ended` is its exit code, or the signal that ended it. */
function start(args: string[], options: SpawnOptions = {}) {
  const child = spawn(process.execPath, args, { cwd: folder, ...options });
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (data) => (stdout += data));
  child.stderr?.on("data", (data) => (stderr += data));
  const ended = new Promise<Ended>((resolve) =>
    child.on("close", (status, signal) => resolve({ code: status ?? signal, stdout, stderr })),
  );
  return { child, ended };
}

const remine = (...args: string[]) => start([cli, ...args]).ended;
const shell = (command: string) =>
  spawnSync("bash", ["-c", command, process.execPath, cli], { cwd: folder, encoding: "utf8" });

const sides = ["--x", "v0", "--y", "v1", "--estimator", "ksg"];
const pairs = ["matrix", "a.csv", "--permutations", "9", "--output"];

describe("a device that is lost", () => {
  /** The command, losing each device after so many submits. */
  const losing = (after: string, ...args: string[]) =>
    start([...loseDevice, cli, ...args], { env: { ...process.env, LOSE_AFTER: after } }).ended;

  it("ends a call of the library, which says what to do", async () => {
    using own = await open();
    const broken = matrix(columns, { gpu: own, onChunk: () => own.device.destroy(), permutations: 9 });
    await expect(broken).rejects.toThrow(DeviceLostError);
    await expect(estimate(columns.v0!, columns.v1!, { gpu: own, estimator: "ksg" })).rejects.toThrow(
      /^the GPU device was lost: .*\. Open it again and resume\.$/,
    );
  });

  it("costs a matrix no pair and no bit: two processes at a time, one of them losing three devices", async () => {
    const [whole, lost] = await Promise.all([remine(...pairs, "whole.csv"), losing("3,2,4", ...pairs, "lost.csv")]);
    expect([whole.code, withoutProgress(whole.stderr)]).toEqual([0, ""]);
    expect(lost.code).toBe(0);
    expect(lost.stderr.match(/^The GPU device was lost: .* Opening it again; what is finished stays/gm)).toHaveLength(
      3,
    );
    expect(read("lost.csv")).toBe(read("whole.csv"));
    expect(readdirSync(folder).filter((name) => /checkpoint|part$/.test(name))).toEqual([]);
  });

  it("leaves lags that are finished as they are", async () => {
    const lags = ["estimate", "a.csv", ...sides, "--lag", "0-3", "--permutations", "9", "--json"];
    const found = async (ended: Promise<Ended>) => ({ ...JSON.parse((await ended).stdout), seconds: 0 });
    expect(await found(losing("4,4", ...lags))).toEqual(await found(remine(...lags)));
  });

  it("is given up after three times with nothing finished, and the estimators before it are told", async () => {
    const three = ["estimate", "a.csv", "--x", "v0", "--y", "v1", "--estimator", "ksg,kl"];
    // The first estimator has a device for itself.
    const { code, stdout, stderr } = await losing("100,1,1,1,1", ...three);
    expect(code).toBe(1);
    expect(stdout).toMatch(/\n {2}ksg +\d/);
    expect(stderr.match(/Opening it again/g)).toHaveLength(3);
    expect(stderr).toMatch(
      /\nremine: the GPU device was lost 4 times with nothing finished .* remine doctor lists them\n$/,
    );
  });
});

it("a GPU that still compiles is destroyed when it has, and holds nobody up", async () => {
  const own = await open();
  const destroy = vi.spyOn(own.device, "destroy");
  let compiled = (_: GPUComputePipeline) => {};
  own.pipelines.set("slow", new Promise((resolve) => (compiled = resolve)));
  own.dispose();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(destroy).not.toHaveBeenCalled();
  compiled({} as GPUComputePipeline);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(destroy).toHaveBeenCalledOnce();
});

describe("memory and limits", () => {
  let own: Gpu | undefined;
  afterEach(() => own?.dispose());

  /** A GPU of which one limit is so low. */
  async function limited(limits: Partial<Record<keyof GPUSupportedLimits, number>>): Promise<Gpu> {
    own = await open();
    const all = Object.fromEntries(Object.keys(Object.getPrototypeOf(own.device.limits)).map((name) => [name, 0]));
    for (const name in own.device.limits) all[name] = own.device.limits[name as "maxBufferSize"];
    Object.defineProperty(own.device, "limits", { value: { ...all, ...limits } });
    return own;
  }

  it("no memory for a buffer: its bytes, and what makes it smaller", async () => {
    own = await open();
    const { device } = own;
    const createBuffer = device.createBuffer.bind(device);
    device.createBuffer = (descriptor) => {
      const error = new GPUOutOfMemoryError(`failed [CreateBuffer([BufferDescriptor "${descriptor.label}"])]`);
      const event = Object.assign(new Event("uncapturederror", { cancelable: true }), { error });
      if (descriptor.size > 2 ** 20) device.dispatchEvent(event);
      return createBuffer(descriptor);
    };
    own.tensor("small", 4).buffer.destroy();
    own.tensor("scores", 2 ** 20).buffer.destroy();
    const work = () => own!.tensor("next", 4);
    expect(work).toThrow(OutOfMemoryError);
    expect(work).toThrow(
      /^there is no memory for "scores", 4 MiB\. Use fewer rows .*smaller batch.*\(folds, restarts\)/,
    );
  });

  it("a copy that cannot be mapped is told likewise", async () => {
    own = await open();
    const tensor = own.tensor("scores", 2 ** 10);
    const broken = vi.spyOn(GPUBuffer.prototype, "mapAsync");
    broken.mockRejectedValueOnce(new DOMException("", "OperationError"));
    await expect(own.read(tensor)).rejects.toThrow(/^there is no memory for a copy of "scores", 4 KiB\. Use fewer/);
    broken.mockRestore();
  });

  it.each(["maxBufferSize", "maxStorageBufferBindingSize"] as const)(
    "%s: pairs are split, to the bit",
    async (name) => {
      const few = { permutations: 9, target: "v0" };
      const { pairs: whole } = await matrix(columns, { ...few, gpu: await open() });
      const { pairs: split } = await matrix(columns, { ...few, gpu: await limited({ [name]: 2 ** 15 }) });
      expect(split).toEqual(whole);
      const trained = estimate(columns.v0!, columns.v1!, { gpu: own, steps: 10 });
      await expect(trained).rejects.toThrow(LimitError);
      await expect(trained).rejects.toThrow(
        new RegExp(
          `^"\\w+" would take \\d+ KiB, but this adapter binds at most 32 KiB \\(${name}\\)\\. It would fit with 1/`,
        ),
      );
    },
  );
});

describe("files", () => {
  /** A script with `writeWhole`. */
  const script = (body: string) => {
    const outfile = at("files.mjs");
    if (!existsSync(outfile))
      buildSync({ bundle: true, platform: "node", format: "esm", outfile, entryPoints: ["src/cli/files.ts"] });
    return ["--input-type=module", "-e", `import { writeWhole } from ${JSON.stringify(outfile)}; ${body}`];
  };

  test("killed at any moment: the old or the new text, whole", async () => {
    mkdirSync(at("killed"));
    const body = `for (let i = 0; ; i++) {
      await writeWhole("killed/a.txt", String(i % 10).repeat(2 ** 22));
      if (i === 0) console.log("begun");
    }`;
    for (const i of range(5)) {
      const { child, ended } = start(script(body));
      await new Promise((resolve) => child.stdout!.once("data", resolve));
      await new Promise((resolve) => setTimeout(resolve, 5 * i));
      child.kill("SIGKILL");
      expect((await ended).code).toBe("SIGKILL");
      const text = read("killed/a.txt");
      expect(text.length).toBe(2 ** 22);
      expect(text).toBe(text[0]!.repeat(2 ** 22));
    }
  });

  test.skipIf(process.platform === "win32")("on a full disk the old one stays, and no other", () => {
    mkdirSync(at("full"));
    writeFileSync(at("full/a.txt"), "old");
    const body = `await writeWhole("full/a.txt", "new".repeat(100000)).catch(({ message }) => console.log(message));`;
    // A limit on the size of a file stands for the disk.
    const limit = ["-c", `trap '' XFSZ; ulimit -f 8; exec "$0" "$@"`, process.execPath, ...script(body)];
    const { stdout } = spawnSync("bash", limit, { cwd: folder, encoding: "utf8" });
    expect(stdout).toBe('cannot write "full/a.txt": the disk is full. Free some space. Nothing was written there\n');
    expect(readdirSync(at("full"))).toEqual(["a.txt"]);
    expect(read("full/a.txt")).toBe("old");
  });

  it("a result that cannot be written is printed", async () => {
    mkdirSync(at("taken.csv"));
    const { code, stdout, stderr } = await remine("score", "a.csv", ...sides, "--output", "taken.csv");
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^remine: cannot write "taken.csv"/),
    });
    expect(stdout.trim().split("\n")).toHaveLength(201);
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
  });
});

describe.skipIf(process.platform === "win32")("pipes and signals", () => {
  test("standard input that is closed, empty, or ends in the middle of a line", () => {
    for (const input of ["0<&-", "</dev/null"]) {
      const { status, stderr } = shell(`"$0" "$1" columns - ${input}`);
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: "remine: standard input: the file is empty. Give a table with one line per sample\n",
      });
    }
    const { status, stderr } = shell(`printf 'a,b\\n1,2\\n3' | "$0" "$1" columns -`);
    expect({ status, stderr }).toMatchObject({ status: 2, stderr: expect.stringMatching(/^remine: .* line 3: .*\n$/) });
  });

  it("SIGTERM says which pairs are kept", async () => {
    const { child, ended } = start([cli, ...pairs, "ended.csv", "--permutations", "2000"]);
    while (!existsSync(at("ended.csv.checkpoint")) && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill("SIGTERM");
    const { code, stderr } = await ended;
    // Named by its signal where a busy machine kept it from ending by itself within a second.
    expect([143, "SIGTERM"]).toContain(code);
    const kept = 'are in "ended.csv.checkpoint": run the same command to go on';
    expect(stderr).toMatch(new RegExp(`^remine: interrupted\\. \\d+ of 21 pairs ${kept}$`, "m"));
    expect(existsSync(at("ended.csv"))).toBe(false);
  });
});

describe("time", () => {
  it("a driver that answers late changes no number, and the wait for it takes no processor", async () => {
    using own = await open();
    const options = { gpu: own, estimator: "ksg" } as const;
    const { mi } = await estimate(columns.v0!, columns.v1!, options);
    const mapAsync = GPUBuffer.prototype.mapAsync;
    const late = vi.spyOn(GPUBuffer.prototype, "mapAsync").mockImplementation(async function (
      this: GPUBuffer,
      ...args
    ) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return mapAsync.apply(this, args);
    });
    const before = process.cpuUsage();
    const began = performance.now();
    const slow = await estimate(columns.v0!, columns.v1!, options);
    late.mockRestore();
    const { user, system } = process.cpuUsage(before);
    expect(slow.mi).toBe(mi);
    expect((user + system) / 1000).toBeLessThan((performance.now() - began) / 2);
  });

  it("a clock that jumps moves no duration and no time left", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      let text = "";
      const stream = { isTTY: true, columns: 100, write: (line: string) => (text += line) };
      const progress = createProgress({ stream, unit: "nats" });
      let jumps = 0;
      const jump = () => {
        vi.setSystemTime(1e12 + (jumps++ % 2 ? 1 : -1) * 3.6e6);
      };
      jump();
      using own = await open();
      const { seconds } = await matrix(columns, {
        ...{ gpu: own, permutations: 99, onChunk: jump },
        onProgress: ({ done, total, pairsPerSecond }) => {
          jump();
          progress.update({ done, total, stepsPerSecond: pairsPerSecond });
        },
      });
      progress.message("done"); // draws the last line again, however short the work was
      expect(jumps).toBeGreaterThan(2);
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThan(600);
      expect(text).toMatch(/ left/);
      expect(text).not.toMatch(/-\d|NaN|Infinity|\d+ ?h/);
    } finally {
      vi.useRealTimers();
    }
  });
});
