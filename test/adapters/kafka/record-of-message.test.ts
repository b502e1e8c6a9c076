import { describe, expect, it } from 'vitest';
import { originOf, recordOfMessage } from '../../../src/adapters/kafka/record-of-message.ts';
import { DAY_MS, MINUTE_MS, instant, plus } from '../../../src/core/time.ts';
import { decodeText } from '../../contracts/text-decoder.ts';

const NOW = instant(Date.UTC(2026, 0, 1));
const EARLIER = plus(NOW, -DAY_MS);

function received(text: string, stampedAt: number, notBefore = EARLIER) {
  const message = { offset: 7, stampedAt, content: { kind: 'text', text } } as const;
  return recordOfMessage(originOf('events', 3), message, notBefore, NOW, decodeText);
}

describe('when a record was received', () => {
  it('is what the message says, or else its stamp, and never before the one in front of it', () => {
    expect(received('a', NOW - 5).receivedAt).toBe(NOW - 5);
    expect(received(`a@${NOW - 9}`, NOW - 5).receivedAt).toBe(NOW - 9);
    expect(received('a', EARLIER - 5).receivedAt).toBe(EARLIER);
    expect(received('a', NOW + 5 * MINUTE_MS).receivedAt).toBe(NOW + 5 * MINUTE_MS);
  });

  it.each([
    ['by its stamp', 'a', NOW + 365 * DAY_MS],
    ['by what it says', `a@${NOW + 365 * DAY_MS}`, NOW],
  ])('cannot lie far ahead, %s: such a record is refused and moves nobody’s time', (_, text, stampedAt) => {
    const record = received(text, stampedAt);
    expect(record.event).toMatchObject({ ok: false, error: { reason: 'future_timestamp' } });
    expect(record.raw).toBe(text);
    expect(record.receivedAt).toBeLessThanOrEqual(NOW);
    expect(received(text, stampedAt, instant(0)).receivedAt).toBe(NOW);
  });
});
