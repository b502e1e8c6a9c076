import type {
  Act,
  ActFact,
  CaseFact,
  Fact,
  OrderFact,
  ReturnFact,
  Side,
} from '../../src/core/events/fact.ts';
import type { FeatureEnvironment } from '../../src/core/features/feature.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, type Instant } from '../../src/core/time.ts';

/** What a feature may answer: one value while windows are exact, an interval where a tail is coarse. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Facts of a kind in a window up to which it must be exact to the millisecond. */
const EXACT = 64;
const EXACT_ORDERS = 1024;
const MOST_SESSIONS = 64;
const WINDOWS = [1, 7, 30, 90, 365] as const;
const HALF_LIFE_MS = 90 * DAY_MS;
const SELLER_WORK: readonly Act[] = [
  'selling_page',
  'listing_start',
  'listing',
  'price_change',
  'listing_removal',
  'authentication',
  'shipment',
];

/** What the catalogue calls acts: many of them, and one. */
const ACT_WORDS: Readonly<Record<Act, readonly [many: string, one: string]>> = {
  activity: ['other_acts', 'other_act'],
  view: ['item_views', 'item_view'],
  browse: ['list_views', 'list_view'],
  search: ['searches', 'search'],
  cart: ['cart_additions', 'cart_addition'],
  checkout: ['checkouts', 'checkout'],
  wishlist: ['wishlist_additions', 'wishlist_addition'],
  coupon: ['coupon_uses', 'coupon_use'],
  share: ['shares', 'share'],
  review: ['reviews', 'review'],
  post: ['community_posts', 'community_post'],
  check_in: ['check_ins', 'check_in'],
  member_event: ['member_events', 'member_event'],
  referral: ['referrals', 'referral'],
  selling_page: ['selling_page_views', 'selling_page_view'],
  listing_start: ['listing_starts', 'listing_start'],
  listing: ['listings', 'listing'],
  price_change: ['price_changes', 'price_change'],
  listing_removal: ['listing_removals', 'listing_removal'],
  authentication: ['authentications', 'authentication'],
  shipment: ['shipments', 'shipment'],
  delivery: ['deliveries', 'delivery'],
  payout: ['payouts', 'payout'],
  rating_received: ['ratings_received', 'rating_received'],
  violation: ['policy_violations', 'policy_violation'],
  offer: ['offers', 'offer'],
};

/** One order with everything that was ever said about it. */
interface NaiveOrder {
  readonly at: number;
  readonly netMinor: number;
  readonly counts: boolean;
  readonly returned: boolean;
  readonly discounted: boolean;
  readonly counterparty: string;
  readonly shippedAt: number | undefined;
  /** Mean log2 of price over usual price, over the lines that have both. */
  readonly octaves: number | undefined;
}

interface Timed {
  readonly at: number;
  readonly amount: number;
}

/**
 * The stupid oracle: every feature recomputed from the list of facts, by filters over (now − W, now], with
 * nothing remembered between two readings. Facts of one key count once. `usual` is the usual price of a category.
 */
export function naiveFeatures(
  facts: readonly Fact[],
  now: Instant,
  environment: FeatureEnvironment,
  usual: (category: string) => number | undefined,
): Map<string, Range> {
  const once = [...new Map(facts.map((fact) => [fact.key, fact])).values()];
  const answers = new Map<string, Range>();
  const say = (name: string, range: Range): void => void answers.set(name, range);
  for (const side of ['buyer', 'seller'] as const) sayTrades(once, side, now, environment, usual, say);
  for (const side of ['buyer', 'seller'] as const) sayCases(once, side, now, say);
  sayPresence(once, now, say);
  sayActs(once, now, say);
  sayRatios(once, now, usual, say);
  return answers;
}

type Say = (name: string, range: Range) => void;

