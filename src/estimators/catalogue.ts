/** What there is to choose from: every estimator with its bound, its source and when to use it. */
import { type EstimatorName, estimators } from "../gpu/shaders.gen.ts";
import { demine } from "./demine.ts";
import { kl, ksg, ksg2, mixedKsg, type NeighborMethod } from "./neighbors.ts";

/** What is known of an estimator, for tables and for choosing one. */
export interface CatalogueEntry {
  /** As `estimate` and `--estimator` take it. */
  name: string;
  /** Trained by a critic, by nearest neighbours, a protocol around a trained one, or a reference that no data tells. */
  kind: "trained" | "neighbors" | "protocol" | "reference";
  title: string;
  /** What its value is to the MI. */
  bound: "lower" | "upper" | "none";
  /** The bound or the bias, in words. */
  statement: string;
  paper: string;
  /** When to use it. */
  use: string;
  /** What it takes, with defaults. */
  parameters: Readonly<Record<string, unknown>>;
}

const stated = <Name extends string>({ name, ...parameters }: { name: Name }) => ({ name, parameters });

/** The estimators that are no file in shaders/estimators: protocols around one, a critic of its own, and neighbours. */
const others: CatalogueEntry[] = [
  {
    ...stated(demine()),
    kind: "protocol",
    title: "DEMINE",
    bound: "lower",
    statement: "certified lower bound: L ≤ I with the stated probability, for any critic and any number of rows",
    paper: "Lin et al. 2019, arXiv:1905.03319",
    use: "where a claim has to hold up; half of the rows train",
  },
  {
    name: "tnce",
    parameters: {},
    kind: "reference",
    title: "TNCE",
    bound: "lower",
    statement: "InfoNCE with the true p(x|y), nothing trained: the ceiling of InfoNCE",
    paper: "van den Oord, Li & Vinyals 2018, arXiv:1807.03748",
    use: "on a `gaussian()` source: critic `known()`, estimator `infonce()`",
  },
  {
    ...stated(ksg()),
    kind: "neighbors",
    title: "KSG 1",
    bound: "none",
    statement: "nearly unbiased in few dimensions, far too low in many; saturates near log n",
    paper: "Kraskov, Stögbauer & Grassberger 2004, arXiv:cond-mat/0305641",
    use: "for up to about 5 columns, in a second; conditional with `--given` (Frenzel & Pompe 2007)",
  },
  {
    ...stated(ksg2()),
    kind: "neighbors",
    title: "KSG 2",
    bound: "none",
    statement: "as KSG 1, with a little less bias and more variance in few dimensions",
    paper: "Kraskov, Stögbauer & Grassberger 2004, arXiv:cond-mat/0305641",
    use: "to check KSG 1",
  },
  {
    ...stated(mixedKsg()),
    kind: "neighbors",
    title: "Mixed KSG",
    bound: "none",
    statement: "consistent on mixtures of discrete and continuous data",
    paper: "Gao et al. 2017, arXiv:1709.06212",
    use: "for ties, categories beside numbers, few columns",
  },
  {
    ...stated(kl()),
    kind: "neighbors",
    title: "KL",
    bound: "none",
    statement: "three nearest-neighbour entropies, whose biases do not cancel",
    paper: "Kozachenko & Leonenko 1987; Jiao, Gao & Han 2018, arXiv:1711.08824",
    use: "to compare with published KL figures; continuous data only",
  },
];

/** Every estimator by name: those of shaders/estimators as their files state them, then the others. */
export const catalogue: readonly CatalogueEntry[] = [
  ...Object.entries(estimators).map(
    ([name, { title, bound, statement, paper, use, parameters }]): CatalogueEntry => ({
      ...{ name, kind: "trained", title, bound, statement, paper, use },
      parameters: { ...parameters },
    }),
  ),
  ...others,
];

/** What `estimate` can be asked for: a trainer's estimators, DEMINE, which is a protocol around one, and neighbours. */
export const estimateNames = catalogue.filter(({ kind }) => kind !== "reference").map(({ name }) => name) as readonly (
  | EstimatorName
  | "demine"
  | NeighborMethod
)[];
