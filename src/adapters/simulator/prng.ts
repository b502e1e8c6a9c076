/**
 * Seeded random numbers: sfc32 of Chris Doty-Humphrey's PractRand (period at least 2^32, usually about 2^127),
 * three words of seed and a counter, its first 15 outputs discarded.
 *
 * Everything here is made of 32-bit integer operations and of + − × ÷ √ on doubles, which IEEE 754 defines to
 * the last bit; logarithms and powers, which it does not, are never used. So a seed gives the same numbers on
 * every engine and version.
 */
export class Prng {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  /** Streams of one seed under different names are independent of each other. */
  constructor(seed: number, stream: string) {
    this.a = seed | 0;
    this.b = Math.floor(seed / 4294967296) | 0;
    this.c = fnv1a(stream);
    for (let i = 0; i < 15; i++) this.word();
  }

  /** 0 to 2^32 − 1. */
  word(): number {
    const sum = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** In [0, 1), a multiple of 2^−32. */
  uniform(): number {
    return this.word() / 4294967296;
  }

  happens(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** A whole number in [0, count). */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** A whole number in [low, high). */
  between(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low));
  }

  /** A number in [low, high). */
  span(low: number, high: number): number {
    return low + this.uniform() * (high - low);
  }

  /** 0, 1, 2 … with the given mean, geometrically distributed. Takes about `mean` + 1 draws. */
  geometric(mean: number): number {
    const more = mean / (mean + 1);
    let count = 0;
    while (this.uniform() < more) count++;
    return count;
  }

  /** Exponentially distributed with mean 1, by comparisons alone (von Neumann 1951): no logarithm. */
  exponential(): number {
    for (let whole = 0; ; whole++) {
      const first = this.uniform();
      let last = first;
      for (let falling = 1; ; falling++) {
        const next = this.uniform();
        if (next >= last) {
          if (falling % 2 === 1) return whole + first;
          break;
        }
        last = next;
      }
    }
  }

  /**
   * A positive number of median 1 with a long tail: log-logistic of shape 2, so that one in a hundred is
   * above 10. Its reciprocal is distributed alike.
   */
  skewed(): number {
    const u = (this.word() + 0.5) / 4294967296;
    return Math.sqrt(u / (1 - u));
  }

  /** As {@link skewed}, of shape 4: one in a hundred is above 3.2. */
  mildlySkewed(): number {
    return Math.sqrt(this.skewed());
  }

  /** An index of `weights`, drawn in proportion; the weights must add up to 1. */
  pick(weights: readonly number[]): number {
    let left = this.uniform();
    for (let i = 0; i < weights.length - 1; i++) {
      left -= weights[i] ?? 0;
      if (left < 0) return i;
    }
    return weights.length - 1;
  }

  of<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }
}

/** Fowler–Noll–Vo, 32 bits, over UTF-16 units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
