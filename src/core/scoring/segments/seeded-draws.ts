/**
 * Numbers in [0, 1) that follow from the seed alone: splitmix32 (Steele, Lea, Flood 2014, in 32 bits), of period
 * 2^32. Enough to draw samples; not for secrets.
 */
export function seededDraws(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4294967296;
  };
}

/** As many of `all` as `size`, each subset equally likely, in their order; `all` itself when it is no larger. */
export function sampleOf<T>(all: readonly T[], size: number, seed: number): readonly T[] {
  if (all.length <= size) return all;
  const draw = seededDraws(seed);
  const sample: T[] = [];
  // Selection sampling (Knuth, volume 2, algorithm S): one pass, no shuffling, order kept.
  for (let i = 0; i < all.length && sample.length < size; i++) {
    if (draw() * (all.length - i) < size - sample.length) sample.push(all[i] as T);
  }
  return sample;
}

/** As many as there are, drawn with replacement. */
export function resampleOf<T>(all: readonly T[], seed: number): readonly T[] {
  const draw = seededDraws(seed);
  return all.map(() => all[Math.floor(draw() * all.length)] as T);
}
