/**
 * Adjusted p-values of Benjamini and Hochberg (1995): the least false discovery rate at which each would be called. The
 * smallest of p m / rank over this p and all larger ones.
 *
 * @param tests m, if there are more than are given: the others have p = 1
 */
export function benjaminiHochberg(p: readonly number[], tests = p.length): number[] {
  const order = [...p.keys()].sort((a, b) => p[b]! - p[a]!);
  const q = new Array<number>(p.length);
  let least = 1;
  for (const [i, at] of order.entries()) {
    least = Math.min(least, (p[at]! * tests) / (p.length - i));
    q[at] = least;
  }
  return q;
}
