/** Which rows of a batch a score compares (docs/maths.md#layout). */

export interface Slot {
  isJoint: boolean;
  x: number;
  y: number;
}

/** The N (1 + K) slots in order. */
export function slots(joint: number, marginals: number, independent: boolean): Slot[] {
  const list: Slot[] = [];
  let own = joint;
  for (let i = 0; i < joint; i++) {
    list.push({ isJoint: true, x: i, y: i });
    for (let c = 1; c <= marginals; c++) {
      if (independent) list.push({ isJoint: false, x: own, y: own++ });
      else list.push({ isJoint: false, x: i, y: (i + c) % joint });
    }
  }
  return list;
}
