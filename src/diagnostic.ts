/** What every check of an estimate says. */

/** One check of an estimate, in plain words with its numbers. */
export interface Diagnostic {
  name:
    | "copies"
    | "groups"
    | "autocorrelation"
    | "time"
    | "weights"
    | "rows"
    | "learning"
    | "snapshot"
    | "log-partition"
    | "effective-sample"
    | "outputs"
    | "explosion"
    | "marginals"
    | "ceiling"
    | "determined"
    | "overfitting"
    | "disagreement"
    | "folds"
    | "failure"
    | "neighbors"
    | "radius"
    | "pair"
    | "triple"
    | "ties"
    | "width"
    | "levels"
    | "scales"
    | "rotations"
    | "permuted"
    | "halves"
    | "bijection"
    | "processing";
  ok: boolean;
  message: string;
  /** The number that was judged. */
  value?: number;
}
