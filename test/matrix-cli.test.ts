/** remine matrix and remine merge as a person meets them: killed, out of disk, in shards, on bad input. */
import { type SpawnSyncOptions, spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Checkpoint, type Header } from "../src/cli/matrix/checkpoint.ts";
import { normals, range } from "./gpu.ts";

let folder: string;
const cli = join(process.cwd(), "dist/cli.js");

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "remine-matrix-"));
  write("small.csv", csv(60, 5));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const read = (name: string) => readFileSync(at(name), "utf8");
const write = (name: string, text: string) => writeFileSync(at(name), text);

function remine(...args: string[]) {
  const options: SpawnSyncOptions = { encoding: "utf8", cwd: folder };
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], options);
  return { status, stdout: String(stdout), stderr: String(stderr) };
}

/** Numbers, each following the one before, and a colour. */
function csv(rows: number, columns: number): string {
  const values = range(columns).map((c) => normals(c + 1, rows));
  const line = (i: number) => range(columns).map((c) => (values[c]![i]! + (c ? values[c - 1]![i]! : 0)).toFixed(6));
  const names = [...range(columns).map((c) => `v${c + 1}`), "colour"];
  return `${[names, ...range(rows).map((i) => [...line(i), ["red", "blue"][Number(values[0]![i]! > 0)]])].join("\n")}\n`;
}

describe("matrix", () => {
  it("prints the strongest pairs, writes all of them, draws, and leaves nothing else", () => {
    const before = readdirSync(folder);
    const files = ["--output", "a.csv", "--plot", "a.svg"];
    const { status, stdout } = remine("matrix", "small.csv", "--permutations", "9", "--top", "2", ...files);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^6 columns, 15 pairs, 60 rows, ksg \(10 pairs\), mixed-ksg \(5 pairs\), 9 permutations/);
    expect(stdout).toMatch(/\nx +y +MI \(nats\) +s\.e\. +p +q +p family +r\n(v|colour)/);
    expect(stdout).toMatch(/13 more pairs in a\.csv\n$/);
    const [header, ...lines] = read("a.csv").trim().split("\n");
    const tested = "mi,standard_error,p,q,p_family,permutations,estimator,pearson";
    expect(header).toBe(`x,y,${tested},rows,as_correlation,share_of_entropy,p_fitted`);
    expect(lines).toHaveLength(15);
    // By evidence: where that is strong, p is as small as permutations make it.
    const p = lines.map((line) => Number(line.split(",")[4]));
    expect(p[0]).toBeCloseTo(1 / (1 + Number(lines[0]!.split(",")[7])), 9);
    expect(p[0]).toBeLessThan(0.05);
    expect(p.at(-1)).toBeGreaterThan(0.5);
    expect(lines.filter((line) => /,mixed-ksg,,60,[01][.\d]*,,$/.test(line))).toHaveLength(5);
    expect(read("a.svg")).toMatch(/^<svg[\s\S]*>colour<[\s\S]*<\/svg>\s*$/);
    expect(readdirSync(folder).sort()).toEqual([...before, "a.csv", "a.svg"].sort());
  });

  it("prints one JSON object with --json, in the unit that is asked for", () => {
    const nats = JSON.parse(remine("matrix", "small.csv", "--json", "--target", "colour").stdout);
    const bits = JSON.parse(remine("matrix", "small.csv", "--json", "--target", "colour", "--unit", "bits").stdout);
    expect(nats.pairs).toHaveLength(5);
    expect(nats).toMatchObject({ unit: "nats", target: "colour", rows: 60, estimator: "ksg", permutations: 0 });
    expect(bits.pairs[0].mi).toBeCloseTo(nats.pairs[0].mi / Math.LN2, 8);
  });

  it("leaves out columns that cannot be used when none are named, and incomplete rows where told to, aloud", () => {
    const lines = csv(60, 2).trim().split("\n");
    const texts = lines.map((line, i) => `${line},${i ? `name ${i}` : "who"},${i ? 3 : "same"}`);
    write("holes.csv", `${texts.join("\n").replace(/\n[^,]*,/, "\nNA,")}\n`);
    const { status, stdout, stderr } = remine("matrix", "holes.csv", "--complete-rows");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^3 columns, 3 pairs, 59 rows/);
    expect(stderr).toMatch(/Left out: column "who" holds 60 different texts/);
    expect(stderr).toMatch(/1 of 60 rows were left out: "NA" in v1 \(1\)/);
    expect(stderr).toMatch(/Column "same" is left out: constant/);
  });
});

