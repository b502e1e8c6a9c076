import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulatedSource } from '../../src/adapters/simulator/simulated-source.ts';
import type { EventProperties, TrackedEvent } from '../../src/core/events/event.ts';
import { DAY_MS, HOUR_MS, instant, plus, type Instant } from '../../src/core/time.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import type { CollectingAnalytics } from '../support/collecting-analytics.ts';
import { numbered, recordsOf } from '../support/listed-source.ts';
import { punctualRecords } from '../support/rearranged-records.ts';
import { runRecords, type Run } from '../support/run-records.ts';
import { TEST_POLICY, withoutMemory } from '../support/test-policy.ts';

const START = instant(Date.UTC(2025, 2, 3));
const END = plus(START, 60 * DAY_MS);
const FACTS_ONLY = withoutMemory(TEST_POLICY);

describe('replaying', () => {
  const month = recordsOf(simulatedSource({ people: 60, days: 20, seed: 5, startAt: START }));

  it('any suffix of the same source changes nothing', async () => {
    const records = await month;
    const first = await runRecords(records, { until: END });
    for (const share of [0, 0.2, 0.77, 0.999, 1]) {
      const suffix = records.slice(Math.floor(records.length * share));
      const again = await runRecords(suffix, { store: first.store, until: END, turnRecords: 61 });
      expectNothingNew(first, again);
      expect(again.result.tally.events.duplicate).toBe(suffix.length);
    }
  });

  it('the last days by another road, under the same message ids, changes nothing', async () => {
    const records = punctualRecords(await month);
    const end = records.at(-1)?.receivedAt ?? START;
    const first = await runRecords(records, { until: end });
    const late = records.filter(({ receivedAt }) => receivedAt > end - 2 * DAY_MS);
    expect(late.length).toBeGreaterThan(100);
    const resent = late.map((record, offset) => ({ ...record, source: 'other', offset, receivedAt: end }));
    const again = await runRecords(resent, { store: first.store, until: end });
    expectNothingNew(first, again);
    expect(again.result.tally.events.duplicate).toBe(late.length);
  });
});

interface Told {
  readonly kind: 'view' | 'order' | 'refund' | 'cancel' | 'listing' | 'dispute';
  readonly who: number;
  readonly atMs: number;
  readonly delayMs: number;
  readonly order: number;
  readonly amount: number;
}

const told: fc.Arbitrary<Told> = fc.record({
  kind: fc.constantFrom('view', 'view', 'order', 'order', 'order', 'refund', 'cancel', 'listing', 'dispute'),
  who: fc.nat(),
  atMs: fc.integer({ min: 0, max: 40 * DAY_MS }),
  delayMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 * DAY_MS })),
  order: fc.integer({ min: 0, max: 4 }),
  amount: fc.integer({ min: 1, max: 900 }),
});
const stories = fc.array(told, { minLength: 1, maxLength: 25 });
/** Somebody becomes somebody else, at times somebody who became them before. */
const merges = fc.array(
  fc.record({ from: fc.nat(), into: fc.nat(), atMs: fc.integer({ min: 0, max: 45 * DAY_MS }) }),
  { minLength: 1, maxLength: 6 },
);

