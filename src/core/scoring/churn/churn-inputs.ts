import { featureNamed } from '../../features/catalogue.ts';
import type { Feature, FeatureEnvironment } from '../../features/feature.ts';
import type { PersonWindows } from '../../features/person-windows.ts';
import { hash48 } from '../../hash.ts';
import { DAY_MS, type Instant } from '../../time.ts';
import { orderProbability, type MbgNbdParameters, type PurchaseHistory } from './mbg-nbd.ts';

/** What inputs are about; reasons are told by family. */
export type ChurnFamily =
  | 'order recency'
  | 'order frequency'
  | 'order value'
  | 'buying rhythm'
  | 'visits'
  | 'buying intent'
  | 'after-sales'
  | 'discounts'
  | 'selling'
  | 'unsold listings'
  | 'community'
  | 'tenure';

/** One number the network sees, made of features; finite for everybody. */
export interface ChurnInput {
  readonly name: string;
  readonly family: ChurnFamily;
  /** The catalogue's features it is made of. */
  readonly features: readonly string[];
  read(value: ReadFeature, inputs: InputMeasures): number;
  /** Absent where a history of orders that does not know what it is about makes it the same for everybody. */
  readonly ofOrders?: OrdersAlone;
}

type ReadFeature = (feature: string) => number;

/**
 * What an input comes to in a history that knows orders and not the thing it is about: a share of returned orders
 * where no return was ever recorded is drawn to its prior by fewer orders the more, and so tells how many there were.
 * A network learns from it all the same; a reason must not speak of returns.
 */
export interface OrdersAlone {
  readonly family: ChurnFamily;
  readonly features: readonly string[];
  /** Whether it says of this person nothing but that. */
  holds(value: ReadFeature): boolean;
}

/** What is no feature of the catalogue. */
export interface InputMeasures {
  /** ln(p / (1 − p)) of ordering within 90 days, by MBG/NBD. */
  readonly mbgLogit: number;
  /** Orders ever, each halved every 90 days. */
  readonly decayedOrders: number;
}

/** Who never did a thing is as far from it as one can be. */
const NEVER_DAYS = 730;
/** A usual gap, and how many gaps of one's own it takes to outweigh it once. */
const PRIOR_GAP_DAYS = 60;
const PRIOR_GAPS = 1;
const PRIOR_ORDERS = 4;
const PRIOR_RETURNED = 0.05;
const PRIOR_DISCOUNTED = 0.2;
const USUAL_ANSWER_HOURS = 24;

function logOf(name: string, family: ChurnFamily): ChurnInput {
  return { name: `log_${name}`, family, features: [name], read: (value) => Math.log1p(orZero(value(name))) };
}

function logDays(name: string, family: ChurnFamily): ChurnInput {
  return { name: `log_${name}`, family, features: [name], read: (value) => Math.log1p(days(value(name))) };
}

/** A share of a year's orders, drawn towards a prior where there are few. */
function shrunkShare(name: string, family: ChurnFamily, prior: number): ChurnInput {
  return {
    name: `shrunk_${name}`,
    family,
    features: [name, 'orders_365d'],
    read(value) {
      const orders = value('orders_365d');
      return (orZero(value(name)) * orders + prior * PRIOR_ORDERS) / (orders + PRIOR_ORDERS);
    },
    ofOrders: {
      family: 'order frequency',
      features: ['orders_365d'],
      holds: (value) => orZero(value(name)) === 0,
    },
  };
}

/** ln of the rate of the last `short` days over that of `long` days, each with half an act added. */
function trend(name: string, family: ChurnFamily, acts: string, short: number, long: number): ChurnInput {
  const [recent, usual] = [`${acts}_${short}d`, `${acts}_${long}d`];
  return {
    name,
    family,
    features: [recent, usual],
    read: (value) => Math.log(((value(recent) + 0.5) / (value(usual) + 0.5)) * (long / short)),
  };
}

/** Whether no more is known of when somebody was active than their orders; an order that was given back says nothing. */
function isActiveByOrders(value: ReadFeature, isSo: boolean): boolean {
  return isSo || orZero(value('returned_order_share_365d')) > 0;
}

/** Active days where only those with an order are known. */
function orderDays(...windows: readonly number[]): OrdersAlone {
  return {
    family: 'order frequency',
    features: windows.map((days) => `orders_${days}d`),
    holds: (value) =>
      isActiveByOrders(
        value,
        windows.every((days) => value(`active_days_${days}d`) <= value(`orders_${days}d`)),
      ),
  };
}

/**
 * ln of listings over sales, one added to each: how hard somebody finds it to sell. Of sales by themselves there is no
 * input: beside the listings they would say the same again, and of what nobody buys a reason would have two names.
 */
