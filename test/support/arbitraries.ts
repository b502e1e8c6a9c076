import fc from 'fast-check';
import { ACT_NAMES, type Act, type Fact, type OrderFact, type Side } from '../../src/core/events/fact.ts';
import type { FeatureEnvironment } from '../../src/core/features/feature.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, instant, type Instant } from '../../src/core/time.ts';

/** A fact and when it reached the person. */
export interface Arrival {
  readonly fact: Fact;
  readonly receivedAt: Instant;
}

/** What one person did and suffered up to `end`, in the order in which we heard of it. */
export interface History {
  readonly end: Instant;
  readonly arrivals: readonly Arrival[];
}

export interface HistoryShape {
  /** How far back from `end` facts may lie. Past 365, late ones still come within 365 days of their time. */
  readonly days: number;
  /** Longest time between a fact and its arrival, at most 100 days (364 for mere acts); 0: comes at once. */
  readonly latestDays: number;
  /** Runs of 65 to 140 facts of a kind; without them there are few of each. */
  readonly bursts: boolean;
  /** Facts that come a second or third time within two days. */
  readonly duplicates: boolean;
  /** No orders and no disputes, and item views mostly. */
  readonly actsOnly?: boolean;
}

/** Distances at which windows end; facts crowd around them. */
const EDGES_MS: readonly number[] = [1, 2, 7, 30, 90, 365].map((days) => days * DAY_MS);
/** Distances that many facts share to the millisecond, or to less than what parts two sessions. */
const TIES_MS: readonly number[] = [
  0,
  5 * MINUTE_MS,
  20 * HOUR_MS,
  29 * DAY_MS,
  200 * DAY_MS,
  365 * DAY_MS - MINUTE_MS,
  365 * DAY_MS + 5 * MINUTE_MS,
];

interface Moment {
  readonly agoMs: number;
  /** Round down to a whole hour or day: where hops begin. */
  readonly snapMs: number;
  readonly nudgeMs: number;
}

function moment(days: number): fc.Arbitrary<Moment> {
  const reach = days * DAY_MS;
  const edges = EDGES_MS.filter((edge) => edge <= reach);
  const agoMs = fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0, max: reach - 1 }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: Math.min(reach - 1, 10 * DAY_MS) }) },
    { weight: 2, arbitrary: fc.constantFrom(...edges) },
    { weight: 2, arbitrary: fc.constantFrom(...TIES_MS.filter((tie) => tie <= reach)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom(...edges), fc.integer({ min: -DAY_MS, max: DAY_MS }))
        .map(([edge, aside]) => edge + aside),
    },
  );
  const snapMs = fc.constantFrom(1, 1, 1, HOUR_MS, DAY_MS);
  return fc.record({ agoMs, snapMs, nudgeMs: fc.integer({ min: -1, max: 1 }) });
}

/** Half of the facts are never late, some by minutes, some by up to so many days. */
function delayMs(latestDays: number): fc.Arbitrary<number> {
  const most = latestDays * DAY_MS;
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: Math.min(most, HOUR_MS) }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: most }) },
    ...(latestDays > 100 ? [{ weight: 2, arbitrary: fc.constantFrom(...BARELY_IN_TIME_MS) }] : []),
  );
}

/** Almost as late as can be, by less than what parts two sessions. */
const BARELY_IN_TIME_MS: readonly number[] = [1, 600_000, 1_500_000].map((ms) => 365 * DAY_MS - ms);

const side = fc.constantFrom<Side[]>('buyer', 'seller');
/** Most acts are of few kinds, so that they meet. */
const act = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom<Act[]>('view', 'browse', 'listing', 'listing_removal', 'rating_received'),
  },
  { weight: 1, arbitrary: fc.constantFrom(...ACT_NAMES) },
);
const copies = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 }) },
);
const grossMinor = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.integer({ min: 0, max: 2_000_000 }),
  fc.constant(2 ** 43),
);

