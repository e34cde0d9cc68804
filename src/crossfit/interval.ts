/** From held-out scores to a value, a bound and an interval, and the words for where the upper end came from. */

/** What the rows say of one MI, nats. */
export interface Evidence {
  /** The bound over held-out rows; below 0 by noise, or because the members are no density ratio. */
  held: number;
  standardError: number;
  /** The mean bound of as many rows that the members were trained on. */
  seen: number;
  /** E_q[e^T] of the mean of the networks is below 1 by so much (valuations/donsker-varadhan.ts). */
  disagreement: number;
  /** Share of the members' weights that closed forms have, 0 to 1. */
  closed: number;
  /** How much more neighbours and other second opinions see than the members (`beyond`); 0 if no more than noise. */
  neighbors: number;
  /** How much more they would see if fewer and fewer of them were asked; 0 if their number makes no difference. */
  finer: number;
  /** What they lose from 3 to 12 of them. */
  loss: number;
  /** Free parameters that even the right model would have to fit. */
  freedom: number;
  rows: number;
  /** Columns of both sides. */
  columns: number;
}

/** Where the distance between the bound and the upper end of the interval comes from. */
export type UpperSource =
  | "sampling"
  | "overfitting"
  | "disagreement"
  | "neighbours"
  | "parameters"
  | "rows"
  | "failure";

export interface Verdict {
  /** How far the best point value lies above the bound. */
  lift: number;
  /** How far beyond `z` standard errors the interval reaches above the bound. */
  above: number;
  source: UpperSource;
  /** The source in words, with its numbers. */
  words: string;
}

/** A bound so far below 0, beyond noise, is a failure, nats. What overfitted weights of few validation rows cost is less. */
const FAILED = 0.05;

/** How far below 0 the bound is beyond noise and what may be, nats; positive for critics that are no density ratio. */
export const failureOf = (held: number, standardError: number, z: number): number => -held - z * standardError - FAILED;

type OfMembers = Pick<Evidence, "held" | "seen" | "disagreement" | "closed">;

/** What seen rows say more than held-out ones. */
const gapOf = ({ seen, held }: Pick<OfMembers, "seen" | "held">): number => Math.max(0, seen - Math.max(0, held));

/** Of the gap of a closed form, how much the value adds: of the right model half of it is missing, of a shrunk one less. */
const OF_CLOSED = 0.25;

/** How much of what is missing from the bound the value adds, as far as the members themselves show it. */
export const liftOfMembers = (e: OfMembers): number =>
  gapOf(e) * (OF_CLOSED * e.closed + (1 - e.closed)) + e.disagreement;

/**
 * What a curve costs where rows are few, nats: so much for each row less than so many, from which on critics show by their
 * gap what they miss. On 20 to 60 rows they may learn nothing and show no gap. Without it 7 of 30 intervals were too low of a
 * parabola of .8 nats and 20 rows; with 20 / n - .2, which is as much at 20 rows and less from there on, 13 of 24 of a
 * checkerboard of 16 cells, 30 and 50 rows.
 */
const CURVE = { aRow: 0.0125, enoughRows: 100 };

const costOfCurve = (rows: number): number => CURVE.aRow * Math.max(0, CURVE.enoughRows - rows);

/**
 * The rule; bench/NOTES.md says on what it was chosen and how far it is confirmed. I = DV(T) + KL(p ‖ q e^T / Z), so the bound
 * falls short by a divergence that held-out rows alone do not show. What shows of it:
 *
 * - rows seen in training say `gap` more than others, where critics are about as much too bad; the right model with p
 *   parameters says p/2n too much there and p/2n too little elsewhere (Akaike 1974), a network misses more;
 * - networks of other starts and other maps disagree, and their variance is a part of the divergence;
 * - neighbours, where columns are few, see structure that is too sharp for a network.
 *
 * The value adds the first two, of a closed form a quarter of its gap; or the last if it is more. The upper end adds twice
 * the first two, or the last, twice in the plane and three times in more columns; or it goes as far as neighbours would if
 * rows lay infinitely close, where what they see depends on how many are asked. What every member misses and no neighbour
 * sees is in no interval: no upper limit exists for continuous data.
 */
export function verdictOf(e: Evidence, z: number): Verdict {
  const gap = gapOf(e);
  const inPlane = e.columns <= 2;
  const parts: [UpperSource, number, string][] = [
    ["parameters", e.freedom / (2 * e.rows), `${short(e.freedom)} free parameters cost that much on ${e.rows} rows`],
    ["rows", costOfCurve(e.rows), `${e.rows} rows are too few for critics to learn a curve and to show what they miss`],
    [
      gap >= e.disagreement ? "overfitting" : "disagreement",
      2 * (gap + e.disagreement),
      `rows seen in training say ${short(gap)} more than held-out ones, and critics disagree by ${short(e.disagreement)}`,
    ],
    [
      "neighbours",
      (inPlane ? 2 : 3) * e.neighbors,
      `second opinions see ${short(e.neighbors)} more${inPlane ? "" : ", and neighbours miss much in more than two columns"}`,
    ],
    [
      "neighbours",
      e.finer,
      `the fewer nearest neighbours are asked the more they see, at none of them ${short(e.finer)} more`,
    ],
    // A density ratio has no bound below 0: what is below by more than noise is failure, which says nothing of the MI.
    [
      "failure",
      failureOf(e.held, e.standardError, z) > 0 ? -2 * e.held + 1 : 0,
      `the bound is ${short(e.held)}: the critics are no density ratio of these rows`,
    ],
  ];
  const [source, above, words] = parts.reduce((most, part) => (part[1] > most[1] ? part : most));
  const lift = Math.max(liftOfMembers(e), e.neighbors);
  return above < 0.1 * z * e.standardError
    ? { lift, above, source: "sampling", words: `sampling error, if nothing is finer than ${e.rows} rows show` }
    : { lift, above, source, words };
}

const short = (value: number) => String(Number(value.toPrecision(2)));
