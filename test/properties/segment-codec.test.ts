import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSegment } from '../../src/adapters/segment/decode-segment.ts';
import { encodeSegment } from '../../src/adapters/segment/encode-segment.ts';
import {
  callSchemas,
  isTrackEnvelope,
  propertiesSchema,
  trackEnvelopeSchema,
} from '../../src/adapters/segment/wire-schema.ts';
import type { EventProperties, ProductLine, TrackedEvent } from '../../src/core/events/event.ts';
import { EVENT_NAMES } from '../../src/core/events/names.ts';
import { EARLIEST_AT } from '../../src/core/parse-instant.ts';
import { instant } from '../../src/core/time.ts';

const text = fc.string({ unit: 'binary', minLength: 1 }).filter((value) => value.trim() !== '');
const minor = fc.integer({ min: 0, max: 2 ** 50 });
const quantity = fc.double({ min: 0, max: 1e6, noNaN: true }).map((value) => value + 0);
const at = fc.integer({ min: EARLIEST_AT, max: Date.UTC(2200, 0, 1) }).map(instant);

const line: fc.Arbitrary<ProductLine> = fc.record(
  { productId: text, category: text, priceMinor: minor, quantity, sellerId: text },
  { requiredKeys: [] },
);
const properties: fc.Arbitrary<EventProperties> = fc.record(
  {
    orderId: text,
    totalMinor: minor,
    currency: fc.constantFrom('CNY', 'JPY', 'KWD', 'USD'),
    discountMinor: minor,
    coupon: text,
    sellerId: text,
    buyerId: text,
    refundId: text,
    disputeId: text,
    listingId: text,
    productId: text,
    category: text,
    priceMinor: minor,
    quantity,
    products: fc.array(line, { maxLength: 3 }),
    sortedBy: fc.array(text, { maxLength: 3 }),
    query: text,
    section: text,
    rating: quantity,
    newArrival: fc.boolean(),
    previousId: text,
    outcome: fc.constantFrom('buyer' as const, 'seller' as const),
  },
  { requiredKeys: [] },
);
const event: fc.Arbitrary<TrackedEvent> = fc.record({
  messageId: text,
  personId: text,
  at,
  name: fc.constantFrom(...EVENT_NAMES),
  properties,
});

/** Values that producers might put anywhere. */
const oddValue = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    0,
    1,
    -1,
    '12.5',
    'x',
    true,
    [],
    {},
    [null],
    [{}],
    [[]],
    [{ type: 3 }],
  ),
  fc.constantFrom<unknown>(
    [{ price: 'x' }],
    [{ price: {} }],
    [{ product_id: 7, sku: null }],
    [{ type: 'price' }],
  ),
);
const oddProperties = fc.dictionary(
  fc.constantFrom(...Object.keys(propertiesSchema.shape), 'unheard_of', '__proto__', 'constructor'),
  oddValue,
);
const oddCall = fc.record(
  {
    type: fc.constantFrom('track', 'identify', 'alias', 'page', 'screen', 'group'),
    messageId: oddValue,
    userId: fc.oneof(fc.constant('u'), oddValue),
    timestamp: fc.oneof(fc.constant(1767607200), oddValue),
    receivedAt: oddValue,
    event: fc.oneof(fc.constantFrom<unknown>(...EVENT_NAMES), oddValue),
    name: oddValue,
    previousId: oddValue,
    properties: fc.oneof(oddProperties, oddValue),
  },
  { requiredKeys: ['type'] },
);

describe('the Segment codec', () => {
  it('gives back every event it wrote', () => {
    fc.assert(
      fc.property(event, at, (original, receivedAt) => {
        const decoded = decodeSegment(encodeSegment({ receivedAt, event: original }));
        expect(decoded).toEqual({ ok: true, value: { receivedAt, event: original } });
      }),
    );
  });

  it('finds fault with the shape of known events exactly where the schema does', () => {
    const call = fc.record({
      messageId: fc.constant('m'),
      userId: fc.constant('u'),
      timestamp: fc.constant(1767607200),
      event: fc.constantFrom(...EVENT_NAMES),
      properties: oddProperties,
    });
    fc.assert(
      fc.property(call, (drawn) => {
        const json: unknown = JSON.parse(JSON.stringify(drawn));
        const decoded = decodeSegment(JSON.stringify(drawn));
        const isMisshapen = !decoded.ok && decoded.error.reason === 'invalid_shape';
        expect(isMisshapen).toBe(!callSchemas.track.safeParse(json).success);
      }),
      { numRuns: 2000 },
    );
  });

  it('finds fault with the envelope of a track call exactly where the schema does', () => {
    fc.assert(
      fc.property(oddCall, fc.option(oddValue), (drawn, type) => {
        const json = JSON.parse(JSON.stringify({ ...drawn, type: type ?? 'track' })) as object;
        expect(isTrackEnvelope(json)).toBe(trackEnvelopeSchema.safeParse(json).success);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes no call that the schema refuses, unless its event is unknown', () => {
    fc.assert(
      fc.property(oddCall, (drawn) => {
        const decoded = decodeSegment(JSON.stringify(drawn));
        const isUnknown = drawn.type === 'track' && !EVENT_NAMES.some((name) => name === drawn.event);
        if (decoded.ok && !isUnknown) {
          const json: unknown = JSON.parse(JSON.stringify(drawn));
          expect(callSchemas[drawn.type].safeParse(json).success).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.json(),
          oddCall.map((call) => JSON.stringify(call)),
        ),
        (drawn) => {
          expect(typeof decodeSegment(drawn).ok).toBe('boolean');
        },
      ),
      { numRuns: 1000 },
    );
  });
});
