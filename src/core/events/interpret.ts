import { hash48 } from '../hash.ts';
import { minorDigits } from '../money.ts';
import { err, ok, type Result } from '../result.ts';
import { HOUR_MS, MINUTE_MS, earliest, type Instant } from '../time.ts';
import type { EventProperties, Rejection, RejectReason, TrackedEvent } from './event.ts';
import type { Act, AddressedFact, CaseFact, Side } from './fact.ts';

/** An event further ahead of its receiver than this has a broken clock. */
export const FUTURE_TOLERANCE_MS = 5 * MINUTE_MS;

/**
 * No amount is larger: 88 billion in a currency with cents. A thousand of them still add up to the cent within
 * 2^53; what is larger is a mistake of its source and would swamp every mean it enters.
 */
export const MAX_AMOUNT_MINOR = 2 ** 43;

/** Stands between the ids of an order's sellers where there are several. */
export const BETWEEN_SELLERS = '\u0000';

/** Longest person id, in UTF-16 units. */
export const LONGEST_ID = 512;

/** What one unit of another currency is worth in the reporting currency. */
export interface MoneyRules {
  readonly currency: string;
  readonly rates: Readonly<Record<string, number>>;
}

type Outcome = Result<readonly AddressedFact[], Rejection>;

/**
 * What an event means: the facts it states, each addressed to the person it concerns; the sender's own fact
 * comes first. Total: every event gives at least one fact or a rejection. Reads no state and no clock.
 */
export function interpret(event: TrackedEvent, receivedAt: Instant, money: MoneyRules): Outcome {
  if (event.at > receivedAt + FUTURE_TOLERANCE_MS) {
    const hours = ((event.at - receivedAt) / HOUR_MS).toFixed(1);
    return reject('future_timestamp', `timestamp is ${hours} h ahead of the receiver`);
  }
  const currency = event.properties.currency;
  const scale = currency === undefined ? 1 : scaleOf(currency, money);
  if (scale === undefined) {
    return reject('foreign_currency', `currency ${currency ?? ''} has no rate to ${money.currency}`);
  }
  const badAmount = unusableAmount(event.properties, scale);
  if (badAmount !== undefined) return err(badAmount);
  const reading = new Reading(event, receivedAt, scale);
  const special = SPECIAL.get(event.name);
  const outcome =
    special === undefined ? ok([reading.act(PLAIN.get(event.name) ?? 'activity')]) : special(reading);
  const bad = outcome.ok ? outcome.value.find(({ personId }) => !isUsableId(personId)) : undefined;
  if (bad === undefined) return outcome;
  return reject(
    'invalid_shape',
    `person id of ${bad.personId.length} characters; at most ${LONGEST_ID}, well-formed`,
  );
}

function isUsableId(personId: string): boolean {
  return personId.length <= LONGEST_ID && personId.isWellFormed();
}

/** Minor units of the reporting currency per minor unit of another; undefined without a rate. */
function scaleOf(currency: string, money: MoneyRules): number | undefined {
  if (currency === money.currency) return 1;
  if (!Object.hasOwn(money.rates, currency)) return undefined;
  return (money.rates[currency] ?? NaN) * 10 ** (minorDigits(money.currency) - minorDigits(currency));
}

/** Names whose whole meaning is one act of the sender. */
const PLAIN: ReadonlyMap<string, Act> = new Map(
  Object.entries({
    'Products Searched': 'search',
    'Product List Viewed': 'browse',
    'Promotion Viewed': 'browse',
    'Promotion Clicked': 'browse',
    'Product Clicked': 'browse',
    'Product Added': 'cart',
    'Wishlist Product Added to Cart': 'cart',
    'Checkout Started': 'checkout',
    'Coupon Applied': 'coupon',
    'Product Added to Wishlist': 'wishlist',
    'Product Shared': 'share',
    'Cart Shared': 'share',
    'Listing Started': 'listing_start',
    'Listing Price Changed': 'price_change',
    'Listing Removed': 'listing_removal',
    'Item Authenticated': 'authentication',
    'Community Posted': 'post',
    'Checked In': 'check_in',
    'Member Event Attended': 'member_event',
    'Referral Completed': 'referral',
  } as const),
);

