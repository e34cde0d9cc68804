/** Estimates as rows of a file: one for each estimator or lag. */
import type { LagEstimate, LagsResult } from "../estimate/lags.ts";
import type { EstimateResult } from "../estimate/result.ts";
import { asCorrelation } from "../math/scale.ts";
import { fromNats, type Unit } from "../report/text.ts";
import type { Selection } from "./files.ts";
import { columnsOf, type OutputColumn } from "./output.ts";

/** One estimate, or why there is none. */
export interface OutputRow {
  estimator: string;
  result?: EstimateResult;
  reason?: string;
}

const KINDS: Readonly<Record<string, OutputColumn["kind"]>> = {
  ...{ x: "text", y: "text", given: "text", estimator: "text", unit: "text", failed_diagnostics: "text" },
  ...{ reason: "text", adapter: "text", rows: "count", dropped: "count" },
};

const listOf = (columns: readonly { name: string }[] | undefined): string | undefined =>
  columns?.map(({ name }) => name).join(",");

/** The columns of each side by their names. */
const sidesOf = ({ x, y, given }: Selection) => ({ x: listOf(x), y: listOf(y), given: listOf(given) });

/** What estimates have, whatever they are of. */
function valuesOf(result: EstimateResult | LagEstimate | undefined, unit: Unit) {
  const inUnit = (nats: number | undefined) => (nats === undefined ? undefined : fromNats(nats, unit));
  return {
    mi: inUnit(result?.mi),
    lower: inUnit(result?.interval[0]),
    upper: inUnit(result?.interval[1]),
    bound: inUnit(result?.bound),
    standard_error: inUnit(result?.standardError),
    unit,
    as_correlation: result && asCorrelation(result.mi),
    failed_diagnostics: result?.diagnostics.flatMap(({ name, ok }) => (ok ? [] : [name])).join("; "),
  };
}

/** Values are in the unit, which stands beside them. */
export const estimateColumns = (rows: readonly OutputRow[], s: Selection, unit: Unit): OutputColumn[] =>
  columnsOf(
    rows.map(({ estimator, result, reason }) => ({
      ...{ ...sidesOf(s), estimator, ...valuesOf(result, unit), p: result?.independence?.p },
      ...{ rows: result?.rows, dropped: s.dropped, seconds: result?.seconds, adapter: result?.adapter, reason },
    })),
    KINDS,
  );

/** One row for each lag. */
export const lagColumns = ({ lags, rows, estimator }: LagsResult, s: Selection, unit: Unit): OutputColumn[] =>
  columnsOf(
    lags.map((found) => ({
      ...{ ...sidesOf(s), lag: found.lag, estimator, ...valuesOf(found, unit) },
      ...{ p: found.p, p_family: found.pFamily, rows },
    })),
    KINDS,
  );
