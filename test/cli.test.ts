/** The command line as a person meets it: a child process, real files, exit codes, what stands on stdout and stderr. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withoutProgress } from "./without-progress.ts";

let folder: string;
const cli = join(process.cwd(), "dist/cli.js");
const fast = [
  "--folds",
  "2",
  "--restarts",
  "1",
  "--hidden",
  "16",
  "--steps",
  "200",
  "--batch",
  "64",
  "--learning-rate",
  "0.01",
];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "remine-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function remine(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: "utf8", cwd: folder });
  return { status, stdout, stderr };
}

function file(name: string, text: string | Uint8Array): string {
  writeFileSync(join(folder, name), text);
  return name;
}

const wave = (i: number) => Math.sin(12.9898 * i) * 43758.5453 - Math.floor(Math.sin(12.9898 * i) * 43758.5453);
const lines = Array.from({ length: 200 }, (_, i) => `${wave(i)},${(wave(i) + wave(i + 500)).toFixed(6)},red`);
const plain = `age,income,colour\n${lines.join("\n")}\n`;

describe("estimate --lag and --transfer", () => {
  // y is x of two rows before, and noise.
  const series = `x,y\n${Array.from({ length: 200 }, (_, i) => `${wave(i)},${wave(i - 2) + 0.3 * wave(i + 900)}`).join("\n")}\n`;
  const by = ["estimate", "series.csv", "--x", "x", "--y", "y", "--estimator", "ksg"];

  it("print a table with the best lag in words, and draw it", () => {
    file("series.csv", series.replace(/\n[^\n]*\n$/, "\n,0.5\n"));
    const { status, stdout } = remine(...by, "--lag", "0-3", "--permutations", "39", "--plot", "lags.svg");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^I\(x; y\) by lag in nats, 196 rows, ksg\n {2}lag +MI +interval +p +family p\n/);
    expect(stdout).toMatch(/\n {2}2 +\d\.\d{3} +\[.*\] +0\.025 +0\.025 +\*\n/);
    expect(stdout).toMatch(/best lag 2: x of 2 rows before tells .* nats \[.*\] of y; family p = 0\.025 over 4 lags/);
    // Lag 0 needs the last x, which is missing.
    expect(stdout).toContain("1 of 197 rows were left out: an empty cell in x (1).");
    expect(readFileSync(join(folder, "lags.svg"), "utf8")).toContain("best lag 2, family p = 0.025");
  });

  it("print one JSON object, in which the past of y is a condition", () => {
    file("series.csv", series);
    const { stdout } = remine(...by, "--transfer", "1,2", "--history", "2", "--unit", "bits", "--json");
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ history: 2, unit: "bits", rows: 198, dropped: 0, x: ["x"], y: ["y"] });
    expect(found.lags.map(({ lag }: { lag: number }) => lag)).toEqual([1, 2]);
    expect(found.best.lag).toBe(2);
    expect(found.best.mi).toBeGreaterThan(0.5);
  });

  it.each([
    [["--lag", "0-3", "--transfer", "1"], /^remine: --lag and --transfer are two questions/],
    [["--transfer", "0-3"], /lags are at least 1, got 0/],
    [["--history", "2"], /^remine: --history is for --transfer/],
    [["--lag", "1", "--check"], /^remine: --check is not for rows in time/],
    [["--lag", "1", "--block", "5"], /^remine: --block is not for rows in time/],
    [["--lag", "a"], /whole numbers of rows/],
    [["--lag", "1", "--estimator", "all"], /^remine: --lag is of one estimator/],
  ])("refuse %j", (args, message) => {
    file("series.csv", series);
    const { status, stderr } = remine(...by, ...args);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(message);
  });
});

describe("estimate", () => {
  it("prints exactly one JSON object with --json, and nothing else", () => {
    const { status, stdout, stderr } = remine(
      "estimate",
      file("a.csv", plain),
      "--x",
      "age",
      "--y",
      "income",
      "--json",
      ...fast,
    );
    expect(status).toBe(0);
    expect(withoutProgress(stderr)).toBe("");
    const result = JSON.parse(stdout);
    expect(Object.keys(result)).toEqual(
      expect.arrayContaining([
        "mi",
        "interval",
        "unit",
        "estimator",
        "rows",
        "seconds",
        "stepsPerSecond",
        "adapter",
        "diagnostics",
      ]),
    );
    expect(result.mi).toBeGreaterThan(0.1);
    expect(result.interval).toHaveLength(2);
    expect(result.rows).toBe(200);
    expect(result.unit).toBe("nats");
    expect(result.diagnostics[0]).toEqual({
      name: expect.any(String),
      value: expect.any(Number),
      ok: expect.any(Boolean),
      message: expect.any(String),
    });
  });

  it("reads gzip, Windows line ends and column numbers, and counts missing values aloud", () => {
    const holes = plain.replace(/^(.*),(.*),red$/m, "$1,NA,red").replaceAll("\n", "\r\n");
    const { status, stdout, stderr } = remine(
      "estimate",
      file("b.csv.gz", gzipSync(holes)),
      "--x",
      "1",
      "--y",
      "2",
      "--unit",
      "bits",
      ...fast,
    );
    expect(status).toBe(0);
    expect(stderr).toContain('1 of 200 rows were left out: "NA" in income (1)');
    expect(stdout).toMatch(/^I\(age; income\) = \d\.\d+ bits \[/);
  });

  it("says what can be compared with other columns", () => {
    const ofNumbers = ["estimate", file("a.csv", plain), "--x", "age", "--y", "income", "--estimator", "ksg"];
    const { mi, asCorrelation, shareOfEntropy } = JSON.parse(remine(...ofNumbers, "--json").stdout);
    expect([asCorrelation, shareOfEntropy]).toEqual([Math.sqrt(1 - Math.exp(-2 * mi)), undefined]);
    expect(remine(...ofNumbers).stdout).toContain(`a correlation of ${asCorrelation.toFixed(2)} [`);
    const labels = Array.from({ length: 200 }, (_, i) => (i % 4 ? "dry" : "wet"));
    const twice = file("twice.csv", `a,b\n${labels.map((label) => `${label},${label}`).join("\n")}\n`);
    const { stdout } = remine("estimate", twice, "--x", "a", "--y", "b", "--estimator", "mixed-ksg");
    expect(stdout).toMatch(/; (9\d|100) % of the smaller entropy of the two\n/);
  });

  it("says which of two tells more, in words and in JSON, and where it cannot", () => {
    const lines = Array.from({ length: 200 }, (_, i) => {
      const [a, b] = [wave(i), wave(i + 300)];
      return [a, b, wave(i + 600), a + b / 5].map((v) => v.toFixed(6)).join(",");
    });
    file("v.csv", `a,b,noise,y\n${lines.join("\n")}\n`);
    const by = ["estimate", "v.csv", "--y", "y", "--estimator", "ksg"];
    const words = remine(...by, "--x", "b", "--versus", "a").stdout;
    expect(words).toMatch(
      /^I\(b; y\) = .*\nI\(a; y\) = .*\na tells more about y than b: 1\.\d+ nats \[1\.\d+, 1\.\d+\] more\n/,
    );
    expect(words).toMatch(/\n {2}I\(a; y\): standardized .*; the upper end: sampling error/);
    expect(remine(...by, "--x", "b", "--versus", "noise").stdout).toMatch(
      /\nwhich of b and noise tells more about y cannot be told from these rows: .* nats \[-0\.\d+, 0\.\d+\] apart\n/,
    );
    const { mi, versus } = JSON.parse(remine(...by, "--x", "a", "--versus", "b", "--unit", "bits", "--json").stdout);
    expect(versus.difference).toBeCloseTo(mi - versus.other.mi, 12);
    expect(versus).toMatchObject({ more: "x", other: { x: ["b"], y: ["y"], unit: "bits" } });
    for (const more of [
      ["--estimator", "ksg,kl"],
      ["--lag", "0-2"],
    ]) {
      const { status, stderr } = remine(...by, "--x", "a", "--versus", "b", ...more);
      expect([status, stderr]).toEqual([2, expect.stringContaining("--versus")]);
    }
  });

  it("takes weights from a column, and leaves rows of weight 0 out", () => {
    const lines = Array.from({ length: 200 }, (_, i) => `${wave(i)},${wave(i) + wave(i + 500)},${i % 4},red`);
    file("w.csv", `a,b,w,colour\n${lines.join("\n")}\n`);
    const by = ["estimate", "w.csv", "--x", "a", "--y", "b"];
    const words = remine(...by, "--weights", "w", ...fast);
    expect(words.status).toBe(0);
    // (Σw)² / Σw² of 1, 2 and 3, fifty each.
    expect(words.stdout).toContain("weights of w: worth 129 rows of equal weight; 50 rows of weight 0 are not used");
    expect(words.stdout).not.toContain("Pearson");
    const score = ["score", "w.csv", "--x", "a", "--y", "b", "--weights", "w", "--json", ...fast];
    const { rows, dropped, weights, scores } = JSON.parse(remine(...score).stdout);
    expect([rows, dropped, weights.unused, scores.length]).toEqual([150, 0, 50, 150]);
    expect(scores[0].row).toBe(2);
    for (const [args, message] of [
      [[...by, "--weights", "colour"], 'column "colour" holds texts'],
      [[...by, "--weights", "a,b"], "--weights a,b names 2 columns"],
      [[...by, "--weights", "w", "--lag", "0-2"], "--weights is not for rows in time"],
      [[...by, "--weights", "w", "--estimator", "ksg"], '"ksg" has no weighted form here'],
      [["matrix", "w.csv", "--weights", "w"], "matrix has no weighted form"],
    ] as const) {
      const { status, stderr } = remine(...args);
      expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
  });

  it("draws the picture it is asked for", () => {
    const { status } = remine(
      "estimate",
      file("a.csv", plain),
      "--x",
      "age",
      "--y",
      "income",
      "--plot",
      "a.svg",
      ...fast,
    );
    expect(status).toBe(0);
    expect(readFileSync(join(folder, "a.svg"), "utf8")).toMatch(/^<svg[\s\S]*I\(age; income\)[\s\S]*<\/svg>\s*$/);
  });

  it("gives the same number for the same seed", () => {
    const call = () =>
      JSON.parse(
        remine("estimate", file("a.csv", plain), "--x", "age", "--y", "income", "--json", "--seed", "7", ...fast)
          .stdout,
      );
    expect(call().raw).toBe(call().raw);
  });
});

describe("a file", () => {
  const ksg = ["--estimator", "ksg", "--json"];

  it("has the names of its first line, its numbers and its gaps as options and words say", () => {
    const rows = lines.map((line, i) => `"${i % 50 ? i + 1 : "1,100"}";${line.split(",")[1]}`);
    const name = file("odd.csv", `sep=;\n"price, EUR";size\n${rows.join("\n")}\n`);
    const call = ["estimate", name, "--x", "price, EUR", "--y", "size", ...ksg];
    expect(remine(...call)).toMatchObject({ status: 2, stderr: expect.stringContaining("--thousands ','") });
    expect(JSON.parse(remine(...call, "--thousands", ",").stdout)).toMatchObject({
      x: ["price, EUR"],
      dropped: 0,
      notes: ['column "price, EUR": separators part thousands, as in "1,100"'],
    });
    const { stdout, stderr } = remine(...call, "--missing", '"1,100",7');
    expect(JSON.parse(stdout)).toMatchObject({
      rows: 195,
      dropped: 5,
      droppedBy: [
        { column: "price, EUR", text: "1,100", rows: 4 },
        { column: "price, EUR", text: "7", rows: 1 },
      ],
    });
    expect(stderr).toContain('5 of 200 rows were left out: "1,100" in price, EUR (4), "7" in price, EUR (1).');
  });

  it("has labels that mean no value, are levels, or have an order, as asked", () => {
    const rows = lines.map((line, i) => `${["NA", "low", "high"][i % 3]},${line.split(",")[1]}`);
    const call = ["matrix", file("labels.csv", `level,size\n${rows.join("\n")}\n`), "--json"];
    const read = (...more: string[]) => JSON.parse(remine(...call, ...more).stdout);
    const dropped = { dropped: 67, droppedBy: [{ column: "level", text: "NA", rows: 67 }] };
    expect(read()).toMatchObject({ ...dropped, transforms: ["one-hot (2 levels)", expect.any(String)] });
    expect(read("--missing", "none")).toMatchObject({ dropped: 0, droppedBy: [] });
    expect(read("--missing", "none").transforms[0]).toBe("one-hot (3 levels)");
    expect(remine(...call, "--ordered", "level=low,high").stderr).toContain("low < high are 0 to 1");
    expect(remine(...call, "--ordered", "level")).toMatchObject({ status: 2 });
    expect(remine(...call, "--missing", "a", "--missing-only", "b")).toMatchObject({ status: 2 });
  });

  it("has numbers for names, and a word where one is also a place", () => {
    const name = file("numbers.csv", `0,1\n${lines.map((line) => line.replace(/,red$/, "")).join("\n")}\n`);
    const { stdout, stderr } = remine("estimate", name, "--x", "0", "--y", "1", "--estimator", "ksg");
    expect(stdout).toMatch(/^I\(0; 1\) = /);
    expect(withoutProgress(stderr)).toBe(
      'line 1 (0, 1) is read as names; --no-header makes it data.\n--y 1: the column named "1", number 2; column number 1 is "0".\n',
    );
    expect(remine("estimate", name, "--x", "1", "--y", "2", "--no-header", ...ksg).stdout).toContain('"rows":201');
  });

  it("shows the text of a constant column", () => {
    const { stderr } = remine("estimate", file("a.csv", plain), "--x", "colour", "--y", "age");
    expect(stderr).toContain('column "colour" of x is constant ("red" in every row)');
  });
});

it("columns says what each column would be taken for, with its gaps and problems", () => {
  const rows = lines.map((line, i) => {
    const [age, income] = line.split(",");
    const price = i === 7 ? '"1,100"' : i;
    return [
      i % 9 ? age : "NA",
      income,
      i % 2 ? "yes" : "no",
      `2024-01-${(i % 28) + 1}`,
      `id ${i}`,
      "Berlin",
      i % 4,
      price,
    ];
  });
  const header = "age,income,member,day,id,site,rating,price";
  const name = file("kinds.csv", `${[header, ...rows.map((row) => row.join(","))].join("\n")}\n`);
  const { status, stdout } = remine("columns", name, "--json");
  expect(status).toBe(0);
  const { rows: count, columns } = JSON.parse(stdout);
  expect(count).toBe(200);
  expect(columns.map((c: { column: string; takenFor: string }) => `${c.column} ${c.takenFor}`)).toEqual([
    "age number",
    "income number",
    "member category",
    "day date",
    "id text",
    "site constant",
    "rating category",
    "price unclear",
  ]);
  const [age, income, , day, id, site, rating, price] = columns;
  expect(age).toMatchObject({ missing: [{ text: "NA", rows: 23 }], distinct: 177 });
  expect(income.maps).toEqual([expect.stringMatching(/^ranks: normal scores/), expect.stringMatching(/^scales: /)]);
  expect(day.why).toContain("days since 1970-01-01");
  expect(id).toMatchObject({ maps: [], problem: expect.stringContaining("200 different texts in 200 rows") });
  expect(site).toMatchObject({ why: '"Berlin" in every row', problem: expect.stringContaining("constant") });
  expect(rating).toMatchObject({ repeats: 1, maps: ["ranks: one-hot (4 levels)"] });
  expect(price.problem).toContain("--thousands ','");
  const text = remine("columns", name, "--ordered", "member=no,yes", "--thousands", ",").stdout;
  expect(text).toMatch(/^8 columns, 200 rows\n/);
  expect(text).toMatch(/\nmember +ordered +2 +– +100 % +no < yes are 0 to 1/);
  expect(text).toMatch(/\nprice +number/);
  expect(text).toMatch(/\n! column "site" is constant \("Berlin" in every row\)/);
});

describe("stdout that is closed early", () => {
  it.each(["--version", "help", "estimators", "score a.csv --x age --y income --estimator ksg"])(
    "ends quietly: %s",
    (args) => {
      file("a.csv", plain);
      const { stdout, stderr } = spawnSync(
        "bash",
        ["-c", `"$0" "$1" ${args} | true; echo "\${PIPESTATUS[0]}"`, process.execPath, cli],
        { cwd: folder, encoding: "utf8" },
      );
      expect({ stdout, stderr }).toEqual({ stdout: "0\n", stderr: "" });
    },
  );

  it("is told apart from a disk that is full", () => {
    const { status, stderr } = spawnSync("bash", ["-c", '"$0" "$1" --version >/dev/full', process.execPath, cli], {
      encoding: "utf8",
    });
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining("cannot be written") });
  });
});

describe("what the graphics drivers print", () => {
  const sides = ["--x", "age", "--y", "income", "--estimator", "ksg"];
  const calls = [
    ["estimate", "a.csv", ...sides],
    ["score", "a.csv", ...sides],
    ["matrix", "a.csv", "--columns", "age,income"],
  ];

  it.each(calls)("reaches nobody who ran %s, whatever stderr is", (...args) => {
    file("a.csv", plain);
    const { status, stderr } = remine(...args); // a socket
    expect([status, withoutProgress(stderr)]).toEqual([0, ""]);
    const shell = (command: string) => {
      const { status } = spawnSync("sh", ["-c", command, process.execPath, cli, ...args], { cwd: folder });
      expect(status).toBe(0);
    };
    shell('"$0" "$@" >out.txt 2>err.txt');
    expect(withoutProgress(readFileSync(join(folder, "err.txt"), "utf8"))).toBe("");
    shell('{ echo before; "$0" "$@" >out.txt; } 2>&1 | cat >err.txt'); // a pipe
    expect(withoutProgress(readFileSync(join(folder, "err.txt"), "utf8"))).toBe("before\n");
  });

  it("takes no message along that the file of stdout and stderr is to hold, to the last line", () => {
    file("hole.csv", plain.replace(/^(.*),(.*),red$/m, "$1,NA,red"));
    const command = '{ "$0" "$@"; "$0" "$@" --adapter voodoo; echo after; } >both.txt 2>&1';
    spawnSync("sh", ["-c", command, process.execPath, cli, "estimate", "hole.csv", ...sides], { cwd: folder });
    const lines = readFileSync(join(folder, "both.txt"), "utf8").trim().split("\n");
    expect(lines).toContain('1 of 200 rows were left out: "NA" in income (1).');
    expect(lines.slice(-2)).toEqual([expect.stringMatching(/^remine: No adapter's name contains "voodoo"/), "after"]);
    expect(lines.filter((line) => line.startsWith("I(age; income) = "))).toHaveLength(1);
    expect(lines.join()).not.toContain("Warning");
  });

  it.runIf(/llvmpipe/.test(process.env.REMINE_ADAPTER ?? ""))("is shown with --verbose", () => {
    expect(remine("estimate", file("a.csv", plain), ...sides, "--verbose").stderr).toMatch(/^Warning: max\w+ /);
  });
});

describe("given", () => {
  const three = `age,income,town\n${Array.from({ length: 200 }, (_, i) => `${wave(i)},${wave(i) + wave(i + 500)},${wave(i + 900)}`).join("\n")}\n`;
  const columns = ["--x", "age", "--y", "income", "--given", "town"];

  it("estimates the conditional MI, names both terms and draws their difference", () => {
    const { status, stdout } = remine(
      "estimate",
      file("z.csv", three),
      ...columns,
      "--plot",
      "z.svg",
      "--json",
      ...fast,
    );
    expect(status).toBe(0);
    const result = JSON.parse(stdout);
    expect(result.given).toEqual(["town"]);
    expect(Object.keys(result.terms)).toEqual(["I(X;Y,Z)", "I(X;Z)"]);
    expect(result.terms["I(X;Y,Z)"].raw - result.terms["I(X;Z)"].raw).toBeCloseTo(result.raw, 9);
    const svg = readFileSync(join(folder, "z.svg"), "utf8");
    for (const text of ["I(age; income | town)", ">I(X;Z)<", ">difference<", "pointwise conditional MI"])
      expect(svg).toContain(text);
  });

  it("says so in the report and in the scores", () => {
    const { stdout } = remine("estimate", file("z.csv", three), ...columns, ...fast);
    expect(stdout).toMatch(/^I\(age; income \| town\) = .*\n[\s\S]*\n {2}Z: [\s\S]*I\(X;Y,Z\) = /);
    expect(remine("score", "z.csv", ...columns, ...fast).stdout).toMatch(/^row,pointwise_cmi_nats\n1,/);
  });
});

describe("score", () => {
  it("leaves out the rows that demine trained on", () => {
    const args = ["--x", "age", "--y", "income", "--estimator", "demine", ...fast.slice(2)];
    const { status, stdout } = remine("score", file("a.csv", plain), ...args);
    expect(status).toBe(0);
    expect(stdout.trim().split("\n")).toHaveLength(101);
    expect(stdout).not.toContain("NaN");
  });

  it("prints pointwise MI for every row that was used", () => {
    const { status, stdout } = remine("score", file("a.csv", plain), "--x", "age", "--y", "income", ...fast);
    expect(status).toBe(0);
    const rows = stdout.trim().split("\n");
    expect(rows[0]).toBe("row,pointwise_mi_nats");
    expect(rows).toHaveLength(201);
  });
});

describe("a call that cannot work exits with 2, names the cause and the mend, and writes nothing", () => {
  const numbers = (count: number, f: (i: number) => string) => Array.from({ length: count }, (_, i) => f(i)).join("\n");
  const cases: [string, string, string, string[], RegExp][] = [
    ["no such file", "", "", ["missing.csv"], /missing\.csv.*no such|no such.*missing\.csv|does not exist/i],
    ["an empty file", "empty.csv", "", [], /empty/i],
    ["a column that does not exist", "c.csv", plain, ["--x", "agee"], /agee.*"?age"?/s],
    [
      "text in a numeric column",
      "d.csv",
      `age,income\n${numbers(40, (i) => (i === 16 ? "twelve,3" : `${i},${wave(i)}`))}\n`,
      [],
      /row 17, column "age": "twelve".*--missing.*--categorical/s,
    ],
    [
      "a constant column",
      "e.csv",
      `age,income\n${numbers(40, (i) => `5,${wave(i)}`)}\n`,
      [],
      /age.*constant|constant.*age|same value/is,
    ],
    ["too few rows", "f.csv", `age,income\n${numbers(10, (i) => `${wave(i)},${wave(i + 50)}`)}\n`, [], /10 rows.*20/s],
    ["the same column twice", "g.csv", plain, ["--x", "income"], /same column|both sides|identical/i],
    ["a given column that is also in y", "n.csv", plain, ["--given", "income"], /same column in given and y/],
    ["an unknown estimator", "h.csv", plain, ["--estimator", "mien"], /"mien".*remine/s],
    ["a bad option value", "i.csv", plain, ["--steps", "many"], /--steps.*whole number/s],
    ["an unknown option", "j.csv", plain, ["--stepz", "3"], /unknown option.*--steps/s],
    ["an unknown unit", "k.csv", plain, ["--unit", "bans"], /nats, bits/],
    ["a critic over a limit", "l.csv", plain, ["--hidden", "60000,60000"], /maxStorageBufferBindingSize|workgroups/],
    [
      "an adapter that is not there",
      "m.csv",
      plain,
      ["--adapter", "voodoo"],
      /^remine: .*"voodoo"\. Available: .+\.\n$/,
    ],
  ];
  it.each(cases)("%s", (_, name, text, args, message) => {
    if (name) file(name, text);
    const before = readdirSync(folder).sort();
    const target = args[0]?.endsWith(".csv") ? [] : [name];
    const defaults = args.includes("--x") ? [] : ["--x", "age"];
    const { status, stdout, stderr } = remine(
      "estimate",
      ...target,
      ...defaults,
      "--y",
      "income",
      "--plot",
      "never.svg",
      ...args,
    );
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  it("a folder to write to that does not exist", () => {
    const { status, stderr } = remine(
      "estimate",
      file("a.csv", plain),
      "--x",
      "age",
      "--y",
      "income",
      "--plot",
      "no/where.svg",
      ...fast,
    );
    expect(stderr).toMatch(/no\/where\.svg.*folder does not exist/);
    expect(status).toBe(2);
  });
});

it("Ctrl-C ends within a second with 130, says what was done, leaves no file", async () => {
  const child = spawn(
    process.execPath,
    [
      cli,
      "estimate",
      file("long.csv", plain),
      "--x",
      "age",
      "--y",
      "income",
      "--plot",
      "long.svg",
      "--steps",
      "100000",
      "--restarts",
      "8",
    ],
    { cwd: folder },
  );
  let stderr = "";
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  await new Promise((resolve) => setTimeout(resolve, 4000));
  const pressed = performance.now();
  child.kill("SIGINT");
  const code = await new Promise<number | string | null>((resolve) =>
    child.on("exit", (status, signal) => resolve(status ?? signal)),
  );
  expect(performance.now() - pressed).toBeLessThan(1500);
  expect([130, "SIGINT"]).toContain(code);
  // On a machine that does something else it may not have come to its first step.
  if (code === 130) expect(stderr).toMatch(/^remine: interrupted( after \d+ steps)?\n/m);
  expect(existsSync(join(folder, "long.svg"))).toBe(false);
  expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
});

it("doctor lists the adapters and passes its self-test", () => {
  const { status, stdout } = remine("doctor", "--json");
  const found = JSON.parse(stdout);
  expect(status).toBe(0);
  expect(found.adapters.length).toBeGreaterThan(0);
  expect(found.checks.every((check: { ok: boolean }) => check.ok)).toBe(true);
});

describe("estimators", () => {
  const coloured = plain.split("\n").map((line, i) => (i % 2 === 0 ? line.replace(/red$/, "blue") : line));
  const data = () => file("estimators.csv", coloured.join("\n"));

  it("stand side by side, the ones that cannot with their reason", () => {
    const names = "ksg,nwj,kl";
    const { status, stdout } = remine(
      "estimate",
      data(),
      "--x",
      "age",
      "--y",
      "colour,income",
      "--estimator",
      names,
      ...fast,
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^I\(age; colour, income\) in nats, 200 rows\n/);
    expect(stdout).toMatch(/\n {2}ksg +– +"ksg" is for continuous columns/);
    expect(stdout).toMatch(/\n {2}nwj +\d\.\d{3} {2}\[\d\.\d{3}, \d\.\d{3}\] +(<|\d)/);
  });

  it("are one JSON object with --json", () => {
    const args = ["--x", "age", "--y", "income", "--estimator", "ksg,mixed-ksg", "--json"];
    const { status, stdout } = remine("estimate", data(), ...args);
    expect(status).toBe(0);
    const { results } = JSON.parse(stdout);
    expect(results.map((r: { estimator: string }) => r.estimator)).toEqual(["ksg", "mixed-ksg"]);
    for (const { mi, interval } of results) {
      expect(mi).toBeGreaterThan(0.3);
      expect(interval[0]).toBeLessThan(mi);
    }
  });

  it("are listed", () => {
    const { status, stdout } = remine("estimators", "--json");
    expect(status).toBe(0);
    const names = JSON.parse(stdout).map((entry: { name: string }) => entry.name);
    expect(names).toEqual(expect.arrayContaining(["remine", "infonce", "demine", "tnce", "ksg"]));
  });

  it.each([
    [["--estimator", "ksg,foo"], /no estimator "foo"/],
    [["--estimator", "tnce"], /"tnce".*infonce/],
    [["--estimator", "infonce", "--tau", "3"], /"infonce" has no "tau"; smile/],
    [["--estimator", "ksg", "--k", "100"], /"k" is 100.*64/],
    [["--estimator", "ksg,kl", "--plot", "a.svg"], /--plot draws one estimate/],
  ] as const)("are refused by name: %j", (args, message) => {
    const { status, stdout, stderr } = remine("estimate", data(), "--x", "age", "--y", "income", ...args);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
  });
});
