import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultPolicyPath, loadPolicy } from '../../../src/adapters/policy/load-policy.ts';
import { NO_POPULATION, type PopulationInputs } from '../../../src/core/scoring/population.ts';
import { DAY_MS } from '../../../src/core/time.ts';
import { followPerson } from './follow-person.ts';

const policy = await loadPolicy(defaultPolicyPath());

/** Sellers sell 1, 2, 4, 8 times a year at 500 to 4,000 CNY; the mean order is 1,000 CNY. */
const POPULATION: PopulationInputs = {
  ...NO_POPULATION,
  version: 'test',
  meanOrderMinor: 1_000_00,
  cuts: {
    seller_r: [120, 60, 30, 10],
    seller_f: [1, 2, 4, 8],
    seller_m: [500_00, 1_000_00, 2_000_00, 4_000_00].map((minor) => minor / 100),
  },
};

function day(n: number): string {
  return new Date(Date.parse('2026-01-01T09:30:00.000Z') + n * DAY_MS).toISOString();
}

describe('the default pack', () => {
  it('is the first edition of marketplace, in CNY and Beijing time', () => {
    expect(policy.version).toMatch(/^marketplace@1-[0-9a-f]{6}$/);
    expect(policy).toMatchObject({ currency: 'CNY', utcOffsetMs: 28_800_000, reviewEvery: 'month' });
  });

  it('is described in full by its card', () => {
    const card = readFileSync(join(dirname(defaultPolicyPath()), 'README.md'), 'utf8');
    const names = [
      ...policy.dimensions.flatMap(({ name, tags }) => [name, ...tags.map((tag) => tag.name)]),
      ...policy.triggers.flatMap(({ name, action }) => [name, action]),
      ...policy.scores.map(({ name }) => name),
    ];
    for (const name of names) expect(card).toContain(`\`${name}\``);
  });

  it('says what every dimension, tag and trigger is about', () => {
    const abouts = [
      ...policy.dimensions,
      ...policy.dimensions.flatMap(({ tags }) => tags),
      ...policy.triggers,
    ];
    for (const { name, about } of abouts) expect([name, about]).not.toEqual([name, '']);
  });
});

