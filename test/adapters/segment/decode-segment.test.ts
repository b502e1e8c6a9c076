import { describe, expect, it } from 'vitest';
import { decodeSegment } from '../../../src/adapters/segment/decode-segment.ts';
import { isoOf } from '../../../src/core/time.ts';

const TRACK = {
  type: 'track',
  messageId: 'm1',
  userId: 'u1',
  timestamp: '2026-01-05T10:00:00.123Z',
  event: 'Order Completed',
};

function decode(call: object) {
  return decodeSegment(JSON.stringify(call));
}

function eventOf(call: object) {
  const decoded = decode(call);
  if (!decoded.ok) throw new Error(decoded.error.detail);
  return decoded.value.event;
}

function rejectionOf(call: object) {
  const decoded = decode(call);
  return decoded.ok ? undefined : `${decoded.error.reason}: ${decoded.error.detail}`;
}

const propertiesOf = (properties: object, event = 'Order Completed') =>
  eventOf({ ...TRACK, event, properties }).properties;

describe('a track call', () => {
  it('becomes an event', () => {
    const properties = {
      order_id: 'o1',
      total: 1299.5,
      currency: 'cny',
      discount: '20',
      coupon: 'WELCOME',
      seller_id: 77,
      products: [{ product_id: 5, category: 'bags', price: '1299.50', quantity: '1', seller_id: 's1' }],
      affiliation: 'ignored',
    };
    const call = { ...TRACK, receivedAt: '2026-01-05T10:00:01Z', properties, context: { ip: 'ignored' } };
    expect(decode(call)).toEqual({
      ok: true,
      value: {
        receivedAt: Date.UTC(2026, 0, 5, 10, 0, 1),
        event: {
          messageId: 'm1',
          personId: 'u1',
          at: Date.UTC(2026, 0, 5, 10, 0, 0, 123),
          name: 'Order Completed',
          properties: {
            orderId: 'o1',
            totalMinor: 129950,
            currency: 'CNY',
            discountMinor: 2000,
            coupon: 'WELCOME',
            sellerId: '77',
            products: [{ productId: '5', category: 'bags', priceMinor: 129950, quantity: 1, sellerId: 's1' }],
          },
        },
      },
    });
  });

  it('needs no type', () => {
    expect(eventOf({ ...TRACK, type: undefined }).name).toBe('Order Completed');
  });

  it('reads every marketplace property', () => {
    const properties = {
      buyer_id: 'b',
      refund_id: 'r',
      dispute_id: 'd',
      listing_id: 'l',
      previous_id: 'p',
      section: 'selling',
      outcome: 'seller',
      new_arrival: true,
      rating: '4.5',
      query: 'red bag',
      sku: 'sku',
      category: 'bags',
      price: 3,
      quantity: 2,
    };
    expect(propertiesOf(properties, 'Dispute Resolved')).toEqual({
      buyerId: 'b',
      refundId: 'r',
      disputeId: 'd',
      listingId: 'l',
      previousId: 'p',
      section: 'selling',
      outcome: 'seller',
      newArrival: true,
      rating: 4.5,
      query: 'red bag',
      productId: 'sku',
      category: 'bags',
      priceMinor: 300,
      quantity: 2,
    });
  });

  it('prefers total to revenue to value, product_id to sku and coupon to coupon_id', () => {
    expect(propertiesOf({ value: 1, revenue: 2, total: 3 }).totalMinor).toBe(300);
    expect(propertiesOf({ value: 1, revenue: 2 }).totalMinor).toBe(200);
    expect(propertiesOf({ value: 1, revenue: null, total: '' }).totalMinor).toBe(100);
    expect(propertiesOf({ sku: 's', product_id: 'p' }).productId).toBe('p');
    expect(propertiesOf({ coupon_id: 'c' }).coupon).toBe('c');
  });

  it('takes value for an amount on orders only', () => {
    expect(propertiesOf({ value: 'high' }, 'Checked In')).toEqual({});
  });

  it('tells what a list is sorted and filtered by', () => {
    const properties = {
      sorts: [{ type: 'price', value: 'desc' }],
      filters: [{ type: 'brand' }, { value: 'x' }],
    };
    expect(propertiesOf(properties, 'Product List Filtered').sortedBy).toEqual(['price', 'brand']);
  });

  it('counts nulls and blank strings as absent', () => {
    expect(propertiesOf({ order_id: ' ', total: '', currency: null, products: null, coupon: '' })).toEqual(
      {},
    );
  });

  it('knows the minor unit of the currency', () => {
    expect(propertiesOf({ total: 1200, currency: 'JPY' }).totalMinor).toBe(1200);
    expect(propertiesOf({ total: 1.234, currency: 'KWD' }).totalMinor).toBe(1234);
  });

  it('of an unknown name never fails for what it holds', () => {
    const odd = { total: -5, products: 'many', currency: 7, order_id: {} };
    expect(eventOf({ ...TRACK, event: 'Door Opened', properties: odd }).properties).toEqual({});
    expect(eventOf({ ...TRACK, event: 'constructor', properties: odd }).name).toBe('constructor');
    expect(eventOf({ ...TRACK, event: 'Door Opened', properties: 'none' }).properties).toEqual({});
  });

  it.each([
    [{ total: -1 }, 'negative_amount: properties.total is -1'],
    [{ total: 'free' }, 'invalid_amount: properties.total is "free"'],
    [{ total: 1e15 }, 'invalid_amount: properties.total is 1000000000000000'],
    [{ discount: '-0.5' }, 'negative_amount: properties.discount is "-0.5"'],
    [{ products: [{}, { price: -2 }] }, 'negative_amount: properties.products[1].price is -2'],
    [{ products: [{ quantity: 'x' }] }, 'invalid_amount: properties.products[0].quantity is "x"'],
    [{ order_id: {} }, 'invalid_shape: properties.order_id: expected a string or a number'],
    [{ currency: 840 }, 'invalid_shape: properties.currency: expected a string'],
    [{ products: {} }, 'invalid_shape: properties.products: expected a list of products'],
    [
      { products: [{ price: true }] },
      'invalid_shape: properties.products[0].price: expected a number, or one written as a string',
    ],
    [{ new_arrival: 'yes' }, 'invalid_shape: properties.new_arrival: expected true or false'],
  ])('with %j is refused', (properties, rejection) => {
    expect(rejectionOf({ ...TRACK, properties })).toBe(rejection);
  });

  it('with an infinite amount is refused', () => {
    const text = JSON.stringify({ ...TRACK, properties: { total: 0 } }).replace('"total":0', '"total":1e999');
    expect(decodeSegment(text)).toEqual({
      ok: false,
      error: { reason: 'invalid_amount', detail: 'properties.total is Infinity' },
    });
  });
});

