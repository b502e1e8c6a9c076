import fc from 'fast-check';
import { ACT_NAMES, type Fact, type Side } from '../../src/core/events/fact.ts';
import { instant } from '../../src/core/time.ts';
import type { ForwardedFacts } from '../../src/ports/forwarded-facts.ts';

const key = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const at = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2100, 0, 1) }).map(instant);
const text = fc.string({ unit: 'binary' });
const amount = fc.oneof(fc.integer({ min: 0, max: 2 ** 43 }), fc.double({ min: 0.5, max: 1e6, noNaN: true }));
const base = { key, at, own: fc.boolean() };
const side = fc.constantFrom<Side[]>('buyer', 'seller');

/** A fact of any kind, with anything in it that its type allows and a store may hold. */
export const anyFact: fc.Arbitrary<Fact> = fc.oneof(
  fc.record(
    {
      ...base,
      type: fc.constant('act' as const),
      act: fc.constantFrom(...ACT_NAMES),
      value: amount,
      mark: fc.boolean(),
      category: text,
      priceMinor: amount,
    },
    { requiredKeys: ['key', 'at', 'own', 'type', 'act', 'value', 'mark'] },
  ),
  fc.record({
    ...base,
    type: fc.constant('order' as const),
    side,
    orderKey: key,
    grossMinor: amount,
    discounted: fc.boolean(),
    counterparty: text,
    priced: fc.array(fc.record({ category: text, priceMinor: amount }), { maxLength: 3 }),
  }),
  fc.record({
    ...base,
    type: fc.constant('return' as const),
    side,
    orderKey: key,
    amountMinor: fc.option(amount),
    cancelled: fc.boolean(),
    returnKey: key,
    forward: fc.boolean(),
  }),
  fc.record({ ...base, type: fc.constant('shipment' as const), orderKey: key }),
  fc.record({
    ...base,
    type: fc.constant('case' as const),
    side,
    caseKey: key,
    step: fc.constantFrom('opened' as const, 'answered' as const, 'resolved' as const),
    lost: fc.boolean(),
  }),
  fc.record({ ...base, type: fc.constant('merge' as const), into: text }),
  fc.record({
    ...base,
    type: fc.constant('absorb' as const),
    from: text,
    record: fc.uint8Array({ maxLength: 300 }),
  }),
);

const anyRecord = fc.record({ source: text, offset: fc.maxSafeNat() });

const forwardedFacts = {
  partition: fc.nat(1000),
  origin: anyRecord,
  receivedAt: at,
  ref: text,
  facts: fc.array(
    fc.record({
      fact: fc.record({ personId: fc.string({ unit: 'binary', minLength: 1 }), fact: anyFact }),
      redirections: fc.nat(9),
    }),
    { minLength: 1, maxLength: 4 },
  ),
};

export const anyForwardedFacts: fc.Arbitrary<ForwardedFacts> = fc.oneof(
  fc.record(forwardedFacts),
  fc.record({ ...forwardedFacts, root: anyRecord }),
);