function listingsPerSale(windowDays: number): ChurnInput {
  const [listings, sales] = [`listings_${windowDays}d`, `sales_${windowDays}d`];
  return {
    name: `log_listings_per_sale_${windowDays}d`,
    family: 'unsold listings',
    features: [listings, sales],
    read: (value) => Math.log((value(listings) + 1) / (value(sales) + 1)),
  };
}

const gapDays = (value: ReadFeature): number => {
  const gaps = Math.max(0, value('orders_total') - 1);
  const gap = value('mean_order_gap_days');
  return ((Number.isNaN(gap) ? 0 : gap * gaps) + PRIOR_GAP_DAYS * PRIOR_GAPS) / (gaps + PRIOR_GAPS);
};

/**
 * Everything the churn network sees of a person, in the order of its columns: functions of the very features that
 * tags are made of. Nothing in it depends on anybody else, and nothing on the day of the year. Of orders there are
 * windows of 90 days and life, and none of a year: on a history that is younger than a year the two cannot be told
 * apart, and a model that learnt from it would be lost on the day they part.
 */
export const CHURN_INPUTS: readonly ChurnInput[] = [
  { name: 'mbg_logit', family: 'buying rhythm', features: [], read: (_, { mbgLogit }) => mbgLogit },
  logDays('days_since_order', 'order recency'),
  {
    name: 'log_order_gap',
    family: 'buying rhythm',
    features: ['mean_order_gap_days', 'orders_total'],
    read: (value) => Math.log1p(gapDays(value)),
  },
  {
    name: 'log_recency_to_gap',
    family: 'buying rhythm',
    features: ['days_since_order', 'mean_order_gap_days', 'orders_total'],
    read: (value) => Math.log1p(days(value('days_since_order'))) - Math.log1p(gapDays(value)),
  },
  logOf('orders_30d', 'order frequency'),
  logOf('orders_90d', 'order frequency'),
  logOf('orders_total', 'order frequency'),
  {
    name: 'log_decayed_orders',
    family: 'order frequency',
    features: [],
    read: (_, { decayedOrders }) => Math.log(decayedOrders + 0.01),
  },
  trend('order_trend', 'order frequency', 'orders', 30, 90),
  logOf('value_90d', 'order value'),
  logOf('value_total', 'order value'),
  logOf('value_decayed', 'order value'),
  {
    name: 'log_mean_order',
    family: 'order value',
    features: ['value_total', 'orders_total'],
    read: (value) => Math.log1p(value('value_total') / Math.max(1, value('orders_total'))),
  },
  shrunkShare('discounted_order_share_365d', 'discounts', PRIOR_DISCOUNTED),
  logOf('coupon_uses_90d', 'discounts'),
  shrunkShare('returned_order_share_365d', 'after-sales', PRIOR_RETURNED),
  logOf('own_disputes_365d', 'after-sales'),
  logOf('own_dispute_waiting_hours', 'after-sales'),
  {
    name: 'log_own_dispute_response_hours_365d',
    family: 'after-sales',
    features: ['own_dispute_response_hours_365d'],
    read(value) {
      const hours = value('own_dispute_response_hours_365d');
      return Math.log1p(Number.isNaN(hours) ? USUAL_ANSWER_HOURS : hours);
    },
  },
  {
    ...logDays('days_since_activity', 'visits'),
    ofOrders: {
      family: 'order recency',
      features: ['days_since_order'],
      holds: (value) =>
        isActiveByOrders(value, days(value('days_since_activity')) === days(value('days_since_order'))),
    },
  },
  logDays('days_since_item_view', 'visits'),
  logOf('item_views_7d', 'visits'),
  logOf('item_views_30d', 'visits'),
  logOf('item_views_90d', 'visits'),
  { ...logOf('active_days_30d', 'visits'), ofOrders: orderDays(30) },
  { ...logOf('active_days_90d', 'visits'), ofOrders: orderDays(90) },
  { ...trend('visit_trend', 'visits', 'active_days', 30, 90), ofOrders: orderDays(30, 90) },
  trend('view_trend_7d', 'visits', 'item_views', 7, 30),
  logOf('searches_30d', 'visits'),
  logOf('cart_additions_30d', 'buying intent'),
  logOf('wishlist_additions_90d', 'buying intent'),
  {
    name: 'log_views_per_order',
    family: 'buying intent',
    features: ['item_views_90d', 'orders_90d'],
    read: (value) => Math.log((value('item_views_90d') + 5) / (value('orders_90d') + 0.5)),
    ofOrders: {
      family: 'order frequency',
      features: ['orders_90d'],
      holds: (value) => value('item_views_90d') === 0,
    },
  },
  logOf('listings_90d', 'selling'),
  listingsPerSale(30),
  listingsPerSale(90),
  logOf('unsold_listings_365d', 'unsold listings'),
  logOf('received_dispute_response_hours_365d', 'after-sales'),
  logOf('community_posts_90d', 'community'),
  logDays('days_since_first_order', 'tenure'),
];