describe("gaps", () => {
  // Two columns of all rows, and two halves of a column that was renamed.
  const values = [1, 2, 3, 4].map((seed) => normals(seed, 120));
  const half = (c: number, i: number) => (i < 60 === (c === 2) ? values[c]![i]!.toFixed(4) : "");
  const line = (i: number) => [values[0]![i]!, values[0]![i]! + values[1]![i]!].map((v) => v.toFixed(4));
  const rows = range(120).map((i) => [...line(i), half(2, i), half(3, i)].join());
  const args = ["matrix", "halves.csv", "--permutations", "5"];
  beforeAll(() => write("halves.csv", `a,b,old,new\n${rows.join("\n")}\n`));

  it("cost a pair only the rows that lack one of its two columns", () => {
    const { status, stdout, stderr } = remine(...args);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^4 columns, 5 pairs, 60 to 120 rows, ksg, .*\nx +y +MI .* rows\na +b .* 120\n/);
    expect(stderr).toMatch(/Values are missing, an empty cell in old \(60\), .*: each pair has .*, 60 to 120\./);
    expect(stderr).toMatch(/"old" with "new" is left out: 0 rows have both, and at least 20 are needed\./);
    const complete = remine(...args, "--complete-rows");
    expect([complete.status, complete.stderr]).toEqual([2, expect.stringMatching(/0 complete rows/)]);
  });

  it("leave the parts of a matrix mergeable", () => {
    expect(remine(...args, "--output", "halves.json").status).toBe(0);
    for (const i of [1, 2]) {
      expect(remine(...args, "--shard", `${i}/2`, "--output", `half-${i}.ndjson`).status).toBe(0);
    }
    expect(remine("merge", "half-1.ndjson", "half-2.ndjson", "--output", "joined.json").status).toBe(0);
    const { pairs, leftOutPairs } = JSON.parse(read("joined.json"));
    // How many permutations leaders have follows from the pairs of a part.
    const first = ({ p: _, q: __, permutations: ___, ...pair }: Record<string, unknown>) => pair;
    expect(pairs.map(first)).toEqual(JSON.parse(read("halves.json")).pairs.map(first));
    expect(pairs.map((pair: { rows: number }) => pair.rows).sort()).toEqual([120, 60, 60, 60, 60]);
    expect(leftOutPairs).toEqual([{ x: "old", y: "new", reason: expect.stringMatching(/^0 rows/) }]);
    expect(remine("merge", "half-1.ndjson").stderr).toMatch(/2 of 5 pairs are missing/);
  });

  it("leave a first look the rows that have all columns, aloud", () => {
    const some = rows.map((text, i) =>
      i < 6 ? `,${text.split(",").slice(1, 2)}` : text.split(",").slice(0, 2).join(),
    );
    write("first.csv", `a,b,c\n${some.map((text, i) => `${text},${values[2]![i]!.toFixed(4)}`).join("\n")}\n`);
    const { stdout, stderr } = remine("matrix", "first.csv", "--screen", "2");
    expect(stdout).toMatch(/^3 columns, 2 of 3 pairs, 114 rows/);
    expect(stderr).toMatch(/6 of 120 rows were left out.*\. A first look needs rows that have all columns/);
  });
});

describe("normalized", () => {
  it("MI is the correlation of two normals with as much, in the table and in the picture", () => {
    const args = ["matrix", "small.csv", "--normalize", "--json", "--plot", "normalized.svg"];
    const { pairs } = JSON.parse(remine(...args).stdout);
    for (const { mi, asCorrelation } of pairs) expect(asCorrelation).toBeCloseTo(Math.sqrt(1 - Math.exp(-2 * mi)), 8);
    expect(read("normalized.svg")).toContain(`>${pairs[0].asCorrelation.toFixed(2)}<`);
    const { stdout } = remine("matrix", "small.csv", "--normalize");
    expect(stdout).toMatch(/\nx +y +MI as r +s\.e\. \(nats\) +r\n/);
    expect(stdout).toContain(` ${pairs[0].asCorrelation.toFixed(2)} `);
  });
});

