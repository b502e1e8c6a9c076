import { ACTS } from '../events/fact.ts';
import { DAY_MS, HOUR_MS, NEVER, dateOf, earliest, type Instant } from '../time.ts';
import { WINDOW_DAYS } from './act-features.ts';
import { ageFeature, steppedFeature, type Feature } from './feature.ts';
import { known, type PersonWindows } from './person-windows.ts';
import { countWords, daysWords, percentWords, rounded } from './words.ts';
import type { Windowed } from './windowed.ts';

const YEAR_MS = 365 * DAY_MS;

/** Presence, after-sales and listings: what is neither a plain act nor a trade. */
export const PERSON_FEATURES: readonly Feature[] = [
  ...WINDOW_DAYS.flatMap((days) => [
    steppedFeature(
      {
        name: `sessions_${days}d`,
        unit: 'count',
        about: `sessions begun in the last ${daysWords(days)} (own acts with gaps of at most 30 minutes), at most 64`,
        reads: ['presence'],
        words: (value) => `${countWords(value, 'session', 'sessions')} in the last ${daysWords(days)}`,
      },
      (windows, now) => windows.presence.sessions(now, days * DAY_MS),
      (windows, now) => windows.presence.nextSessionExpiry(now, days * DAY_MS),
    ),
    steppedFeature(
      {
        name: `active_days_${days}d`,
        unit: 'count',
        about: `days (UTC) begun in the last ${daysWords(days)} with an own act`,
        reads: ['presence'],
        words: (value) => `${countWords(value, 'active day', 'active days')} in the last ${daysWords(days)}`,
      },
      (windows, now) => windows.presence.activeDays(now, days * DAY_MS),
      (windows, now) => windows.presence.nextDayExpiry(now, days * DAY_MS),
    ),
  ]),
  ageFeature(
    {
      name: 'days_since_activity',
      unit: 'days',
      about: 'days since the last own act of any kind',
      reads: ['presence'],
      words: (value, windows) =>
        Number.isNaN(value)
          ? 'never active'
          : `last seen ${daysWords(Math.floor(value))} ago (${dateOf(windows.presence.lastAt)})`,
    },
    (windows) => known(windows.presence.lastAt),
    DAY_MS,
  ),
  ageFeature(
    {
      name: 'tenure_days',
      since: 'first',
      unit: 'days',
      about: 'days since the first own act',
      reads: ['presence'],
      words: (value, windows) =>
        Number.isNaN(value)
          ? 'never active'
          : `with us for ${daysWords(Math.floor(value))} (since ${dateOf(windows.presence.firstAt)})`,
    },
    (windows) => known(windows.presence.firstAt),
    DAY_MS,
  ),
  ageFeature(
    {
      name: 'days_since_seller_activity',
      unit: 'days',
      about: 'days since the last own act as a seller (listing, shipping, selling pages …)',
      reads: ['seller_activity'],
      words: (value, windows) =>
        Number.isNaN(value)
          ? 'never active as a seller'
          : `last active as a seller ${daysWords(Math.floor(value))} ago (${dateOf(windows.sellerActiveAt)})`,
    },
    (windows) => known(windows.sellerActiveAt),
    DAY_MS,
  ),
  ...(['buyer', 'seller'] as const).flatMap((side) => {
    const cases = (windows: PersonWindows) => (side === 'buyer' ? windows.buyerCases : windows.sellerCases);
    const prefix = side === 'buyer' ? 'own' : 'received';
    const reads = [side === 'buyer' ? 'buyer_cases' : 'seller_cases'] as const;
    const nextCaseExpiry = (windows: PersonWindows, now: Instant): Instant =>
      (cases(windows)?.opened(now, YEAR_MS) ?? []).reduce(
        (at, one) => earliest(at, (one.openedAt + YEAR_MS) as Instant),
        NEVER,
      );
    return [
      steppedFeature(
        {
          name: `${prefix}_disputes_365d`,
          unit: 'count',
          about: `disputes ${side === 'buyer' ? 'opened' : 'received'} in the last 365 days`,
          reads,
          words: (value) =>
            `${countWords(value, 'dispute', 'disputes')} ${side === 'buyer' ? 'opened' : 'received'} in a year`,
        },
        (windows, now) => cases(windows)?.opened(now, YEAR_MS).length ?? 0,
        nextCaseExpiry,
      ),
      steppedFeature(
        {
          name: `${prefix}_dispute_response_hours_365d`,
          unit: 'hours',
          about: `mean hours until the first answer, over answered disputes ${side === 'buyer' ? 'opened' : 'received'} in the last 365 days`,
          reads,
          words: (value) =>
            Number.isNaN(value)
              ? 'no dispute answered yet'
              : `disputes answered after ${rounded(value)} h on average`,
        },
        (windows, now) => cases(windows)?.responseHours(now, YEAR_MS) ?? NaN,
        nextCaseExpiry,
      ),
      steppedFeature(
        {
          name: `${prefix}_disputes_lost_365d`,
          unit: 'count',
          about: `disputes ${side === 'buyer' ? 'opened' : 'received'} in the last 365 days in which the seller was found wrong`,
          reads,
          words: (value) =>
            `${countWords(value, 'dispute', 'disputes')} decided against the seller in a year`,
        },
        (windows, now) =>
          cases(windows)
            ?.opened(now, YEAR_MS)
            .filter((one) => one.lost).length ?? 0,
        nextCaseExpiry,
      ),
      ageFeature(
        {
          name: `${prefix}_dispute_waiting_hours`,
          unit: 'hours',
          about: `hours the longest unanswered dispute ${side === 'buyer' ? 'opened' : 'received'} has waited`,
          reads,
          words: (value) =>
            Number.isNaN(value)
              ? 'no dispute waits'
              : `a dispute has waited ${rounded(value)} h for an answer`,
        },
        (windows) => known(cases(windows)?.waitingSince() ?? NEVER),
        HOUR_MS,
      ),
    ];
  }),
  ratio(
    'sell_through_365d',
    'sales of the last 365 days over listings of the last 365 days',
    (value) => `sold ${percentWords(value)} of a year's listings`,
    ['sales', 'listing'],
    (w, now) => of(w.sales, now, 365) / of(w.acts[ACTS.listing], now, 365),
  ),
  ratio(
    'unsold_listings_365d',
    'listings of the last 365 days neither sold nor removed',
    (value) => `${countWords(value, 'unsold listing', 'unsold listings')} in a year`,
    ['sales', 'listing', 'listing_removal'],
    (w, now) =>
      Math.max(
        0,
        of(w.acts[ACTS.listing], now, 365) -
          of(w.sales, now, 365) -
          of(w.acts[ACTS.listing_removal], now, 365),
      ),
  ),
  ratio(
    'price_sorted_share_90d',
    'share of list views of the last 90 days sorted or filtered by price or discount',
    (value) => `${percentWords(value)} of list views sorted by price`,
    ['browse'],
    (w, now) =>
      (w.acts[ACTS.browse]?.total(now, 90 * DAY_MS, 'marks') ?? 0) / of(w.acts[ACTS.browse], now, 90),
  ),
  ratio(
    'new_arrival_share_90d',
    'share of item views of the last 90 days on new arrivals',
    (value) => `${percentWords(value)} of item views on new arrivals`,
    ['view'],
    (w, now) => (w.acts[ACTS.view]?.total(now, 90 * DAY_MS, 'marks') ?? 0) / of(w.acts[ACTS.view], now, 90),
  ),
  ratio(
    'view_trend',
    'item views per day of the last 7 days over those of the last 30',
    (value) => `views at ${percentWords(value)} of the usual rate`,
    ['view'],
    (w, now) => ((of(w.acts[ACTS.view], now, 7) / 7) * 30) / of(w.acts[ACTS.view], now, 30),
  ),
  ratio(
    'rating_received_365d',
    'mean rating received in the last 365 days, 1–5',
    (value) => `rated ${rounded(value)} of 5`,
    ['rating_received'],
    (w, now) =>
      (w.acts[ACTS.rating_received]?.total(now, YEAR_MS, 'sum') ?? 0) /
      100 /
      of(w.acts[ACTS.rating_received], now, 365),
  ),
  ratio(
    'dispute_rate_365d',
    'disputes received over sales, both of the last 365 days',
    (value) => `disputes on ${percentWords(value)} of a year's sales`,
    ['sales', 'seller_cases'],
    (w, now) => (w.sellerCases?.opened(now, YEAR_MS).length ?? 0) / of(w.sales, now, 365),
  ),
];