const SPECIAL: ReadonlyMap<string, (reading: Reading) => Outcome> = new Map(
  Object.entries<(reading: Reading) => Outcome>({
    'Product Viewed': (r) => ok([r.act('view', { mark: r.properties.newArrival === true, priced: true })]),
    'Product List Filtered': (r) => ok([r.act('browse', { mark: sortsByPrice(r.properties) })]),
    'Page Viewed': (r) => ok([r.act(r.properties.section === 'selling' ? 'selling_page' : 'activity')]),
    'Listing Created': (r) => ok([r.act('listing', { value: r.money('priceMinor'), priced: true })]),
    'Offer Made': (r) => ok([r.act('offer', { value: r.money('priceMinor') || r.money('totalMinor') })]),
    'Payout Paid': (r) => ok([r.act('payout', { value: r.money('totalMinor'), own: false })]),
    'Policy Violated': (r) => ok([r.act('violation', { own: false })]),
    'Order Delivered': (r) => ok([r.act('delivery', { own: false })]),
    'Tier Invited': (r) => ok([r.act('activity', { own: false })]),
    'Tag Overridden': (r) => ok([r.act('activity', { own: false })]),
    'Product Reviewed': readReview,
    'Order Completed': readOrder,
    'Order Refunded': (r) => readReturn(r, false),
    'Order Cancelled': (r) => readReturn(r, true),
    'Order Shipped': readShipment,
    'Dispute Opened': (r) => readCase(r, 'opened'),
    'Dispute Answered': (r) => readCase(r, 'answered'),
    'Dispute Resolved': (r) => readCase(r, 'resolved'),
    'Account Merged': readMerge,
  }),
);

function readReview(r: Reading): Outcome {
  const { rating = 0 } = r.properties;
  const value = rating >= 1 && rating <= 5 ? Math.round(rating * 100) : 0;
  const facts = [r.act('review', { value })];
  const rated = r.properties.sellerId;
  if (rated !== undefined && value > 0) {
    facts.push(r.act('rating_received', { value, own: false, personId: rated, role: 'rated' }));
  }
  return ok(facts);
}

function readOrder(r: Reading): Outcome {
  const { orderId, products = [] } = r.properties;
  if (orderId === undefined) return reject('missing_order_id', 'an order without order_id');
  const orderKey = hash48(orderId);
  const linesMinor = products.reduce((sum, line) => sum + r.lineMinor(line), 0);
  const grossMinor = r.properties.totalMinor === undefined ? linesMinor : r.money('totalMinor');
  const discounted = (r.properties.discountMinor ?? 0) > 0 || r.properties.coupon !== undefined;
  const priced = products.flatMap((line) =>
    line.category === undefined || line.priceMinor === undefined
      ? []
      : [{ category: line.category, priceMinor: Math.round(line.priceMinor * r.scale) }],
  );
  const common = { type: 'order', at: r.at, orderKey, discounted } as const;
  const sales = sellersOf(r, grossMinor, linesMinor);
  const counterparty = sales.map(({ sellerId }) => sellerId).join(BETWEEN_SELLERS);
  const facts: AddressedFact[] = [
    {
      personId: r.personId,
      fact: { ...common, key: r.key('buyer'), own: true, side: 'buyer', grossMinor, counterparty, priced },
    },
  ];
  for (const sale of sales) {
    facts.push({
      personId: sale.sellerId,
      fact: {
        ...common,
        key: r.key(`seller:${sale.sellerId}`),
        own: false,
        side: 'seller',
        grossMinor: sale.grossMinor,
        counterparty: r.personId,
        priced: [],
      },
    });
  }
  return ok(facts);
}