interface ReturnStory {
  /** From the order to the return; negative: the refund's own time lies before the order's. */
  readonly afterMs: number;
  readonly delayMs: number;
  readonly what: 'all' | 'part' | 'half' | 'exactly' | 'too_much' | 'cancelled';
  readonly id: number;
  readonly copies: number;
}

const returnStory: fc.Arbitrary<ReturnStory> = fc.record({
  afterMs: fc.oneof(
    fc.integer({ min: 0, max: 60 * DAY_MS }),
    fc.integer({ min: -5 * DAY_MS, max: 5 * DAY_MS }),
    fc.constant(0),
  ),
  delayMs: delayMs(30),
  what: fc.constantFrom('all', 'part', 'part', 'half', 'exactly', 'too_much', 'cancelled'),
  id: fc.integer({ min: 0, max: 2 }),
  copies,
});

/** What one line of a history tells; each becomes one fact or several. */
type Story = (end: Instant, number: number, shape: HistoryShape) => Arrival[];

function actStory(shape: HistoryShape): fc.Arbitrary<Story> {
  return fc
    .record({
      at: moment(shape.days),
      act,
      value: fc.integer({ min: 0, max: 500 }),
      mark: fc.boolean(),
      own: fc.boolean(),
      delayMs: delayMs(shape.latestDays),
      copies,
    })
    .map(
      ({ at, act: kind, value, mark, own, delayMs: delay, copies: again }) =>
        (end, number) =>
          tell(
            { type: 'act', key: number, at: placed(end, at, shape), own, act: kind, value, mark },
            end,
            delay,
            again,
          ),
    );
}

function burstStory(shape: HistoryShape): fc.Arbitrary<Story> {
  return fc
    .record({
      at: moment(shape.days),
      act: fc.constantFrom<Act[]>('view', 'view', 'view', 'browse', 'listing'),
      length: fc.integer({ min: 60, max: 140 }),
      stepMs: fc.constantFrom(0, 1, 977, MINUTE_MS, 4 * MINUTE_MS),
      isOrders: shape.actsOnly === true ? fc.constant(false) : fc.boolean(),
      side,
      delayMs: delayMs(shape.latestDays),
    })
    .map(
      (burst) => (end, number) =>
        Array.from({ length: burst.length }, (_, i) => {
          const at = instant(Math.max(placed(end, burst.at, shape) - i * burst.stepMs, farthest(end, shape)));
          const key = number + i;
          const common = { key, at, own: i % 2 === 0 };
          const fact: Fact = burst.isOrders
            ? {
                ...common,
                type: 'order',
                side: burst.side,
                orderKey: key,
                grossMinor: 100 + (i % 7),
                discounted: i % 3 === 0,
                counterparty: `other-${i % 4}`,
                priced: [],
              }
            : { ...common, type: 'act', act: burst.act, value: i % 5, mark: i % 4 === 0 };
          return tell(fact, end, i % 3 === 0 ? burst.delayMs : 0, 0);
        }).flat(),
    );
}

