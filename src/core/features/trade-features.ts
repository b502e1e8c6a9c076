import type { Side } from '../events/fact.ts';
import { formatMoney } from '../money.ts';
import { DAY_MS, HOUR_MS, NEVER, dateOf, instant, type Instant } from '../time.ts';
import { WINDOW_DAYS } from './act-features.ts';
import {
  ageFeature,
  fallingFeature,
  lastingFeature,
  monotoneFeature,
  steppedFeature,
  windowFeature,
  type Feature,
  type FeatureEnvironment,
} from './feature.ts';
import { type Ledger } from './ledger.ts';
import { NO_PRICE_SCORE, netMinor } from './ledger-entry.ts';
import { known, type PersonWindows } from './person-windows.ts';
import { countWords, daysWords, percentWords, rounded } from './words.ts';

/** Names of the two sides: `orders` and `value` of a buyer, `sales` and `sales_value` of a seller. */
interface Trade {
  readonly side: Side;
  readonly one: string;
  readonly many: string;
  readonly value: string;
}

const TRADES: readonly Trade[] = [
  { side: 'buyer', one: 'order', many: 'orders', value: 'value' },
  { side: 'seller', one: 'sale', many: 'sales', value: 'sales_value' },
];

const YEAR_MS = 365 * DAY_MS;
const HALF_LIFE_MS = 90 * DAY_MS;

export const TRADE_FEATURES: readonly Feature[] = TRADES.flatMap(featuresOf);

