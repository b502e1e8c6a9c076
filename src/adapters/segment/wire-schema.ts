import * as z from 'zod';

const id = z.union([z.string(), z.number()], { error: 'expected a string or a number' });
const number = z.union([z.number(), z.string()], { error: 'expected a number, or one written as a string' });
const text = z.string({ error: 'expected a string' });
const time = z.union([z.string(), z.number()], {
  error: 'expected ISO 8601, or epoch seconds or milliseconds',
});

/** A field that may be left out; many SDKs write null for that. */
function field<S extends z.ZodType>(schema: S, description: string): z.ZodOptional<z.ZodNullable<S>> {
  return schema.nullish().describe(description);
}

const productLine = z.object({
  product_id: field(id, 'What was bought; `sku` is read when it is absent.'),
  sku: field(id, 'Stock keeping unit.'),
  category: field(id, 'Category, the basis of price comparisons.'),
  price: field(number, 'Price of one piece, major units.'),
  quantity: field(number, 'Pieces; 1 when absent.'),
  seller_id: field(id, 'Marketplace: who sold this line, when an order has several sellers.'),
});

const choice = z.object({
  type: field(text, 'What the list is sorted or filtered by: price, discount, newest …'),
  value: field(z.unknown(), 'Direction or value.'),
});

/**
 * The properties Tidemark reads, with the names of the Segment e-commerce spec and, in the same style, what a
 * marketplace adds. Amounts are in major units of `currency`. All other properties are ignored, and so are all
 * properties of events whose name is not in core/events/names.ts.
 */
export const propertiesSchema = z.object({
  order_id: field(id, 'Identity of the order, on orders, refunds, cancellations, shipping and disputes.'),
  total: field(number, 'Gross value of the order, or the amount given back by a refund.'),
  revenue: field(number, 'Read when `total` is absent.'),
  value: field(number, 'Read when `total` and `revenue` are absent.'),
  discount: field(number, 'What was taken off the price.'),
  coupon: field(id, 'Code of the coupon.'),
  coupon_id: field(id, 'Read when `coupon` is absent.'),
  currency: field(text, 'ISO 4217 code; the reporting currency of the policy when absent.'),
  products: field(z.array(productLine, { error: 'expected a list of products' }), 'Line items.'),
  product_id: field(id, 'The product; `sku` is read when it is absent.'),
  sku: field(id, 'Stock keeping unit.'),
  category: field(id, 'Category of the product or list.'),
  price: field(number, 'Price of one piece, of a listing or of an offer.'),
  quantity: field(number, 'Pieces.'),
  query: field(text, 'What was searched for.'),
  sorts: field(z.array(choice, { error: 'expected a list of {type, value}' }), 'What a list is sorted by.'),
  filters: field(
    z.array(choice, { error: 'expected a list of {type, value}' }),
    'What a list is filtered by.',
  ),
  rating: field(number, 'Rating given in a review, 1–5.'),
  seller_id: field(id, 'Marketplace: the seller of an order, refund, dispute or review.'),
  buyer_id: field(id, "Marketplace: the buyer, on events a seller's system sends about an order."),
  refund_id: field(id, 'Marketplace: identity of a refund; the same refund sent twice counts once.'),
  dispute_id: field(id, 'Marketplace: identity of a dispute.'),
  listing_id: field(id, 'Marketplace: identity of a listing.'),
  previous_id: field(id, '`Account Merged`: the account that ceases to exist.'),
  section: field(text, 'Part of the site; `selling` counts as interest in selling.'),
  outcome: field(text, '`Dispute Resolved`: who was found right, `buyer` or `seller`.'),
  new_arrival: field(z.boolean({ error: 'expected true or false' }), 'The product has just come in.'),
});

const envelope = {
  messageId: z
    .union([z.string().min(1, { error: 'expected an id' }), z.number()], { error: 'expected an id' })
    .describe('Unique per event at its source; a second event of the same person with it counts once.'),
  userId: field(id, 'The person.'),
  anonymousId: field(id, 'The person, when there is no `userId`.'),
  timestamp: field(time, 'When it happened. A time without a zone is UTC.'),
  originalTimestamp: field(time, "When it happened by the device's clock; read when `timestamp` is absent."),
  sentAt: field(time, "When it was sent by the device's clock; corrects `originalTimestamp`."),
  receivedAt: field(time, 'When the first server took it in.'),
};

const properties = field(propertiesSchema, 'What the event says; see the Segment e-commerce spec.');
const viewProperties = field(
  z.object({ section: field(text, 'Part of the site; the `name` of the call when absent.') }),
  'What the view says.',
);
const viewName = field(text, 'Name of the page or screen; read as `section` when that is absent.');

/** The calls of the Segment spec, by `type`. Unknown fields are ignored everywhere. */
export const callSchemas = {
  track: z.object({
    type: z.literal('track').nullish().describe('May be left out when there is an `event`.'),
    ...envelope,
    event: text
      .min(1, { error: 'expected a name' })
      .describe('Name of the event; any other than those Tidemark knows counts as activity.'),
    properties,
  }),
  identify: z.object({ type: z.literal('identify'), ...envelope }),
  alias: z.object({
    type: z.literal('alias'),
    ...envelope,
    previousId: id.describe('The account that ceases to exist; its history goes to `userId`.'),
  }),
  page: z.object({ type: z.literal('page'), ...envelope, name: viewName, properties: viewProperties }),
  screen: z.object({ type: z.literal('screen'), ...envelope, name: viewName, properties: viewProperties }),
  group: z.object({ type: z.literal('group'), ...envelope }),
};

/** What the hot path asks of a `track` call; its properties are read by read-properties.ts. */
export const trackEnvelopeSchema = callSchemas.track.extend({ properties: z.unknown().optional() });

export type WireEnvelope = Omit<z.infer<typeof callSchemas.identify>, 'type'>;
export type TrackEnvelope = z.infer<typeof trackEnvelopeSchema>;

/**
 * Whether `trackEnvelopeSchema` accepts a call, at a tenth of what asking it costs. Only the schema says what is
 * wrong. A property test holds this function to it.
 */
export function isTrackEnvelope(json: object): json is TrackEnvelope {
  const call = json as Readonly<Record<keyof TrackEnvelope, unknown>>;
  return (
    isTextOrNumber(call.messageId) &&
    call.messageId !== '' &&
    typeof call.event === 'string' &&
    call.event !== '' &&
    (call.type === 'track' || isLeftOut(call.type)) &&
    (isLeftOut(call.userId) || isTextOrNumber(call.userId)) &&
    (isLeftOut(call.anonymousId) || isTextOrNumber(call.anonymousId)) &&
    (isLeftOut(call.timestamp) || isTextOrNumber(call.timestamp)) &&
    (isLeftOut(call.originalTimestamp) || isTextOrNumber(call.originalTimestamp)) &&
    (isLeftOut(call.sentAt) || isTextOrNumber(call.sentAt)) &&
    (isLeftOut(call.receivedAt) || isTextOrNumber(call.receivedAt))
  );
}

function isTextOrNumber(value: unknown): boolean {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}

function isLeftOut(value: unknown): boolean {
  return value === undefined || value === null;
}

/** The contract as JSON Schema 2020-12, for producers and editors; `schemas/events.schema.json` is this. */
export function segmentJsonSchema(): Record<string, unknown> {
  const { track, identify, alias, page, screen, group } = callSchemas;
  const call = z
    .union([track, identify, alias, page, screen, group])
    .describe('One call of the Segment spec, as Tidemark reads it: one JSON object per line or message.');
  return { title: 'Tidemark events in', ...z.toJSONSchema(call, { io: 'input' }) };
}