function orderStory(shape: HistoryShape): fc.Arbitrary<Story> {
  const line = fc.record({
    category: fc.constantFrom('bags', 'shoes', 'odd'),
    priceMinor: fc.integer({ min: 100, max: 90_000 }),
  });
  return fc
    .record({
      at: moment(shape.days),
      side,
      grossMinor,
      discounted: fc.boolean(),
      counterparty: fc.constantFrom('', 'ada', 'ben', 'cy'),
      priced: fc.array(line, { maxLength: 2 }),
      delayMs: delayMs(shape.latestDays),
      returns: fc.array(returnStory, { maxLength: 3 }),
      shipAfterMs: fc.option(fc.integer({ min: -HOUR_MS, max: 20 * DAY_MS }), { nil: undefined }),
      copies,
      restated: fc.boolean(),
    })
    .map((order) => (end, number) => {
      const at = placed(end, order.at, shape);
      const orderKey = number;
      const { side: on, grossMinor: gross, discounted, counterparty, priced } = order;
      const placing: OrderFact = {
        type: 'order',
        key: number,
        at,
        own: on === 'buyer',
        side: on,
        orderKey,
        grossMinor: gross,
        discounted,
        counterparty,
        priced,
      };
      const arrivals = tell(placing, end, order.delayMs, order.copies);
      if (order.restated)
        arrivals.push(...tell({ ...placing, key: number + 1 }, end, order.delayMs + 4 * DAY_MS, 0));
      order.returns.forEach((back, i) => {
        const fact: Fact = {
          type: 'return',
          key: number + 2 + i,
          at: clamped(at + back.afterMs, end, shape),
          own: false,
          side: on,
          orderKey,
          amountMinor: amountOf(back.what, gross),
          cancelled: back.what === 'cancelled',
          returnKey: number + returnNumber(back),
          forward: false,
        };
        arrivals.push(...tell(fact, end, back.delayMs, back.copies));
      });
      if (on === 'seller' && order.shipAfterMs !== undefined) {
        const shippedAt = clamped(at + order.shipAfterMs, end, shape);
        arrivals.push(
          ...tell({ type: 'shipment', key: number + 9, at: shippedAt, own: true, orderKey }, end, 0, 0),
        );
      }
      return arrivals;
    });
}

function caseStory(shape: HistoryShape): fc.Arbitrary<Story> {
  const step = fc.record({
    step: fc.constantFrom('opened' as const, 'opened' as const, 'answered' as const, 'resolved' as const),
    afterMs: fc.integer({ min: 0, max: 40 * DAY_MS }),
    delayMs: delayMs(Math.min(shape.latestDays, 30)),
    lost: fc.boolean(),
  });
  return fc
    .record({ at: moment(shape.days), side, steps: fc.array(step, { minLength: 1, maxLength: 4 }) })
    .map(
      ({ at, side: on, steps }) =>
        (end, number) =>
          steps.flatMap((one, i) => {
            const happenedAt = clamped(placed(end, at, shape) + one.afterMs, end, shape);
            const fact: Fact = {
              type: 'case',
              key: number + i,
              at: happenedAt,
              own: on === 'buyer',
              side: on,
              caseKey: number,
              step: one.step,
              lost: one.lost,
            };
            return tell(fact, end, one.delayMs, 0);
          }),
    );
}

/** Acts, orders with all that can befall them, disputes and bursts, late, twice and out of order. */
export function histories(shape: HistoryShape): fc.Arbitrary<History> {
  const stories =
    shape.actsOnly === true
      ? actStory(shape)
      : fc.oneof(
          { weight: 4, arbitrary: actStory(shape) },
          { weight: 4, arbitrary: orderStory(shape) },
          { weight: 2, arbitrary: caseStory(shape) },
        );
  return fc
    .record({
      end: fc.integer({ min: Date.UTC(2023, 0, 1), max: Date.UTC(2024, 11, 31) }),
      stories: fc.array(stories, { maxLength: 14 }),
      bursts: shape.bursts ? fc.array(burstStory(shape), { maxLength: 2 }) : fc.constant([]),
    })
    .map(({ end, stories: told, bursts }) => {
      const at = instant(end);
      const arrivals = [...told, ...bursts].flatMap((story, i) => story(at, 1 + i * 1000, shape));
      const kept = shape.duplicates ? arrivals : firstOfEach(arrivals);
      kept.sort((a, b) => a.receivedAt - b.receivedAt);
      return { end: at, arrivals: kept, [fc.toStringMethod]: () => described(at, kept) };
    });
}

