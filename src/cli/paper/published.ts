/** Figures that the authors published. */

/** Bias, variance and MSE at 2, 4, 6, 8 and 10 nats; null where the authors left out what reached 100. */
export interface PublishedRow {
  bias: readonly (number | null)[];
  variance: readonly (number | null)[];
  mse: readonly (number | null)[];
}

const row = (bias: (number | null)[], variance: (number | null)[], mse: (number | null)[]): PublishedRow => ({
  bias,
  variance,
  mse,
});

/** The authors' own printout in their released notebook (2020-05-30): 20-D normals, batch 64, 40-256-256-1, one run. */
export const publishedStaircase: Readonly<Record<string, PublishedRow>> = {
  ReMINE: row([-0.15, -0.27, -0.5, -0.66, -0.58], [0.11, 0.15, 0.35, 0.69, 1.33], [0.14, 0.22, 0.6, 1.13, 1.67]),
  "ReMINE-J": row([-0.16, -0.29, -0.51, -0.64, -0.39], [0.12, 0.13, 0.2, 0.31, 0.56], [0.14, 0.21, 0.45, 0.72, 0.72]),
  MINE: row([-0.15, -0.24, 0.32, 33.81, null], [0.12, 0.27, 7.16, null, null], [0.14, 0.33, 7.27, null, null]),
  NWJ: row([-0.2, -0.36, -0.74, -1.47, -2.7], [0.15, 0.26, 1.54, 6.85, 23.42], [0.19, 0.39, 2.09, 9.01, 30.68]),
  TUBA: row([-0.17, -0.33, -0.74, -1.42, -2.85], [0.12, 0.21, 2.06, 21.97, 35.54], [0.14, 0.32, 2.6, 23.97, 43.67]),
  I_α: row([-0.16, -0.28, -0.53, -1.01, -1.91], [0.12, 0.16, 0.31, 0.38, 0.38], [0.14, 0.23, 0.6, 1.39, 4.03]),
  InfoNCE: row([-0.3, -1.0, -2.31, -4.0, -5.89], [0.09, 0.03, 0.02, 0.01, 0], [0.17, 1.03, 5.33, 16.02, 34.68]),
  TNCE: row([-0.19, -0.93, -2.26, -3.98, -5.88], [0.04, 0.03, 0.02, 0.01, 0], [0.08, 0.89, 5.14, 15.82, 34.55]),
  JS: row([-0.57, -0.72, -0.94, -1.21, -1.61], [0.12, 0.1, 0.15, 0.22, 0.57], [0.45, 0.62, 1.03, 1.67, 3.17]),
  SMILE: row([-0.16, -0.24, 0.1, null, null], [0.12, 0.25, 5.74, null, null], [0.14, 0.31, 5.75, null, null]),
};

/** Conditional MI on Model I by rows and by the width of Z, mean over ten runs, nats (the CCMI authors' logs); MINE is their f-MINE. */
export const publishedConditional: readonly { rows: number; width: number; CCMI: number; MINE: number }[] = [
  { rows: 5000, width: 20, CCMI: 2.031, MINE: 1.261 },
  { rows: 10_000, width: 20, CCMI: 2.068, MINE: 1.877 },
  { rows: 20_000, width: 20, CCMI: 2.153, MINE: 2.089 },
  { rows: 50_000, width: 20, CCMI: 2.197, MINE: 2.134 },
  { rows: 20_000, width: 1, CCMI: 2.301, MINE: 2.231 },
  { rows: 20_000, width: 10, CCMI: 2.176, MINE: 2.142 },
  { rows: 20_000, width: 50, CCMI: 1.98, MINE: 1.466 },
  { rows: 20_000, width: 100, CCMI: 1.669, MINE: -7.1 },
];
