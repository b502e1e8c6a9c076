import { describe, expect, it } from 'vitest';
import type { SimulatedEventName } from '../../../src/adapters/simulator/simulated-events.ts';
import type { TrackedEvent } from '../../../src/core/events/event.ts';
import { DAY_MS, HOUR_MS } from '../../../src/core/time.ts';
import type { LeaveReason } from '../../../src/adapters/simulator/plans.ts';
import { runMarketplace } from './a-marketplace.ts';

/** What reaches somebody about earlier trades without their doing anything. */
const UNDER_WAY: readonly string[] = [
  'Order Shipped',
  'Order Delivered',
  'Order Refunded',
  'Dispute Resolved',
  'Payout Paid',
  'Item Authenticated',
  'Policy Violated',
] satisfies SimulatedEventName[];

describe('leaving', () => {
  const { events, named, truth } = runMarketplace({ people: 2_000, days: 300 });
  const leavers = (reason: LeaveReason): Map<string, number> =>
    new Map(
      [...truth].flatMap(([id, { leftAt, leaveReason }]) =>
        leaveReason === reason && leftAt !== null ? [[id, leftAt] as const] : [],
      ),
    );

  /** Events of the people, per day, from `from` to `to` days before each one's leaving. */
  const perDay = (chosen: readonly TrackedEvent[], of: Map<string, number>, from: number, to: number) =>
    chosen.filter(({ personId, at }) => {
      const before = ((of.get(personId) ?? NaN) - at) / DAY_MS;
      return before <= from && before > to;
    }).length /
    (from - to);

  it('is for good: nothing the person does comes after it, and parcels under way soon end', () => {
    let after = 0;
    for (const event of events) {
      const person = truth.get(event.personId);
      if (!person?.leftAt || event.at < person.leftAt || person.mergedInto !== null) continue;
      after++;
      expect(UNDER_WAY).toContain(event.name);
      expect(event.at - person.leftAt).toBeLessThan(45 * DAY_MS);
    }
    expect(after).toBeGreaterThan(0);
  });

  it('because of falling visits is preceded by fewer visits; others visit as ever', () => {
    const views = named('Product Viewed', 'Page Viewed', 'Signed In');
    const fading = leavers('falling_visits');
    expect(perDay(views, fading, 28, 0)).toBeLessThan(0.45 * perDay(views, fading, 84, 56));
    const sudden = leavers('sudden');
    expect(perDay(views, sudden, 28, 0)).toBeGreaterThan(0.7 * perDay(views, sudden, 84, 56));
  });

  it('because of slow after-sales is preceded by disputes that are answered late and lost', () => {
    const opened = named('Dispute Opened');
    const bitter = leavers('slow_after_sales');
    expect(perDay(opened, bitter, 56, 0)).toBeGreaterThan(5 * perDay(opened, bitter, 140, 56));
    const openings = new Map(opened.map((event) => [event.properties.disputeId, event]));
    const isBitter = (disputeId: string | undefined): boolean => {
      const opening = openings.get(disputeId);
      const leftAt = bitter.get(opening?.personId ?? '') ?? Infinity;
      return opening !== undefined && opening.at > leftAt - 56 * DAY_MS;
    };
    const hours = named('Dispute Answered')
      .filter((event) => isBitter(event.properties.disputeId))
      .map((event) => (event.at - (openings.get(event.properties.disputeId)?.at ?? 0)) / HOUR_MS);
    expect(hours.filter((h) => h > 24).length).toBeGreaterThan(hours.length * 0.9);
    const verdicts = named('Dispute Resolved').filter((event) => isBitter(event.properties.disputeId));
    const lost = verdicts.filter((event) => event.properties.outcome === 'seller');
    expect(lost.length).toBeGreaterThan(verdicts.length * 0.7);
  });

  it('because of unsold listings is preceded by listings that do not sell', () => {
    const sold = new Set(named('Order Completed').map((event) => event.properties.products?.[0]?.productId));
    const created = named('Listing Created');
    const successful = created.filter((event) => sold.has(event.properties.productId));
    const unlucky = leavers('unsold_listings');
    const sellThrough = (from: number, to: number): number =>
      perDay(successful, unlucky, from, to) / perDay(created, unlucky, from, to);
    expect(perDay(created, unlucky, 50, 0)).toBeGreaterThan(0.6 * perDay(created, unlucky, 140, 90));
    expect(sellThrough(50, 0)).toBeLessThan(0.15);
    expect(sellThrough(140, 90)).toBeGreaterThan(0.3);
  });

  it('is not the same as a pause: some are silent for more than 90 days and come back', () => {
    const doings = new Map<string, number[]>();
    for (const event of events) {
      if (UNDER_WAY.includes(event.name)) continue;
      const times = doings.get(event.personId) ?? [];
      doings.set(event.personId, times);
      times.push(event.at);
    }
    let returned = 0;
    for (const [id, { pausedAt, returnsAt }] of truth) {
      if (pausedAt === null || returnsAt === null) continue;
      const times = doings.get(id) ?? [];
      expect(times.filter((at) => at >= pausedAt && at < returnsAt)).toEqual([]);
      expect(returnsAt - pausedAt).toBeGreaterThan(90 * DAY_MS);
      if (times.some((at) => at < pausedAt) && times.some((at) => at >= returnsAt)) returned++;
    }
    expect(returned).toBeGreaterThan(20);
  });
});
