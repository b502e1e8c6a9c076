import { describe, expect, it } from 'vitest';
import { decodeSegment } from '../../../src/adapters/segment/decode-segment.ts';
import { encodeSegment } from '../../../src/adapters/segment/encode-segment.ts';
import { instant } from '../../../src/core/time.ts';

const at = instant(Date.UTC(2026, 0, 5, 10, 0, 0, 5));
const receivedAt = instant(at + 1000);

describe('encodeSegment', () => {
  it('writes a track call on one line, arrival first', () => {
    const properties = { orderId: 'o\n1', totalMinor: 1177, currency: 'CNY' };
    const event = { messageId: 'm', personId: 'p', at, name: 'Order Completed', properties };
    expect(encodeSegment({ receivedAt, event })).toBe(
      '{"receivedAt":"2026-01-05T10:00:01.005Z","type":"track","messageId":"m","userId":"p",' +
        '"timestamp":"2026-01-05T10:00:00.005Z","event":"Order Completed",' +
        '"properties":{"order_id":"o\\n1","total":11.77,"currency":"CNY"}}',
    );
  });

  it('writes what decodes to the same merge', () => {
    const properties = { previousId: 'old' };
    const event = { messageId: 'm', personId: 'new', at, name: 'Account Merged', properties };
    expect(decodeSegment(encodeSegment({ receivedAt, event }))).toEqual({
      ok: true,
      value: { receivedAt, event },
    });
  });
});
