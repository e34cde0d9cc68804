/** Estimators as a trainer takes them: a name from shaders/estimators and its parameters, as its file states them. */
import { InputError } from "../errors.ts";
import {
  type EstimatorName,
  type EstimatorParameters,
  estimators,
  type ParameterNames,
  type PerReplica,
  parameters,
} from "../gpu/shaders.gen.ts";
import { nearestName } from "../math/nearest.ts";

export type { EstimatorName, EstimatorParameters, PerReplica } from "../gpu/shaders.gen.ts";

/** The parameters that the estimator of this name takes; what is left out has its default. */
export type ParametersOf<Name extends EstimatorName> = Pick<EstimatorParameters, ParameterNames[Name]>;

/** The estimator of this name with all its parameters. Made by `remine` and its like, or by `estimatorByName`. */
export type EstimatorOf<Name extends EstimatorName> = {
  readonly [K in ParameterNames[Name]]: NonNullable<EstimatorParameters[K]>;
} & { readonly name: Name };

/** An estimator with its parameters; `name` says which. */
export type Estimator = { [Name in EstimatorName]: EstimatorOf<Name> }[EstimatorName];

/** Every estimator that a trainer can be given by name. */
export const estimatorNames = Object.keys(estimators) as EstimatorName[];

/** The names of all parameters. */
export const parameterNames = Object.keys(parameters) as (keyof EstimatorParameters)[];

/** The parameters among other options. */
export const parametersOf = <T extends object>(options: T): Pick<T, keyof T & keyof EstimatorParameters> =>
  Object.fromEntries(
    parameterNames.filter((name) => name in options).map((name) => [name, options[name as keyof T]]),
  ) as Pick<T, keyof T & keyof EstimatorParameters>;

/** What this estimator was told, undefined for a parameter that it does not take. */
export const parameterOf = <K extends keyof EstimatorParameters>(
  estimator: Estimator,
  name: K,
): EstimatorParameters[K] => (estimator as EstimatorParameters)[name];

/** The estimators that hold log E_q[e^T] where it belongs, at 0. */
export const isPinned = (estimator: Estimator): boolean =>
  estimator.name.startsWith("remine") && parameterOf(estimator, "C") === 0;

/** @throws {InputError} for a parameter that this estimator does not take, or a value out of its range */
function checkParameters(name: EstimatorName, given: object): void {
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (!(key in parameters)) {
      const nearest = nearestName(key, parameterNames)!.name;
      throw new InputError(
        `"${key}" is no parameter of an estimator. They are: ${parameterNames.join(", ")}. Nearest name: "${nearest}"`,
      );
    }
    if (!(key in estimators[name].parameters)) throw new InputError(notTaken(name, key));
    const { number } = parameters[key as keyof EstimatorParameters];
    if (!number) continue;
    const wrong = [value as PerReplica].flat().find((v) => typeof v !== "number" || !number.holds(v));
    if (wrong !== undefined) throw new InputError(`"${key}" of ${name} must be ${number.must}, got ${wrong}`);
  }
}

function notTaken(name: EstimatorName, key: string): string {
  const others = estimatorNames.filter((other) => key in estimators[other].parameters);
  const own = Object.keys(estimators[name].parameters);
  return (
    `the estimator "${name}" has no "${key}"; ${others.join(", ")} ${others.length > 1 ? "have" : "has"}. ` +
    (own.length ? `"${name}" takes ${own.join(", ")}.` : `"${name}" takes no parameters.`)
  );
}

function make<Name extends EstimatorName>(name: Name, given: ParametersOf<Name>): EstimatorOf<Name> {
  checkParameters(name, given);
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const estimator = { name, ...estimators[name].parameters, ...set };
  if (estimators[name].baseline === "pair" && estimator.baseline?.length === 0) {
    throw new InputError(`"${name}" needs its second network: give "baseline" at least one width, e.g. [64, 64]`);
  }
  return estimator as EstimatorOf<Name>;
}

/**
 * The estimator with other parameters, checked as new ones are.
 *
 * @throws {InputError} for a change of the baseline network, which is as wide as it was made
 */