function sayTrades(
  facts: readonly Fact[],
  side: Side,
  now: Instant,
  environment: FeatureEnvironment,
  usual: (category: string) => number | undefined,
  say: Say,
): void {
  const [one, many, value] =
    side === 'buyer' ? ['order', 'orders', 'value'] : ['sale', 'sales', 'sales_value'];
  const perMajor = environment.minorPerMajor;
  const placed = ordersOf(facts, side, usual);
  const counted = placed.filter((order) => order.counts);
  const within = (days: number): NaiveOrder[] => counted.filter((order) => order.at > now - days * DAY_MS);
  const counts = counted.map(({ at }) => ({ at, amount: 1 }));
  const values = counted.map(({ at, netMinor }) => ({ at, amount: netMinor }));
  for (const days of WINDOWS) {
    say(`${many}_${days}d`, windowed(counts, now, days, EXACT_ORDERS));
    say(`${value}_${days}d`, over(windowed(values, now, days, EXACT_ORDERS), perMajor));
  }
  const times = counted.map((order) => order.at).sort((a, b) => a - b);
  const first = times[0] ?? NaN;
  const last = times.at(-1) ?? NaN;
  const gapDays = times.length < 2 ? NaN : (last - first) / DAY_MS / (times.length - 1);
  say(`${many}_total`, exactly(times.length));
  say(`${value}_total`, exactly(total(values) / perMajor));
  say(`days_since_${one}`, exactly((now - last) / DAY_MS));
  say(`days_since_first_${one}`, exactly((now - first) / DAY_MS));
  say(`mean_${one}_gap_days`, exactly(gapDays));
  say(`${one}_recency_to_gap`, exactly((now - last) / DAY_MS / gapDays));
  say(`${many}_decayed`, decayed(counts, now, EXACT_ORDERS));
  say(`${value}_decayed`, over(decayed(values, now, EXACT_ORDERS), perMajor));

  const yearCount = windowed(counts, now, 365, EXACT_ORDERS);
  const yearValue = windowed(values, now, 365, EXACT_ORDERS);
  const discounts = counted.map(({ at, discounted }) => ({ at, amount: discounted ? 1 : 0 }));
  say(`average_${one}_365d`, over(ratio(yearValue, yearCount), perMajor));
  say(`average_${one}_ratio`, over(ratio(yearValue, yearCount), environment.meanOrderMinor));
  say(`discounted_${one}_share_365d`, ratio(windowed(discounts, now, 365, EXACT_ORDERS), yearCount));
  const placedInYear = placed.filter((order) => order.at > now - 365 * DAY_MS);
  const returned = placedInYear.filter((order) => order.returned).length;
  say(`returned_${one}_share_365d`, exactly(returned / placedInYear.length));
  const priced = within(365).flatMap(({ octaves }) => (octaves === undefined ? [] : [octaves]));
  say(`${one}_price_to_category_365d`, exactly(2 ** mean(priced)));
  const byOther = groupBy(within(90), (order) => order.counterparty);
  byOther.delete('');
  const shares = [...byOther.values()].map(netOf);
  const ninety = netOf(within(90));
  say(
    side === 'buyer' ? 'top_seller_share_90d' : 'top_buyer_share_90d',
    exactly(ninety === 0 ? NaN : Math.max(0, ...shares) / ninety),
  );
  for (const days of [30, 365]) {
    const largest = Math.max(0, ...within(days).map((order) => order.netMinor));
    say(`largest_${one}_${days}d`, exactly(largest / perMajor));
  }
  const month = counted.filter((order) => sameMonth(order.at, now, environment.utcOffsetMs));
  say(`${one}_value_month`, exactly(netOf(month) / perMajor));
  if (side === 'seller') {
    const hours = within(365).flatMap(({ at, shippedAt }) =>
      shippedAt === undefined ? [] : [Math.max(0, shippedAt - at) / HOUR_MS],
    );
    say('ship_hours_365d', exactly(mean(hours)));
  }
}

function ordersOf(
  facts: readonly Fact[],
  side: Side,
  usual: (category: string) => number | undefined,
): NaiveOrder[] {
  const placed = facts.filter((fact): fact is OrderFact => fact.type === 'order' && fact.side === side);
  const backs = facts.filter((fact): fact is ReturnFact => fact.type === 'return' && fact.side === side);
  return [...new Map(placed.map((fact) => [fact.orderKey, fact])).values()].map((order) => {
    const returns = backs.filter((back) => back.orderKey === order.orderKey);
    const cancelled = returns.some((back) => back.cancelled);
    const refunds = new Map(returns.filter((back) => !back.cancelled).map((back) => [back.returnKey, back]));
    const given = [...refunds.values()].map((back) => back.amountMinor ?? Infinity);
    const netMinor = cancelled
      ? 0
      : Math.max(
          0,
          given.reduce((left, back) => left - back, order.grossMinor),
        );
    const shipped = facts.filter((fact) => fact.type === 'shipment' && fact.orderKey === order.orderKey);
    const octaves = order.priced.flatMap(({ category, priceMinor }) => {
      const reference = usual(category) ?? 0;
      return reference > 0 && priceMinor > 0 ? [Math.log2(priceMinor / reference)] : [];
    });
    return {
      at: order.at,
      netMinor,
      counts: !cancelled && (given.length === 0 || netMinor > 0),
      returned: returns.length > 0,
      discounted: order.discounted,
      counterparty: order.counterparty,
      shippedAt: shipped.length === 0 ? undefined : Math.min(...shipped.map((fact) => fact.at)),
      octaves: octaves.length === 0 ? undefined : mean(octaves),
    };
  });
}