describe('the other calls', () => {
  const call = { ...TRACK, event: undefined };
  it.each([
    [{ type: 'identify', traits: { email: 'x' } }, 'Profile Updated', {}],
    [{ type: 'group', groupId: 'g' }, 'Group Joined', {}],
    [{ type: 'alias', previousId: 12 }, 'Account Merged', { previousId: '12' }],
    [{ type: 'page', name: 'Home' }, 'Page Viewed', { section: 'Home' }],
    [
      { type: 'page', name: 'Home', properties: { section: 'selling' } },
      'Page Viewed',
      { section: 'selling' },
    ],
    [{ type: 'screen' }, 'Page Viewed', {}],
  ])('%j', (fields, name, properties) => {
    expect(eventOf({ ...call, ...fields })).toMatchObject({ name, properties });
  });

  it.each([
    [{ type: 'alias' }, 'invalid_shape: previousId: expected a string or a number'],
    [{ type: 'alias', previousId: '' }, 'invalid_shape: previousId is empty'],
    [{ type: 'page', properties: { section: 4 } }, 'invalid_shape: properties.section: expected a string'],
    [
      { type: 'delete' },
      'invalid_shape: type is "delete"; expected track, identify, alias, page, screen, group',
    ],
    [
      { type: undefined },
      'invalid_shape: type is missing; expected track, identify, alias, page, screen, group',
    ],
    [{ type: 'track' }, 'invalid_shape: event: expected a string'],
  ])('%j is refused', (fields, rejection) => {
    expect(rejectionOf({ ...call, ...fields })).toBe(rejection);
  });
});

