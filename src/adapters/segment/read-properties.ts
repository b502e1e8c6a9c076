import type { EventProperties, ProductLine, Rejection } from '../../core/events/event.ts';
import { isBlank } from '../../core/is-blank.ts';
import { parseDecimal, parseMinor } from '../../core/parse-number.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Fields = Readonly<Record<string, unknown>>;

/** What the properties of an event say; only good when `misshapen` is false and there is no `rejection`. */
export interface ReadProperties {
  /** By the core's names, amounts in minor units. */
  readonly properties: EventProperties;
  /** Some field is not of the type that `propertiesSchema` gives it; the schema then says which. */
  readonly misshapen: boolean;
  /** An amount is no number, or is negative. */
  readonly rejection: Rejection | undefined;
}

/**
 * Reads the properties of a known event. What is there must be usable; blank strings and nulls count as absent.
 * `value` is an amount on orders only, where the spec gives it that meaning.
 *
 * Only what is present is looked at: events carry five of some thirty fields, and asking a schema about the
 * absent ones costs more than all the rest. A property test holds this function to the schema.
 */
export function readProperties(wire: object, eventName: string): ReadProperties {
  const fields = wire as Fields;
  const reader = new FieldReader(fields.currency);
  const read: Mutable<EventProperties> = {};
  const fallback: { total?: number; value?: number; sku?: string; couponId?: string } = {};
  let sorts: readonly string[] | undefined;
  let filters: readonly string[] | undefined;
  if (reader.currency !== undefined) read.currency = reader.currency;
  for (const key in fields) {
    const field = fields[key];
    if (isLeftOut(field)) {
      if (typeof field === 'string' && NEVER_TEXT.has(key)) reader.flag(field);
      continue;
    }
    switch (key) {
      case 'order_id':
        read.orderId = reader.id(field);
        break;
      case 'total':
        read.totalMinor = reader.minor(key, field);
        break;
      case 'revenue':
        fallback.total = reader.minor(key, field);
        break;
      case 'value':
        if (eventName.startsWith('Order ')) fallback.value = reader.minor(key, field);
        else reader.scalar(field);
        break;
      case 'discount':
        read.discountMinor = reader.minor(key, field);
        break;
      case 'coupon':
        read.coupon = reader.id(field);
        break;
      case 'coupon_id':
        fallback.couponId = reader.id(field);
        break;
      case 'seller_id':
        read.sellerId = reader.id(field);
        break;
      case 'buyer_id':
        read.buyerId = reader.id(field);
        break;
      case 'refund_id':
        read.refundId = reader.id(field);
        break;
      case 'dispute_id':
        read.disputeId = reader.id(field);
        break;
      case 'listing_id':
        read.listingId = reader.id(field);
        break;
      case 'previous_id':
        read.previousId = reader.id(field);
        break;
      case 'product_id':
        read.productId = reader.id(field);
        break;
      case 'sku':
        fallback.sku = reader.id(field);
        break;
      case 'category':
        read.category = reader.id(field);
        break;
      case 'price':
        read.priceMinor = reader.minor(key, field);
        break;
      case 'quantity':
        read.quantity = reader.number(key, field);
        break;
      case 'rating':
        read.rating = reader.number(key, field);
        break;
      case 'query':
        read.query = reader.text(field);
        break;
      case 'section':
        read.section = reader.text(field);
        break;
      case 'products':
        read.products = reader.objects(field).map((line, index) => readLine(line, index, reader));
        break;
      case 'sorts':
        sorts = readTypes(field, reader);
        break;
      case 'filters':
        filters = readTypes(field, reader);
        break;
      case 'new_arrival':
        read.newArrival = reader.flag(field);
        break;
      case 'outcome': {
        const outcome = reader.text(field);
        if (outcome === 'buyer' || outcome === 'seller') read.outcome = outcome;
        break;
      }
      default:
    }
  }
  const total = fallback.total ?? fallback.value;
  if (read.totalMinor === undefined && total !== undefined) read.totalMinor = total;
  if (read.productId === undefined && fallback.sku !== undefined) read.productId = fallback.sku;
  if (read.coupon === undefined && fallback.couponId !== undefined) read.coupon = fallback.couponId;
  if (sorts !== undefined || filters !== undefined) read.sortedBy = [...(sorts ?? []), ...(filters ?? [])];
  return { properties: read, misshapen: reader.misshapen, rejection: reader.rejection };
}

function readLine(fields: Fields, index: number, reader: FieldReader): ProductLine {
  const read: Mutable<ProductLine> = {};
  let sku: string | undefined;
  for (const key in fields) {
    const field = fields[key];
    if (isLeftOut(field)) continue;
    switch (key) {
      case 'product_id':
        read.productId = reader.id(field);
        break;
      case 'sku':
        sku = reader.id(field);
        break;
      case 'category':
        read.category = reader.id(field);
        break;
      case 'price':
        read.priceMinor = reader.minor(key, field, index);
        break;
      case 'quantity':
        read.quantity = reader.number(key, field, index);
        break;
      case 'seller_id':
        read.sellerId = reader.id(field);
        break;
      default:
    }
  }
  if (read.productId === undefined && sku !== undefined) read.productId = sku;
  return read;
}

function readTypes(field: unknown, reader: FieldReader): readonly string[] {
  return reader.objects(field).flatMap(({ type }) => (isLeftOut(type) ? [] : [reader.text(type)]));
}

function isLeftOut(field: unknown): boolean {
  return typeof field === 'string' ? isBlank(field) : field === undefined || field === null;
}

/** Fields in which even a blank string is of the wrong type. */
const NEVER_TEXT: ReadonlySet<string> = new Set(['products', 'sorts', 'filters', 'new_arrival']);

/** Checks one value at a time; what is wrong with any of them is kept, and what it then returns is worthless. */
class FieldReader {
  readonly currency: string | undefined;
  rejection: Rejection | undefined;
  misshapen = false;

  constructor(currency: unknown) {
    if (!isLeftOut(currency)) this.currency = this.text(currency).trim().toUpperCase();
  }

  id(value: unknown): string {
    if (typeof value === 'string') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
    return this.misfit('');
  }

  text(value: unknown): string {
    return typeof value === 'string' ? value : this.misfit('');
  }

  flag(value: unknown): boolean {
    return typeof value === 'boolean' ? value : this.misfit(false);
  }

  scalar(value: unknown): string | number {
    return typeof value === 'number' || typeof value === 'string' ? value : this.misfit(0);
  }

  objects(value: unknown): readonly Fields[] {
    if (!Array.isArray(value)) return this.misfit([]);
    for (const item of value as readonly unknown[]) {
      if (typeof item !== 'object' || item === null || Array.isArray(item)) return this.misfit([]);
    }
    return value as readonly Fields[];
  }

  minor(field: string, value: unknown, line?: number): number {
    const minor = parseMinor(this.scalar(value), this.currency);
    return minor >= 0 ? minor : this.refuse(field, value, minor, line);
  }

  number(field: string, value: unknown, line?: number): number {
    const number = parseDecimal(this.scalar(value));
    return number >= 0 ? number : this.refuse(field, value, number, line);
  }

  private refuse(field: string, value: unknown, read: number, line: number | undefined): number {
    const path = line === undefined ? field : `products[${line}].${field}`;
    const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value);
    const reason = read < 0 ? 'negative_amount' : 'invalid_amount';
    this.rejection ??= { reason, detail: `properties.${path} is ${shown}` };
    return 0;
  }

  private misfit<T>(worthless: T): T {
    this.misshapen = true;
    return worthless;
  }
}