export const MBG_COLUMN: number = CHURN_INPUTS.findIndex(({ name }) => name === 'mbg_logit');
const ORDERS_COLUMN = CHURN_INPUTS.findIndex(({ name }) => name === 'log_orders_total');

/** Whether the person whose inputs begin at `offset` has completed one order, and no second. */
export function hasOrderedOnce(inputs: ArrayLike<number>, offset: number): boolean {
  return Math.round(Math.expm1(inputs[offset + ORDERS_COLUMN] ?? NaN)) === 1;
}

/** Changes whenever an input does, or a feature it rests on: a model of another hash must not serve. */
export const CHURN_INPUTS_HASH: string = hash48(
  CHURN_INPUTS.map(({ name, features }) => `${name}:${features.map(unitOf).join(',')}`).join('\n'),
).toString(16);

/** Horizon of the closed form's input, whatever is predicted: an input, not an answer. */
const MBG_HORIZON_DAYS = 90;
/** Beyond it a logit says nothing more. */
const LARGEST_LOGIT = 12;

/**
 * The inputs of one person at an instant, written from `offset` on. `mbgLogit` is that of {@link mbgLogitOf}; where
 * its parameters are not known yet it is filled in later, at column {@link MBG_COLUMN}.
 */
export function readChurnInputs(
  windows: PersonWindows,
  now: Instant,
  environment: FeatureEnvironment,
  mbgLogit: number,
  into: Float32Array,
  offset: number,
): void {
  // Each feature once: several inputs are made of the same.
  const values = new Float64Array(INPUT_FEATURES.length);
  for (let i = 0; i < INPUT_FEATURES.length; i++)
    values[i] = INPUT_FEATURES[i]?.read(windows, now, environment) ?? NaN;
  const value = (name: string): number => values[POSITIONS.get(name) ?? -1] ?? NaN;
  const measures = { mbgLogit, decayedOrders: decayedOrders(windows, now) };
  for (let i = 0; i < CHURN_INPUTS.length; i++)
    into[offset + i] = CHURN_INPUTS[i]?.read(value, measures) ?? NaN;
}

const HALF_LIFE_MS = 90 * DAY_MS;

/** Orders ever, each halved every 90 days: the plainest of the baselines that know more than one order. */
export function decayedOrders(windows: PersonWindows, now: Instant): number {
  return windows.orders?.decayedEver(now, HALF_LIFE_MS) ?? 0;
}

/** Days with a completed order, for the closed form; undefined before the first. Unit: days. */
export function purchaseHistory(windows: PersonWindows, now: Instant): PurchaseHistory | undefined {
  const { orders } = windows;
  if (orders === undefined || orders.totalCount === 0) return undefined;
  const first = Math.floor(orders.firstAt / DAY_MS);
  return {
    repeats: Math.max(0, orders.purchaseDays(now) - 1),
    ageAtLast: Math.floor(orders.lastAt / DAY_MS) - first,
    age: Math.max(0, now / DAY_MS - first),
  };
}

/** The closed form's input. */
export function mbgLogitOf(history: PurchaseHistory, parameters: MbgNbdParameters): number {
  const p = orderProbability(history, parameters, MBG_HORIZON_DAYS);
  return Math.max(-LARGEST_LOGIT, Math.min(LARGEST_LOGIT, Math.log(p) - Math.log1p(-p)));
}

function days(value: number): number {
  return Number.isNaN(value) ? NEVER_DAYS : Math.max(0, value);
}

function orZero(value: number): number {
  return Number.isNaN(value) ? 0 : Math.max(0, value);
}

/** The catalogue's features that inputs are made of, each once. */
export const INPUT_FEATURES: readonly Feature[] = [
  ...new Set(CHURN_INPUTS.flatMap(({ features }) => features)),
].map(known);
const POSITIONS: ReadonlyMap<string, number> = new Map(INPUT_FEATURES.map(({ name }, i) => [name, i]));

function known(name: string): Feature {
  const feature = featureNamed(name);
  if (feature === undefined) throw new Error(`a churn input reads ${name}, which is no feature`);
  return feature;
}

function unitOf(name: string): string {
  return `${name}/${known(name).unit}`;
}
