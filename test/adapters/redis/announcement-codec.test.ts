import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeAnnouncement, encodeAnnouncement } from '../../../src/adapters/redis/announcement-codec.ts';
import { NEVER } from '../../../src/core/time.ts';
import type { Announcement } from '../../../src/ports/state-store.ts';
import { letter } from '../../contracts/state-store-contract.ts';

const raw = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\u0000never', '\u0000none', '\u0000', '\u0000\u0000never', '\u0000before all'),
);

it('an outbox entry comes back as it was, whatever is in it', () => {
  fc.assert(
    fc.property(raw, fc.constantFrom(NEVER, -Infinity, NaN, 0, 1.5, 2 ** 53), (text, number) => {
      const { letter: plain } = letter(1) as Extract<Announcement, { kind: 'dead_letter' }>;
      const announcement = { kind: 'dead_letter', letter: { ...plain, raw: text, offset: number } } as const;
      expect(decodeAnnouncement(encodeAnnouncement(announcement))).toEqual(announcement);
    }),
  );
});