/** A buyer with more orders than are kept one by one, all heard of at the end and in no order of time. */
export const longLedgers: fc.Arbitrary<History> = fc
  .record({
    end: fc.integer({ min: Date.UTC(2024, 1, 25), max: Date.UTC(2024, 2, 8) }),
    agoMs: fc.oneof(fc.integer({ min: 0, max: 12 * DAY_MS }), fc.integer({ min: 0, max: 300 * DAY_MS })),
    count: fc.integer({ min: 1030, max: 1150 }),
    stepMs: fc.constantFrom(0, MINUTE_MS, 17 * MINUTE_MS, HOUR_MS),
  })
  .map(({ end, agoMs, count, stepMs }) => {
    const arrivals = Array.from({ length: count }, (_, i): Arrival => {
      const number = (i * 7) % count;
      const order = {
        grossMinor: 1 + (number % 9),
        discounted: number % 2 === 0,
        counterparty: '',
        priced: [],
      };
      const at = instant(Math.max(end - agoMs - number * stepMs, end - 364 * DAY_MS));
      const fact: Fact = { type: 'order', side: 'buyer', own: false, key: i, orderKey: i + 1, at, ...order };
      return { fact, receivedAt: instant(end) };
    });
    return { end: instant(end), arrivals, [fc.toStringMethod]: () => described(instant(end), arrivals) };
  });

function firstOfEach(arrivals: readonly Arrival[]): Arrival[] {
  const byKey = new Map<number, Arrival>();
  for (const arrival of arrivals) if (!byKey.has(arrival.fact.key)) byKey.set(arrival.fact.key, arrival);
  return [...byKey.values()];
}

/** One line a fact, times as distances to the end: what a counterexample is read by. */
function described(end: Instant, arrivals: readonly Arrival[]): string {
  const lines = arrivals.slice(0, 40).map(({ fact, receivedAt }) => {
    const { at, ...rest } = fact;
    return `  at end − ${end - at}, received at end − ${end - receivedAt}: ${JSON.stringify(rest)}`;
  });
  if (arrivals.length > lines.length) lines.push(`  … ${arrivals.length - lines.length} more`);
  return [`history up to ${end}`, ...lines].join('\n');
}

/** Frozen inputs as a review period would give them. */
export const environments: fc.Arbitrary<FeatureEnvironment> = fc.record({
  meanOrderMinor: fc.constantFrom(NaN, 12_345),
  cuts: fc.constant({}),
  currency: fc.constant('CNY'),
  minorPerMajor: fc.constantFrom(1, 100, 1000),
  utcOffsetMs: fc.constantFrom(0, 8 * HOUR_MS, -5 * HOUR_MS, 5.5 * HOUR_MS),
});

/** For the categories of the generated orders; `odd` has none. */
export const USUAL_PRICES: Readonly<Record<string, number>> = { bags: 40_000, shoes: 999 };

export function usualPrice(category: string): number | undefined {
  return USUAL_PRICES[category];
}

function placed(end: Instant, { agoMs, snapMs, nudgeMs }: Moment, shape: HistoryShape): Instant {
  return clamped(Math.floor((end - agoMs) / snapMs) * snapMs + nudgeMs, end, shape);
}

function clamped(at: number, end: Instant, shape: HistoryShape): Instant {
  return instant(Math.max(Math.min(at, end), farthest(end, shape)));
}

function farthest(end: Instant, shape: HistoryShape): Instant {
  return instant(end - shape.days * DAY_MS + 1);
}

/** The fact arrives `delay` after its time, but not after the end; `again` copies follow within two days. */
function tell(fact: Fact, end: Instant, delay: number, again: number): Arrival[] {
  return Array.from({ length: 1 + again }, (_, i) => ({
    fact,
    receivedAt: instant(Math.min(end, fact.at + delay + i * 23 * HOUR_MS)),
  }));
}

function amountOf(what: ReturnStory['what'], gross: number): number | null {
  switch (what) {
    case 'all':
    case 'cancelled':
      return null;
    case 'part':
      return Math.floor(gross / 3);
    case 'half':
      return Math.floor(gross / 2);
    case 'exactly':
      return gross;
    case 'too_much':
      return gross + 1;
  }
}

/** A return told twice under one id says the same both times. */
function returnNumber(back: ReturnStory): number {
  return 20 + back.id * 10 + ['all', 'part', 'half', 'exactly', 'too_much', 'cancelled'].indexOf(back.what);
}
