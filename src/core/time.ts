declare const instantBrand: unique symbol;

/** Milliseconds since the Unix epoch, UTC. Branded so that a duration is never taken for an instant. */
export type Instant = number & { readonly [instantBrand]: true };

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** The instant that never comes: what a due or a change is set to when time alone changes nothing. */
export const NEVER = Number.POSITIVE_INFINITY as Instant;

export function instant(epochMs: number): Instant {
  return epochMs as Instant;
}

export function plus(at: Instant, durationMs: number): Instant {
  return (at + durationMs) as Instant;
}

export function earliest(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}

export function latest(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

/** ISO 8601 in UTC with milliseconds; `never` for {@link NEVER}. */
export function isoOf(at: Instant): string {
  return Number.isFinite(at) ? new Date(at).toISOString() : 'never';
}

/** The calendar date in UTC, as YYYY-MM-DD. */
export function dateOf(at: Instant): string {
  return Number.isFinite(at) ? new Date(at).toISOString().slice(0, 10) : 'never';
}
