import type { TrackedEvent } from '../../src/core/events/event.ts';
import { DAY_MS, instant, type Instant } from '../../src/core/time.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import { numbered } from './listed-source.ts';

interface Arrived {
  readonly event: TrackedEvent;
  readonly receivedAt: Instant;
}

/** Each message once, and none ahead of its arrival: what a later arrival would make of those is another matter. */
export function punctualRecords(all: readonly SourceRecord[]): SourceRecord[] {
  const first = new Map<string, Arrived>();
  for (const { event, receivedAt } of all)
    if (event.ok && event.value.at <= receivedAt && !first.has(event.value.messageId))
      first.set(event.value.messageId, { event: event.value, receivedAt });
  return numbered([...first.values()]);
}

/** Every message up to two days later than it came, by a linear congruence. */
export function delayedRecords(all: readonly SourceRecord[], seed: number): SourceRecord[] {
  let state = seed;
  const delayed = all.flatMap(({ event, receivedAt }): Arrived[] => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const delayMs = Math.floor((state / 2 ** 32) * 2 * DAY_MS);
    return event.ok ? [{ event: event.value, receivedAt: instant(receivedAt + delayMs) }] : [];
  });
  return numbered(delayed.sort((a, b) => a.receivedAt - b.receivedAt));
}
