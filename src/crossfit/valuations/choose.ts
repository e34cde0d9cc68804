/** Which valuation an estimator has. */

import type { Estimator } from "../../estimators/estimator.ts";
import { estimators } from "../../gpu/shaders.gen.ts";
import { donskerVaradhan } from "./donsker-varadhan.ts";
import { jackknife } from "./jackknife.ts";
import type { Valuation } from "./valuation.ts";

/** By blocks of rows for an estimator that states a value of its own, by Donsker-Varadhan's bound for the others. */
export const valuationOf = (estimator: Estimator): Valuation =>
  estimators[estimator.name].value === "own" ? jackknife(estimator) : donskerVaradhan(estimator);
