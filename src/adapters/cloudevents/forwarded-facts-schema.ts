import * as z from 'zod';
import { ACT_NAMES } from '../../core/events/fact.ts';
import { instant } from '../../core/time.ts';

/** Of the messages of the facts topic. Readers of a new one must run everywhere before anybody writes it. */
export const FACTS_VERSION = 1;

const at = z.number().transform(instant).describe('Epoch milliseconds.');
const key = z.number().describe('48 bits that identify it.');
const minor = z.number().describe('Minor units of the reporting currency.');
const side = z.enum(['buyer', 'seller']);
const base = { key, at, own: z.boolean().describe('The person did it, as against: it happened to them.') };

const fact = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('act'),
    ...base,
    act: z.enum(ACT_NAMES),
    value: z.number(),
    mark: z.boolean(),
    category: z.string().optional(),
    priceMinor: minor.optional(),
  }),
  z.object({
    type: z.literal('order'),
    ...base,
    side,
    orderKey: key,
    grossMinor: minor,
    discounted: z.boolean(),
    counterparty: z.string(),
    priced: z.array(z.object({ category: z.string(), priceMinor: minor })),
  }),
  z.object({
    type: z.literal('return'),
    ...base,
    side,
    orderKey: key,
    amountMinor: minor.nullable().describe('null: all that is left.'),
    cancelled: z.boolean(),
    returnKey: key,
    forward: z.boolean(),
  }),
  z.object({ type: z.literal('shipment'), ...base, orderKey: key }),
  z.object({
    type: z.literal('case'),
    ...base,
    side,
    caseKey: key,
    step: z.enum(['opened', 'answered', 'resolved']),
    lost: z.boolean(),
  }),
  z.object({ type: z.literal('merge'), ...base, into: z.string() }),
  z.object({
    type: z.literal('absorb'),
    ...base,
    from: z.string(),
    record: z
      .base64()
      .transform((text) => new Uint8Array(Buffer.from(text, 'base64')))
      .describe('The packed history that is handed on.'),
  }),
]);

/** A message of the facts topic: what one record states about people of one other partition. */
export const forwardedFactsMessage = z.object({
  version: z.literal(FACTS_VERSION),
  partition: z.int().nonnegative().describe('Where the people live.'),
  origin: z
    .object({ source: z.string(), offset: z.int().nonnegative() })
    .describe('The record that states it. Whoever remembers the last one takes each once.'),
  root: z
    .object({ source: z.string(), offset: z.int().nonnegative() })
    .optional()
    .describe('The event that it all comes of, where that is another record.'),
  receivedAt: at,
  ref: z.string().describe('What transitions name as their cause.'),
  facts: z
    .array(
      z.object({
        fact: z.object({ personId: z.string().min(1), fact }),
        redirections: z.int().nonnegative().describe('How often it was sent on because of merges.'),
      }),
    )
    .min(1),
});
