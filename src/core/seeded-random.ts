import { hash32 } from './hash.ts';

/**
 * Random numbers that are a function of a seed: for resampling and for random starts, where the same input must
 * give the same answer. Not for secrets.
 */
export interface SeededRandom {
  /** 0 to 2^32 − 1. */
  word(): number;
  /** In [0, 1), a multiple of 2^−32. */
  uniform(): number;
  /** A whole number in [0, count), for a count up to 2^32; uneven by less than count / 2^32. */
  below(count: number): number;
}

/**
 * sfc32 of Chris Doty-Humphrey's PractRand (period at least 2^32, usually about 2^127), its first 15 outputs
 * discarded. `seed` is a whole number below 2^53; streams of one seed under different names are independent of each
 * other. Only 32-bit integer operations and exact divisions: the same numbers on every engine.
 */
export function seededRandom(seed: number, stream: string): SeededRandom {
  let a = seed | 0;
  let b = Math.floor(seed / 4294967296) | 0;
  let c = hash32(stream) | 0;
  let counter = 1;
  const word = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 15; i++) word();
  return {
    word,
    uniform: () => word() / 4294967296,
    below: (count) => Math.floor((word() / 4294967296) * count),
  };
}
