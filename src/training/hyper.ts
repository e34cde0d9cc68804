/** The records that kernels read: what each replica's estimator and optimizer are told. Packed here and nowhere else. */
import { InputError } from "../errors.ts";
import { type Estimator, type EstimatorParameters, type PerReplica, parameterOf } from "../estimators/estimator.ts";
import { type Hyper, parameters, structs } from "../gpu/shaders.gen.ts";
import { type Optimizer, optimizerHyper } from "./optimizer.ts";

/** What records are made of; without an optimizer and a seed, they serve kernels that only score. */
export interface Told {
  estimator: Estimator;
  optimizer?: Optimizer;
  seed?: number;
  /** The random stream of each replica. */
  streams: readonly number[];
  pairs?: { batch?: readonly number[] };
}

const zeros = Object.fromEntries(structs.Hyper.fields.map(([field]) => [field, 0])) as unknown as Hyper;

/**
 * One record for each stream.
 *
 * @throws {InputError} for a list of values that is not as long as there are replicas, or a rate that is none
 */
export function hyperRecords({ estimator, optimizer, seed = 0, streams, pairs }: Told): Hyper[] {
  const shared = { ...zeros, ...(optimizer && optimizerHyper(optimizer)), seed };
  return streams.map((stream, r) => {
    const pick = (name: string, value: PerReplica) => ofReplica(name, value, r, streams.length);
    return {
      ...shared,
      stream,
      batch: pairs?.batch?.[r] ?? 0,
      ...estimatorHyper(estimator, pick),
      ...(optimizer && ratesOf(optimizer, pick)),
    };
  });
}

type OfReplica = (name: string, value: PerReplica) => number;

/** The fields that estimators state; one that this estimator does not take is 0. */
function estimatorHyper(estimator: Estimator, pick: OfReplica): Partial<Hyper> {
  const stated = Object.entries(parameters).flatMap(([name, { number }]) => {
    const value = parameterOf(estimator, name as keyof EstimatorParameters);
    return number && value !== undefined ? [[number.field, pick(name, value)]] : [];
  });
  return Object.fromEntries(stated);
}

function ratesOf({ learningRate, weightDecay }: Optimizer, pick: OfReplica): Partial<Hyper> {
  const rates = [learningRate, weightDecay].flat();
  if (!rates.every((rate) => rate >= 0 && rate < Number.POSITIVE_INFINITY)) {
    throw new InputError(`"learningRate" and "weightDecay" must be numbers of at least 0, got ${rates.join(", ")}`);
  }
  return { learning_rate: pick("learningRate", learningRate), weight_decay: pick("weightDecay", weightDecay) };
}

function ofReplica(name: string, value: PerReplica, replica: number, replicas: number): number {
  if (typeof value === "number") return value;
  if (value.length !== replicas) {
    throw new InputError(`"${name}" has ${value.length} values for ${replicas} replicas`);
  }
  return value[replica]!;
}
