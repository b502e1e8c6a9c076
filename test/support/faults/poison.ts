import type { RejectReason } from '../../../src/core/events/event.ts';
import { isoOf, type Instant } from '../../../src/core/time.ts';

/** Larger than what is kept of a record that cannot be used. */
const HUGE_CHARS = 600_000;

const call = (receivedAt: Instant, parts: object): Buffer =>
  Buffer.from(
    JSON.stringify({
      receivedAt: isoOf(receivedAt),
      type: 'track',
      messageId: 'poison',
      userId: 'poisoned',
      timestamp: isoOf(receivedAt),
      event: 'Order Completed',
      ...parts,
    }),
  );

/** Records that nobody can use, each with the reason that its dead letter must give. */
const KINDS = {
  garbage: { reason: 'malformed', value: () => Buffer.from([0x00, 0xff, 0x13, 0x37, 0x80, 0x0a]) },
  'no value': { reason: 'malformed', value: () => null },
  'half a record': {
    reason: 'malformed',
    value: (at: Instant) => call(at, {}).subarray(0, 60),
  },
  'broken UTF-8': {
    reason: 'malformed',
    value: (at: Instant) => Buffer.concat([call(at, {}).subarray(0, -1), Buffer.from([0xc3, 0x28, 0x7d])]),
  },
  'no object': { reason: 'invalid_shape', value: () => Buffer.from('[1, 2]') },
  huge: {
    reason: 'invalid_shape',
    value: (at: Instant) => call(at, { messageId: { is: 'x'.repeat(HUGE_CHARS) } }),
  },
  'wrong types': {
    reason: 'invalid_shape',
    value: (at: Instant) => call(at, { properties: { orderId: ['o'], products: 7 } }),
  },
  nobody: { reason: 'missing_person', value: (at: Instant) => call(at, { userId: '' }) },
  'no time': { reason: 'invalid_timestamp', value: (at: Instant) => call(at, { timestamp: 'yesterday' }) },
  'less than nothing': {
    reason: 'negative_amount',
    value: (at: Instant) => call(at, { properties: { order_id: 'o', total: -5 } }),
  },
} as const satisfies Record<string, { reason: RejectReason; value: (at: Instant) => Buffer | null }>;

export type Poison = keyof typeof KINDS;

export const POISONS = Object.keys(KINDS) as readonly Poison[];

export function poisonOf(
  kind: Poison,
  receivedAt: Instant,
): { readonly value: Buffer | null; readonly reason: RejectReason } {
  const { reason, value } = KINDS[kind];
  return { reason, value: value(receivedAt) };
}
