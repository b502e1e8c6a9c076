import { InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { instant, type Instant } from '../../core/time.ts';
import { HORIZON_DAYS, type NetworkBackend } from '../../ports/churn-network.ts';

const bareDate = z.iso.date();
const fullInstant = z.iso.datetime({ offset: true });

/**
 * A date option as an instant: a bare date is the *end* of that day, 23:59:59.999 UTC, so that
 * `--until 1997-06-30` includes the 30th; a full ISO 8601 instant (with `Z` or an offset) is itself.
 * Anything else, days that do not exist and instants without a zone included, is wrong usage.
 */
export function parseInstantOption(text: string): Instant {
  if (bareDate.safeParse(text).success) return instant(Date.parse(`${text}T23:59:59.999Z`));
  if (fullInstant.safeParse(text).success) return instant(Date.parse(text));
  throw new InvalidArgumentError('Write a date like 1997-06-30 or an instant like 1997-06-30T12:00:00Z.');
}

/** A parser for whole numbers from `least` to `most`; `1_000` and `1,000` are taken as 1000. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text.replaceAll(/(?<=\d)[_,](?=\d{3})/g, ''));
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`Give a whole number, ${range}.`);
  };
}

/** A parser for numbers above zero. */
export function positiveNumber(text: string): number {
  const value = Number(text.replaceAll(/(?<=\d)[_,](?=\d{3})/g, ''));
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Give a number above 0.');
}

/** One of the horizons that churn is predicted for. */
export function horizonDays(text: string): (typeof HORIZON_DAYS)[number] {
  const horizon = HORIZON_DAYS.find((days) => String(days) === text.trim());
  if (horizon === undefined) throw new InvalidArgumentError(`Give ${HORIZON_DAYS.join(' or ')}.`);
  return horizon;
}

const BACKENDS: readonly NetworkBackend[] = ['wasm', 'tfjs-node', 'cpu'];

export function networkBackend(text: string): NetworkBackend {
  const backend = BACKENDS.find((name) => name === text);
  if (backend === undefined) throw new InvalidArgumentError(`Give one of ${BACKENDS.join(', ')}.`);
  return backend;
}
