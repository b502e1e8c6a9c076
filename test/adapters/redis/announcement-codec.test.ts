import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeAnnouncement, encodeAnnouncement } from '../../../src/adapters/redis/announcement-codec.ts';
import { NEVER } from '../../../src/core/time.ts';
import type { Announcement } from '../../../src/ports/state-store.ts';
import { letter } from '../../contracts/state-store-contract.ts';
import { anyForwardedFacts } from '../../support/arbitrary-facts.ts';

const raw = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\u0000never', '\u0000none', '\u0000', '\u0000\u0000never', '\u0000before all'),
  fc.constantFrom('\u0000bytes:', '\u0000bytes:AAAA', '\u0000\u0000bytes:AAAA'),
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

it('facts for another partition come back as they were, the packed history of a merge as bytes', () => {
  fc.assert(
    fc.property(anyForwardedFacts, (forwarded) => {
      const announcement = { kind: 'facts', forwarded } as const;
      expect(decodeAnnouncement(encodeAnnouncement(announcement))).toEqual(announcement);
    }),
  );
});

it('bytes are bytes, even where they are a part of a Buffer', () => {
  const record = Buffer.from('.history.').subarray(1, 8);
  const sent = encodeAnnouncement({
    kind: 'facts',
    forwarded: { facts: [{ fact: { fact: { record } } }] },
  } as unknown as Announcement);
  const back = decodeAnnouncement(sent) as unknown as {
    forwarded: { facts: [{ fact: { fact: { record: Uint8Array } } }] };
  };
  expect(back.forwarded.facts[0].fact.fact.record).toEqual(new TextEncoder().encode('history'));
});