/**
 * One seller takes the whole order; several share it by the value of their lines, or equally where no line has
 * one. Shares are differences of rounded running sums, so that together they are the order to the cent.
 */
function sellersOf(
  r: Reading,
  grossMinor: number,
  linesMinor: number,
): { sellerId: string; grossMinor: number }[] {
  const bySeller = new Map<string, number>();
  for (const line of r.properties.products ?? []) {
    if (line.sellerId === undefined) continue;
    bySeller.set(line.sellerId, (bySeller.get(line.sellerId) ?? 0) + r.lineMinor(line));
  }
  const only =
    bySeller.size === 0 ? r.properties.sellerId : bySeller.size === 1 ? [...bySeller.keys()][0] : undefined;
  if (only !== undefined) return [{ sellerId: only, grossMinor }];
  const whole = linesMinor > 0 ? linesMinor : bySeller.size;
  let running = 0;
  let given = 0;
  return [...bySeller].map(([sellerId, minor]) => {
    running += linesMinor > 0 ? minor : 1;
    const before = given;
    given = Math.round((grossMinor * running) / whole);
    return { sellerId, grossMinor: given - before };
  });
}

/**
 * A return names its sellers by `seller_id`, or by the lines that are given back; where it names none, the buyer's own
 * order knows them. Lines with prices also say how much, where there is no total.
 */
function readReturn(r: Reading, cancelled: boolean): Outcome {
  const { orderId, refundId, sellerId, totalMinor, products = [] } = r.properties;
  if (orderId === undefined) return reject('missing_order_id', 'a refund or cancellation without order_id');
  const linesMinor = products.reduce((sum, line) => sum + r.lineMinor(line), 0);
  const givenMinor = totalMinor === undefined ? linesMinor || null : r.money('totalMinor');
  const amountMinor = cancelled ? null : givenMinor;
  const sellers = sellersOf(r, amountMinor ?? 0, linesMinor);
  const base = {
    type: 'return',
    at: r.at,
    orderKey: hash48(orderId),
    cancelled,
    returnKey: hash48(refundId ?? r.messageId),
    own: false,
  } as const;
  const buyer = {
    ...base,
    key: r.key('buyer'),
    side: 'buyer',
    amountMinor,
    forward: sellerId === undefined && sellers.length === 0,
  } as const;
  return ok([
    { personId: r.personId, fact: buyer },
    ...sellers.map((seller) => ({
      personId: seller.sellerId,
      fact: {
        ...base,
        key: r.key(`seller:${seller.sellerId}`),
        side: 'seller',
        amountMinor: amountMinor === null ? null : seller.grossMinor,
        forward: false,
      } as const,
    })),
  ]);
}

function readShipment(r: Reading): Outcome {
  const { orderId } = r.properties;
  const shipped = r.act('shipment');
  if (orderId === undefined) return ok([shipped]);
  const key = r.key('shipment');
  return ok([
    shipped,
    { personId: r.personId, fact: { type: 'shipment', key, at: r.at, own: true, orderKey: hash48(orderId) } },
  ]);
}

function readCase(r: Reading, step: CaseFact['step']): Outcome {
  const { disputeId, orderId, sellerId, buyerId, outcome } = r.properties;
  const caseId = disputeId ?? orderId;
  if (caseId === undefined) return ok([r.act('activity')]);
  const senderSide = sideOf(r);
  const other = senderSide === 'seller' ? buyerId : sellerId;
  const caseFact = (personId: string, side: Side, own: boolean): AddressedFact => ({
    personId,
    fact: {
      type: 'case',
      key: r.key(`case:${side}`),
      at: r.at,
      own,
      side,
      caseKey: hash48(caseId),
      step,
      lost: outcome === 'buyer',
    },
  });
  const facts = [caseFact(r.personId, senderSide, step !== 'resolved')];
  if (other !== undefined) facts.push(caseFact(other, senderSide === 'seller' ? 'buyer' : 'seller', false));
  return ok(facts);
}

