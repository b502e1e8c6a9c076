const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const THREE_DIGITS = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

/** `1,234,567`; rounds to a whole number. */
export function formatCount(count: number): string {
  return WHOLE.format(count);
}

/** `1 order`, `2 orders`, `1,234 people`. The plural is the singular and an s unless it is given. */
export function formatQuantity(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** `340 ms`, `4.2 s`, `3 min 05 s`, `2 h 07 min`, `12 d 03 h`: two units at most, rounded down past a minute. */
export function formatDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs)) return 'for ever';
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 59_950) return `${(durationMs / 1000).toFixed(1)} s`;
  const seconds = Math.floor(Math.max(60, durationMs / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return `${minutes} min ${twoDigits(seconds % 60)} s`;
  if (hours < 48) return `${hours} h ${twoDigits(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${twoDigits(hours % 24)} h`;
}

/** `62,000 events/s`, rounded to three digits: what a reader can compare. Empty while no time has passed. */
export function formatRate(count: number, unit: string, durationMs: number): string {
  if (durationMs <= 0) return '';
  return `${THREE_DIGITS.format((count / durationMs) * 1000)} ${unit}/s`;
}

/** `12.3 %`. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