describe("given columns", () => {
  const args = ["matrix", "small.csv", "--given", "v1,colour", "--permutations", "19"];

  it("are in no pair, and are said in table, JSON, picture and checkpoint", () => {
    const { stdout } = remine(...args, "--plot", "given.svg", "--output", "given.json");
    expect(stdout).toMatch(/^4 columns, 6 pairs, 60 rows, given v1, colour, mixed-ksg, 19 permutations/);
    expect(read("given.svg")).toContain("Mutual information between columns, given v1, colour");
    const { given, columns, pairs } = JSON.parse(read("given.json"));
    expect([given, columns]).toEqual([
      ["v1", "colour"],
      ["v2", "v3", "v4", "v5"],
    ]);
    // Each follows the one before.
    expect(pairs[0].p).toBeLessThanOrEqual(0.05);
    expect(remine("matrix", "small.csv", "--shard", "1/2", "--columns", "2-5", "--output", "free.ndjson").status).toBe(
      0,
    );
    const shard = [...args.slice(0, 4), "--columns", "2-5", "--shard", "2/2", "--output", "conditioned.ndjson"];
    expect(remine(...shard).status).toBe(0);
    expect(remine("merge", "free.ndjson", "conditioned.ndjson").stderr).toMatch(/different matrices: .*given/);
  });

  it("are refused where they cannot be used", () => {
    const { status, stderr } = remine("matrix", "small.csv", "--given", "v1", "--screen", "3");
    expect([status, stderr]).toEqual([2, expect.stringMatching(/"screen" looks at pairs without their condition/)]);
  });
});

