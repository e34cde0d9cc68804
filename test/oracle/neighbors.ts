/** Nearest-neighbour estimators by their definitions: sort all distances, in float64. All values in nats. */

export type Metric = "max" | "euclidean";
type Points = readonly (readonly number[])[];

/** ψ of a whole number: −γ plus a harmonic sum. */
export function psi(m: number): number {
  let sum = -0.5772156649015329;
  for (let i = 1; i < m; i++) sum += 1 / i;
  return sum;
}

export function distance(a: readonly number[], b: readonly number[], metric: Metric): number {
  const gaps = a.map((value, d) => Math.abs(value - b[d]!));
  return metric === "max" ? Math.max(0, ...gaps) : Math.sqrt(gaps.reduce((sum, gap) => sum + gap * gap, 0));
}

const othersOf = (i: number, count: number) => Array.from({ length: count }, (_, j) => j).filter((j) => j !== i);
export const joint = (x: Points, y: Points, i: number, j: number, metric: Metric) =>
  Math.max(distance(x[i]!, x[j]!, metric), distance(y[i]!, y[j]!, metric));
const within = (points: Points, i: number, metric: Metric, inside: (d: number) => boolean) =>
  othersOf(i, points.length).filter((j) => inside(distance(points[i]!, points[j]!, metric))).length;

/** The k nearest others of every point, earlier rows first where distances tie. */
export function nearest(x: Points, y: Points, k: number, metric: Metric): { rows: number[]; radius: number }[] {
  return x.map((_, i) => {
    const order = othersOf(i, x.length)
      .map((j) => ({ j, d: joint(x, y, i, j, metric) }))
      .sort((a, b) => a.d - b.d || a.j - b.j)
      .slice(0, k);
    return { rows: order.map(({ j }) => j), radius: order[k - 1]!.d };
  });
}

/** Others within each point's radius. */
export const countWithin = (points: Points, radii: readonly number[], metric: Metric, closed = false): number[] =>
  points.map((_, i) => within(points, i, metric, (d) => (closed ? d <= radii[i]! : d < radii[i]!)));

export function ksg(x: Points, y: Points, k: number, metric: Metric = "max"): number[] {
  const radii = nearest(x, y, k, metric).map(({ radius }) => radius);
  const [nx, ny] = [countWithin(x, radii, metric), countWithin(y, radii, metric)];
  return radii.map((_, i) => psi(k) + psi(x.length) - psi(nx[i]! + 1) - psi(ny[i]! + 1));
}

export function ksg2(x: Points, y: Points, k: number, metric: Metric = "max"): number[] {
  const boxes = nearest(x, y, k, metric);
  const reach = (points: Points) =>
    boxes.map(({ rows }, i) => Math.max(...rows.map((j) => distance(points[i]!, points[j]!, metric))));
  const [nx, ny] = [countWithin(x, reach(x), metric, true), countWithin(y, reach(y), metric, true)];
  return boxes.map((_, i) => psi(k) - 1 / k + psi(x.length) - psi(nx[i]!) - psi(ny[i]!));
}

/** Gao et al. 2017, with k̃ what is in the ball of the other two counts: k itself where nothing ties. */
export function mixedKsg(x: Points, y: Points, k: number, log = false, metric: Metric = "max"): number[] {
  const term = log ? Math.log : psi;
  return nearest(x, y, k, metric).map(({ radius }, i) => {
    const inside = radius === 0 ? (d: number) => d === 0 : (d: number) => d < radius;
    const both = othersOf(i, x.length).filter((j) => inside(joint(x, y, i, j, metric))).length + 1;
    const [nx, ny] = [within(x, i, metric, inside) + 1, within(y, i, metric, inside) + 1];
    return psi(both) + Math.log(x.length) - term(nx) - term(ny);
  });
}

export function conditional(x: Points, y: Points, z: Points, k: number): number[] {
  const beside = (a: Points) => a.map((row, i) => [...row, ...z[i]!]);
  const [xz, yz] = [beside(x), beside(y)];
  const radii = nearest(xz, yz, k, "max").map(({ radius }) => radius);
  const [nxz, nyz, nz] = [xz, yz, z].map((points) => countWithin(points, radii, "max"));
  return radii.map((_, i) => psi(k) - psi(nxz![i]! + 1) - psi(nyz![i]! + 1) + psi(nz![i]! + 1));
}

/** Mesner and Shalizi 2020, with k̃ and counts as {@link mixedKsg} has them. */
export function mixedConditional(x: Points, y: Points, z: Points, k: number): number[] {
  const beside = (a: Points) => a.map((row, i) => [...row, ...z[i]!]);
  const [xz, yz] = [beside(x), beside(y)];
  return nearest(xz, yz, k, "max").map(({ radius }, i) => {
    const inside = radius === 0 ? (d: number) => d === 0 : (d: number) => d < radius;
    const both = othersOf(i, x.length).filter((j) => inside(joint(xz, yz, i, j, "max"))).length + 1;
    const [nxz, nyz, nz] = [xz, yz, z].map((points) => within(points, i, "max", inside) + 1);
    return psi(both) - psi(nxz!) - psi(nyz!) + psi(nz!);
  });
}

/** Volume of the unit ball: 2, π, 4π/3, and the recursion V(d) = V(d − 2) 2π/d. */
const ballVolume = (d: number): number => (d === 0 ? 1 : d === 1 ? 2 : (ballVolume(d - 2) * 2 * Math.PI) / d);

function entropyTerms(points: Points, k: number, log: boolean, metric: Metric): number[] {
  const d = points[0]!.length;
  const n = points.length;
  const volume = Math.log(metric === "max" ? 2 ** d : ballVolume(d));
  const nothing = points.map(() => []);
  return nearest(points, nothing, k, metric).map(
    ({ radius }) => d * Math.log(radius) + volume - psi(k) + (log ? Math.log(n) : psi(n)),
  );
}

export function kl(x: Points, y: Points, k: number, log = false, metric: Metric = "max"): number[] {
  const both = x.map((row, i) => [...row, ...y[i]!]);
  const [hx, hy, hxy] = [x, y, both].map((points) => entropyTerms(points, k, log, metric));
  return x.map((_, i) => hx![i]! + hy![i]! - hxy![i]!);
}