/** Who names themselves is that side; who names only the buyer is the seller; all others are buyers. */
function sideOf({ personId, properties: { buyerId, sellerId } }: Reading): Side {
  if (buyerId === personId) return 'buyer';
  return sellerId === personId || (buyerId !== undefined && sellerId === undefined) ? 'seller' : 'buyer';
}

function readMerge(r: Reading): Outcome {
  const previousId = r.properties.previousId;
  if (previousId === undefined) return reject('missing_person', 'a merge without previous_id');
  if (previousId === r.personId) return ok([r.act('activity')]);
  const key = r.key('merge');
  return ok([{ personId: previousId, fact: { type: 'merge', key, at: r.at, own: false, into: r.personId } }]);
}

class Reading {
  readonly personId: string;
  readonly messageId: string;
  readonly at: Instant;
  readonly properties: EventProperties;
  readonly scale: number;

  /** A clock that runs ahead within the tolerance is set back to the receiver's: no fact lies in the future. */
  constructor(event: TrackedEvent, receivedAt: Instant, scale: number) {
    this.personId = event.personId;
    this.messageId = event.messageId;
    this.at = earliest(event.at, receivedAt);
    this.properties = event.properties;
    this.scale = scale;
  }

  key(role: string): number {
    return hash48(this.messageId + '\u0000' + role);
  }

  money(field: 'totalMinor' | 'priceMinor'): number {
    return Math.round((this.properties[field] ?? 0) * this.scale);
  }

  lineMinor(line: { readonly priceMinor?: number; readonly quantity?: number }): number {
    return Math.round((line.priceMinor ?? 0) * (line.quantity ?? 1) * this.scale);
  }

  act(
    act: Act,
    extra: {
      value?: number;
      mark?: boolean;
      own?: boolean;
      priced?: boolean;
      personId?: string;
      role?: string;
    } = {},
  ): AddressedFact {
    const { category, priceMinor } = this.properties;
    const hasPrice = extra.priced === true && category !== undefined && priceMinor !== undefined;
    return {
      personId: extra.personId ?? this.personId,
      fact: {
        type: 'act',
        key: this.key(extra.role ?? 'act'),
        at: this.at,
        own: extra.own ?? true,
        act,
        value: extra.value ?? 0,
        mark: extra.mark ?? false,
        category: hasPrice ? category : undefined,
        priceMinor: hasPrice ? Math.round(priceMinor * this.scale) : undefined,
      },
    };
  }
}

function sortsByPrice(properties: EventProperties): boolean {
  return properties.sortedBy?.some((by) => /price|discount|sale/i.test(by)) ?? false;
}

/** Also what only comes out by rates, quantities and sums must be an amount. */
function unusableAmount(properties: EventProperties, scale: number): Rejection | undefined {
  for (const field of ['totalMinor', 'discountMinor', 'priceMinor'] as const) {
    const bad = unusable(field, properties[field] ?? 0, scale);
    if (bad !== undefined) return bad;
  }
  let linesMinor = 0;
  for (const { priceMinor = 0, quantity = 1 } of properties.products ?? []) {
    linesMinor += priceMinor * quantity;
    const bad =
      unusable('products[].price', priceMinor, scale) ??
      unusable('products[].quantity', quantity, 1) ??
      unusable('the value of products', linesMinor, scale);
    if (bad !== undefined) return bad;
  }
  return undefined;
}

function unusable(field: string, value: number, scale: number): Rejection | undefined {
  if (value < 0) return { reason: 'negative_amount', detail: `${field} is ${value}` };
  if (!(value * scale <= MAX_AMOUNT_MINOR))
    return { reason: 'invalid_amount', detail: `${field} is ${value}` };
  return undefined;
}

function reject(reason: RejectReason, detail: string): Outcome {
  return err({ reason, detail });
}