function of(source: Windowed | undefined, now: Instant, days: number): number {
  return source?.total(now, days * DAY_MS, 'count') ?? 0;
}

/** Steps whenever anything it reads leaves any window. */
function ratio(
  name: string,
  about: string,
  words: (value: number) => string,
  reads: Feature['reads'],
  read: (windows: PersonWindows, now: Instant) => number,
): Feature {
  return steppedFeature(
    {
      name,
      unit: name.startsWith('unsold') ? 'count' : name.startsWith('rating') ? 'stars' : 'ratio',
      about,
      reads,
      words: (value) =>
        Number.isNaN(value) ? `${name.replaceAll('_', ' ')}: nothing to compare yet` : words(value),
    },
    read,
    (windows, now) => nextExpiryOf(windows, reads, now),
  );
}

function nextExpiryOf(windows: PersonWindows, reads: Feature['reads'], now: Instant): Instant {
  let at = NEVER;
  const sources: (Windowed | undefined)[] = reads.map((part) =>
    part === 'sales'
      ? windows.sales
      : part in ACTS
        ? windows.acts[ACTS[part as keyof typeof ACTS]]
        : undefined,
  );
  for (const source of sources) {
    for (const days of WINDOW_DAYS) at = earliest(at, source?.nextExpiry(now, days * DAY_MS) ?? NEVER);
  }
  for (const one of windows.sellerCases?.opened(now, YEAR_MS) ?? [])
    at = earliest(at, (one.openedAt + YEAR_MS) as Instant);
  return at;
}