function featuresOf(trade: Trade): Feature[] {
  const { one, many, value: valueName } = trade;
  const ledger = (windows: PersonWindows): Ledger | undefined =>
    trade.side === 'buyer' ? windows.orders : windows.sales;
  const reads = [trade.side === 'buyer' ? 'orders' : 'sales'] as const;
  const money = (value: number, environment: FeatureEnvironment): string =>
    formatMoney(Math.round(value * environment.minorPerMajor), environment.currency);
  const expiry = (windowMs: number) => (windows: PersonWindows, now: Instant) =>
    ledger(windows)?.nextExpiry(now, windowMs) ?? NEVER;
  const inYear = (windows: PersonWindows, now: Instant, measure: 'count' | 'sum' | 'marks'): number =>
    ledger(windows)?.total(now, YEAR_MS, measure) ?? 0;
  const largest = (days: number): Feature =>
    fallingFeature(
      {
        name: `largest_${one}_${days}d`,
        unit: 'money',
        about: `value of the largest ${one} in the last ${daysWords(days)}`,
        reads,
        words: (value, _windows, environment) =>
          `largest ${one} in the last ${daysWords(days)}: ${money(value, environment)}`,
      },
      (windows, now) => ledger(windows)?.largest(now, days * DAY_MS) ?? 0,
      (windows, now, minor) => ledger(windows)?.largestUntil(now, days * DAY_MS, minor) ?? NEVER,
      (environment) => environment.minorPerMajor,
    );
  return [
    ...WINDOW_DAYS.flatMap((days) => [
      windowFeature(
        {
          name: `${many}_${days}d`,
          unit: 'count',
          about: `completed ${many} in the last ${daysWords(days)}, without cancelled and fully refunded ones`,
          reads,
          words: (value) => `${countWords(value, one, many)} in the last ${daysWords(days)}`,
        },
        ledger,
        days * DAY_MS,
        'count',
        () => 1,
      ),
      windowFeature(
        {
          name: `${valueName}_${days}d`,
          unit: 'money',
          about: `value of the ${many} of the last ${daysWords(days)}, net of refunds`,
          reads,
          words: (value, _windows, environment) =>
            `${money(value, environment)} of ${many} in the last ${daysWords(days)}`,
        },
        ledger,
        days * DAY_MS,
        'sum',
        (environment) => environment.minorPerMajor,
      ),
    ]),
    lastingFeature(
      {
        name: `${many}_total`,
        unit: 'count',
        about: `completed ${many} ever`,
        reads,
        words: (value) => `${countWords(value, one, many)} in all`,
      },
      (windows) => ledger(windows)?.totalCount ?? 0,
    ),
    lastingFeature(
      {
        name: `${valueName}_total`,
        unit: 'money',
        about: `value of all ${many}, net of refunds`,
        reads,
        words: (value, _windows, environment) => `${money(value, environment)} of ${many} in all`,
      },
      (windows, _now, environment) => (ledger(windows)?.totalSum ?? 0) / environment.minorPerMajor,
    ),
    ageFeature(
      {
        name: `days_since_${one}`,
        unit: 'days',
        about: `days since the last completed ${one}`,
        reads,
        words: (value, windows) =>
          Number.isNaN(value)
            ? `no ${one} yet`
            : `last ${one} ${daysWords(Math.floor(value))} ago (${dateOf(ledger(windows)?.lastAt ?? NEVER)})`,
      },
      (windows) => known(ledger(windows)?.lastAt ?? NEVER),
      DAY_MS,
    ),
    ageFeature(
      {
        name: `days_since_first_${one}`,
        since: 'first',
        unit: 'days',
        about: `days since the first completed ${one}`,
        reads,
        words: (value, windows) =>
          Number.isNaN(value)
            ? `no ${one} yet`
            : `first ${one} ${daysWords(Math.floor(value))} ago (${dateOf(ledger(windows)?.firstAt ?? NEVER)})`,
      },
      (windows) => known(ledger(windows)?.firstAt ?? NEVER),
      DAY_MS,
    ),
    lastingFeature(
      {
        name: `mean_${one}_gap_days`,
        unit: 'days',
        about: `mean days between ${many}; none below two ${many}`,
        reads,
        words: (value) =>
          Number.isNaN(value)
            ? `fewer than two ${many}`
            : value < 0.5
              ? `several ${many} on a day`
              : `usually ${one === 'order' ? 'an' : 'a'} ${one} every ${daysWords(Math.round(value))}`,
      },
      (windows) => meanGapDays(ledger(windows)),
    ),
    monotoneFeature(
      {
        name: `${one}_recency_to_gap`,
        unit: 'ratio',
        about: `time since the last ${one} over the mean gap between ${many}`,
        reads,
        words: (value) =>
          Number.isNaN(value)
            ? `fewer than two ${many}`
            : `${rounded(value)} × the usual gap since the last ${one}`,
      },
      (windows, now) => (now - (ledger(windows)?.lastAt ?? NaN)) / DAY_MS / meanGapDays(ledger(windows)),
      100 * YEAR_MS,
    ),
    monotoneFeature(
      {
        name: `${many}_decayed`,
        unit: 'score',
        about: `${many} of the last 365 days, each halved every 90 days`,
        reads,
        words: (value) => `${rounded(value)} ${many} after decay`,
      },
      (windows, now) => ledger(windows)?.decayed(now, HALF_LIFE_MS, 'count') ?? 0,
      2 * YEAR_MS,
    ),
    monotoneFeature(
      {
        name: `${valueName}_decayed`,
        unit: 'money',
        about: `value of the ${many} of the last 365 days, each halved every 90 days`,
        reads,
        words: (value, _windows, environment) => `${money(value, environment)} of ${many} after decay`,
      },
      (windows, now, environment) =>
        (ledger(windows)?.decayed(now, HALF_LIFE_MS, 'sum') ?? 0) / environment.minorPerMajor,
      2 * YEAR_MS,
    ),
    steppedFeature(
      {
        name: `average_${one}_365d`,
        unit: 'money',
        about: `mean value of a completed ${one} of the last 365 days`,
        reads,
        words: (value, _windows, environment) =>
          Number.isNaN(value)
            ? `no ${many} in a year`
            : `${money(value, environment)} per ${one} over a year`,
      },
      (windows, now, environment) =>
        inYear(windows, now, 'sum') / inYear(windows, now, 'count') / environment.minorPerMajor,
      expiry(YEAR_MS),
    ),
    steppedFeature(
      {
        name: `average_${one}_ratio`,
        unit: 'ratio',
        population: true,
        about: `mean ${one} of the last 365 days over the platform's mean order, frozen per review period`,
        reads,
        words: (value) =>
          Number.isNaN(value)
            ? `no mean ${one} to compare yet`
            : `mean ${one} ${rounded(value)} × the platform's mean`,
      },
      (windows, now, environment) =>
        inYear(windows, now, 'sum') / inYear(windows, now, 'count') / environment.meanOrderMinor,
      expiry(YEAR_MS),
    ),
    steppedFeature(
      {
        name: `discounted_${one}_share_365d`,
        unit: 'ratio',
        about: `share of the ${many} of the last 365 days bought at a discount`,
        reads,
        words: (value) =>
          Number.isNaN(value)
            ? `no ${many} in a year`
            : `${percentWords(value)} of a year's ${many} at a discount`,
      },
      (windows, now) => inYear(windows, now, 'marks') / inYear(windows, now, 'count'),
      expiry(YEAR_MS),
    ),
    steppedFeature(
      {
        name: `returned_${one}_share_365d`,
        unit: 'ratio',
        about: `share of the ${many} of the last 365 days cancelled or refunded, in part or in full`,
        reads,
        words: (value) =>
          Number.isNaN(value)
            ? `no ${many} in a year`
            : `${percentWords(value)} of a year's ${many} given back`,
      },
      (windows, now) => returnedShare(ledger(windows), now),
      (windows, now) => nextEntryExpiry(ledger(windows), now, YEAR_MS),
    ),
    steppedFeature(
      {
        name: `${one}_price_to_category_365d`,
        unit: 'ratio',
        about: `typical price of the ${many} of the last 365 days over their categories' usual price at the time`,
        reads,
        words: (value) =>
          Number.isNaN(value)
            ? 'no price to compare yet'
            : `pays ${rounded(value)} × the usual price of the category`,
      },
      (windows, now) => priceToCategory(ledger(windows), now),
      expiry(YEAR_MS),
    ),
    steppedFeature(
      {
        name: `top_counterparty_share_90d`
          .replace('top', trade.side === 'buyer' ? 'top_seller' : 'top_buyer')
          .replace('_counterparty', ''),
        unit: 'ratio',
        about: `largest share of one ${trade.side === 'buyer' ? 'seller' : 'buyer'} in the value of the last 90 days`,
        reads,
        words: (value) =>
          Number.isNaN(value)
            ? `no ${many} in 90 days`
            : `${percentWords(value)} of 90 days' value with one ${trade.side === 'buyer' ? 'seller' : 'buyer'}`,
      },
      (windows, now) => topCounterpartyShare(ledger(windows), now),
      expiry(90 * DAY_MS),
    ),
    largest(30),
    largest(365),
    steppedFeature(
      {
        name: `${trade.side === 'buyer' ? 'order' : 'sale'}_value_month`,
        unit: 'money',
        about: `value of the ${many} of the current calendar month`,
        reads,
        words: (value, _windows, environment) => `${money(value, environment)} of ${many} this month`,
      },
      (windows, now, environment) =>
        monthMinor(ledger(windows), now, environment) / environment.minorPerMajor,
      (windows, now, environment) =>
        monthMinor(ledger(windows), now, environment) === 0
          ? NEVER
          : nextMonthStart(now, environment.utcOffsetMs),
    ),
    ...(trade.side === 'seller'
      ? [
          steppedFeature(
            {
              name: 'ship_hours_365d',
              unit: 'hours',
              about: 'mean hours from sale to shipment over the shipped sales of the last 365 days',
              reads,
              words: (value) =>
                Number.isNaN(value) ? 'nothing shipped yet' : `ships after ${rounded(value)} h on average`,
            },
            (windows, now) => shipHours(ledger(windows), now),
            expiry(YEAR_MS),
          ),
        ]
      : []),
  ];
}

