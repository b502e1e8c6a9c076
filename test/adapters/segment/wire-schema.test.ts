import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { encodeSegment } from '../../../src/adapters/segment/encode-segment.ts';
import { propertiesSchema, segmentJsonSchema } from '../../../src/adapters/segment/wire-schema.ts';
import { instant } from '../../../src/core/time.ts';

const isCall = new Ajv2020({ allowUnionTypes: true }).compile(segmentJsonSchema());

describe('the JSON Schema of events', () => {
  it('accepts what Tidemark itself writes', () => {
    const at = instant(Date.UTC(2026, 0, 5));
    const properties = { orderId: 'o', totalMinor: 5, products: [{ productId: 'p', priceMinor: 5 }] };
    const event = { messageId: 'm', personId: 'p', at, name: 'Order Completed', properties };
    expect(isCall(JSON.parse(encodeSegment({ receivedAt: at, event })))).toBe(true);
  });

  it.each([
    [{ type: 'track', messageId: 'm', event: 'X', userId: 1, extra: true }, true],
    [{ messageId: 'm', event: 'X', properties: { order_id: null, whatever: {} } }, true],
    [{ type: 'alias', messageId: 'm', previousId: 'p' }, true],
    [{ type: 'page', messageId: 'm', name: 'Home' }, true],
    [{ type: 'alias', messageId: 'm' }, false],
    [{ type: 'track', event: 'X' }, false],
    [{ type: 'track', messageId: '', event: 'X' }, false],
    [{ type: 'track', messageId: 'm', event: 'X', properties: { order_id: {} } }, false],
    [{ type: 'erase', messageId: 'm' }, false],
  ])('on %j says %s', (call, verdict) => {
    expect(isCall(call)).toBe(verdict);
  });

  it('says something about every field', () => {
    const silent = Object.entries(propertiesSchema.shape).filter(([, field]) => !field.description);
    expect(silent.map(([name]) => name)).toEqual([]);
  });
});
