import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../core/time.ts';

/** Scores every policy defines: `person_profiles` shows them. */
export const REQUIRED_SCORES = ['r', 'f', 'm', 'seller_r', 'seller_f', 'seller_m'] as const;
/** Further scores end like this, so that an editor can tell a score from a misspelt feature. */
export const SCORE_SUFFIX = '_score';
export const OPERATORS = ['at_least', 'above', 'at_most', 'below'] as const;
export const EXIT_BANDS = ['until_below', 'until_above'] as const;
export const COMBINERS = ['all', 'any', 'not'] as const;

export const NAME = /^[a-z][a-z0-9_]*$/;
export const POLICY_NAME = /^[a-z][a-z0-9_-]*$/;
export const CURRENCY = /^[A-Z]{3}$/;
export const UTC_OFFSET = /^[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)$/;
export const DURATION = /^(?:[1-9]\d{0,5})[dhm]$/;

const UNIT_MS: Readonly<Record<string, number>> = { d: DAY_MS, h: HOUR_MS, m: MINUTE_MS };

/** Milliseconds of a text that matches {@link DURATION}. */
export function durationMs(text: string): number {
  return Number.parseInt(text, 10) * (UNIT_MS[text.at(-1) ?? ''] ?? NaN);
}

/** Milliseconds of a text that matches {@link UTC_OFFSET}. */
export function utcOffsetMs(text: string): number {
  const [hours = '', minutes = ''] = text.slice(1).split(':');
  const sign = text.startsWith('-') ? -1 : 1;
  return sign * (Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS) + 0;
}
