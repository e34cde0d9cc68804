// The table of bench/tables/run.mjs.

const number = (text) => Number(String(text).replace("−", "-").replace("<", ""));
const shown = (value, digits = 3) => (Number.isFinite(value) ? value.toFixed(digits).replace("-", "−") : "–");

/** The interval that the page shows, or undefined where it shows none. */
const intervalOf = ({ interval = "" }) => {
  const ends = interval.match(/interval: ([\d.]+) to ([\d.]+)/);
  return ends && [Number(ends[1]), Number(ends[2])];
};
const leastOf = ({ interval = "" }) => Number(interval.match(/At least ([\d.]+)/)?.[1] ?? Number.NaN);

function isCovered(table) {
  const interval = intervalOf(table);
  if (interval) return table.truth >= interval[0] - 0.0005 && table.truth <= interval[1] + 0.0005;
  return undefined;
}

const spanOf = (table) => {
  const interval = intervalOf(table);
  if (interval) return interval.map((end) => shown(end, 2)).join(" to ");
  return Number.isFinite(leastOf(table)) ? `none, at least ${shown(leastOf(table), 2)}` : "none";
};

const line = (cells) => `| ${cells.join(" | ")} |`;

function planted([name, table]) {
  const error = number(table.mi) - table.truth;
  const covered = isCovered(table);
  return line([
    ...[name, `${table.rank} of ${(table.columns.length * (table.columns.length - 1)) / 2}`, table.r, table.p, table.q],
    ...[table.mi, spanOf(table), shown(table.truth), shown(error)],
    covered === undefined ? "no interval" : covered ? "yes" : "**no**",
  ]);
}

/** Where the page and the command differ in what the page shows. */
function sameness({ neighbors, p, r, mi, cli }) {
  const { pair, estimate } = cli;
  if (!pair || typeof pair === "string") return [pair, ""];
  const differ = [];
  if (Math.abs(number(neighbors) - pair.mi) > 0.0006) differ.push(`MI ${shown(pair.mi)}`);
  if (String(p).startsWith("<") ? pair.p >= 0.001 : Math.abs(number(p) - pair.p) > 0.0006)
    differ.push(`p ${pair.p.toPrecision(2)}`);
  if (pair.pearson !== null && Number.isFinite(number(r)) && Math.abs(number(r) - pair.pearson) > 0.0051)
    differ.push(`r ${shown(pair.pearson, 2)}`);
  const other = typeof estimate === "object" ? shown(estimate.mi) : estimate;
  return [
    differ.length === 0 ? "equal" : differ.join(", "),
    typeof estimate === "object" && Math.abs(number(mi) - estimate.mi) < 0.0006 ? "equal" : other,
  ];
}

const real = ([name, table]) =>
  table.refused
    ? line([name, "–", table.refused, "", "", "", "", "", "", ""])
    : line([
        ...[
          name,
          table.columns.length,
          `${table.x} and ${table.y}`.replaceAll("|", "/"),
          table.r,
          table.p,
          table.q,
          table.neighbors,
        ],
        ...[`${table.mi} [${spanOf(table)}]`, ...sameness(table)],
      ]);

const headed = (heads) => [line(heads), line(heads.map(() => "---"))];

export function reportOf(found) {
  const all = Object.entries(found);
  const known = all.filter(([, { truth }]) => truth !== undefined);
  const others = all.filter(([, { truth }]) => truth === undefined);
  const errors = known.map(([, table]) => Math.abs(number(table.mi) - table.truth));
  const good = known.filter(([, table], i) => errors[i] <= 0.1 || isCovered(table)).length;
  const asked = all.filter(([, { cli }]) => cli);
  const near = asked.filter(([, { mi, cli }]) => Math.abs(number(mi) - cli.estimate?.mi) < 0.005).length;
  const same = (place) => asked.filter(([, table]) => sameness(table)[place] === "equal").length;
  return `${[
    "# What the page says of thirty tables",
    "",
    "Written by bench/tables/run.mjs: 400 rows at most, 200 permutations, a software adapter; MI in nats.",
    "",
    `The planted pair comes first in ${known.filter(([, { rank }]) => rank === 1).length} of ${known.length} tables. ` +
      `Its number is within .1 of the truth, or the interval holds it, in ${good}; mean |error| ${shown(errors.reduce((a, b) => a + b, 0) / errors.length)}. ` +
      `Of ${asked.length} real tables \`remine matrix\` gives the same MI, p and r of the pair in ${same(0)}, to the digits that the page shows, and \`remine estimate\`, on another software adapter, the same number in ${same(1)}, one within .005 in ${near}; the page takes what neighbours plainly see in place of less, and says so.`,
    "",
    ...headed(["planted", "rank", "r", "p", "q", "page", "interval", "truth", "error", "covered"]),
    ...known.map(planted),
    "",
    ...headed([
      "real",
      "columns",
      "first pair",
      "r",
      "p",
      "q",
      "neighbours",
      "page",
      "`remine matrix`",
      "`remine estimate`",
    ]),
    ...others.map(real),
  ].join("\n")}\n`;
}
