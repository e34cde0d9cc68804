/** DEMINE as a value. The protocol is in estimate/demine.ts. */
import { checkConfidence, checkOptions, keysOf } from "../options.ts";

/** Parameters of {@link demine}. */
export interface DemineParameters {
  /** Probability with which the lower end of the interval holds, in (0, 1). Default 0.95. */
  confidence?: number | undefined;
}

/** DEMINE with its parameters. Made by `demine`. */
export interface Demine {
  readonly name: "demine";
  readonly confidence: number;
}

const KEYS = keysOf<DemineParameters>()("confidence");

/**
 * DEMINE (Lin et al. 2019, arXiv:1905.03319): half of the rows train a Donsker-Varadhan critic, the other half certifies.
 *
 * @throws {InputError} for a confidence outside (0, 1)
 */
export function demine(options: DemineParameters = {}): Demine {
  checkOptions("demine", options, KEYS);
  const { confidence = 0.95 } = options;
  checkConfidence(confidence);
  return { name: "demine", confidence };
}