describe("a checkpoint", () => {
  const slow = ["matrix", "slow.csv", "--permutations", "19"];
  const lines = (name: string) => (existsSync(at(name)) ? read(name).split("\n").length - 1 : 0);

  it("lets a killed run go on, to the same bytes, without the pairs that were finished", async () => {
    // Categories of many sizes and a gap: pairs that no dispatch can share, so that the work comes in several chunks.
    const kinds = (i: number) => [3, 5, 9].map((levels) => "abcdefghi"[(i * i) % levels]);
    const [names, ...body] = csv(400, 7).trim().split("\n");
    write(
      "slow.csv",
      [
        `${names},k3,k5,k9`,
        ...body.map((line, i) => [i % 5 ? line : `NA${line.slice(line.indexOf(","))}`, ...kinds(i)].join()),
      ].join("\n"),
    );
    expect(remine(...slow, "--output", "whole.csv").status).toBe(0);
    const child = spawn(process.execPath, [cli, ...slow, "--output", "killed.csv"], { cwd: folder });
    const ended = new Promise((resolve) => child.on("exit", (_, signal) => resolve(signal)));
    while (lines("killed.csv.checkpoint") < 3 && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
    expect(existsSync(at("killed.csv"))).toBe(false);
    // As if the kill had come in the middle of a write.
    appendFileSync(at("killed.csv.checkpoint"), '{"pairs":[{"x":0,"y":1,"raw":99');
    const kept = read("killed.csv.checkpoint").split("\n").slice(1, -1);
    const count = kept.flatMap((line) => JSON.parse(line).pairs).length;
    const { status, stderr } = remine(...slow, "--output", "killed.csv");
    expect(status).toBe(0);
    expect(count).toBeGreaterThan(0);
    expect(stderr).toContain(`${count} of 55 pairs are in "killed.csv.checkpoint" already.`);
    expect(read("killed.csv")).toBe(read("whole.csv"));
    expect(existsSync(at("killed.csv.checkpoint"))).toBe(false);
  }, 120_000);

  it("is left to another process that writes to it too", async () => {
    const record = { x: 0, rows: 9, estimator: "ksg", raw: 1, standardError: 1, pearson: 0, evidence: 1, exceed: 0 };
    const chunk = (y: number) => ({ pairs: [{ ...record, y, permutations: 0 }], largest: [] });
    const open = () => Checkpoint.open(at("shared.ndjson"), { permutations: 0 } as Header);
    const first = await open();
    await first.append(chunk(1));
    const second = await open();
    await second.append(chunk(2));
    await expect(first.append(chunk(2))).rejects.toThrow(/"\S+shared\.ndjson" is written to by another process too/);
    await second.append(chunk(3));
    expect((await open()).done.flatMap(({ pairs }) => pairs.map(({ y }) => y))).toEqual([1, 2, 3]);
    await second.remove();
    await expect(first.append(chunk(2))).rejects.toThrow(/is gone, as if another process had finished it/);
    expect(existsSync(at("shared.ndjson"))).toBe(false);
  });

  it("of other options is refused by name, and stays as it is", () => {
    const part = ["--shard", "1/2", "--output", "kept.ndjson"];
    expect(remine("matrix", "small.csv", "--permutations", "3", ...part).status).toBe(0);
    const before = read("kept.ndjson");
    const other = ["--permutations", "4", "--seed", "2", "--checkpoint", "kept.ndjson", "--shard", "1/2"];
    const { status, stderr } = remine("matrix", "small.csv", ...other, "--output", "new.ndjson");
    expect(status).toBe(2);
    expect(stderr).toMatch(/"kept\.ndjson" is of another run: permutations 3, now 4; seed 0, now 2/);
    const data = remine(
      "matrix",
      "small.csv",
      "--columns",
      "1-4",
      "--permutations",
      "3",
      "--checkpoint",
      "kept.ndjson",
    );
    expect(data.stderr).toMatch(/is of another run: data; columns;/);
    expect(read("kept.ndjson")).toBe(before);
    expect(remine("matrix", "small.csv", "--checkpoint", "small.csv").stderr).toMatch(/"small\.csv" holds no pairs/);
    expect(read("small.csv")).toBe(csv(60, 5));
  });

  it.skipIf(process.platform === "win32")("stays whole on a full disk", () => {
    // A limit on the size of a file stands for the disk. The driver of a software adapter cannot live with it, so no GPU here.
    const bundle = { bundle: true, platform: "node", format: "esm", outfile: at("checkpoint.mjs") } as const;
    buildSync({ ...bundle, entryPoints: ["src/cli/matrix/checkpoint.ts"] });
    const script = `
      import { Checkpoint } from ${JSON.stringify(at("checkpoint.mjs"))};
      const file = await Checkpoint.open("full.ndjson", { permutations: 0 });
      const pair = { x: 0, y: 1, estimator: "ksg", raw: 0.5, standardError: 0.1, pearson: NaN, exceed: 0 };
      try {
        for (let y = 0; y < 1000; y++) await file.append({ pairs: [{ ...pair, y }], largest: [] });
      } catch ({ name, message, exitCode }) {
        console.log(JSON.stringify({ name, message, exitCode, pairs: file.pairs }));
      }`;
    const limited = ["-c", `trap '' XFSZ; ulimit -f 8; exec "$0" "$@"`, process.execPath];
    const child = spawnSync("bash", [...limited, "--input-type=module", "-e", script], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(child.stderr).toBe("");
    const { name, message, exitCode, pairs } = JSON.parse(child.stdout);
    expect({ name, exitCode }).toEqual({ name: "RemineError", exitCode: 1 });
    expect(message).toMatch(
      /^cannot write "full\.ndjson": the disk is full\..* holds \d+ finished pairs: run the same command/,
    );
    const kept = read("full.ndjson").split("\n");
    expect(kept.pop()).toBe("");
    expect(kept.slice(1).map((line) => JSON.parse(line).pairs[0].y)).toEqual(range(pairs));
    expect(pairs).toBeGreaterThan(10);
  });
});

describe("shards", () => {
  it("merge to the bytes of the whole, also with more shards than pairs", () => {
    const args = ["matrix", "small.csv", "--permutations", "7", "--columns", "1-2,colour"];
    for (const count of [2, 4]) {
      const parts = range(count).map((i) => {
        const name = `part-${i + 1}-${count}.ndjson`;
        expect(remine(...args, "--shard", `${i + 1}/${count}`, "--output", name).status).toBe(0);
        return name;
      });
      for (const kind of ["csv", "json"]) {
        const [whole, merged] = [`whole-${count}.${kind}`, `merged-${count}.${kind}`];
        if (count === 2) expect(remine(...args, "--output", whole, "--plot", "whole.svg").status).toBe(0);
        const { status, stdout } = remine("merge", ...parts.toReversed(), "--output", merged, "--plot", "merged.svg");
        expect(status).toBe(0);
        expect(stdout).toMatch(/^3 columns, 3 pairs, 60 rows/);
        expect(read(merged)).toBe(read(`whole-2.${kind}`));
        expect(read("merged.svg")).toBe(read("whole.svg"));
      }
    }
    const some = remine("merge", "part-1-4.ndjson", "part-4-4.ndjson");
    expect(some.status).toBe(2);
    expect(some.stderr).toMatch(/2 of 3 pairs are missing.* shard 2\/4, 3\/4\n/);
    expect(remine("merge", "part-1-4.ndjson", "kept.ndjson").stderr).toMatch(/of different matrices: data; columns/);
    expect(remine("merge", "part-0.ndjson").stderr).toMatch(/part-0\.ndjson: no such file/);
    expect(remine("merge", "small.csv").stderr).toMatch(/"small\.csv" holds no pairs of remine matrix/);
  }, 120_000);

  it("that share pairs do not merge, by name", () => {
    const twice = remine("merge", "part-1-2.ndjson", "part-2-2.ndjson", "part-2-2.ndjson");
    expect([twice.status, twice.stderr]).toEqual([
      2,
      expect.stringMatching(/"part-2-2\.ndjson" are both shard 2\/2\./),
    ]);
    const mixed = remine("merge", "part-1-2.ndjson", "part-2-4.ndjson", "part-3-4.ndjson");
    expect([mixed.status, mixed.stderr]).toEqual([
      2,
      expect.stringMatching(/1-2.* and .*3-4.* are shards 1\/2 and 3\/4/),
    ]);
    // Those that share none may be of two divisions.
    expect(remine("merge", "part-1-2.ndjson", "part-2-4.ndjson", "part-4-4.ndjson").status).toBe(0);
  });

  it("that are finished are not computed again", () => {
    const args = ["matrix", "small.csv", "--permutations", "7", "--columns", "1-2,colour", "--shard", "1/2"];
    const before = read("part-1-2.ndjson");
    const { status, stderr } = remine(...args, "--output", "part-1-2.ndjson");
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^All of its pairs are in "part-1-2\.ndjson" already/)]);
    expect(read("part-1-2.ndjson")).toBe(before);
    // What another seed left is written over, as it always was.
    expect(remine(...args, "--seed", "1", "--output", "part-1-2.ndjson").stderr).toBe("");
    expect(remine("merge", "part-1-2.ndjson", "part-2-2.ndjson").stderr).toMatch(/different matrices: seed 1, now 0/);
  });
});

