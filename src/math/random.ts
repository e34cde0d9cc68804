/** Random orders on the host. */

/** 0 … count−1 in an order that depends on `seed` alone (Fisher-Yates, mulberry32). */
export function shuffled(count: number, seed: number): Uint32Array {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  let state = (seed ^ 0x9e3779b9) >>> 0;
  for (let i = count - 1; i > 0; i--) {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    const j = Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * (i + 1));
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
  return order;
}

/** 32 bits of some whole numbers, by the finaliser of MurmurHash3. */
export function hashOf(numbers: readonly number[]): number {
  let hash = 0;
  for (const value of numbers) {
    hash = Math.imul((hash ^ value) + 0x9e3779b9, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}
