import type { Prng } from './prng.ts';

/** What is traded: the category, the price in yuan that half of its items lie below, and what people call them. */
export interface Category {
  readonly name: string;
  readonly medianYuan: number;
  readonly words: readonly [string, ...string[]];
}

export const CATEGORIES: readonly Category[] = [
  { name: 'handbags', medianYuan: 7_800, words: ['tote', 'shoulder bag', 'clutch', 'bucket bag'] },
  { name: 'watches', medianYuan: 21_000, words: ['chronograph', 'diver', 'dress watch', 'pilot watch'] },
  { name: 'jewellery', medianYuan: 6_400, words: ['bracelet', 'ring', 'necklace', 'earrings'] },
  { name: 'shoes', medianYuan: 1_900, words: ['loafers', 'heels', 'sneakers', 'boots'] },
  { name: 'clothing', medianYuan: 1_500, words: ['trench coat', 'silk scarf', 'blazer', 'knit dress'] },
  { name: 'accessories', medianYuan: 950, words: ['belt', 'wallet', 'sunglasses', 'card holder'] },
  { name: 'art toys', medianYuan: 700, words: ['figure', 'plush', 'blind box', 'print'] },
];

const NO_CATEGORY: Category = { name: '', medianYuan: 0, words: [''] };
const DEAREST_MINOR = 400_000_000;
const QUALITIES = ['black', 'vintage', 'small', 'leather', 'gold', 'limited', 'like new'] as const;

/** The three dear categories come first. */
export const DEAR_CATEGORIES = 3;

export function categoryOf(index: number): Category {
  return CATEGORIES[index] ?? NO_CATEGORY;
}

/** A price in fen, a whole multiple of 10 yuan: long-tailed around the category's median times `markup`. */
export function drawPriceMinor(chance: Prng, category: number, markup: number): number {
  const yuan = categoryOf(category).medianYuan * chance.mildlySkewed() * markup;
  return Math.min(DEAREST_MINOR, Math.max(1, Math.round(yuan / 10)) * 1_000);
}

export function drawQuery(chance: Prng, category: number): string {
  return `${chance.of(QUALITIES)} ${chance.of(categoryOf(category).words)}`;
}
