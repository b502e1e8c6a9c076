import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventProperties, TrackedEvent } from '../../../src/core/events/event.ts';
import type { OrderFact } from '../../../src/core/events/fact.ts';
import { MAX_AMOUNT_MINOR, interpret, type MoneyRules } from '../../../src/core/events/interpret.ts';
import { instant } from '../../../src/core/time.ts';

const NOW = instant(Date.UTC(2024, 5, 1, 12));
const MONEY: MoneyRules = { currency: 'CNY', rates: { USD: 7.25, JPY: 0.046, KWD: 23.5 } };

describe('money', () => {
  const gross = (totalMinor: number, currency?: string): unknown =>
    grossesOf({ totalMinor, ...(currency === undefined ? {} : { currency }) })[0];

  it('of another currency is converted, whatever the digits of its minor unit', () => {
    expect(gross(1999)).toBe(1999);
    expect(gross(1999, 'CNY')).toBe(1999);
    expect(gross(1999, 'USD')).toBe(14_493); // 19.99 × 7.25 = 144.9275
    expect(gross(10_000, 'JPY')).toBe(46_000); // 10,000 × 0.046 = 460.00
    expect(gross(1_000, 'KWD')).toBe(2_350); // 1.000 × 23.5 = 23.50
  });

  it('of a currency without a rate is rejected', () => {
    for (const currency of ['EUR', 'constructor', '__proto__'])
      expect(reasonOf({ totalMinor: 1, currency })).toBe('foreign_currency');
  });

  it('below zero is rejected, in whatever field', () => {
    const fields: EventProperties[] = [
      { totalMinor: -1 },
      { discountMinor: -1 },
      { priceMinor: -1 },
      { products: [{ priceMinor: -1 }] },
      { products: [{ priceMinor: 1, quantity: -1 }] },
    ];
    for (const field of fields) expect(reasonOf(field)).toBe('negative_amount');
  });

  it('past any order, or none at all, is rejected: as written, converted, multiplied or added up', () => {
    const half = MAX_AMOUNT_MINOR / 2 + 1;
    const fields: EventProperties[] = [
      { totalMinor: MAX_AMOUNT_MINOR + 1 },
      { totalMinor: Infinity },
      { totalMinor: NaN },
      { totalMinor: MAX_AMOUNT_MINOR / 2, currency: 'USD' },
      { products: [{ priceMinor: half, quantity: 2 }] },
      { products: [{ priceMinor: half }, { priceMinor: half }] },
      { products: [{ priceMinor: 1, quantity: Infinity }] },
    ];
    for (const field of fields) expect(reasonOf(field)).toBe('invalid_amount');
    expect(gross(MAX_AMOUNT_MINOR)).toBe(MAX_AMOUNT_MINOR);
  });

  it('is shared between several sellers without losing a cent', () => {
    const line = fc.record({
      sellerId: fc.constantFrom('sam', 'tia', 'uma', 'vic'),
      priceMinor: fc.integer({ min: 0, max: 2 ** 40 }),
      quantity: fc.integer({ min: 0, max: 4 }),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: MAX_AMOUNT_MINOR / 8 }),
        fc.array(line, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(undefined, 'CNY', 'USD', 'JPY'),
        (totalMinor, products, currency) => {
          const money = currency === undefined ? {} : { currency };
          const outcome = placed({ totalMinor, products, ...money });
          if (!outcome.ok) {
            expect(outcome.error.reason).toBe('invalid_amount');
            return;
          }
          const [bought, ...sold] = outcome.value.map(({ fact }) => (fact as OrderFact).grossMinor);
          expect(sold.reduce((sum, share) => sum + share, 0)).toBe(bought);
          for (const share of sold) expect(share >= 0 && Number.isSafeInteger(share)).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

function placed(properties: EventProperties): ReturnType<typeof interpret> {
  const event: TrackedEvent = {
    messageId: 'm1',
    personId: 'ann',
    at: NOW,
    name: 'Order Completed',
    properties: { orderId: 'o', ...properties },
  };
  return interpret(event, NOW, MONEY);
}

/** The buyer's order first, then each seller's share. */
function grossesOf(properties: EventProperties): number[] {
  const outcome = placed(properties);
  if (!outcome.ok) throw new Error(outcome.error.detail);
  return outcome.value.map(({ fact }) => (fact as OrderFact).grossMinor);
}

function reasonOf(properties: EventProperties): string {
  const outcome = placed(properties);
  return outcome.ok ? 'accepted' : outcome.error.reason;
}
