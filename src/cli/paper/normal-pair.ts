/** Two normals with correlation .75, whose log density ratio is known: figure 9 learns it, theorem 6 adds a drift to it. */

export const RHO = 0.75;
/** I(X;Y) = −½ ln(1 − ρ²) = .4133 nats. */
export const INFORMATION = -0.5 * Math.log(1 - RHO * RHO);

/** log p(x, y) / p(x) p(y), nats. */
export const logRatio = (x: number, y: number): number =>
  INFORMATION - (RHO * RHO * (x * x + y * y) - 2 * RHO * x * y) / (2 * (1 - RHO * RHO));
