/** The tail of a distribution beyond what was drawn of it. */

/** Of how many of the largest draws tails are fitted: the fewer, the further out they are, and the less sure. */
const FITTED = [1000, 300, 100];

/** Further in than this share of the draws the shape of the tail is another. */
const MOST_SHARE = 0.002;

/** Draws that reach a level, from which on they say by themselves how rare that is. */
const ENOUGH = 30;

/** Standard errors up to the upper end: 95 % of these lie above the truth. */
const SURE = 1.645;

/** Standard errors by which the outermost draws may fall off slower than those further in. */
const SLOWER = 3;

interface Fit {
  level: number;
  /** ln P(step >= level), and how P falls from step to step. */
  logShare: number;
  logRatio: number;
  draws: number;
}

/**
 * The exponential tail of draws that are whole steps: P(S ≥ level + m | S ≥ level) = r^m, whose r has a closed maximum of
 * likelihood, m̄ / (1 + m̄), with the relative error 1 / √draws of its logarithm. It is the generalized Pareto distribution of
 * shape 0 (Knijnenburg et al. 2009, doi:10.1093/bioinformatics/btp211), for evidence is the logarithm of a p-value: a free
 * shape would be too uncertain ten units further out. Three of them, each of fewer and larger draws, stand for a bend of the tail.
 */
export class Tail {
  /** Steps from the largest down, with how many draws reach them. */
  readonly #reaching: { step: number; draws: number; sum: number }[] = [];
  readonly #fits: Fit[];

  constructor(counts: ReadonlyMap<number, number>, size: number) {
    let [draws, sum] = [0, 0];
    for (const [step, count] of [...counts].sort(([a], [b]) => b - a)) {
      draws += count;
      sum += count * step;
      this.#reaching.push({ step, draws, sum });
    }
    this.#fits = FITTED.flatMap((wanted) => this.#fit(wanted, size) ?? []);
    if (this.#isHeavier()) this.#fits = [];
  }

  /** Draws at a step or beyond it. */
  reaching(step: number): number {
    return this.#reaching.findLast((at) => at.step >= step)?.draws ?? 0;
  }

  /**
   * The probability of a step that few draws reach: the best value by the outermost fit, and the largest of the upper ends of all
   * fits. Undefined where draws are enough, too few for a fit, or fall off slower and slower.
   */
  beyond(step: number): { value: number; upper: number } | undefined {
    if (this.#fits.length < FITTED.length || this.reaching(step) >= ENOUGH) return undefined;
    const logs = this.#fits.map(({ level, logShare, logRatio, draws }) => {
      const further = Math.max(0, step - level);
      const error = SURE / Math.sqrt(draws);
      return { value: logShare + further * logRatio, upper: logShare + error + further * logRatio * (1 - error) };
    });
    return { value: Math.exp(logs.at(-1)!.value), upper: Math.exp(Math.max(...logs.map(({ upper }) => upper))) };
  }

  #fit(wanted: number, size: number): Fit | undefined {
    const at = this.#reaching.find(({ draws }) => draws >= wanted);
    if (!at || at.draws > MOST_SHARE * size) return undefined;
    const { step: level, draws, sum } = at;
    const mean = sum / draws - level;
    if (!(mean > 0)) return undefined;
    return { level, draws, logShare: Math.log(draws / size), logRatio: Math.log(mean / (1 + mean)) };
  }

  /** Whether the outermost draws fall off slower than those further in, beyond chance. */
  #isHeavier(): boolean {
    const [first, last] = [this.#fits[0], this.#fits.at(-1)];
    return first !== undefined && last!.logRatio > first.logRatio * (1 - SLOWER / Math.sqrt(last!.draws));
  }
}
