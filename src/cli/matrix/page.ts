/** `--report` of `remine matrix` and `remine merge`: a finished matrix as a page. */
import type { MatrixResult } from "../../matrix/result.ts";
import type { HeatmapFigure } from "../../report/heatmap.ts";
import { matrixPage } from "../../report/html/matrix.ts";
import type { Repeat } from "../../report/html/told.ts";
import type { Unit } from "../../report/text.ts";
import { missingTexts } from "../files.ts";
import { thisCommand } from "../library-call.ts";
import type { Header } from "./checkpoint.ts";
import type { Pictures } from "./pictures.ts";

/** Of parts that are merged there are no rows. */
const WITHOUT_ROWS =
  "Parts of a matrix hold no rows, so no pair is drawn here: remine matrix --report draws them, and remine estimate --report any pair.";

/** The page; a run that had the rows gives its pictures. */
export function pageOfMatrix(
  result: MatrixResult,
  header: Header,
  { unit, heatmap }: { unit: Unit; heatmap: HeatmapFigure },
  {
    pictures = [],
    pictured = WITHOUT_ROWS,
    run,
  }: Partial<Pictures> & { run?: { seconds: number; adapter: string } | undefined },
): Promise<string> {
  const { target, given, transforms, leftOut, leftOutPairs, diagnostics, dropped, rows, droppedBy, version } = header;
  const note =
    droppedBy.length > 0
      ? [
          `Values are missing: ${missingTexts(droppedBy)}. ${dropped > 0 ? `${dropped} of ${dropped + rows} rows are in no pair.` : "Each pair has the rows that have both of its columns."}`,
        ]
      : [];
  return matrixPage({
    ...{ unit, heatmap, pairs: result.pairs, permutations: result.permutations, screened: result.screened },
    ...{ target, given, pictures, pictured, transforms, leftOut, leftOutPairs, diagnostics, notes: note, version },
    ...{ adapter: run?.adapter ?? header.adapter, seconds: run?.seconds },
    repeat: { command: thisCommand(), settings: settingsOf(header) },
  });
}

function settingsOf({
  estimator,
  k,
  permutations,
  seed,
  rows,
  units,
  adapter,
  version,
  training,
}: Header): Repeat["settings"] {
  const dependent =
    units && ("groups" in units ? `${units.count} groups` : `time, correlated over ${units.correlationTime} rows`);
  const critics = Object.entries(training).map(([name, value]) => `${name} ${value}`);
  return [
    ["estimator", estimator],
    ["neighbours", String(k)],
    ["permutations", String(permutations)],
    ["seed", String(seed)],
    ["rows", String(rows)],
    ...(dependent ? [["rows depend by", dependent] as const] : []),
    ...(critics.length > 0 ? [["critics", critics.join(", ")] as const] : []),
    ["adapter", adapter],
    ["remine", version],
  ];
}
