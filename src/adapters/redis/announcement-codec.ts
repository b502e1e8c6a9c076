import type { Announcement } from '../../ports/state-store.ts';

/** Begins what JSON has no word for, and, doubled, a text that begins with it. */
const MARK = '\u0000';
const NUMBERS: ReadonlyMap<string, number> = new Map([
  [`${MARK}never`, Infinity],
  [`${MARK}before all`, -Infinity],
  [`${MARK}none`, NaN],
]);
/** Before bytes in base64: the packed history that a merge hands on. */
const BYTES = `${MARK}bytes:`;

/** An outbox entry as JSON; {@link decodeAnnouncement} gives the same back, instants that never come and bytes included. */
export function encodeAnnouncement(announcement: Announcement): string {
  return JSON.stringify(announcement, function (this: Record<string, unknown>, key, value: unknown) {
    // Not the value: a Buffer has been made an object of numbers by then.
    const original = this[key];
    if (original instanceof Uint8Array) return BYTES + base64Of(original);
    if (typeof value === 'string') return value.startsWith(MARK) ? MARK + value : value;
    if (typeof value !== 'number' || Number.isFinite(value)) return value;
    for (const [word, number] of NUMBERS) if (Object.is(number, value)) return word;
    return value;
  });
}

export function decodeAnnouncement(json: string): Announcement {
  return JSON.parse(json, (_, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith(MARK)) return value;
    if (value.startsWith(BYTES)) return new Uint8Array(Buffer.from(value.slice(BYTES.length), 'base64'));
    return NUMBERS.get(value) ?? value.slice(MARK.length);
  }) as Announcement;
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
