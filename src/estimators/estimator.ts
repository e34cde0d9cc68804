/** Estimators as a trainer takes them: a name from shaders/estimators and its constants. */
import { InputError } from "../errors.ts";
import { type EstimatorName, estimators } from "../gpu/shaders.gen.ts";

/** One value for all replicas, or one for each. */
export type PerReplica = number | readonly number[];

/** What an estimator can be told. Which of them it takes, and their defaults, is in `defaultsOf`. */
export interface EstimatorParameters {
  /** Weight λ ≥ 0 of the regulariser λ (log E_q[e^T] − C)². */
  lambda?: PerReplica;
  /** Where the regulariser holds the log-partition, nats. */
  C?: PerReplica;
  /** Weight of the newest batch in MINE's moving average, in (0, 1]; 1 forgets the past. */
  emaRate?: PerReplica;
  /** SMILE clips scores to [−τ, τ] in its log-partition; τ in (0, 80]. */
  tau?: PerReplica;
  /** Weight of the contrastive part of I_α, in (0, 1). */
  alpha?: PerReplica;
  /** Constant log baseline log a of TUBA, nats; for JS, 0 is the value that fits its critic and 1 the published one. */
  logBaseline?: PerReplica;
  /** Hidden widths of the network that learns a baseline (of x for TUBA and I_α, of the pair for FLO); [] is none. */
  baseline?: readonly number[];
}

/** The parameters among other options. */
export const parametersOf = (options: EstimatorParameters): EstimatorParameters => {
  const { lambda, C, emaRate, tau, alpha, logBaseline, baseline } = options;
  return { lambda, C, emaRate, tau, alpha, logBaseline, baseline } as EstimatorParameters;
};

/** An estimator by name with its parameters. Made by `remine` and its like, or by `estimatorByName`. */
export interface Estimator extends Required<EstimatorParameters> {
  name: EstimatorName;
}

/** The estimators that hold log E_q[e^T] where it belongs, at 0. */
export const isPinned = ({ name, C }: Estimator): boolean => name.startsWith("remine") && C === 0;

const neutral: Required<EstimatorParameters> = {
  lambda: 0,
  C: 0,
  emaRate: 1,
  tau: 10,
  alpha: 0.5,
  logBaseline: 0,
  baseline: [],
};

const NETWORK = [64, 64];

/** The parameters that each estimator takes, with their defaults. */
export const defaultsOf: Record<EstimatorName, EstimatorParameters> = {
  "donsker-varadhan": {},
  mine: { emaRate: 0.01 },
  remine: { lambda: 0.1, C: 0 },
  "remine-l1": { lambda: 0.1, C: 0 },
  "remine-j": { lambda: 0.1, C: 0 },
  nwj: { lambda: 0, C: 1 },
  tuba: { lambda: 0, C: 0, logBaseline: 0, baseline: NETWORK },
  infonce: { lambda: 0, C: 0 },
  "i-alpha": { alpha: 0.01, baseline: NETWORK },
  js: { lambda: 0, C: 0, logBaseline: 0 },
  smile: { lambda: 0, C: 0, tau: 10 },
  "smile-js": { lambda: 0, C: 0, tau: 5 },
  flo: { baseline: NETWORK },
  "dime-kl": {},
  "dime-gan": {},
  "dime-hd": {},
  club: {},
  ccmi: {},
};

const ranges: Record<
  Exclude<keyof EstimatorParameters, "baseline">,
  { holds: (v: number) => boolean; text: string }
> = {
  lambda: { holds: (v) => v >= 0 && v < Number.POSITIVE_INFINITY, text: "a number of at least 0" },
  C: { holds: Number.isFinite, text: "a finite number" },
  emaRate: { holds: (v) => v > 0 && v <= 1, text: "in (0, 1]" },
  tau: { holds: (v) => v > 0 && v <= 80, text: "in (0, 80]: e^80 is about what a float holds" },
  alpha: { holds: (v) => v > 0 && v < 1, text: "in (0, 1)" },
  logBaseline: { holds: Number.isFinite, text: "a finite number" },
};

function make(name: EstimatorName, given: EstimatorParameters): Estimator {
  const defaults = defaultsOf[name];
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!(key in neutral))
      throw new InputError(`"${key}" is no parameter of an estimator. They are: ${Object.keys(neutral).join(", ")}.`);
    if (!(key in defaults)) {
      const others = estimatorNames.filter((other) => key in defaultsOf[other]);
      const own = Object.keys(defaults);
      throw new InputError(
        `the estimator "${name}" has no "${key}"; ${others.join(", ")} ${others.length > 1 ? "have" : "has"}. ` +
          (own.length ? `"${name}" takes ${own.join(", ")}.` : `"${name}" takes no parameters.`),
      );
    }
    if (key === "baseline") continue;
    const { holds, text } = ranges[key as keyof typeof ranges];
    const wrong = [value as PerReplica].flat().find((v) => !holds(v as number));
    if (wrong !== undefined) throw new InputError(`"${key}" of ${name} must be ${text}, got ${wrong}`);
  }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const estimator = { name, ...neutral, ...defaults, ...set } as Estimator;
  if (estimators[name].baseline === "pair" && estimator.baseline.length === 0) {
    throw new InputError(`"${name}" needs its second network: give "baseline" at least one width, e.g. [64, 64]`);
  }
  return estimator;
}