function sayCases(facts: readonly Fact[], side: Side, now: Instant, say: Say): void {
  const prefix = side === 'buyer' ? 'own' : 'received';
  const steps = facts.filter((fact): fact is CaseFact => fact.type === 'case' && fact.side === side);
  const cases = [...groupBy(steps, (fact) => fact.caseKey).values()].map((of) => ({
    openedAt: firstOf(of, 'opened'),
    answeredAt: firstOf(of, 'answered'),
    resolvedAt: firstOf(of, 'resolved'),
    lost: of.some((fact) => fact.step === 'resolved' && fact.lost),
  }));
  const opened = cases.filter(({ openedAt }) => openedAt > now - 365 * DAY_MS && openedAt <= now);
  const hours = opened
    .filter(({ answeredAt }) => answeredAt < Infinity)
    .map(({ openedAt, answeredAt }) => Math.max(0, answeredAt - openedAt) / HOUR_MS);
  const waiting = cases.filter(
    ({ openedAt, answeredAt, resolvedAt }) =>
      openedAt < Infinity && answeredAt === Infinity && resolvedAt === Infinity,
  );
  const since = Math.min(...waiting.map(({ openedAt }) => openedAt));
  say(`${prefix}_disputes_365d`, exactly(opened.length));
  say(`${prefix}_dispute_response_hours_365d`, exactly(mean(hours)));
  say(`${prefix}_disputes_lost_365d`, exactly(opened.filter(({ lost }) => lost).length));
  say(`${prefix}_dispute_waiting_hours`, exactly(waiting.length === 0 ? NaN : (now - since) / HOUR_MS));
}

function firstOf(steps: readonly CaseFact[], step: CaseFact['step']): number {
  return Math.min(...steps.filter((fact) => fact.step === step).map((fact) => fact.at));
}

function sayPresence(facts: readonly Fact[], now: Instant, say: Say): void {
  const here = facts
    .filter((fact) => fact.own)
    .map((fact) => fact.at as number)
    .sort((a, b) => a - b);
  const begins = here.filter((at, i) => i === 0 || at - (here[i - 1] ?? 0) > 30 * MINUTE_MS);
  const days = [...new Set(here.map((at) => Math.floor(at / DAY_MS)))];
  for (const window of WINDOWS) {
    const from = now - window * DAY_MS;
    const sessions = begins.filter((at) => at > from).length;
    say(`sessions_${window}d`, exactly(Math.min(MOST_SESSIONS, sessions)));
    say(`active_days_${window}d`, exactly(days.filter((day) => day * DAY_MS > from).length));
  }
  const selling = actsOf(facts, (fact) => fact.own && SELLER_WORK.includes(fact.act));
  say('days_since_activity', exactly((now - (here.at(-1) ?? NaN)) / DAY_MS));
  say('tenure_days', exactly((now - (here[0] ?? NaN)) / DAY_MS));
  say('days_since_seller_activity', exactly((now - latestOf(selling)) / DAY_MS));
}

function sayActs(facts: readonly Fact[], now: Instant, say: Say): void {
  for (const [act, [many, one]] of Object.entries(ACT_WORDS)) {
    const all = actsOf(facts, (fact) => fact.act === act);
    const counts = all.map(({ at }) => ({ at, amount: 1 }));
    for (const days of WINDOWS) say(`${many}_${days}d`, windowed(counts, now, days, EXACT));
    say(`${many}_total`, exactly(all.length));
    say(`days_since_${one}`, exactly((now - latestOf(all)) / DAY_MS));
  }
}

