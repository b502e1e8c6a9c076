import { describe, expect, it } from 'vitest';
import type { EventProperties } from '../../src/core/events/event.ts';
import { ok } from '../../src/core/result.ts';
import { DAY_MS, HOUR_MS, instant, plus, type Instant } from '../../src/core/time.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import { runRecords } from '../support/run-records.ts';

const START = instant(Date.UTC(2025, 2, 3));
const LINES = [
  { priceMinor: 6000, sellerId: 's1' },
  { priceMinor: 4000, sellerId: 's2' },
];

function records(
  ...events: readonly (readonly [
    person: string,
    name: string,
    hours: number,
    EventProperties,
    at?: Instant,
  ])[]
): SourceRecord[] {
  return events.map(([personId, name, hours, properties, at], offset) => {
    const receivedAt = plus(START, hours * HOUR_MS);
    const event = { messageId: `m${offset}`, personId, at: at ?? receivedAt, name, properties };
    return { source: 's', offset, receivedAt, event: ok(event), rows: 1, place: `s#${offset}` };
  });
}

async function sales(list: readonly SourceRecord[]): Promise<Record<string, readonly [number, number]>> {
  const { told } = await runRecords(list);
  return Object.fromEntries(
    told.rows.person_profiles
      .filter(({ person_id }) => person_id.startsWith('s'))
      .map(({ person_id, sales_total, sales_value_total }) => [person_id, [sales_total, sales_value_total]]),
  );
}

describe('an order of several sellers', () => {
  const order = ['ann', 'Order Completed', 0, { orderId: 'o', totalMinor: 10_000, products: LINES }] as const;

  it('shares its value among them', async () => {
    expect(await sales(records(order))).toEqual({ s1: [1, 60], s2: [1, 40] });
  });

  it('is taken from all of them when it is cancelled, also before it comes', async () => {
    const cancelled = ['ann', 'Order Cancelled', 1, { orderId: 'o' }] as const;
    const before = ['ann', 'Order Cancelled', -1, { orderId: 'o' }] as const;
    expect(await sales(records(order, cancelled))).toEqual({ s1: [0, 0], s2: [0, 0] });
    expect(await sales(records(before, order))).toEqual({ s1: [0, 0], s2: [0, 0] });
  });

  it('is taken from the seller whose lines are given back', async () => {
    const refunded = ['ann', 'Order Refunded', 1, { orderId: 'o', products: LINES.slice(0, 1) }] as const;
    expect(await sales(records(order, refunded))).toEqual({ s1: [0, 0], s2: [1, 40] });
  });
});

describe('what comes for a merged id', () => {
  const view = { productId: 'p' };
  const merge = ['bob', 'Account Merged', 0, { previousId: 'old' }] as const;

  it('is counted by what became of it at the one who remains', async () => {
    const late = plus(START, -400 * DAY_MS);
    const list = records(merge, ['old', 'Product Viewed', 1, view], ['old', 'Product Viewed', 2, view, late]);
    const again = { ...list[1], offset: 3, receivedAt: plus(START, 3 * HOUR_MS) } as SourceRecord;
    const { result } = await runRecords([...list, again]);
    expect(result.tally.events).toEqual({
      read: 4,
      accepted: 2,
      duplicate: 1,
      late: 0,
      rejected: { too_late: 1 },
    });
  });
});