describe('merging', () => {
  it('two people gives the tags and numbers of one who had always been one, whenever it happens', async () => {
    await fc.assert(
      fc.asyncProperty(stories, fc.integer({ min: 0, max: 45 * DAY_MS }), async (list, mergedMs) => {
        const two = await livedBy(['bea', 'ada'], list, [merged('bea', 'ada', mergedMs, 0)]);
        const one = await livedBy(['ada'], list, []);
        expect(standing(two.told)).toEqual(standing(one.told));
        expect(two.result.people).toBe(one.result.people);
      }),
      { numRuns: 150 },
    );
  });

  it('many in chains and circles ends, and leaves one of those who became one', async () => {
    const ids = ['ada', 'bea', 'cid', 'dan'];
    await fc.assert(
      fc.asyncProperty(stories, merges, async (list, pairs) => {
        const group = pairs.map(({ from, into, atMs }, i) =>
          merged(ids[from % 4] ?? '', ids[(from + 1 + (into % 3)) % 4] ?? '', atMs, i),
        );
        const chain = ['dan', 'cid', 'bea'].map((id, i) => merged(id, 'ada', 46 * DAY_MS + i, 10 + i));
        const many = await livedBy(ids, list, [...group, ...chain]);
        const one = await livedBy(['ada'], list, []);
        const survivors = many.told.rows.person_profiles.filter(({ person_id }) => ids.includes(person_id));
        expect(survivors.length).toBe(1);
        const survivor = survivors[0]?.person_id ?? '';
        expect(standing(many.told, { [survivor]: 'ada' })).toEqual(standing(one.told));
      }),
      {
        numRuns: 150,
        // In its circle somebody is let go of before who passed something on to them is done.
        examples: [
          [
            [{ kind: 'view', who: 0, atMs: 0, delayMs: 0, order: 0, amount: 1 }],
            [{ from: 0, into: 0, atMs: 0 }],
          ],
        ],
      },
    );
  });

  it('ends the tags of the id that ceases, in the rows of current tags, too', async () => {
    const order = event('o', 'ada', 'Order Completed', START, { orderId: 'o', totalMinor: 30_000 });
    const { told: said } = await runEvents([
      { event: order, receivedAt: START },
      merged('ada', 'bea', HOUR_MS, 1),
    ]);
    const rows = said.rows.current_tags.filter(({ person_id }) => person_id === 'ada');
    expect(rows.map(({ dimension }) => dimension)).toContain('buyer_class');
    for (const { tag, since, next_change_at } of rows)
      expect([tag, since, next_change_at]).toEqual(['none', plus(START, HOUR_MS), null]);
  });

  it('twelve one after the other leaves the last, and whatever comes for the first reaches the last', async () => {
    const ids = Array.from({ length: 12 }, (_, i) => `id-${i}`);
    const chain = ids.slice(1).map((id, i) => merged(`id-${i}`, id, i * HOUR_MS, i));
    const order = event('late', 'id-0', 'Order Completed', plus(START, 2 * DAY_MS), {
      orderId: 'o',
      totalMinor: 5000,
    });
    const run = await runEvents([...chain, { event: order, receivedAt: order.at }]);
    expect(
      run.told.rows.person_profiles.map(({ person_id, orders_total }) => [person_id, orders_total]),
    ).toEqual([['id-11', 1]]);
  });

  it('makes of what is told to the id that ceased what it would have been', async () => {
    const order = event('o', 'bea', 'Order Completed', START, { orderId: 'o', totalMinor: 5000 });
    const bygone = event('p', 'bea', 'Product Viewed', plus(START, -366 * DAY_MS), {});
    const hours = [2, 3].map((later) => ({ event: order, receivedAt: plus(START, later * HOUR_MS) }));
    const { tally } = (
      await runEvents([
        merged('bea', 'ada', HOUR_MS, 1),
        ...hours,
        { event: bygone, receivedAt: plus(START, 4 * HOUR_MS) },
      ])
    ).result;
    expect(tally.events).toEqual({ read: 4, accepted: 1, late: 1, duplicate: 1, rejected: { too_late: 1 } });
  });

  it('told twice, also after a way back, merges once', async () => {
    const there = merged('ada', 'bea', 0, 1);
    const back = merged('bea', 'ada', HOUR_MS, 2);
    const again = { event: there.event, receivedAt: plus(START, 2 * HOUR_MS) };
    const onceMore = { event: back.event, receivedAt: plus(START, 3 * HOUR_MS) };
    const once = await runEvents([there, back]);
    const often = await runEvents([there, back, again, onceMore]);
    expect(once.told.rows.person_profiles.length).toBe(1);
    expect(often.told.rows.person_profiles).toEqual(once.told.rows.person_profiles);
    expect(often.told.rows.tag_transitions).toEqual(once.told.rows.tag_transitions);
    expect(often.result.tally.events.duplicate).toBe(2);
  });

  it('gives every transition an id of its own, there and back in one instant', async () => {
    const order = event('o', 'ada', 'Order Completed', START, { orderId: 'o', totalMinor: 5000 });
    const run = await runEvents([
      { event: order, receivedAt: START },
      merged('ada', 'bea', 0, 1),
      merged('bea', 'ada', 0, 2),
    ]);
    const ids = run.told.rows.tag_transitions.map(({ transition_id }) => transition_id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('somebody of whom only bygones are told', () => {
  it('is nobody', async () => {
    const view = event('v', 'ada', 'Product Viewed', plus(START, -366 * DAY_MS), {});
    const { result, told: said } = await runEvents([{ event: view, receivedAt: START }]);
    expect(result.people).toBe(0);
    expect(said.rows.person_profiles).toEqual([]);
    expect(said.rows.dead_letters.map(({ reason }) => reason)).toEqual(['too_late']);
  });
});

describe('money given back', () => {
  it('without a word on the seller reaches the seller once, before or after the order, however often told', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(told, { minLength: 1, maxLength: 20 }),
        fc.array(fc.nat({ max: 100 }), { maxLength: 8 }),
        async (list, repeats) => {
          const trades = list.map((one): Told => ({
            ...one,
            who: one.order,
            kind: one.kind === 'order' || one.kind === 'cancel' ? one.kind : 'refund',
          }));
          const ids = [0, 1, 2, 3, 4].map((i) => `buyer-${i}`);
          const events = trades.map((one, i) => eventOf(one, i, ids));
          const copies = repeats.flatMap((i) => events[i % events.length] ?? []);
          const resent = copies.map(({ event: sent, receivedAt }) => ({
            event: sent,
            receivedAt: plus(receivedAt, 20 * HOUR_MS),
          }));
          const { told: said } = await runEvents([...events, ...resent]);
          const seller = said.rows.person_profiles.find(({ person_id }) => person_id === 'sol');
          const bought = said.rows.person_profiles
            .filter(({ person_id }) => person_id !== 'sol')
            .reduce((sum, { value_total }) => sum + value_total, 0);
          expect(seller?.sales_value_total ?? 0).toBeCloseTo(bought, 6);
          expect(bought).toBeCloseTo(netOf(trades), 6);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('an order told again', () => {
  it('with a seller tells them what was given back while nobody knew them', async () => {
    const order = (messageId: string, hours: number, seller: EventProperties) => ({
      event: event(messageId, 'ada', 'Order Completed', START, { orderId: 'o', totalMinor: 9000, ...seller }),
      receivedAt: plus(START, hours * HOUR_MS),
    });
    const back = (refundId: string, hours: number) => {
      const at = plus(START, hours * HOUR_MS);
      const given = { orderId: 'o', totalMinor: 2000, refundId };
      return { event: event(refundId, 'ada', 'Order Refunded', at, given), receivedAt: at };
    };
    const { told: said } = await runEvents([
      ...[back('before', 0), order('first', 1, {}), back('after', 2)],
      ...[order('second', 3, { sellerId: 'sol' }), order('third', 4, { sellerId: 'sol' })],
    ]);
    const sold = said.rows.person_profiles.find(({ person_id }) => person_id === 'sol');
    expect(sold).toMatchObject({ sales_total: 1, sales_value_total: 50 });
  });

  it('with another amount moves the tag at once', async () => {
    const placed = (messageId: string, totalMinor: number, hours: number) => {
      const receivedAt = plus(START, hours * HOUR_MS);
      return {
        event: event(messageId, 'ada', 'Order Completed', START, { orderId: 'o', totalMinor }),
        receivedAt,
      };
    };
    const { told: said } = await runEvents([placed('first', 30_000, 0), placed('second', 180_000, 1)]);
    const levels = said.rows.tag_transitions.filter(({ dimension }) => dimension === 'level');
    expect(levels.slice(0, 2).map(({ to_tag, effective_at }) => [to_tag, effective_at - START])).toEqual([
      ['bronze', 0],
      ['silver', HOUR_MS],
    ]);
  });

  it('at another time ends silence at once', async () => {
    const [placedAt, again] = [START, plus(START, 20 * DAY_MS)];
    const order = (messageId: string, at: Instant) => ({
      event: event(messageId, 'ada', 'Order Completed', at, { orderId: 'o', totalMinor: 30_000 }),
      receivedAt: at,
    });
    const { told: said } = await runEvents([order('first', placedAt), order('second', again)]);
    const classes = said.rows.tag_transitions.filter(({ dimension }) => dimension === 'buyer_class');
    expect(classes.slice(0, 3).map(({ to_tag, effective_at }) => [to_tag, effective_at])).toEqual([
      ['ordinary', placedAt],
      ['dormant', plus(placedAt, 14 * DAY_MS)],
      ['ordinary', again],
    ]);
  });
});

interface Arrived {
  readonly event: TrackedEvent;
  readonly receivedAt: Instant;
}

/** Events of a few people among the ids given, as many as there are; every order is sold by `sol`. */
function livedBy(ids: readonly string[], list: readonly Told[], others: readonly Arrived[]): Promise<Run> {
  return runEvents([...list.map((one, i) => eventOf(one, i, ids)), ...others]);
}

function runEvents(events: readonly Arrived[]): Promise<Run> {
  const inOrder = [...events].sort((a, b) => a.receivedAt - b.receivedAt);
  const records: SourceRecord[] = numbered(inOrder);
  return runRecords(records, { until: END, policy: FACTS_ONLY, partitions: 3, turnRecords: 4 });
}

function eventOf(
  { kind, who, atMs, delayMs, order, amount }: Told,
  number: number,
  ids: readonly string[],
): Arrived {
  const at = plus(START, atMs);
  const person = ids[who % ids.length] ?? '';
  const orderId = `order-${order}`;
  const name = {
    view: 'Product Viewed',
    order: 'Order Completed',
    refund: 'Order Refunded',
    cancel: 'Order Cancelled',
    listing: 'Listing Created',
    dispute: 'Dispute Opened',
  }[kind];
  const properties: EventProperties =
    kind === 'order'
      ? { orderId, totalMinor: 40_000, sellerId: 'sol' }
      : kind === 'refund'
        ? { orderId, totalMinor: amount * 100, refundId: `back-${number}` }
        : kind === 'cancel'
          ? { orderId }
          : kind === 'dispute'
            ? { orderId, disputeId: `case-${order}` }
            : {};
  return { event: event(`m-${number}`, person, name, at, properties), receivedAt: plus(at, delayMs) };
}

function event(
  messageId: string,
  personId: string,
  name: string,
  at: Instant,
  properties: EventProperties,
): TrackedEvent {
  return { messageId, personId, at, name, properties };
}

function merged(from: string, into: string, atMs: number, number: number): Arrived {
  const at = plus(START, atMs);
  return {
    event: event(`merge-${number}`, into, 'Account Merged', at, { previousId: from }),
    receivedAt: at,
  };
}

/** What is left of the orders, by the plainest sum: 400.00 each, less what was given back. */
function netOf(trades: readonly Told[]): number {
  return [0, 1, 2, 3, 4].reduce((sum, number) => {
    const of = trades.filter(({ order }) => order === number);
    const back = of.filter(({ kind }) => kind === 'refund').reduce((total, { amount }) => total + amount, 0);
    const isGone = of.some(({ kind }) => kind === 'cancel') || !of.some(({ kind }) => kind === 'order');
    return sum + (isGone ? 0 : Math.max(0, 400 - back));
  }, 0);
}

/** Where everybody stands who is somebody, under the name they go by in a comparison. */
function standing({ rows }: CollectingAnalytics, names: Readonly<Record<string, string>> = {}): string[] {
  const named = (id: string): string => names[id] ?? id;
  const alive = new Set(rows.person_profiles.map(({ person_id }) => person_id));
  const tags = rows.current_tags
    .filter(({ person_id, tag }) => alive.has(person_id) && tag !== 'none')
    .map(
      ({ person_id, dimension, tag, next_change_at }) =>
        `${named(person_id)} ${dimension} ${tag} until ${next_change_at}`,
    );
  const profiles = rows.person_profiles.map((row) =>
    JSON.stringify({ ...row, person_id: named(row.person_id) }),
  );
  return [...tags, ...profiles].sort();
}

function expectNothingNew(first: Run, again: Run): void {
  expect(again.told.rows.tag_transitions).toEqual([]);
  expect(again.told.rows.trigger_events).toEqual([]);
  expect(again.told.rows.dead_letters).toEqual([]);
  expect(standing(again.told)).toEqual(standing(first.told));
}