describe('buyer_class', () => {
  it('takes somebody with one order for an ordinary buyer at once', () => {
    const li = followPerson(policy);
    li.order(day(0), 300);
    expect(li.tagOf('buyer_class')).toBe('ordinary_buyer');
    expect(li.nextChangeOf('buyer_class')).toBe(day(90));
  });

  it('makes somebody dormant 90 days after the last act to the millisecond, and fires the welcome', () => {
    const li = followPerson(policy);
    li.order(day(0), 300);
    li.act(day(20), 'activity');
    li.waitUntil(day(400));
    expect(li.transitions.at(-1)).toMatchObject({
      from: 'ordinary_buyer',
      to: 'dormant_buyer',
      cause: 'time',
      effectiveAt: Date.parse(day(110)),
      nextChangeAt: Infinity,
    });
    expect(li.triggers.map(({ rule, firedAt }) => [rule.action, firedAt])).toEqual([
      ['welcome_back_pack', Date.parse(day(110))],
    ]);
  });

  it('lets any act end dormancy at once, and welcomes nobody twice within 180 days', () => {
    const li = followPerson(policy);
    li.order(day(0), 300);
    li.act(day(100), 'activity');
    expect(li.tagOf('buyer_class')).toBe('ordinary_buyer');
    li.waitUntil(day(200));
    expect(li.tagOf('buyer_class')).toBe('dormant_buyer');
    expect(li.triggers).toHaveLength(1);
    li.act(day(201), 'view');
    li.waitUntil(day(400));
    expect(li.triggers).toHaveLength(2);
  });

  it('takes three orders in a quarter for active, keeps two, and steps down before dormancy', () => {
    const li = followPerson(policy);
    for (const n of [0, 30, 60]) li.order(day(n), 300, `order-${n}`);
    expect(li.tagOf('buyer_class')).toBe('active_buyer');
    li.cancel(day(61), 'order-30');
    expect(li.tagOf('buyer_class')).toBe('active_buyer');
    li.waitUntil(day(200));
    const moves = li.transitions.filter(({ dimension }) => dimension === 'buyer_class');
    expect(moves.map(({ to, effectiveAt }) => [to, effectiveAt])).toEqual([
      ['ordinary_buyer', Date.parse(day(0))],
      ['active_buyer', Date.parse(day(60))],
      ['ordinary_buyer', Date.parse(day(104))],
      ['dormant_buyer', Date.parse(day(150))],
    ]);
  });

  it('keeps a collector with two large orders a year who comes to look an ordinary buyer', () => {
    const li = followPerson(policy, POPULATION);
    for (let n = 0; n <= 360; n += 60) {
      if (n % 180 === 0) li.order(day(n), 30_000);
      else li.act(day(n), 'view');
      expect(li.tagOf('buyer_class')).toBe('ordinary_buyer');
      expect(li.tagOf('key_retention')).toBe('none');
    }
  });

  it.each(['view', 'browse', 'search', 'cart', 'wishlist', 'checkout', 'offer'] as const)(
    'takes who never bought for potential for 90 days after a %s',
    (act) => {
      const li = followPerson(policy);
      li.act(day(0), act);
      expect(li.tagOf('buyer_class')).toBe('potential_buyer');
      expect(li.nextChangeOf('buyer_class')).toBe(day(90));
      li.waitUntil(day(90));
      expect(li.tagOf('buyer_class')).toBe('none');
    },
  );

  it('takes nobody for a buyer whose only order was cancelled', () => {
    const li = followPerson(policy);
    li.order(day(0), 300, 'only');
    li.cancel(day(2), 'only');
    expect(li.tagOf('buyer_class')).toBe('none');
    expect(li.transitions.at(-1)?.cause).toBe('refund');
    li.act(day(3), 'view');
    expect(li.tagOf('buyer_class')).toBe('potential_buyer');
  });

  it('has no answer for who only reads', () => {
    const li = followPerson(policy);
    li.act(day(0), 'activity');
    expect(li.tagOf('buyer_class')).toBe('none');
    expect(li.nextChangeOf('buyer_class')).toBe('never');
  });
});

describe('seller_class', () => {
  it.each(['selling_page', 'listing_start'] as const)('sends the guide after a first %s', (act) => {
    const li = followPerson(policy);
    li.act(day(0), act);
    expect(li.tagOf('seller_class')).toBe('potential_seller');
    expect(li.triggers.map(({ rule }) => rule.action)).toEqual(['sell_guide_and_limited_offer']);
    li.waitUntil(day(100));
    expect(li.tagOf('seller_class')).toBe('none');
    li.act(day(101), act);
    expect(li.triggers).toHaveLength(1);
  });

  it('takes a first listing for an ordinary seller, and 90 silent days of theirs for dormancy', () => {
    const li = followPerson(policy, POPULATION);
    li.act(day(0), 'selling_page');
    li.act(day(1), 'listing');
    expect(li.tagOf('seller_class')).toBe('ordinary_seller');
    li.act(day(50), 'view');
    li.waitUntil(day(120));
    expect(li.transitions.at(-1)).toMatchObject({ to: 'dormant_seller', effectiveAt: Date.parse(day(91)) });
    li.act(day(121), 'price_change');
    expect(li.tagOf('seller_class')).toBe('ordinary_seller');
  });

  it('takes a dealer for high value, and forgives a strong seller 180 silent days', () => {
    const li = followPerson(policy, POPULATION);
    for (let n = 0; n < 5; n++) {
      li.act(day(n * 10), 'listing');
      li.sale(day(n * 10 + 5), 9_000);
    }
    expect(li.transitions.map(({ to }) => to)).toContain('high_value_seller');
    expect(li.tagOf('seller_class')).toBe('high_value_seller');
    li.waitUntil(day(400));
    expect(li.transitions.at(-1)).toMatchObject({ to: 'dormant_seller', effectiveAt: Date.parse(day(220)) });
  });

  it('takes nobody for high value who sells much at low prices, or one dear thing', () => {
    const cheap = followPerson(policy, POPULATION);
    for (let n = 0; n < 20; n++) cheap.sale(day(n), 100);
    expect(cheap.tagOf('seller_class')).toBe('ordinary_seller');
    const dear = followPerson(policy, POPULATION);
    dear.sale(day(0), 80_000);
    expect(dear.tagOf('seller_class')).toBe('ordinary_seller');
  });

  it('knows sellers of whom the source tells sales only', () => {
    const li = followPerson(policy);
    li.sale(day(0), 500);
    expect(li.tagOf('seller_class')).toBe('ordinary_seller');
    expect(li.nextChangeOf('seller_class')).toBe(day(90));
    li.waitUntil(day(90));
    expect(li.tagOf('seller_class')).toBe('dormant_seller');
    expect(li.tagOf('buyer_class')).toBe('none');
  });

  it('does not take a seller for dormant whose goods still sell', () => {
    const li = followPerson(policy, POPULATION);
    li.act(day(0), 'listing');
    li.sale(day(60), 600);
    li.waitUntil(day(149));
    expect(li.tagOf('seller_class')).toBe('ordinary_seller');
    li.waitUntil(day(150));
    expect(li.tagOf('seller_class')).toBe('dormant_seller');
  });
});

