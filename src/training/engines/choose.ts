/** The one place where an engine is chosen. */
import type { Critic } from "../../critics/critic.ts";
import { type Shape, slotsOf } from "../../critics/shape.ts";
import { InputError } from "../../errors.ts";
import type { Estimator } from "../../estimators/estimator.ts";
import type { Gpu } from "../../gpu/device.ts";
import { manyStepsMisfit, manyStepsPay } from "./many-steps.ts";
import { oneStepMisfit } from "./one-step.ts";

const engines = ["auto", "layered", "resident"] as const;

/** What a caller may ask for. */
export type Engine = (typeof engines)[number];

/** What trains: layer by layer, or the resident engine for one step or for many steps a dispatch. */
export type Trains = "layered" | "one step" | "many steps";

/** Steps of a trainer that is not told how many it will take. */
const USUAL_STEPS = 1000;

interface Asked {
  engine?: Engine;
  expectedSteps?: number;
  tile?: string;
  /** `batch`: replicas differ in batch size, which the layered engine alone can do. */
  pairs?: { batch?: readonly number[] };
}

/**
 * `auto` takes the resident engine where it fits and can be expected to pay; so does a caller who says nothing, where the
 * adapter's profile says that so many scores pay for its compilation.
 *
 * @throws {InputError} when "resident" is asked for and does not fit
 */
export function chooseEngine(
  gpu: Gpu,
  asked: Asked,
  critic: Critic,
  { name }: Estimator,
  shape: Omit<Shape, "parts">,
): Trains {
  const form = residentForm(gpu, asked);
  const wanted = asked.engine ?? (isWorthCompiling(gpu, form, shape, asked.expectedSteps) ? "auto" : "layered");
  if (!engines.includes(wanted)) {
    throw new InputError(`"engine" must be "auto", "layered" or "resident", got "${wanted}"`);
  }
  if (wanted === "layered") return wanted;
  if (asked.pairs?.batch) {
    if (wanted === "auto") return "layered";
    throw new InputError(
      'the resident engine has one batch size, and "pairs.batch" names several. Use engine: "layered".',
    );
  }
  const misfit = form === "one step" ? oneStepMisfit(critic, name, shape) : manyStepsMisfit(gpu, critic, name, shape);
  if (wanted === "resident") {
    if (misfit) throw new InputError(`the resident engine ${misfit}. Use engine: "auto" or "layered".`);
    return form;
  }
  const pays = form === "one step" || (gpu.profile.manyStepsPay && manyStepsPay(shape));
  return !misfit && pays ? form : "layered";
}

/** The form for one step needs subgroups. That for many runs everywhere, as the tiles do that need none. */
const residentForm = ({ profile }: Pick<Gpu, "profile">, { tile }: Asked): Exclude<Trains, "layered"> =>
  profile.residentSteps === "one" && (tile ?? "subgroup") === "subgroup" ? "one step" : "many steps";

const isWorthCompiling = (
  { profile }: Pick<Gpu, "profile">,
  form: Trains,
  shape: Pick<Shape, "joint" | "marginals" | "replicas">,
  steps = USUAL_STEPS,
): boolean => form === "one step" && shape.replicas * slotsOf(shape) * steps >= profile.leastResidentScores;