describe('the person', () => {
  it.each<[object, string]>([
    [{ userId: 'u', anonymousId: 'a' }, 'u'],
    [{ userId: 4711 }, '4711'],
    [{ userId: '', anonymousId: 'a' }, 'a'],
    [{ userId: null, anonymousId: 9 }, '9'],
  ])('of %j', (ids, person) => {
    expect(eventOf({ ...TRACK, userId: undefined, ...ids }).personId).toBe(person);
  });

  it.each([[{}], [{ userId: ' ' }], [{ userId: null, anonymousId: '' }]])('of %j is missing', (ids) => {
    expect(rejectionOf({ ...TRACK, userId: undefined, ...ids })).toMatch(/^missing_person/);
  });

  it('and the messageId are required', () => {
    expect(rejectionOf({ ...TRACK, messageId: undefined })).toBe('invalid_shape: messageId: expected an id');
    expect(rejectionOf({ ...TRACK, messageId: '' })).toBe('invalid_shape: messageId: expected an id');
    expect(eventOf({ ...TRACK, messageId: 12 }).messageId).toBe('12');
    expect(rejectionOf({ ...TRACK, userId: {} })).toBe(
      'invalid_shape: userId: expected a string or a number',
    );
  });
});

describe('the time', () => {
  const original = { originalTimestamp: '2026-01-01T00:00:10Z' };
  const sent = { sentAt: '2026-01-01T00:00:40Z' };
  const received = { receivedAt: '2026-03-01T12:00:00Z' };
  it.each([
    [{ timestamp: 1767607200 }, '2026-01-05T10:00:00.000Z'],
    [{ timestamp: 1767607200123 }, '2026-01-05T10:00:00.123Z'],
    [{ timestamp: '1767607200' }, '2026-01-05T10:00:00.000Z'],
    [{ timestamp: '2026-01-05', ...original, ...sent, ...received }, '2026-01-05T00:00:00.000Z'],
    [{ ...original, ...sent, ...received }, '2026-03-01T11:59:30.000Z'],
    [{ ...original, ...sent }, '2026-01-01T00:00:10.000Z'],
    [{ ...original, ...received }, '2026-01-01T00:00:10.000Z'],
    [{ ...sent, ...received }, '2026-03-01T12:00:00.000Z'],
    [{ ...sent }, '2026-01-01T00:00:40.000Z'],
    [{ timestamp: '', ...received }, '2026-03-01T12:00:00.000Z'],
  ])('of %j', (times, iso) => {
    expect(isoOf(eventOf({ ...TRACK, timestamp: undefined, ...times }).at)).toBe(iso);
  });

  it.each([
    [{}, 'invalid_timestamp: timestamp is missing'],
    [{ timestamp: '1899-05-05' }, /^invalid_timestamp: timestamp is "1899-05-05"; expected ISO 8601/],
    [{ timestamp: 'soon' }, /^invalid_timestamp: timestamp is "soon"/],
    [{ timestamp: '2026-01-05', receivedAt: 'x' }, /^invalid_timestamp: receivedAt is "x"/],
    [{ ...original, ...received, sentAt: 'x' }, /^invalid_timestamp: sentAt is "x"/],
    [{ timestamp: [] }, /^invalid_shape: timestamp: expected ISO 8601/],
  ])('of %j is refused', (times, rejection) => {
    expect(rejectionOf({ ...TRACK, timestamp: undefined, ...times })).toMatch(rejection);
  });
});

describe('what is no call', () => {
  it.each(['', '{', '{"type":"track",', 'hello', '\u0000'])('%j is malformed', (text) => {
    expect(decodeSegment(text)).toMatchObject({ ok: false, error: { reason: 'malformed' } });
  });

  it.each([
    ['[]', 'a list'],
    ['null', 'object'],
    ['7', 'number'],
    ['"x"', 'string'],
  ])('%s has the wrong shape', (text, what) => {
    const detail = `expected one JSON object, found ${what}`;
    expect(decodeSegment(text)).toEqual({ ok: false, error: { reason: 'invalid_shape', detail } });
  });
});