type Taking<K extends keyof EstimatorParameters> = Pick<EstimatorParameters, K>;

/** The Donsker-Varadhan bound E_p[T] − log E_q[e^T] (1983), without correction or regulariser. */
export const donskerVaradhan = (): Estimator => make("donsker-varadhan", {});

/** MINE (Belghazi et al. 2018): the Donsker-Varadhan value, its gradient with a moving average as the denominator. */
export const mine = (options: Taking<"emaRate"> = {}): Estimator => make("mine", options);

/** ReMINE: Donsker-Varadhan minus λ (log E_q[e^T] − C)², so that T converges to the log density ratio plus C. */
export const remine = (options: Taking<"lambda" | "C"> = {}): Estimator => make("remine", options);

/** ReMINE with the absolute penalty λ |log E_q[e^T] − C|. Only from λ = 1 on does T never run down, and then it learns slowly. */
export const remineL1 = (options: Taking<"lambda" | "C"> = {}): Estimator => make("remine-l1", options);

/** ReMINE, read off its joint term: E_p[T] − C. */
export const remineJ = (options: Taking<"lambda" | "C"> = {}): Estimator => make("remine-j", options);

/** Nguyen, Wainwright and Jordan (2010): E_p[T] − E_q[e^(T−1)]. */
export const nwj = (options: Taking<"lambda" | "C"> = {}): Estimator => make("nwj", options);

/**
 * TUBA (Poole et al. 2019): 1 + E_p[T − log a] − E_q[e^(T − log a)].
 *
 * @param options.baseline hidden widths of the network that learns log a(x), default `[64, 64]` (published 512, 512);
 *   `[]` leaves the constant `logBaseline` alone, whose value 1 makes it NWJ
 */
export const tuba = (options: Taking<"lambda" | "C" | "logBaseline" | "baseline"> = {}): Estimator =>
  make("tuba", options);

/** InfoNCE (van den Oord et al. 2018): at most log(1 + K) nats for K marginal pairs per joint pair. */
export const infonce = (options: Taking<"lambda" | "C"> = {}): Estimator => make("infonce", options);

/** I_α (Poole et al. 2019): between InfoNCE (α → 1) and TUBA (α → 0). */
export const iAlpha = (options: Taking<"alpha" | "baseline"> = {}): Estimator => make("i-alpha", options);

/**
 * Trained on the Jensen-Shannon divergence, reported as 1 + E_p[T] − E_q[e^T].
 *
 * @param options.logBaseline 1 reports what the published code does, E_p[T] − E_q[e^(T−1)]: 1/e too low at the optimum
 */
export const js = (options: Taking<"lambda" | "C" | "logBaseline"> = {}): Estimator => make("js", options);

/** SMILE trained directly on its clipped Donsker-Varadhan value, as in the ReMINE paper. */
export const smile = (options: Taking<"lambda" | "C" | "tau"> = {}): Estimator => make("smile", options);

/** SMILE as published (Song and Ermon 2020): trained as `js`, reported as Donsker-Varadhan with e^T clipped. */
export const smileJs = (options: Taking<"lambda" | "C" | "tau"> = {}): Estimator => make("smile-js", options);

/** FLO (Guo et al. 2022): InfoNCE with a second network u(x, y), tight at any number of marginal pairs. */
export const flo = (options: Taking<"baseline"> = {}): Estimator => make("flo", options);

/** f-DIME (Letizia et al. 2024) with the generator of the KL, GAN or squared Hellinger divergence. */
export const dime = (divergence: "kl" | "gan" | "hd" = "gan"): Estimator => make(`dime-${divergence}`, {});

/** CLUB (Cheng et al. 2020), an upper bound. Its critic must be a conditional density. */
export const club = (): Estimator => make("club", {});

/**
 * A classifier that tells joint from marginal pairs, its logit in the Donsker-Varadhan formula: the estimator of CCMI
 * (Mukherjee, Asnani and Kannan 2019) when two of them are subtracted.
 */
export const ccmi = (): Estimator => make("ccmi", {});

/** Every estimator that a trainer can be given by name. */
export const estimatorNames = Object.keys(estimators) as EstimatorName[];

/**
 * The estimator of this name with its default parameters, or with those given.
 *
 * @throws {InputError} for a name that is none, a parameter that the estimator does not take, a value out of its range
 */
export function estimatorByName(name: string, parameters: EstimatorParameters = {}): Estimator {
  if (!estimatorNames.includes(name as EstimatorName)) {
    throw new InputError(`there is no estimator "${name}". Choose one of: ${estimatorNames.join(", ")}.`);
  }
  return make(name as EstimatorName, parameters);
}
