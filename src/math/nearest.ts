/** The candidate with the smallest edit distance to `word`, upper and lower case alike. */
export function nearestName(word: string, names: readonly string[]): { name: string; distance: number } | undefined {
  const short = (text: string) => text.toLowerCase().slice(0, 80);
  const all = names.map((name) => ({ name, distance: editDistance(short(word), short(name)) }));
  return all.sort((a, b) => a.distance - b.distance)[0];
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(row[j]! + (a[i] === b[j] ? 0 : 1), row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