describe("a first look", () => {
  const args = ["matrix", "small.csv", "--permutations", "5", "--screen", "4"];

  it("is announced, and its shards merge to the bytes of the whole", () => {
    const whole = remine(...args, "--output", "chosen.csv");
    expect(whole.stderr).toMatch(/A first look at all 15 pairs chose 4 to estimate\. --screen 0 estimates all\./);
    expect(whole.stdout).toMatch(/^6 columns, 4 of 15 pairs, 60 rows/);
    for (const i of [1, 2]) {
      expect(remine(...args, "--shard", `${i}/2`, "--output", `chosen-${i}.ndjson`).status).toBe(0);
    }
    expect(remine("merge", "chosen-1.ndjson", "chosen-2.ndjson", "--output", "joined.csv").status).toBe(0);
    expect(read("joined.csv")).toBe(read("chosen.csv"));
    expect(remine("merge", "chosen-1.ndjson").stderr).toMatch(/2 of 4 pairs are missing.* shard 2\/2/);
  }, 60_000);

  it("names the permutations that a merge lacks", () => {
    const one = remine(...args, "--screen", "1", "--shard", "1/2", "--output", "one-1.ndjson");
    expect(one.status).toBe(0);
    expect(remine("merge", "one-1.ndjson").stderr).toMatch(/2 permutations are missing\. Give here also shard 2\/2/);
  });
});

