import type { Announcement } from '../../ports/state-store.ts';

/** Begins what JSON has no word for, and, doubled, a text that begins with it. */
const MARK = '\u0000';
const NUMBERS: ReadonlyMap<string, number> = new Map([
  [`${MARK}never`, Infinity],
  [`${MARK}before all`, -Infinity],
  [`${MARK}none`, NaN],
]);

/** An outbox entry as JSON; {@link decodeAnnouncement} gives the same back, instants that never come included. */
export function encodeAnnouncement(announcement: Announcement): string {
  return JSON.stringify(announcement, (_, value: unknown) => {
    if (typeof value === 'string') return value.startsWith(MARK) ? MARK + value : value;
    if (typeof value !== 'number' || Number.isFinite(value)) return value;
    for (const [word, number] of NUMBERS) if (Object.is(number, value)) return word;
    return value;
  });
}

export function decodeAnnouncement(json: string): Announcement {
  return JSON.parse(json, (_, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith(MARK)) return value;
    return NUMBERS.get(value) ?? value.slice(MARK.length);
  }) as Announcement;
}
