// What the records of many cases say: accuracy and coverage of each family, and whether diagnostics warn.

const mean = (list) => (list.length ? list.reduce((sum, v) => sum + v, 0) / list.length : Number.NaN);
const shown = (value) => (Number.isFinite(value) ? value.toFixed(3).replace("-0.000", "0.000") : "–");
const row = (cells) => `| ${cells.join(" | ")} |`;
const tableOf = (head, rows) => [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

/** "below" where the interval lies below the truth, "above" where above it. */
export function placeOf({ truth, low, high }) {
  // Rounding moves an exact end by less than this.
  const least = 1e-9;
  if (high < truth - least) return "below";
  return low > truth + least ? "above" : "holds";
}

/** Accuracy and coverage of some records. */
export function summaryOf(records) {
  const fine = records.filter((r) => !r.error && Number.isFinite(r.mi));
  const errorOf = (r) => Math.abs(r.mi - r.truth);
  const worst = fine.reduce((most, r) => (most && errorOf(most) >= errorOf(r) ? most : r), undefined);
  const places = fine.map(placeOf);
  const count = (place) => places.filter((p) => p === place).length;
  return {
    cases: records.length,
    failures: records.length - fine.length,
    miError: mean(fine.map(errorOf)),
    miBias: mean(fine.map((r) => r.mi - r.truth)),
    boundError: mean(fine.map((r) => Math.abs(r.bound - r.truth))),
    worst: worst && { task: worst.task, error: worst.mi - worst.truth },
    ...{ holds: count("holds"), below: count("below"), above: count("above") },
    meanWidth: mean(fine.map((r) => r.high - r.low)),
    meanSeconds: mean(fine.map((r) => r.seconds)),
    meanTruth: mean(fine.map((r) => r.truth)),
    ...{ meanMi: mean(fine.map((r) => r.mi)), meanLow: mean(fine.map((r) => r.low)) },
    meanHigh: mean(fine.map((r) => r.high)),
  };
}

/** How many records with a failed diagnostic are wrong, and how many without. */
export function confusionOf(records) {
  const fine = records.filter((r) => !r.error && Number.isFinite(r.mi));
  const count = (list, wrong) => ({ wrong: list.filter(wrong).length, right: list.filter((r) => !wrong(r)).length });
  const far = (r) => Math.abs(r.mi - r.truth) > 0.1;
  const missed = (r) => placeOf(r) !== "holds";
  const [fired, quiet] = [fine.filter((r) => r.failed.length), fine.filter((r) => !r.failed.length)];
  const names = {};
  for (const r of fine) {
    for (const name of r.failed) {
      names[name] ??= { fired: 0, far: 0, missed: 0 };
      names[name].fired++;
      names[name].far += Number(far(r));
      names[name].missed += Number(missed(r));
    }
  }
  return {
    far: { fired: count(fired, far), quiet: count(quiet, far) },
    missed: { fired: count(fired, missed), quiet: count(quiet, missed) },
    names,
  };
}

/** Head of the table of cases, and a case as its row. */
export const caseHead = [
  row(["task", "rows", "seed", "truth", "MI", "bound", "interval", "holds", "s", "failed checks"]),
  row(Array(10).fill("---")),
].join("\n");
export function caseRow(r) {
  const start = [r.task, r.rows, r.seed, shown(r.truth)];
  if (r.error) return row([...start, "", "", "", "error", r.seconds.toFixed(0), r.error]);
  const place = { holds: "yes", below: "no, too low", above: "no, too high" }[placeOf(r)];
  const interval = `${shown(r.low)} to ${shown(r.high)}`;
  return row([...start, shown(r.mi), shown(r.bound), interval, place, r.seconds.toFixed(1), r.failed.join(", ")]);
}

const grouped = (records, keyOf) => Map.groupBy?.(records, keyOf) ?? group(records, keyOf);
function group(records, keyOf) {
  const groups = new Map();
  for (const record of records) groups.set(keyOf(record), [...(groups.get(keyOf(record)) ?? []), record]);
  return groups;
}

/** Mean |error| of others over the 40 listed tasks, nats: published with "Alice" (2026), tuned by their authors. */
const published = {
  1000: "Alice .092, CCA .195, MINE .248, KSG .288, MINDE-C .353, InfoNCE .887",
  5000: "Alice .063, MINDE-C .070, MINE .117, InfoNCE .123, CCA .192, KSG .240",
  10000: "Alice .060, MINDE-C .065, InfoNCE .083, MINE .108, CCA .181, KSG .219",
};

function familyTable(records) {
  const groups = grouped(records, (r) => `${r.family}|${r.rows}`);
  const listed = records.filter((r) => r.listed20);
  for (const [key, part] of grouped(listed, (r) => `listed, the 20|${r.rows}`)) groups.set(key, part);
  const rows = [...groups].map(([key, part]) => {
    const s = summaryOf(part);
    const worst = s.worst ? `${shown(s.worst.error)}, ${s.worst.task}` : "–";
    const covered = `${s.holds} of ${s.cases - s.failures}`;
    const start = [
      ...key.split("|"),
      s.cases - s.failures,
      s.failures,
      shown(s.miError),
      shown(s.miBias),
      shown(s.boundError),
    ];
    return [...start, worst, covered, s.below, s.above, shown(s.meanWidth), s.meanSeconds.toFixed(1)];
  });
  const head = [
    "family",
    "rows",
    "cases",
    "errors",
    "mean \\|MI − truth\\|",
    "mean MI − truth",
    "mean \\|bound − truth\\|",
  ];
  return tableOf([...head, "worst", "interval holds", "too low", "too high", "mean width", "s"], rows);
}

function confusionText(records) {
  const { far, missed, names } = confusionOf(records);
  const line = (what, { fired, quiet }) => [what, fired.wrong, quiet.wrong, fired.right, quiet.right];
  const head = ["wrong means", "wrong, warned", "wrong, silent", "right, warned", "right, silent"];
  const each = Object.entries(names).map(([name, n]) => `${name} ${n.fired} (${n.far}, ${n.missed})`);
  return [
    tableOf(head, [line("off by more than .1", far), line("the interval misses", missed)]),
    `Checks that failed (of these off by more than .1, interval misses): ${each.join("; ") || "none"}`,
  ].join("\n");
}

/** The tables after a run. */
export function report(records) {
  if (!records.length) return "no cases";
  const sizes = [...new Set(records.filter((r) => r.family === "listed").map((r) => r.rows))].filter(
    (n) => n in published,
  );
  const worst = records
    .filter((r) => !r.error)
    .toSorted((a, b) => Math.abs(b.mi - b.truth) - Math.abs(a.mi - a.truth))
    .slice(0, 10);
  return [
    familyTable(records),
    ...sizes.map((n) => `Others over the 40 listed tasks, ${n} rows: ${published[n]}`),
    `Diagnostics:\n${confusionText(records)}`,
    `The ten worst:\n${caseHead}\n${worst.map(caseRow).join("\n")}`,
  ].join("\n\n");
}

/** Coverage by task, for many data sets of few tasks. */
export function coverageReport(records) {
  const rows = [...grouped(records, (r) => `${r.task}|${r.rows}`)].map(([key, part]) => {
    const s = summaryOf(part);
    const interval = `${shown(s.meanLow)} to ${shown(s.meanHigh)}`;
    const counts = [`${s.holds} of ${s.cases - s.failures}`, s.below, s.above];
    return [...key.split("|"), shown(s.meanTruth), shown(s.meanMi), interval, ...counts, shown(s.meanWidth)];
  });
  const all = summaryOf(records);
  const head = ["task", "rows", "truth", "mean MI", "mean interval", "holds", "too low", "too high", "mean width"];
  const share = ((100 * all.holds) / (all.cases - all.failures)).toFixed(1);
  return `${tableOf(head, rows)}\n\nThe interval holds the truth in ${share} % of ${all.cases - all.failures} data sets.`;
}

const familyNames = {
  listed: "published tasks",
  other: "other shapes",
  high: "4 to 8 nats",
  independent: "independent",
};

/** The table of docs/accuracy.md: a row for each family, half and number of rows. */
export function readmeTable(records) {
  const known = records.filter((r) => r.family in familyNames);
  const order = (r) => [Object.keys(familyNames).indexOf(r.family), r.rows, r.half === "tune" ? 0 : 1];
  const sorted = known.toSorted((a, b) => order(a).reduce((sum, v, i) => sum || v - order(b)[i], 0));
  const rows = [...grouped(sorted, (r) => `${r.family}|${r.rows}|${r.half}`)].map(([key, part]) => {
    const [family, count, half] = key.split("|");
    const s = summaryOf(part);
    const errors = [s.miError, s.boundError].map(shown);
    const covered = [`${s.holds} of ${s.cases}`, s.below, s.above, shown(s.meanWidth)];
    return [familyNames[family], count, half, ...errors, ...covered];
  });
  const head = [
    "tasks",
    "rows",
    "half",
    "mean \\|error\\| of `mi`",
    "of `bound`",
    "interval holds",
    "too low",
    "too high",
  ];
  return tableOf([...head, "mean width"], rows);
}

/** README's few lines of it: a row for each family and the usual numbers of rows, both halves together. */
export function shortTable(records) {
  const known = records.filter((r) => r.family in familyNames && [1000, 10000].includes(r.rows));
  const order = (r) => [Object.keys(familyNames).indexOf(r.family), -r.rows];
  const sorted = known.toSorted((a, b) => order(a).reduce((sum, v, i) => sum || v - order(b)[i], 0));
  const groups = [...grouped(sorted, (r) => r.family)].map(([family, part]) => {
    const of = (rows) => summaryOf(part.filter((r) => r.rows === rows));
    const [many, few] = [of(10000), of(1000)];
    const holds = `${many.holds + few.holds} of ${many.cases + few.cases}`;
    return [familyNames[family], shown(many.miError), shown(few.miError), holds];
  });
  return tableOf(["tasks", "mean \\|error\\|, 10 000 rows", "1000 rows", "95 % interval holds"], groups);
}
