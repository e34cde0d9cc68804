/** Where the arrow keys lead. A figure has one stop for Tab; arrows, Home and End walk inside. */

type Place = readonly [x: number, y: number];

const STEPS: Record<string, Place> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * The next place in a square of cells: by an arrow over those that are not there, by Home and End to the ends of the row, with
 * Control to those of the square. Undefined where the key leads nowhere.
 */
export function walkSquare(
  { key, ctrlKey = false }: { key: string; ctrlKey?: boolean },
  [x, y]: Place,
  size: number,
  isThere: (place: Place) => boolean,
): Place | undefined {
  const step = STEPS[key];
  const line = Array.from({ length: size }, (_, k): Place => [k, y]);
  const all = ctrlKey ? line.flatMap((_, row) => line.map(([k]): Place => [k, row])) : line;
  if (key === "Home") return all.find(isThere);
  if (key === "End") return all.findLast(isThere);
  if (!step) return undefined;
  return Array.from({ length: size }, (_, k): Place => [x + (k + 1) * step[0], y + (k + 1) * step[1]]).find(isThere);
}

/** The next place in a list of `count`; undefined where the key leads nowhere. */
export function walkList(key: string, at: number, count: number): number | undefined {
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: count - 1 }[key];
  return to !== undefined && to !== at && to >= 0 && to < count ? to : undefined;
}