describe('key_retention', () => {
  it('takes the third order within 90 days at twice the mean, and lasts a fortnight beyond its conditions', () => {
    const li = followPerson(policy, POPULATION);
    for (const n of [0, 20]) li.order(day(n), 2_000);
    expect(li.tagOf('key_retention')).toBe('none');
    li.order(day(40), 2_000);
    expect(li.tagOf('key_retention')).toBe('key_retention');
    expect(Date.parse(li.nextChangeOf('key_retention'))).toBe(Date.parse(day(70 + 14)) + 1);
    li.waitUntil(day(80));
    li.order(day(80), 2_000);
    li.waitUntil(day(94));
    expect(li.tagOf('key_retention')).toBe('key_retention');
  });

  it('waits for the first review, before which there is no mean', () => {
    const li = followPerson(policy);
    for (const n of [0, 20, 40]) li.order(day(n), 20_000);
    expect(li.tagOf('key_retention')).toBe('none');
  });

  it('takes nobody at less than twice the mean', () => {
    const li = followPerson(policy, POPULATION);
    for (const n of [0, 20, 40]) li.order(day(n), 1_999);
    expect(li.tagOf('key_retention')).toBe('none');
  });
});

describe('compliance_review', () => {
  it.each(['order', 'sale'] as const)('holds 30 days after one %s above 50,000 CNY', (trade) => {
    const li = followPerson(policy);
    li[trade](day(0), 50_000);
    expect(li.tagOf('compliance_review')).toBe('none');
    li[trade](day(40), 50_001);
    expect(li.tagOf('compliance_review')).toBe('due_diligence');
    expect(li.nextChangeOf('compliance_review')).toBe(day(70));
  });

  it.each(['order', 'sale'] as const)(
    'holds to the end of a month of %s values above 200,000 CNY',
    (trade) => {
      const li = followPerson(policy);
      for (const n of [0, 1, 2, 3]) li[trade](day(n), 50_000);
      expect(li.tagOf('compliance_review')).toBe('none');
      li[trade](day(4), 1);
      expect(li.tagOf('compliance_review')).toBe('due_diligence');
      expect(li.nextChangeOf('compliance_review')).toBe('2026-01-31T16:00:00.000Z');
    },
  );

  it('ends with the cancellation of the trade', () => {
    const li = followPerson(policy);
    li.order(day(0), 90_000, 'watch');
    li.cancel(day(1), 'watch');
    expect(li.tagOf('compliance_review')).toBe('none');
  });
});