function meanGapDays(ledger: Ledger | undefined): number {
  const n = ledger?.totalCount ?? 0;
  return ledger === undefined || n < 2 ? NaN : (ledger.lastAt - ledger.firstAt) / DAY_MS / (n - 1);
}

function returnedShare(ledger: Ledger | undefined, now: Instant): number {
  const placed = ledger?.entries.filter((entry) => entry.placedAt > now - YEAR_MS) ?? [];
  return placed.filter((entry) => entry.cancelled || entry.returns.length > 0).length / placed.length;
}

/** Unlike {@link Ledger.nextExpiry} this sees cancelled orders, too. */
function nextEntryExpiry(ledger: Ledger | undefined, now: Instant, windowMs: number): Instant {
  const oldest = ledger?.entries.find((entry) => entry.placedAt > now - windowMs);
  return oldest === undefined ? NEVER : instant(oldest.placedAt + windowMs);
}

function priceToCategory(ledger: Ledger | undefined, now: Instant): number {
  let sum = 0;
  let n = 0;
  ledger?.visit(now, YEAR_MS, (entry) => {
    if (entry.priceScore === NO_PRICE_SCORE) return;
    sum += entry.priceScore;
    n++;
  });
  return n === 0 ? NaN : 2 ** (sum / n / 100);
}

function topCounterpartyShare(ledger: Ledger | undefined, now: Instant): number {
  const byOther = new Map<string, number>();
  let total = 0;
  ledger?.visit(now, 90 * DAY_MS, (entry) => {
    total += netMinor(entry);
    if (entry.counterparty === '') return;
    byOther.set(entry.counterparty, (byOther.get(entry.counterparty) ?? 0) + netMinor(entry));
  });
  return total === 0 ? NaN : Math.max(0, ...byOther.values()) / total;
}

function shipHours(ledger: Ledger | undefined, now: Instant): number {
  let sumMs = 0;
  let n = 0;
  ledger?.visit(now, YEAR_MS, (entry) => {
    if (entry.shippedAt === 0) return;
    sumMs += Math.max(0, entry.shippedAt - entry.placedAt);
    n++;
  });
  return sumMs / n / HOUR_MS;
}

/** Read as a window that ends with the month, so that it is as coarse on the first day as on the last. */
function monthMinor(ledger: Ledger | undefined, now: Instant, { utcOffsetMs }: FeatureEnvironment): number {
  if (ledger === undefined) return 0;
  const from = monthStart(now, utcOffsetMs);
  const until = nextMonthStart(now, utcOffsetMs);
  return ledger.total(until, until - from + 1, 'sum');
}

export function monthStart(now: Instant, utcOffsetMs: number): Instant {
  const local = new Date(now + utcOffsetMs);
  return instant(Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), 1) - utcOffsetMs);
}

export function nextMonthStart(now: Instant, utcOffsetMs: number): Instant {
  const local = new Date(now + utcOffsetMs);
  return instant(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 1) - utcOffsetMs);
}
