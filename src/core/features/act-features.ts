import { ACTS, ACT_NAMES, type Act } from '../events/fact.ts';
import { DAY_MS, dateOf, instant } from '../time.ts';
import { ageFeature, lastingFeature, windowFeature, type Feature } from './feature.ts';
import { known } from './person-windows.ts';
import { countWords, daysWords } from './words.ts';

/** Windows of every count in the catalogue. */
export const WINDOW_DAYS = [1, 7, 30, 90, 365] as const;

/** Singular and plural as sentences use them; the plural with underscores begins the feature's name. */
const NOUNS: Readonly<Record<Act, readonly [one: string, many: string]>> = {
  activity: ['other act', 'other acts'],
  view: ['item view', 'item views'],
  browse: ['list view', 'list views'],
  search: ['search', 'searches'],
  cart: ['cart addition', 'cart additions'],
  checkout: ['checkout', 'checkouts'],
  wishlist: ['wishlist addition', 'wishlist additions'],
  coupon: ['coupon use', 'coupon uses'],
  share: ['share', 'shares'],
  review: ['review', 'reviews'],
  post: ['community post', 'community posts'],
  check_in: ['check-in', 'check-ins'],
  member_event: ['member event', 'member events'],
  referral: ['referral', 'referrals'],
  selling_page: ['selling page view', 'selling page views'],
  listing_start: ['listing start', 'listing starts'],
  listing: ['listing', 'listings'],
  price_change: ['price change', 'price changes'],
  listing_removal: ['listing removal', 'listing removals'],
  authentication: ['authentication', 'authentications'],
  shipment: ['shipment', 'shipments'],
  delivery: ['delivery', 'deliveries'],
  payout: ['payout', 'payouts'],
  rating_received: ['rating received', 'ratings received'],
  violation: ['policy violation', 'policy violations'],
  offer: ['offer', 'offers'],
};

function identifier(words: string): string {
  return words.replaceAll(/[ -]/g, '_');
}

/** For every act: counts in each window and for life, and days since the last one. */
export const ACT_FEATURES: readonly Feature[] = ACT_NAMES.flatMap(featuresOf);

function featuresOf(act: Act): Feature[] {
  const [one, many] = NOUNS[act];
  const number = ACTS[act];
  const reads = [act];
  const counts = WINDOW_DAYS.map((days) =>
    windowFeature(
      {
        name: `${identifier(many)}_${days}d`,
        unit: 'count',
        about: `${many} in the last ${daysWords(days)}`,
        reads,
        words: (value) => `${countWords(value, one, many)} in the last ${daysWords(days)}`,
      },
      (windows) => windows.acts[number],
      days * DAY_MS,
      'count',
      () => 1,
    ),
  );
  return [
    ...counts,
    lastingFeature(
      {
        name: `${identifier(many)}_total`,
        unit: 'count',
        about: `${many} ever`,
        reads,
        words: (value) => `${countWords(value, one, many)} ever`,
      },
      (windows) => windows.acts[number]?.count ?? 0,
    ),
    ageFeature(
      {
        name: `days_since_${identifier(one)}`,
        unit: 'days',
        about: `days since the last ${one}`,
        reads,
        words: (value, windows) =>
          Number.isNaN(value)
            ? `no ${one} yet`
            : `last ${one} ${daysWords(Math.floor(value))} ago (${dateOf(windows.acts[number]?.lastAt ?? instant(0))})`,
      },
      (windows) => known(windows.acts[number]?.lastAt ?? instant(0)),
      DAY_MS,
    ),
  ];
}