export function changedEstimator({ name, ...own }: Estimator, changes: EstimatorParameters = {}): Estimator {
  if (changes.baseline !== undefined) {
    throw new InputError('"baseline" cannot change: its network has been made. Make a trainer with other widths');
  }
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return estimatorByName(name, { ...own, ...given });
}

const maker =
  <Name extends EstimatorName>(name: Name) =>
  (options?: ParametersOf<Name>): EstimatorOf<Name> =>
    make(name, options ?? ({} as ParametersOf<Name>));

/** The Donsker-Varadhan bound E_p[T] − log E_q[e^T] (1983), without correction or regulariser. */
export const donskerVaradhan = maker("donsker-varadhan");

/** MINE (Belghazi et al. 2018): the Donsker-Varadhan value, its gradient with a moving average as the denominator. */
export const mine = maker("mine");

/** ReMINE: Donsker-Varadhan minus λ (log E_q[e^T] − C)², so that T converges to the log density ratio plus C. */
export const remine = maker("remine");

/** ReMINE with the absolute penalty λ |log E_q[e^T] − C|. Only from λ = 1 on does T never run down, and then it learns slowly. */
export const remineL1 = maker("remine-l1");

/** ReMINE, read off its joint term: E_p[T] − C. */
export const remineJ = maker("remine-j");

/** Nguyen, Wainwright and Jordan (2010): E_p[T] − E_q[e^(T−1)]. */
export const nwj = maker("nwj");

/**
 * TUBA (Poole et al. 2019): 1 + E_p[T − log a] − E_q[e^(T − log a)].
 *
 * `baseline`: hidden widths of the network that learns log a(x), default `[64, 64]` (published 512, 512);
 *   `[]` leaves the constant `logBaseline` alone, whose value 1 makes it NWJ
 */
export const tuba = maker("tuba");

/** InfoNCE (van den Oord et al. 2018): at most log(1 + K) nats for K marginal pairs per joint pair. */
export const infonce = maker("infonce");

/** I_α (Poole et al. 2019): between InfoNCE (α → 1) and TUBA (α → 0). */
export const iAlpha = maker("i-alpha");

/**
 * Trained on the Jensen-Shannon divergence, reported as 1 + E_p[T] − E_q[e^T].
 *
 * `logBaseline`: 1 reports what the published code does, E_p[T] − E_q[e^(T−1)]: 1/e too low at the optimum
 */
export const js = maker("js");

/** SMILE trained directly on its clipped Donsker-Varadhan value, as in the ReMINE paper. */
export const smile = maker("smile");

/** SMILE as published (Song and Ermon 2020): trained as `js`, reported as Donsker-Varadhan with e^T clipped. */
export const smileJs = maker("smile-js");

/** FLO (Guo et al. 2022): InfoNCE with a second network u(x, y), tight at any number of marginal pairs. */
export const flo = maker("flo");

/** f-DIME (Letizia et al. 2024) with the generator of the KL, GAN or squared Hellinger divergence. */
export const dime = (divergence: "kl" | "gan" | "hd" = "gan"): Estimator => make(`dime-${divergence}`, {});

/** CLUB (Cheng et al. 2020), an upper bound. Its critic must be a conditional density. */
export const club = maker("club");

/**
 * A classifier that tells joint from marginal pairs, its logit in the Donsker-Varadhan formula: the estimator of CCMI
 * (Mukherjee, Asnani and Kannan 2019) when two of them are subtracted.
 */
export const ccmi = maker("ccmi");

/**
 * The estimator of this name with its default parameters, or with those given.
 *
 * @throws {InputError} for a name that is none, a parameter that the estimator does not take, a value out of its range
 */
export function estimatorByName(name: string, parameters: EstimatorParameters = {}): Estimator {
  if (!Object.hasOwn(estimators, name)) {
    throw new InputError(`there is no estimator "${name}". Choose one of: ${estimatorNames.join(", ")}.`);
  }
  return make(name as EstimatorName, parameters) as Estimator;
}
