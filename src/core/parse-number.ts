import { toMinor } from './money.ts';

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** A number as source systems write it, also in text (`"11.77"`); NaN for anything that is not a finite decimal. */
export function parseDecimal(value: string | number): number {
  if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN;
  const text = value.trim();
  return DECIMAL.test(text) ? finite(Number(text)) : Number.NaN;
}

/**
 * Major units as source systems write them to minor units of `currency` (two digits when it is absent).
 * Negative amounts come back negative; NaN for what is no number, and past 2^53 minor units, where cents are lost.
 */
export function parseMinor(value: string | number, currency = ''): number {
  const minor = toMinor(parseDecimal(value), currency);
  return Number.isSafeInteger(minor) ? minor + 0 : Number.NaN;
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN;
}
