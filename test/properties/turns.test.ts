import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFacts, encodeFacts } from '../../src/adapters/cloudevents/forwarded-facts-codec.ts';
import { MemoryStateStore } from '../../src/adapters/memory/memory-state-store.ts';
import { defaultPolicyPath, loadPolicy } from '../../src/adapters/policy/load-policy.ts';
import type { EventProperties, TrackedEvent } from '../../src/core/events/event.ts';
import { partitionOf } from '../../src/core/partition.ts';
import { rulebookOf } from '../../src/core/tagging/rulebook.ts';
import { DAY_MS, HOUR_MS, instant, plus } from '../../src/core/time.ts';
import { TidemarkError } from '../../src/errors.ts';
import type { SourceRecord } from '../../src/ports/event-source.ts';
import type { ForwardedFacts } from '../../src/ports/forwarded-facts.ts';
import { StreamProcessor } from '../../src/runtime/stream-processor.ts';
import { someScorer } from '../support/a-scorer.ts';
import { recordsIn } from '../support/committed-state.ts';
import { numbered } from '../support/listed-source.ts';
import { memoryStore, runRecords, type RunOptions } from '../support/run-records.ts';
import { TEST_POLICY } from '../support/test-policy.ts';

const START = instant(Date.UTC(2025, 2, 3));
const END = plus(START, 20 * DAY_MS);
const PEOPLE = ['ada', 'bea', 'cid', 'dan', 'eve'];
const CATEGORIES = ['bags', 'shoes', 'watches', 'lamps'];

const NAMES = {
  view: 'Product Viewed',
  listing: 'Listing Created',
  order: 'Order Completed',
  refund: 'Order Refunded',
  cancel: 'Order Cancelled',
  dispute: 'Dispute Opened',
  merge: 'Account Merged',
} as const;

interface Told {
  readonly kind: keyof typeof NAMES;
  readonly who: number;
  readonly other: number;
  readonly order: number;
  readonly amount: number;
  readonly category: number;
  readonly passesMs: number;
  readonly delayMs: number;
}

/** Few people and few orders, so that nearly everything concerns somebody whose turn it is as well. */
const told: fc.Arbitrary<Told> = fc.record({
  kind: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom<Told['kind'][]>('view', 'listing', 'order', 'refund', 'cancel') },
    { weight: 1, arbitrary: fc.constantFrom<Told['kind'][]>('dispute', 'merge') },
  ),
  who: fc.nat({ max: PEOPLE.length - 1 }),
  other: fc.nat({ max: PEOPLE.length - 2 }),
  order: fc.nat({ max: 5 }),
  amount: fc.integer({ min: 1, max: 500 }),
  category: fc.nat({ max: CATEGORIES.length - 1 }),
  passesMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: HOUR_MS }), fc.constant(DAY_MS)),
  delayMs: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 * DAY_MS }) },
    { weight: 1, arbitrary: fc.constantFrom(365 * DAY_MS, 400 * DAY_MS) },
  ),
});
const stories = fc.array(told, { minLength: 2, maxLength: 40 }).map(recordsOf);

/** One long turn, in which people are worked off one after the other, and ways to cut it. */
const ONE_TURN = { turnRecords: 1000, blockRecords: 7, cachePeople: 0 };
const CUTS: readonly RunOptions[] = [
  { turnRecords: 1, blockRecords: 1, cachePeople: 50 },
  { turnRecords: 3, blockRecords: 2, cachePeople: 0 },
  { turnRecords: 1000, blockRecords: 1000, cachePeople: 50, partitions: 3 },
];

