/** What a call can be asked for: an estimator by name, with parameters beside it, or as a value that has its own. */
import { InputError } from "../errors.ts";
import { estimators, parameters } from "../gpu/shaders.gen.ts";
import { inWords } from "../options.ts";
import { estimateNames } from "./catalogue.ts";
import { type Demine, type DemineParameters, demine } from "./demine.ts";
import {
  type Estimator,
  type EstimatorParameters,
  estimatorByName,
  parameterNames,
  parametersOf,
} from "./estimator.ts";
import {
  type NeighborEstimator,
  type NeighborMethod,
  type NeighborParameters,
  neighborMethods,
  neighborsByName,
} from "./neighbors.ts";

/** An estimator with its parameters: trained, by nearest neighbours, or DEMINE, a protocol. `name` says which. */
export type AnyEstimator = Estimator | NeighborEstimator | Demine;

/** The name of an estimator. */
export type EstimateName = AnyEstimator["name"];

/** An estimator by name, which has its default parameters, or as a value: `"remine"` or `remine({ lambda: 0.2 })`. */
export type EstimatorChoice = EstimateName | AnyEstimator;

/** The parameters of trained estimators with one value each, as a call takes them beside a name. */
export type OneValueEach = {
  [K in keyof EstimatorParameters]:
    | (number extends EstimatorParameters[K] ? number : EstimatorParameters[K])
    | undefined;
};

/** All that can stand beside an estimator's name. */
export interface Beside extends OneValueEach, NeighborParameters, DemineParameters {}

export const nameOf = (choice: EstimatorChoice): EstimateName => (typeof choice === "string" ? choice : choice?.name);

export const isTrained = (estimator: AnyEstimator): estimator is Estimator => Object.hasOwn(estimators, estimator.name);

export const isByNeighbors = (estimator: AnyEstimator): estimator is NeighborEstimator =>
  isNeighborMethod(estimator.name);

/**
 * The estimator of a call.
 *
 * @param beside options of the call, of which a name takes its parameters
 * @throws {InputError} for a name that is none, parameters that the estimator cannot take, and parameters beside a value
 */
export function chosenEstimator(call: string, choice: EstimatorChoice, beside: Beside): AnyEstimator {
  if (typeof choice !== "string") {
    if (typeof choice !== "object" || choice === null)
      throw new InputError(`"estimator" must be a name or a value such as ksg(), got ${inWords(choice)}`);
    const { name, ...own } = choice;
    refuseBeside(call, choice, beside);
    return made(name, own as object);
  }
  const { k, metric, confidence } = beside;
  if (choice === "demine") return made(choice, { confidence });
  return made(choice, isNeighborMethod(choice) ? { k, metric } : parametersOf(beside));
}

export const isNeighborMethod = (name: string): name is NeighborMethod =>
  neighborMethods.includes(name as NeighborMethod);

function made(name: EstimateName, own: Beside): AnyEstimator {
  if ((name as string) === "tnce") {
    throw new InputError(
      '"tnce" scores with the true density p(y|x), which rows of a table do not tell. Use estimator "infonce", which learns one; ' +
        "on a gaussian() source, createTrainer with the critic known() and the estimator infonce() is TNCE",
    );
  }
  if (!estimateNames.includes(name)) {
    throw new InputError(`there is no estimator "${name}". Choose one of: ${estimateNames.join(", ")}.`);
  }
  if (name === "demine") return demine(own);
  if (isNeighborMethod(name)) return neighborsByName(name, own);
  checkOneValueEach(name, own);
  return estimatorByName(name, own);
}

/** @throws {InputError} for a list where one number is meant */
export function checkOneValueEach(name: string, given: object): void {
  for (const [key, value] of Object.entries(given)) {
    const isNumber = parameters[key as keyof EstimatorParameters]?.number;
    if (isNumber && Array.isArray(value)) {
      throw new InputError(
        `"${key}" of ${name}: one value is meant, got ${value.length}. A list, one for each replica, is for createTrainer`,
      );
    }
  }
}

/** @throws {InputError} for parameters beside an estimator that has its own; `confidence` is one of DEMINE alone */
export function refuseBeside(call: string, { name }: AnyEstimator, beside: Beside): void {
  const keys = [...parameterNames, "k", "metric", ...(name === "demine" ? ["confidence"] : [])];
  const stray = keys.find((key) => beside[key as keyof Beside] !== undefined);
  if (stray === undefined) return;
  throw new InputError(
    `${call} was given "${stray}" beside an estimator that has its own parameters. Give all of them there: estimator: ${makerOf(name)}({ … })`,
  );
}

/** "mixed-ksg" is made by mixedKsg. */
const makerOf = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