function sayRatios(
  facts: readonly Fact[],
  now: Instant,
  usual: (category: string) => number | undefined,
  say: Say,
): void {
  const count = (act: Act, days: number): Range =>
    windowed(
      actsOf(facts, (fact) => fact.act === act).map(({ at }) => ({ at, amount: 1 })),
      now,
      days,
      EXACT,
    );
  const sum = (act: Act, days: number, of: (fact: ActFact) => number): Range =>
    windowed(
      actsOf(facts, (fact) => fact.act === act).map((fact) => ({ at: fact.at, amount: of(fact) })),
      now,
      days,
      EXACT,
    );
  const sold = windowed(
    ordersOf(facts, 'seller', usual).flatMap(({ at, counts }) => (counts ? [{ at, amount: 1 }] : [])),
    now,
    365,
    EXACT_ORDERS,
  );
  const marked = (fact: ActFact): number => (fact.mark ? 1 : 0);
  const listed = count('listing', 365);
  const removed = count('listing_removal', 365);
  say('sell_through_365d', ratio(sold, listed));
  say('unsold_listings_365d', {
    low: Math.max(0, listed.low - sold.high - removed.high),
    high: Math.max(0, listed.high - sold.low - removed.low),
  });
  say('price_sorted_share_90d', ratio(sum('browse', 90, marked), count('browse', 90)));
  say('new_arrival_share_90d', ratio(sum('view', 90, marked), count('view', 90)));
  say('view_trend', ratio(over(count('view', 7), 7), over(count('view', 30), 30)));
  const stars = sum('rating_received', 365, (fact) => fact.value / 100);
  say('rating_received_365d', ratio(stars, count('rating_received', 365)));
  const received = facts.filter(
    (fact) => fact.type === 'case' && fact.side === 'seller' && fact.step === 'opened',
  ) as CaseFact[];
  const disputes = [...groupBy(received, (fact) => fact.caseKey).values()].filter(
    (steps) => firstOf(steps, 'opened') > now - 365 * DAY_MS,
  ).length;
  say('dispute_rate_365d', ratio(exactly(disputes), sold));
}

function actsOf(facts: readonly Fact[], keep: (fact: ActFact) => boolean): ActFact[] {
  return facts.filter((fact): fact is ActFact => fact.type === 'act' && keep(fact));
}

/** The sum over (now − W, now]; past `exact` facts up to that of the window widened by one hop. */
function windowed(facts: readonly Timed[], now: Instant, days: number, exact: number): Range {
  const windowMs = days * DAY_MS;
  const hopMs = windowMs <= 2 * DAY_MS ? HOUR_MS : DAY_MS;
  const inWindow = facts.filter(({ at }) => at > now - windowMs);
  const widened = facts.filter(({ at }) => at > now - windowMs - hopMs);
  const low = total(inWindow);
  return { low, high: inWindow.length <= exact ? low : total(widened) };
}

/** Halved every 90 days over the last 365; past `exact` facts each may look up to one hop younger than it is. */
function decayed(facts: readonly Timed[], now: Instant, exact: number): Range {
  const inYear = facts.filter(({ at }) => at > now - 365 * DAY_MS);
  const widened = facts.filter(({ at }) => at > now - 366 * DAY_MS);
  const weigh = (list: readonly Timed[], youngerMs: number): number =>
    list.reduce(
      (sum, { at, amount }) => sum + amount * 2 ** (-Math.max(0, now - at - youngerMs) / HALF_LIFE_MS),
      0,
    );
  const low = weigh(inYear, 0);
  return { low, high: inYear.length <= exact ? low : weigh(widened, DAY_MS) };
}

function sameMonth(at: number, now: number, utcOffsetMs: number): boolean {
  const month = (instantMs: number): string => new Date(instantMs + utcOffsetMs).toISOString().slice(0, 7);
  return month(at) === month(now);
}

function exactly(value: number): Range {
  return { low: value, high: value };
}

function over(range: Range, divisor: number): Range {
  return { low: range.low / divisor, high: range.high / divisor };
}

function ratio(top: Range, bottom: Range): Range {
  return { low: top.low / bottom.high, high: top.high / bottom.low };
}

function groupBy<K, T>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function total(facts: readonly Timed[]): number {
  return facts.reduce((sum, { amount }) => sum + amount, 0);
}

function netOf(orders: readonly NaiveOrder[]): number {
  return orders.reduce((sum, order) => sum + order.netMinor, 0);
}

function latestOf(facts: readonly { readonly at: number }[]): number {
  return facts.length === 0 ? NaN : Math.max(...facts.map(({ at }) => at));
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}