describe('a long turn', () => {
  it('gives what its records give one by one, refunds, merges and prices included', async () => {
    await fc.assert(
      fc.asyncProperty(stories, fc.constantFrom(...CUTS), async (records, cut) => {
        expect(await outcomeOf(records, ONE_TURN)).toEqual(await outcomeOf(records, cut));
      }),
      { numRuns: 400 },
    );
  });

  it('states facts about people of other partitions in the order of the records they come of', async () => {
    await fc.assert(
      fc.asyncProperty(
        stories,
        fc.constantFrom(0, 50),
        fc.integer({ min: 1, max: 60 }),
        async (records, cachePeople, workedOffEvery) => {
          const stated = await statedIn(records, { turnRecords: 1000, workedOffEvery, cachePeople });
          expect(stated).toEqual(
            await statedIn(records, { turnRecords: 1, workedOffEvery: 1, cachePeople: 50 }),
          );
          for (const { forwarded } of stated) expect(sentAndRead(forwarded)).toEqual(forwarded);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('lets time pass for nobody further than its sweep may reach, though they are at hand', async () => {
    const store = memoryStore(1);
    const rulebook = rulebookOf(TEST_POLICY);
    const processor = new StreamProcessor({ store, rulebook, cachePeople: 0, muteTriggers: false });
    const view = (personId: string, days: number) => {
      const receivedAt = plus(START, days * DAY_MS);
      const event = { messageId: personId, personId, at: receivedAt, name: 'Product Viewed', properties: {} };
      return { event, receivedAt };
    };
    const changesOfAda = async (): Promise<number[]> => {
      const entries = await Promise.all(processor.currentClaims.map((claim) => store.outbox(claim, 1000)));
      return entries.flat().flatMap(({ announcement: one }) => {
        if (one.kind !== 'transition' || one.transition.personId !== 'ada') return [];
        return [(one.transition.effectiveAt - START) / DAY_MS];
      });
    };
    await processor.start();
    processor.take(numbered([view('ada', 0), view('bea', 10)]));
    await processor.commit(plus(START, 4 * DAY_MS));
    expect((await changesOfAda()).filter((days) => days > 4)).toEqual([]);
    await processor.sweepAll(processor.now);
    // Of five days without a visit, and of two more.
    expect((await changesOfAda()).filter((days) => days > 4)).not.toEqual([]);
  });

  it('leaves nobody due for scores that will be those they have', async () => {
    const pack = await loadPolicy(defaultPolicyPath());
    const policy = { ...pack, dimensions: pack.dimensions.filter(({ name }) => name === 'style') };
    const store = memoryStore(1);
    const scorer = await someScorer(policy);
    const processor = new StreamProcessor({
      ...{ store, rulebook: rulebookOf(policy), scorer, cachePeople: 0, muteTriggers: false },
    });
    const did = (personId: string, name: TrackedEvent['name']) => ({
      event: { messageId: personId, personId, at: START, name, properties: {} },
      receivedAt: START,
    });
    await processor.start();
    // Who looks at an item has a style, within the day.
    processor.take(numbered([did('ada', 'Products Searched'), did('bea', 'Product Viewed')]));
    await processor.commit();
    const [claim] = processor.currentClaims;
    if (claim === undefined) throw new Error('no partition');
    expect(await store.due(claim, plus(START, DAY_MS), 10)).toEqual(['bea']);
    expect(await store.due(claim, plus(START, 31 * DAY_MS), 10)).toEqual(['bea', 'ada']);
  });

  it('that could not be read is not committed without its people', async () => {
    const broken = new TidemarkError('REDIS_UNAVAILABLE', 'Redis does not answer', 'wait');
    const store = new StoreThatOnceDoesNotRead(broken);
    const processor = new StreamProcessor({
      ...{ store, rulebook: rulebookOf(TEST_POLICY), cachePeople: 0, muteTriggers: false },
    });
    await processor.start();
    const view = { messageId: 'v', personId: 'ada', at: START, name: 'Product Viewed', properties: {} };
    processor.take(numbered([{ event: view, receivedAt: START }]));
    await expect(processor.commit()).rejects.toBe(broken);
    await expect(processor.commit()).rejects.toThrow('gone on with');
    await processor.start();
    processor.take(numbered([{ event: view, receivedAt: START }]));
    await processor.commit();
    expect(await store.size()).toBe(1);
  });
});

async function outcomeOf(records: readonly SourceRecord[], options: RunOptions) {
  const { told: said, result, store } = await runRecords(records, { ...options, until: END });
  const byId = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  const rows = Object.entries(said.rows).map(([table, list]) => [table, [...list].sort(byId)]);
  if (!(store instanceof MemoryStateStore)) throw new Error('not in memory');
  const { inputs, population } = store.summary();
  const { unknownNames, ...tally } = result.tally;
  return {
    rows,
    tally,
    people: recordsIn(store),
    // Who came too late at first has a place among the others from then on only where the turn goes on.
    order: result.tally.events.rejected.too_late === undefined ? namesByPartition(store) : [],
    inputs,
    // Not what it holds alone, but the order, too: it decides who has a place where there are too many.
    categories: population.prices.map(([category]) => category),
  };
}

class StoreThatOnceDoesNotRead extends MemoryStateStore {
  private error: Error | undefined;

  constructor(error: Error) {
    super(1, []);
    this.error = error;
  }

  override read(...asked: Parameters<MemoryStateStore['read']>): ReturnType<MemoryStateStore['read']> {
    const { error } = this;
    this.error = undefined;
    return error === undefined ? super.read(...asked) : Promise.reject(error);
  }
}

/** As it arrives: everything that is stated and nothing else. */
function sentAndRead(forwarded: ForwardedFacts): ForwardedFacts {
  const read = decodeFacts(encodeFacts(forwarded));
  if (!read.ok) throw new Error(read.error.detail);
  return read.value.event;
}

function namesByPartition(store: MemoryStateStore): string[][] {
  const names = [...recordsIn(store).keys()];
  return [0, 1, 2].map((partition) => names.filter((name) => partitionOf(name, 3) === partition));
}

interface Cut {
  readonly turnRecords: number;
  readonly workedOffEvery: number;
  readonly cachePeople: number;
}

/** What the first of three partitions has to say to the others. */
async function statedIn(records: readonly SourceRecord[], { turnRecords, workedOffEvery, cachePeople }: Cut) {
  const store = memoryStore(3);
  const rulebook = rulebookOf(TEST_POLICY);
  const processor = new StreamProcessor({
    ...{ store, rulebook, cachePeople, muteTriggers: false, partitions: [0] },
  });
  await processor.start();
  for (const [i, record] of records.entries()) {
    processor.take([record]);
    if (i % workedOffEvery === 0) await processor.workOff();
    if (processor.turnRecords >= turnRecords) await processor.commit();
  }
  await processor.commit();
  const entries = await Promise.all(processor.currentClaims.map((claim) => store.outbox(claim, 10_000)));
  return entries.flat().flatMap(({ announcement }) => (announcement.kind === 'facts' ? [announcement] : []));
}

function recordsOf(list: readonly Told[]): SourceRecord[] {
  let receivedAt = START;
  const arrived = list.map((one, number) => {
    receivedAt = plus(receivedAt, one.passesMs);
    return { event: eventOf(one, number, receivedAt), receivedAt };
  });
  return numbered(arrived.filter(({ receivedAt: at }) => at <= END));
}

function eventOf(
  { kind, who, other, order, amount, category, delayMs }: Told,
  number: number,
  receivedAt: number,
): TrackedEvent {
  const person = PEOPLE[who] ?? '';
  const another = PEOPLE[(who + 1 + other) % PEOPLE.length] ?? '';
  const product = { category: CATEGORIES[category] ?? '', priceMinor: amount * 100 };
  const orderId = `order-${order}`;
  const properties: Record<Told['kind'], EventProperties> = {
    view: product,
    listing: product,
    order: {
      orderId,
      totalMinor: 40_000,
      ...(amount % 3 === 0 ? {} : { sellerId: another }),
      products: [
        product,
        { category: CATEGORIES[(category + amount) % CATEGORIES.length] ?? '', priceMinor: 100 },
      ],
    },
    refund: { orderId, totalMinor: amount * 100, refundId: `back-${number}` },
    cancel: { orderId },
    dispute: { orderId, disputeId: `case-${order}` },
    merge: { previousId: another },
  };
  return {
    messageId: `m-${number}`,
    personId: person,
    at: instant(receivedAt - delayMs),
    name: NAMES[kind],
    properties: properties[kind],
  };
}
