/** What speaks against independence, by its definition and in float64. */

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;

/** P(Z ≤ z) by Simpson's rule from far below. */
function normalCdf(z: number): number {
  const [from, steps] = [-12, 4000];
  const h = (z - from) / steps;
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  let total = 0;
  for (let i = 0; i <= steps; i++) total += density(from + i * h) * (i === 0 || i === steps ? 1 : i % 2 ? 4 : 2);
  return (total * h) / 3;
}

/** The z below which a share lies, by bisection. */
function quantile(share: number): number {
  let [low, high] = [-9, 9];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Features by row: normal scores and waves along mean ranks, or all levels but the commonest; Gram and Schmidt's process. */
export function features(values: readonly number[], isCategory: boolean): number[][] {
  const count = (of: number) => values.filter((v) => v === of).length;
  const levels = [...new Set(values)].sort((a, b) => count(b) - count(a) || a - b);
  const shares = values.map((v) => (values.filter((w) => w < v).length + count(v) / 2) / values.length);
  const scoreOf = new Map(shares.map((share) => [share, 0]));
  for (const share of scoreOf.keys()) scoreOf.set(share, quantile(share));
  const candidates = isCategory
    ? levels.slice(1, 16).map((level) => values.map((v) => Number(v === level)))
    : [
        shares.map((share) => scoreOf.get(share)!),
        ...[2, 3, 4, 5, 6, 7, 8].map((j) => shares.map((share) => Math.cos(Math.PI * j * share))),
      ];
  const own: number[][] = [];
  for (const candidate of candidates) {
    let left = candidate.map((v) => v - mean(candidate));
    for (const other of own) {
      const share = mean(left.map((v, i) => v * other[i]!));
      left = left.map((v, i) => v - share * other[i]!);
    }
    const variance = mean(left.map((v) => v * v));
    if (variance > 1e-9) own.push(left.map((v) => v / Math.sqrt(variance)));
  }
  return own;
}

/** Statistics by the sizes of features looked at together, of numbers; before them the one of all, coarse ones counted most. */
export function standings(x: readonly number[][], y: readonly number[][], sizes: readonly [number[], number[]]) {
  const rows = x[0]!.length;
  const squares = x.map((f) => y.map((g) => (rows - 1) * mean(f.map((v, i) => v * g[i]!)) ** 2));
  const standing = (share: (j: number, k: number) => number) => {
    const terms = squares.flatMap((row, j) => row.map((square, k) => ({ square, own: share(j + 1, k + 1) })));
    const [expected, scatter] = [sum(terms.map(({ own }) => own)), sum(terms.map(({ own }) => own * own))];
    const degrees = (expected * expected) / scatter;
    const square = sum(terms.map(({ square, own }) => own * square)) / expected;
    return (Math.cbrt(square) - (1 - 2 / (9 * degrees))) / Math.sqrt(2 / (9 * degrees));
  };
  const groups = sizes[0].flatMap((a) => sizes[1].map((b) => ({ a, b })));
  const whole = sum(groups.map(({ a, b }) => 1 / (a * b)));
  return [
    { z: standing((j, k) => (j * k) ** -2), weight: 1 },
    ...groups.map(({ a, b }) => ({ z: standing((j, k) => Number(j <= a && k <= b)), weight: 1 / (a * b * whole) })),
  ];
}

/** ln of the weighted mean of 1 / P(Z > z); with neighbours, 23 parts of that and one of theirs. */
export function evidence(statistics: readonly { z: number; weight: number }[], neighbors?: number): number {
  const whole = sum(statistics.map(({ weight }) => weight));
  const own = sum(statistics.map(({ z, weight }) => weight / normalCdf(-z))) / whole;
  return Math.log(neighbors === undefined ? own : (23 * own + 1 / normalCdf(-neighbors)) / 24);
}