describe("a call that cannot work exits with 2, names the cause and the mend, and writes nothing", () => {
  const cases: [string, string[], RegExp][] = [
    ["one column", ["--columns", "v1"], /two columns that vary, and here is only "v1"/],
    [
      "an unknown column",
      ["--columns", "v1,colr"],
      /--columns: no column "colr" among 6 columns\. Nearest name: "colour"/,
    ],
    ["training where nothing trains", ["--steps", "10"], /"ksg" trains nothing\. Leave out --steps, or name a trained/],
    ["an unknown target", ["--target", "v"], /--target: no column "v".*Nearest name: "v1"/],
    ["two targets", ["--target", "1-2"], /--target 1-2 names 2 columns/],
    ["an unknown estimator", ["--estimator", "kgs"], /no estimator "kgs".*ksg/],
    ["a bad shard", ["--shard", "3/2", "--output", "p.ndjson"], /shard is i\/n/],
    ["a shard without a file", ["--shard", "1/2"], /--output a name such as part-1\.ndjson/],
    ["a shard as CSV", ["--shard", "1/2", "--output", "p.csv"], /--output a name such as part-1\.ndjson/],
    ["an output of no known kind", ["--output", "p.txt"], /ends in \.csv, \.json or \.parquet/],
    ["an output without a folder", ["--output", "no/p.csv"], /no\/p\.csv.*folder does not exist/],
    ["a checkpoint without a folder", ["--checkpoint", "no/p"], /no\/p.*folder does not exist/],
    ["a device for a checkpoint", ["--checkpoint", "/dev/null"], /no plain file/],
  ];
  it.each(cases)("%s", (_, args, message) => {
    const before = readdirSync(folder).sort();
    const { status, stdout, stderr } = remine("matrix", "small.csv", ...args);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(readdirSync(folder).sort()).toEqual(before);
  });
});

describe("rows that depend on each other", () => {
  beforeAll(() => {
    const [a, b] = [normals(41, 300), normals(45, 300)];
    for (const i of range(300).slice(1)) for (const walk of [a, b]) walk[i]! += walk[i - 1]!;
    const lines = range(300).map((i) => [a[i]!.toFixed(6), b[i]!.toFixed(6), `site ${Math.floor(i / 30)}`]);
    write("walks.csv", `${[["a", "b", "site"], ...lines].join("\n")}\n`);
  });
  const walks = ["walks.csv", "--permutations", "99", "--json"];

  it("are said beside the p-values, and permuted as they are told to be", () => {
    const plain = JSON.parse(remine("matrix", ...walks, "--columns", "a,b").stdout);
    expect(plain.diagnostics).toMatchObject([{ name: "autocorrelation", ok: false }]);
    expect(plain.pairs[0].p).toBe(0.01);
    expect(remine("matrix", "walks.csv", "--columns", "a,b").stdout).toMatch(/\n! autocorrelation: .*--time/);
    const timed = JSON.parse(remine("matrix", ...walks, "--columns", "a,b", "--time").stdout);
    expect(timed.units).toEqual({ correlationTime: 15 });
    expect(timed.pairs[0].p).toBeGreaterThan(0.05);
    const grouped = JSON.parse(remine("matrix", ...walks, "--group", "site").stdout);
    expect([grouped.units.count, grouped.columns]).toEqual([10, ["a", "b"]]);
    expect(grouped.diagnostics).toMatchObject([{ name: "rows", value: 10, ok: false }]);
    expect(JSON.parse(remine("matrix", ...walks, "--columns", "a,b", "--block", "30").stdout).pairs[0].p).toBe(
      grouped.pairs[0].p,
    );
  });

  it("are kept apart in the checkpoint, and refused where they are told twice", () => {
    remine("matrix", "walks.csv", "--columns", "a,b", "--shard", "1/2", "--output", "one.ndjson");
    remine("matrix", "walks.csv", "--columns", "a,b", "--time", "--shard", "2/2", "--output", "two.ndjson");
    expect(remine("merge", "one.ndjson", "two.ndjson").stderr).toMatch(/different matrices: .*units/);
    expect(remine("matrix", "walks.csv", "--time", "--block", "30").stderr).toMatch(
      /"time" and "block" say two things/,
    );
    expect(remine("estimate", "walks.csv", "--x", "a", "--y", "b", "--group", "a,b").stderr).toMatch(
      /--group a,b names 2 columns/,
    );
  });

  it("are told to estimate and score by the same options", () => {
    const sides = ["walks.csv", "--x", "a", "--y", "b", "--estimator", "ksg", "--json"];
    const plain = JSON.parse(remine("estimate", ...sides).stdout);
    expect(plain.diagnostics).toContainEqual(expect.objectContaining({ name: "autocorrelation", ok: false }));
    const timed = JSON.parse(remine("estimate", ...sides, "--time").stdout);
    expect(timed.units).toEqual({ count: 10, correlationTime: 15 });
    expect(timed.diagnostics).toContainEqual(expect.objectContaining({ name: "time", ok: false }));
    expect(timed.interval[0]).toBeLessThan(plain.interval[0]);
    expect(JSON.parse(remine("score", ...sides, "--time").stdout).scores).toHaveLength(300);
  });
});
