import { InputError } from "./errors.ts";
import { type EstimatorName, estimators } from "./shaders.gen.ts";

/** An estimator by name with its parameters; arrays give each replica its own. */
export interface Estimator {
  name: EstimatorName;
  lambda: number | readonly number[];
  C: number | readonly number[];
  emaRate: number | readonly number[];
}

/** The Donsker-Varadhan bound E_p[T] − log E_q[e^T] (1983), without correction or regulariser. */
export const donskerVaradhan = (): Estimator => ({ name: "donsker-varadhan", lambda: 0, C: 0, emaRate: 1 });

/**
 * MINE (Belghazi et al. 2018): the Donsker-Varadhan value, its gradient with a moving average as the denominator.
 *
 * @param options.emaRate weight of the newest batch, in (0, 1]; 1 forgets the past and is plain Donsker-Varadhan
 */
export const mine = ({ emaRate = 0.01 }: { emaRate?: number | readonly number[] } = {}): Estimator => ({
  name: "mine",
  lambda: 0,
  C: 0,
  emaRate,
});

/**
 * ReMINE: Donsker-Varadhan minus λ (log E_q[e^T] − C)², so that T converges to the log density ratio plus C.
 *
 * @param options.lambda weight of the regulariser, ≥ 0
 * @param options.C where log E_q[e^T] is held, nats
 */
export const remine = ({
  lambda = 0.1,
  C = 0,
}: {
  lambda?: number | readonly number[];
  C?: number | readonly number[];
} = {}): Estimator => ({
  name: "remine",
  lambda,
  C,
  emaRate: 1,
});

/**
 * A classifier that tells joint from marginal pairs, its logit in the Donsker-Varadhan formula: the estimator of CCMI
 * (Mukherjee, Asnani and Kannan 2019) when two of them are subtracted.
 */
export const ccmi = (): Estimator => ({ name: "ccmi", lambda: 0, C: 0, emaRate: 1 });

/** Every estimator that a trainer can be given by name. */
export const estimatorNames = Object.keys(estimators) as EstimatorName[];

/** The estimator of this name with its default parameters, or with those given. */
export function estimatorByName(
  name: string,
  parameters: { lambda?: number; C?: number; emaRate?: number } = {},
): Estimator {
  if (!estimatorNames.includes(name as EstimatorName)) {
    throw new InputError(`there is no estimator "${name}". Choose one of: ${estimatorNames.join(", ")}.`);
  }
  const { lambda = 0.1, C = 0, emaRate = name === "mine" ? 0.01 : 1 } = parameters;
  return { name: name as EstimatorName, lambda, C, emaRate };
}
